/** A thread that tells the time when it is asked. Started by clock.test.ts. */
import { parentPort } from "node:worker_threads";
import { hostClock } from "../../../runtime/host/clock.ts";

parentPort!.on("message", () => parentPort!.postMessage(hostClock.nowMicros()));
