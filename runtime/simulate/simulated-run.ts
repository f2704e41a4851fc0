/**
 * One run of a simulation as the main thread sees it: measures how fast this machine spins, starts the
 * coordinator's thread and the workers of its pool, writes the trace, and gives what came of it. Whatever
 * happens, all threads are ended.
 */
import { devNull } from "node:os";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { deviceTrackLabels } from "../../engine/render/device-tracks.ts";
import { TraceMemory } from "../../engine/trace/memory.ts";
import { hostClock } from "../host/clock.ts";
import { startThread } from "../host/threads.ts";
import { type WorkerHandle, WorkerKeeper } from "../jobs/worker-keeper.ts";
import type { AttachMessage } from "../jobs/worker-thread.ts";
import { TraceFile, type TraceSummary } from "../trace/trace-file.ts";
import { engineTrack, workerTrack } from "../world/tracks.ts";
import type { SimulationSettings } from "./game.ts";
import type {
  SimulationMessage,
  SimulationOutcome,
  SimulationThreadData,
  SimulationWorkerData,
} from "./simulation-thread.ts";
import { type Span, SpanLog } from "./span-log.ts";
import { measureRoundsPerMicro } from "./spin.ts";

const progressMillis = 50;

export interface SimulatedRunOptions {
  readonly seed: number;
  readonly frameCount: number;
  readonly workerCount: number;
  /** Where the trace is written; without it the spans are kept all the same. */
  readonly tracePath?: string | undefined;
  /** In place of what is measured and usual: for tests. */
  readonly settings?: Partial<SimulationSettings>;
  /** Ends the run at once, with the fault "thread-died". */
  readonly signal?: AbortSignal;
  /** Given the keeper of the run's workers, for who wants to see what becomes of a frame when they die. */
  onKeeper?(keeper: WorkerKeeper): void;
  onProgress?(frame: number): void;
  /** Told what failed and was mended. */
  onReport?(fault: Fault): void;
}

export interface SimulatedRun {
  readonly outcome: SimulationOutcome;
  readonly spans: readonly Span[];
  readonly roundsPerMicro: number;
  /** Undefined when no file was asked for. */
  readonly trace: TraceSummary | undefined;
}

/** Makes one run; gives its fault when it has none. Rejects with "trace-unwritable". */
export async function simulatedRun(options: SimulatedRunOptions): Promise<SimulatedRun | { readonly fault: Fault }> {
  const { workerCount, seed, frameCount, tracePath } = options;
  const settings = { roundsPerMicro: measureRoundsPerMicro(hostClock), ...options.settings };
  const workers = Array.from({ length: workerCount }, (_, worker) => workerTrack(worker));
  const memory = TraceMemory.allocate({ tracks: [engineTrack, ...workers, ...deviceTrackLabels] });
  const log = new SpanLog(memory);
  const file = TraceFile.open({
    path: tracePath ?? devNull,
    memory,
    run: { game: "simulation", seed, workerCount },
    onFault: (fault) => options.onReport?.(fault),
    also: log,
  });
  const keeper =
    workerCount > 0 ? new WorkerKeeper(workerCount, (worker, pool) => startWorker(settings, worker, pool)) : undefined;
  const progress = new Int32Array(new SharedArrayBuffer(4));
  keeper?.start();
  if (keeper !== undefined) options.onKeeper?.(keeper);
  const timer = setInterval(() => options.onProgress?.(progress[0]!), progressMillis);
  let ended: SimulationOutcome | Fault;
  try {
    ended = await runThread(
      {
        role: "simulation",
        settings,
        seed,
        frameCount,
        pool: keeper?.memory,
        workerCount,
        trace: memory.buffer,
        progress: progress.buffer as SharedArrayBuffer,
      },
      keeper,
      options,
    );
  } finally {
    clearInterval(timer);
    await keeper?.close();
    file.close();
  }
  if ("kind" in ended) return { fault: ended };
  const trace = tracePath === undefined ? undefined : file.summary;
  return { outcome: ended, spans: log.spans, roundsPerMicro: settings.roundsPerMicro, trace };
}

function runThread(
  data: SimulationThreadData,
  keeper: WorkerKeeper | undefined,
  { onReport, signal }: SimulatedRunOptions,
): Promise<SimulationOutcome | Fault> {
  return new Promise((resolve) => {
    const thread = startThread(data, { name: "simulation" });
    const abort = (): void => void thread.terminate();
    signal?.addEventListener("abort", abort);
    let ended: SimulationOutcome | Fault | undefined;
    const died = (problem: string): Fault => makeFault("thread-died", { role: "simulation", problem });
    thread.on("message", (message: SimulationMessage) => {
      if (message.kind === "attach") keeper?.attach(message.attachment);
      else if (message.kind === "report") onReport?.(message.fault);
      else ended = message.kind === "ended" ? message.outcome : message.fault;
    });
    thread.on("error", (thrown: unknown) => {
      ended ??= died(thrown instanceof Error ? thrown.message : String(thrown));
    });
    thread.on("exit", (code) => {
      signal?.removeEventListener("abort", abort);
      resolve(ended ?? died(`it exited with code ${code}`));
    });
  });
}

function startWorker(settings: SimulationSettings, number: number, pool: SharedArrayBuffer): WorkerHandle {
  const data: SimulationWorkerData = { role: "simulation-worker", settings, worker: { pool, worker: number } };
  const worker = startThread(data, { name: `worker ${number}` });
  worker.unref();
  // What went wrong in the thread is told by the coordinator, which knows what it was doing.
  worker.on("error", () => {});
  return {
    attach: (attachment) => worker.postMessage({ attachment } satisfies AttachMessage),
    end: () => worker.terminate(),
    ended: new Promise((resolve) => worker.once("exit", resolve)),
  };
}
