/** What a reproduction shows beside what its journal says: whether the end came as recorded. */
import { type Fault, faultId, faultText, makeFault } from "../../engine/base/faults.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { firstCodeOf } from "../replay/journal-code.ts";
import { boxTopic } from "./flight-pace.ts";
import type { Reproduction } from "./reproduction.ts";

export type Verdict =
  /** All that is on record was made again, and nothing is said of a fault but `outside`, which no tick can have. */
  | { readonly kind: "whole"; readonly tick: number; readonly hash: string; readonly outside: string }
  /** The recorded fault, at the tick that was not made. */
  | {
      readonly kind: "again";
      readonly tick: number;
      readonly hash: string;
      readonly fault: Fault;
      readonly stack: string;
    }
  /** Something else, with the fault to raise, and what of the state differs where a tick was not as recorded. */
  | { readonly kind: "otherwise"; readonly fault: Fault; readonly stack: string; readonly parted: readonly string[] };

export function verdictOf(journal: Journal, found: Reproduction): Verdict {
  if (found.kind === "refused") return { ...found, kind: "otherwise" };
  const recorded = journal.end?.reason === "faulted" ? journal.end.text : undefined;
  const outside = journal.notes.some(({ topic }) => topic === boxTopic.outside) ? (recorded ?? "") : "";
  if (found.kind === "ran" && (recorded === undefined || outside !== ""))
    return { kind: "whole", tick: found.tick, hash: found.hash, outside };
  if (found.kind === "faulted" && isRecorded(journal, found.shown ?? found.fault)) {
    const { tick, hash, fault, shown = fault, stack } = found;
    return { kind: "again", tick, hash, fault: shown, stack };
  }
  const what =
    found.kind === "ran"
      ? `tick ${found.tick} was made without one`
      : `tick ${found.tick} ended with another: ${textOf(found.shown ?? found.fault)}`;
  const fields = { path: journal.path, tick: journal.lastTick, recorded: recorded ?? "", found: what };
  const stack = found.kind === "faulted" ? found.stack : "";
  return { kind: "otherwise", fault: makeFault("fault-not-reproduced", fields), stack, parted: [] };
}

/**
 * Whether a fault is the one on record. A fault within the world has the same text, to the place in the code; of a thread
 * that was lost, how it was lost is what counts. Code that a box carries was bundled, so its
 * places may be some columns beside those of the files that it was made of: that it is the same code is known by its hash.
 * Places of a page are those of its script.
 */
function isRecorded(journal: Journal, fault: Fault): boolean {
  const { end, notes } = journal;
  const text = end?.text ?? "";
  if (text === textOf(fault)) return true;
  const isBundled = firstCodeOf(journal) !== undefined || notes.some(({ topic }) => topic === boxTopic.page);
  if (isBundled && "place" in fault.fields) {
    const somewhere = { ...fault, fields: { ...fault.fields, place: "\0" } } as Fault;
    const [before = "", behind = ""] = textOf(somewhere).split("\0");
    return text.startsWith(before) && text.endsWith(behind);
  }
  return notes.some(({ topic }) => topic === boxTopic.lost) && text.startsWith(`${faultId(fault)} `);
}

function textOf(fault: Fault): string {
  return `${faultId(fault)} ${faultText(fault)}`;
}
