/**
 * One run of `verify determinism`, as the main thread sees it: starts the thread with the world and the
 * workers of its pool, and gives what the witness saw. Whatever happens, all of its threads are ended.
 */
import type { Worker } from "node:worker_threads";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { type Game, gameJobs } from "../../engine/game.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import { startThread } from "../host/threads.ts";
import { type WorkerHandle, WorkerKeeper } from "../jobs/worker-keeper.ts";
import type { AttachMessage } from "../jobs/worker-thread.ts";
import { EngineLife } from "../world/engine-life.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";
import { usualSilenceMillis } from "../world/silence-watch.ts";
import type { ExaminationOrder } from "./examination.ts";
import type { Flip } from "./flip.ts";
import type { RegistrationOrder } from "./order.ts";
import type { PlantedRace, RaceName } from "./races.ts";
import type { Testimony } from "./witness.ts";
import type { WitnessMessage, WitnessThreadData, WitnessWorkerData } from "./witness-thread.ts";

export interface WitnessedRunOptions {
  readonly game: Game;
  readonly seed: number;
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  readonly settings?: PlanSettings | undefined;
  /** Whether frames are looked at too; true when left out. */
  readonly frames?: boolean;
  readonly registration?: RegistrationOrder;
  readonly audit?: boolean;
  /** As in WitnessOrder. */
  readonly readsEvery?: number;
  readonly flip?: Flip | undefined;
  readonly examine?: ExaminationOrder | undefined;
  /** Bytes to go on from; without them the world begins. */
  readonly keyframe?: Uint8Array;
  /** Every so many ticks `onKeyframe` is given the bytes of one; never when left out. */
  readonly keyframeEvery?: number;
  onKeyframe?(tick: number, bytes: Uint8Array): void;
  readonly workerCount: number;
  readonly guard: boolean;
  readonly shuffleSeed: number;
  readonly race: RaceName | undefined;
  /** Ends the run at once, with the fault "thread-died". */
  readonly signal: AbortSignal;
  /** Old space of a worker in megabytes, when it is to be other than V8's own. */
  readonly heapMegabytesMax?: number;
  /** The thread is ended when it does not go on for so long; 0 for never. */
  readonly silenceMillis?: number;
  /** Given the keeper of the run's workers, for who wants to see what becomes of the world when they die. */
  onKeeper?(keeper: WorkerKeeper): void;
  /** Told of the ticks made so far, now and then. */
  onProgress?(tick: number): void;
  /** Told what failed and was mended. */
  onReport?(fault: Fault): void;
}

export type WitnessedRun =
  | { readonly kind: "ended"; readonly testimony: Testimony; readonly elapsedMillis: number }
  | { readonly kind: "faulted"; readonly fault: Fault };

/** Makes one run. Never rejects. */
export async function witnessedRun(options: WitnessedRunOptions): Promise<WitnessedRun> {
  const { game, workerCount } = options;
  const race: PlantedRace | undefined =
    options.race === undefined ? undefined : { name: options.race, workerCount, arrivals: new SharedArrayBuffer(4) };
  const hasJobs = race !== undefined || gameJobs(game).length > 0;
  const keeper =
    workerCount > 0 && hasJobs
      ? new WorkerKeeper(workerCount, (worker, pool) =>
          startWitnessWorker(worker, pool, race, options.heapMegabytesMax),
        )
      : undefined;
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const life = new EngineLife(options.silenceMillis ?? usualSilenceMillis, "witness");
  const data: WitnessThreadData = {
    role: "witness",
    order: {
      ...{ seed: options.seed, tickCount: options.tickCount, script: options.script, settings: options.settings },
      frames: options.frames ?? true,
      registration: options.registration ?? "written",
      ...{
        audit: options.audit ?? false,
        readsEvery: options.readsEvery ?? 0,
        flip: options.flip,
        examine: options.examine,
      },
    },
    keyframe: options.keyframe,
    keyframeEvery: options.keyframeEvery ?? 0,
    pool: keeper?.memory,
    workerCount,
    guard: options.guard,
    shuffleSeed: options.shuffleSeed,
    race,
    progress: progress.buffer as SharedArrayBuffer,
    pulse: life.memory,
  };
  keeper?.start();
  if (keeper !== undefined) options.onKeeper?.(keeper);
  const thread = startThread(data, { name: "witness" });
  life.begin(thread);
  const abort = (): void => void thread.terminate();
  options.signal.addEventListener("abort", abort);
  const timer = setInterval(() => options.onProgress?.(progress[0]!), 50);
  try {
    return await ending(thread, life, keeper, options);
  } finally {
    clearInterval(timer);
    options.signal.removeEventListener("abort", abort);
    await keeper?.close();
  }
}

function ending(
  thread: Worker,
  life: EngineLife,
  keeper: WorkerKeeper | undefined,
  { onReport, onKeyframe }: WitnessedRunOptions,
): Promise<WitnessedRun> {
  return new Promise((resolve) => {
    let run: WitnessedRun | undefined;
    const died = (problem: string): WitnessedRun => ({
      kind: "faulted",
      fault: makeFault("thread-died", { role: "witness", problem }),
    });
    thread.on("message", (message: WitnessMessage) => {
      if (message.kind === "attach") keeper?.attach(message.attachment);
      else if (message.kind === "report") onReport?.(message.fault);
      else if (message.kind === "steps") life.stepsAre(message.places);
      else if (message.kind === "keyframe") onKeyframe?.(message.tick, message.bytes);
      else run = message;
    });
    thread.on("error", (thrown: unknown) => {
      run ??= died(thrown instanceof Error ? thrown.message : String(thrown));
    });
    thread.on("exit", (code) => {
      if (life.lost !== undefined) run ??= { kind: "faulted", fault: life.lost.fault };
      resolve(run ?? died(`it exited with code ${code}`));
    });
  });
}

function startWitnessWorker(
  number: number,
  pool: SharedArrayBuffer,
  race: PlantedRace | undefined,
  heapMegabytesMax: number | undefined,
): WorkerHandle {
  const data: WitnessWorkerData = { role: "witness-worker", worker: { pool, worker: number }, race };
  const worker = startThread(data, {
    name: `worker ${number}`,
    ...(heapMegabytesMax === undefined ? {} : { limits: { maxOldGenerationSizeMb: heapMegabytesMax } }),
  });
  worker.unref();
  worker.on("error", () => {});
  return {
    attach: (attachment) => worker.postMessage({ attachment } satisfies AttachMessage),
    end: () => worker.terminate(),
    ended: new Promise((resolve) => worker.once("exit", resolve)),
  };
}
