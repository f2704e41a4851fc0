/** One end of a ring in a thread of its own: writes all messages and closes, or reads and compares them. */
import { parentPort, workerData } from "node:worker_threads";
import { ByteRing } from "../../../engine/base/byte-ring.ts";
import { ringMessages } from "./ring-messages.ts";

export interface RingThreadData {
  readonly end: "writer" | "reader";
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly seed: number;
  readonly byteCount: number;
  readonly lengthMax: number;
}

const { end, buffer, capacity, seed, byteCount, lengthMax } = workerData as RingThreadData;
const ring = new ByteRing(buffer, 0, capacity);
if (end === "writer") {
  for (const message of ringMessages(seed, byteCount, lengthMax))
    if (!ring.writeWaiting(message, 60_000)) throw new Error("nobody reads");
  ring.close();
} else {
  // A wait for shared memory does not keep a thread alive; a timer does.
  const awake = setInterval(() => {}, 60_000);
  let count = 0;
  for (const expected of ringMessages(seed, byteCount, lengthMax)) {
    let message = ring.read();
    for (; message === undefined; message = ring.read()) await ring.readable();
    if (Buffer.compare(message, expected) !== 0) throw new Error(`message ${count} is wrong`);
    count++;
  }
  clearInterval(awake);
  parentPort!.postMessage(count);
}
