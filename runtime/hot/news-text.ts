/** What came of a swap in words, for a terminal line and for the screen of whoever plays. */
import { type Fault, faultId, faultMend, faultText } from "../../engine/base/faults.ts";
import type { DriverNotice } from "../../engine/render/driver.ts";
import type { SwapNews } from "./swapper.ts";

/** The notice of what came of a swap. */
export function noticeOf(news: SwapNews): DriverNotice {
  if (news.kind !== "swapped") return refusalOf(news.fault);
  const { tick, report, totalMicros, commitMicros } = news;
  const moved = report.length === 0 ? "The state is as it was" : report.join("; ");
  if (news.isRestart) {
    const heading = `Restarted with new code at tick ${tick} (${(totalMicros / 1_000).toFixed(0)} ms)`;
    return { tone: "changed", heading, text: `${moved}.`, mend: "" };
  }
  const times = `${(totalMicros / 1_000).toFixed(0)} ms, ${(commitMicros / 1_000).toFixed(1)} ms of it between two ticks`;
  return { tone: "changed", heading: `New code since tick ${tick}`, text: `${moved} (${times}).`, mend: "" };
}

/** The notice of a fault that changed nothing. */
export function refusalOf(fault: Fault): DriverNotice {
  const heading = fault.kind === "swap-undone" ? "The new code was taken back" : "The new code was refused";
  return { tone: "refused", heading, text: `${faultId(fault)} ${faultText(fault)}`, mend: faultMend(fault) };
}
