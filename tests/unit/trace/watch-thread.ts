/** Writes records without a pause to the watch ring that it is given: the value of each is a function of its number. */
import { parentPort, workerData } from "node:worker_threads";
import { WatchRing } from "../../../engine/trace/watch-ring.ts";

const { buffer, count } = workerData as { readonly buffer: SharedArrayBuffer; readonly count: number };
const ring = new WatchRing(buffer);
for (let number = 0; number < count; number++)
  ring.write(number, number * 3, number * 5, number * 7, number * 11, number * 13, number * 0.5);
parentPort!.postMessage("done");
