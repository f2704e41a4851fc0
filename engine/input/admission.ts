/**
 * Recorded records at the door: what a journal or a past holds of a tick enters again. Answers of tick jobs and
 * publications of world resources are left out: the world that is run again makes them itself, at the same ticks.
 */
import type { Door } from "./door.ts";
import type { WorldRecord } from "./record.ts";

/**
 * Queues the records of a tick. What the door refuses, because the world came another way this time, is counted there and
 * costs no other record its tick.
 */
export function admitRecorded(door: Door, records: readonly WorldRecord[]): void {
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    if (record.kind === "answer") continue;
    if (record.kind === "publish") {
      if (!record.isWorld) door.publish(record);
    } else door.admit(record);
  }
}
