/**
 * Checks the records that a page sends: they must be whole, speak for the page's own player only,
 * and move controls that exist, each in its own way. One bad record refuses the whole message.
 */
import { decodeRecords, type PlayerKey, type WorldRecord } from "../../../engine/input/record.ts";
import type { SceneDescription } from "../../../engine/render/scene.ts";

/** The records of a message, or why none of it is admitted. */
export function checkRecords(
  recordBytes: Uint8Array,
  player: PlayerKey,
  controls: SceneDescription["controls"],
): readonly WorldRecord[] | { readonly problem: string } {
  const records = decodeRecords(recordBytes);
  if ("problem" in records) return records;
  for (const record of records) {
    if (record.kind !== "button" && record.kind !== "axis")
      return { problem: `a ${record.kind} record, which only a driver may make` };
    if (record.player !== player) return { problem: `a record for player ${record.player}` };
    const control = controls[record.control];
    if (control === undefined) return { problem: `control ${record.control} of ${controls.length}` };
    if ((control.kind === "axis") !== (record.kind === "axis"))
      return { problem: `a ${record.kind} record for the ${control.kind} control "${control.name}"` };
  }
  return records;
}
