/**
 * The worker thread in Node: role "job-worker" of the program. What it does with the worlds that the
 * keeper sends is in worker-role.ts.
 */
import { parentPort } from "node:worker_threads";
import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { workerRole } from "./worker-role.ts";

/** What the keeper tells a worker when it starts it. */
export interface WorkerThreadData extends ThreadData {
  readonly role: "job-worker";
  readonly pool: SharedArrayBuffer;
  readonly worker: number;
}

/** What the keeper sends: each world in turn. */
export interface AttachMessage {
  readonly attachment: WorldAttachment;
}

/** Runs the role "job-worker" until the pool stops. */
export function runWorkerThread(game: Game, { pool, worker }: WorkerThreadData): void {
  const port = parentPort!;
  const role = workerRole(game, pool, worker, hostClock);
  port.on("message", ({ attachment }: AttachMessage) => {
    if (role(attachment)) port.close();
  });
}
