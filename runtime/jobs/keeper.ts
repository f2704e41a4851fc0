/**
 * The keeper in Node: its workers are worker threads of this same program, started from the main thread.
 * What it does with them is in worker-keeper.ts.
 */
import { startThread } from "../host/threads.ts";
import { type WorkerHandle, WorkerKeeper } from "./worker-keeper.ts";
import type { AttachMessage, WorkerThreadData } from "./worker-thread.ts";

export interface KeeperOptions {
  readonly workerCount: number;
  /** The entry file that workers run, when it is not the one that the process was started with. */
  readonly entry?: URL;
  /** Old space of a worker, in megabytes: a job that wants more ends its worker, not the process. */
  readonly heapMegabytesMax?: number;
}

const defaultHeapMegabytes = 512;

export class Keeper extends WorkerKeeper {
  constructor(options: KeeperOptions) {
    super(options.workerCount, (worker, pool) => startWorkerThread(options, worker, pool));
  }
}

function startWorkerThread(options: KeeperOptions, number: number, pool: SharedArrayBuffer): WorkerHandle {
  const data: WorkerThreadData = { role: "job-worker", pool, worker: number };
  const worker = startThread(data, {
    name: `worker ${number}`,
    limits: { maxOldGenerationSizeMb: options.heapMegabytesMax ?? defaultHeapMegabytes },
    ...(options.entry === undefined ? {} : { entry: options.entry }),
  });
  worker.unref();
  // What went wrong in the thread is told by the coordinator, which knows what it was doing.
  worker.on("error", () => {});
  return {
    attach: (attachment, code) => worker.postMessage({ attachment, code } satisfies AttachMessage),
    end: () => worker.terminate(),
    ended: new Promise((resolve) => worker.once("exit", resolve)),
  };
}
