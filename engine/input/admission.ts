/**
 * Recorded records at the door: what a journal or a past holds of a tick enters again. Answers of tick jobs and
 * publications of world resources are left out: the world that is run again makes them itself, at the same ticks.
 */
import type { Door } from "./door.ts";
import type { WorldRecord } from "./record.ts";

/** Queues the records of a tick. The first that the door refuses, or undefined when it took all. */
export function admitRecorded(door: Door, records: readonly WorldRecord[]): WorldRecord | undefined {
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    if (record.kind === "answer") continue;
    if (record.kind === "publish") {
      if (!record.isWorld) door.publish(record);
    } else if (!door.admit(record)) return record;
  }
  return undefined;
}
