/** What came of a swap in words, for a terminal line and for the screen of whoever plays. */
import { type Fault, faultId, faultMend, faultText } from "../../engine/base/faults.ts";
import type { DriverNotice } from "../../engine/render/driver.ts";
import type { SwapNews } from "./swapper.ts";

/** What a request is about. */
export type SwapSubject = "code" | "settings" | "code and settings";

/** What came of a request, and what it was about: code, where nobody says. */
export type ToldNews = SwapNews & { readonly subject?: SwapSubject };

/** The notice of what came of a swap. */
export function noticeOf(news: ToldNews): DriverNotice {
  const { subject = "code" } = news;
  if (news.kind !== "swapped") return refusalOf(news.fault, subject);
  const { tick, report, totalMicros, commitMicros } = news;
  const moved = report.length === 0 ? "The state is as it was" : report.join("; ");
  if (news.isRestart) {
    const heading = `Restarted with new code at tick ${tick} (${(totalMicros / 1_000).toFixed(0)} ms)`;
    return { tone: "changed", heading, text: `${moved}.`, mend: "" };
  }
  const times = `${(totalMicros / 1_000).toFixed(0)} ms, ${(commitMicros / 1_000).toFixed(1)} ms of it between two ticks`;
  return { tone: "changed", heading: `New ${subject} since tick ${tick}`, text: `${moved} (${times}).`, mend: "" };
}

/** The notice of a fault that changed nothing. */
export function refusalOf(
  fault: Fault,
  subject: SwapSubject = fault.kind === "config-file" ? "settings" : "code",
): DriverNotice {
  const were = subject === "code" ? "was" : "were";
  const heading = `The new ${subject} ${were} ${fault.kind === "swap-undone" ? "taken back" : "refused"}`;
  return { tone: "refused", heading, text: `${faultId(fault)} ${faultText(fault)}`, mend: faultMend(fault) };
}

/** The notice of an edit that gives what runs already, as one does that takes a refused edit back. */
export const nothingNew: DriverNotice = {
  ...{ tone: "changed", heading: "The world runs this code" },
  ...{ text: "Nothing had to be moved.", mend: "" },
};
