/**
 * One thread of the slot test: the writer, which fills slots with its count and publishes them, or a
 * reader, which pins, reads every word twice and reports what does not fit. Started by slots.test.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { SlotRing } from "../../../engine/snapshot/slots.ts";
import { Draws } from "../seeds.ts";

export interface ThreadTask {
  readonly role: "writer" | "reader";
  readonly control: Int32Array;
  readonly words: Int32Array;
  readonly slotCount: number;
  readonly slotWords: number;
  readonly publishCount: number;
  /** On a busy machine threads seldom meet: the writer goes on until readers have seen so many different publishes. */
  readonly meetingCount: number;
  readonly deadlineMillis: number;
  /** Word 0 becomes 1 when the writer has done its work, 1 counts threads that are ready, 2 what readers saw change. */
  readonly flags: Int32Array;
  readonly threadCount: number;
  readonly seed: number;
}

export interface ThreadReport {
  readonly problems: readonly string[];
  readonly publishCount: number;
  readonly missedCount: number;
  readonly readCount: number;
  readonly differentCount: number;
}

const task = workerData as ThreadTask;
const { control, words, slotCount, slotWords, flags } = task;
const ring = new SlotRing(control, slotCount);
const problems: string[] = [];
const complain = (text: string): void => {
  if (problems.length < 5) problems.push(text);
};

/** All threads begin together; none waits for ever. */
Atomics.add(flags, 1, 1);
Atomics.notify(flags, 1);
for (let ready = Atomics.load(flags, 1); ready < task.threadCount; ready = Atomics.load(flags, 1))
  if (Atomics.wait(flags, 1, ready, 60_000) === "timed-out") throw new Error("not all threads came");

const report = task.role === "writer" ? write() : read();
parentPort?.postMessage({ ...report, problems } satisfies ThreadReport);

function write(): Omit<ThreadReport, "problems"> {
  let missedCount = 0;
  const end = Date.now() + task.deadlineMillis;
  let count = 0;
  while (count < task.publishCount || (Atomics.load(flags, 2) < task.meetingCount && Date.now() < end)) {
    const slot = ring.claim();
    if (slot < 0) {
      missedCount++;
      continue;
    }
    if (slot === ring.published) complain(`publish ${count + 1} claimed the published slot ${slot}`);
    count++;
    for (let i = slot * slotWords; i < (slot + 1) * slotWords; i++) words[i] = count;
    ring.publish(slot);
  }
  Atomics.store(flags, 0, 1);
  return { publishCount: count, missedCount, readCount: 0, differentCount: 0 };
}

function read(): Omit<ThreadReport, "problems"> {
  const draws = new Draws(task.seed);
  let last = 0;
  let readCount = 0;
  let differentCount = 0;
  while (Atomics.load(flags, 0) === 0) {
    const slot = ring.pin();
    if (slot < 0) continue;
    const at = slot * slotWords;
    const count = words[at] as number;
    // Some hold their slot for long, most give it back at once.
    for (let pass = draws.below(16) === 0 ? 40 : 2; pass > 0; pass--)
      for (let i = at; i < at + slotWords; i++)
        if (words[i] !== count) complain(`slot ${slot}, pinned at ${count}, had ${words[i]} in word ${i - at}`);
    if (count < last) complain(`${count} was read after ${last}`);
    if (count !== last) {
      differentCount++;
      Atomics.add(flags, 2, 1);
    }
    last = count;
    readCount++;
    ring.unpin(slot);
  }
  return { publishCount: 0, missedCount: 0, readCount, differentCount };
}
