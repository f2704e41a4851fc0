/**
 * The worker thread in Node: role "job-worker" of the program. What it does with the worlds that the
 * keeper sends is in worker-role.ts.
 */
import { parentPort } from "node:worker_threads";
import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { type Code, loadGame } from "../hot/code.ts";
import { type WorkerRole, workerRole } from "./worker-role.ts";

/** What the keeper tells a worker when it starts it. */
export interface WorkerThreadData extends ThreadData {
  readonly role: "job-worker";
  readonly pool: SharedArrayBuffer;
  readonly worker: number;
}

/** What the keeper sends: each world in turn. */
export interface AttachMessage {
  readonly attachment: WorldAttachment;
  /** What the world runs, when it is not the program's own code. */
  readonly code?: Code | undefined;
}

/** Runs the role "job-worker" until the pool stops. */
export function runWorkerThread(game: Game, { pool, worker }: WorkerThreadData): void {
  const port = parentPort!;
  /** Of games that are still known: an author saves all day. */
  const roles = new WeakMap<Game, WorkerRole>();
  const roleOf = async (code: Code | undefined): Promise<WorkerRole> => {
    const played = code === undefined ? game : await loadGame(code);
    const role = roles.get(played) ?? workerRole(played, pool, worker, hostClock);
    roles.set(played, role);
    return role;
  };
  let last = Promise.resolve();
  port.on("message", ({ attachment, code }: AttachMessage) => {
    // One after the other: code is loaded while the world before may be over already.
    last = last.then(async () => {
      if ((await roleOf(code))(attachment)) port.close();
    });
  });
}
