/**
 * One producer of the ring tests in a thread of its own: writes numbered messages as fast as it can, and keeps
 * its own count of them outside of the ring. Started by message-ring.test.ts, which may end it at any moment.
 */
import { parentPort, workerData } from "node:worker_threads";
import { MessageRing, type ProducerToken, RingProducer } from "../../../engine/services/message-ring.ts";
import type { RingMemory } from "../../../engine/services/ring-layout.ts";

export interface ProducerTask {
  readonly memory: RingMemory;
  readonly token: ProducerToken;
  /** Number of this producer among all that ever write; goes with each message. */
  readonly writer: number;
  readonly messageCount: number;
  /** Turns that are spun between claim and commit, so that a thread is often ended there. */
  readonly heldTurns: number;
  /** Word 0 is 1 when all may begin; then three words a writer: messages begun, returned from, and committed. */
  readonly counts: Int32Array;
}

const task = workerData as ProducerTask;
const { memory, token, writer, messageCount, heldTurns, counts } = task;
const producer = new RingProducer(new MessageRing(memory), token);
const words = new Int32Array(memory.buffer);
const at = 1 + writer * 3;
parentPort?.postMessage("ready");
Atomics.wait(counts, 0, 0, 20_000);
for (let number = 1; number <= messageCount; number++) {
  Atomics.store(counts, at, number);
  const offset = producer.claim();
  if (offset >= 0) {
    const word = offset >> 2;
    for (let turn = 0; turn < heldTurns; turn++) words[word] = turn;
    words[word] = writer;
    words[word + 1] = number;
    words[word + 2] = Math.imul(writer, 31) ^ number;
    producer.commit();
    Atomics.add(counts, at + 2, 1);
  }
  Atomics.store(counts, at + 1, number);
}
parentPort?.postMessage("done");
