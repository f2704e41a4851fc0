/**
 * The worker thread: role "job-worker" of the program. It waits for a world to be attached, finds the
 * game's jobs in its own bundle, and runs the worker loop until that world is over.
 */
import { parentPort } from "node:worker_threads";
import { type Game, jobProgram } from "../../engine/game.ts";
import { JobMemory, type JobProgram, type WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { poolWord, poolWords } from "../../engine/jobs/pool-memory.ts";
import { runWorkerLoop } from "../../engine/jobs/worker-loop.ts";
import type { ThreadData } from "../host/threads.ts";

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
  const words = poolWords(pool);
  let program: JobProgram | undefined;
  port.on("message", ({ attachment }: AttachMessage) => {
    // A world that was over before this thread came to it; the next one is on its way.
    if (Atomics.load(words, poolWord.serial) !== attachment.serial) return;
    program ??= jobProgram(game);
    const memory = new JobMemory(program, attachment);
    // Blocks until the world is over; then the next message is looked at.
    if (runWorkerLoop(pool, worker, memory) === "stopping") port.close();
  });
}
