/**
 * A worker of the pool in a web worker: role "job-worker" of the page's script. The page first says which
 * worker it is, then hands it worlds.
 */

import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { type WorkerRole, workerRole } from "../jobs/worker-role.ts";
import { countingWatch } from "./chunk-counts.ts";
import { browserClock } from "./clock.ts";

export interface JobWorkerData {
  readonly pool: SharedArrayBuffer;
  readonly worker: number;
  readonly chunkCounts: SharedArrayBuffer;
}

/** What the page sends: the data first, then attachments. */
export type JobWorkerMessage =
  | { readonly kind: "data"; readonly data: JobWorkerData }
  | { readonly kind: "attach"; readonly attachment: WorldAttachment };

/** Handles the messages of one worker. An attachment blocks until its world is over. */
export function jobWorker(game: Game): (message: unknown) => void {
  let role: WorkerRole | undefined;
  return (message) => {
    const told = message as JobWorkerMessage;
    if (told.kind === "attach") role!(told.attachment);
    else role = workerRole(game, told.data.pool, told.data.worker, browserClock, participantWatch(told.data));
  };
}

function participantWatch({ chunkCounts, worker }: JobWorkerData) {
  return countingWatch(chunkCounts, worker + 1);
}
