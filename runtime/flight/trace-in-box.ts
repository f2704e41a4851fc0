/** The trace in a black box, out of the notes that it was cut into. */
import { readJournal } from "../../engine/replay/journal.ts";
import { boxTopic } from "./flight-pace.ts";

const magic = "ORJB";

/** The trace's text; undefined for bytes that are no journal. Raises the faults of journals, and gives "" for one without. */
export function traceInBox(bytes: Uint8Array, path: string): string | undefined {
  if (String.fromCharCode(...bytes.subarray(0, magic.length)) !== magic) return undefined;
  const parts = readJournal(bytes, path).notes.filter(({ topic }) => topic === boxTopic.trace);
  return parts.map(({ text }) => text).join("");
}
