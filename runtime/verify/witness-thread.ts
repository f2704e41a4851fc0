/**
 * The roles of `verify determinism`: "witness" runs a world as fast as it can with a witness in it, and
 * "witness-worker" is a worker of its pool. They differ from the roles of a game in two things only: what
 * happened is written down, and a race may be planted in the game.
 */
import { parentPort } from "node:worker_threads";
import { type Fault, faultOf, raise } from "../../engine/base/faults.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import type { PoolPort } from "../../engine/jobs/pool.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { encodeKeyframe } from "../../engine/replay/keyframe.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { runWorkerThread, type WorkerThreadData } from "../jobs/worker-thread.ts";
import { withTraps } from "../traps/world-code.ts";
import { doing, type StepPlace, says, stepPlaces } from "../world/doing.ts";
import { type PlantedRace, withRace } from "./races.ts";
import type { Testimony } from "./witness.ts";
import { type WitnessOrder, WitnessRun } from "./witness-run.ts";

export interface WitnessThreadData extends ThreadData {
  readonly role: "witness";
  readonly order: WitnessOrder;
  /** Bytes to go on from; without them the world begins. */
  readonly keyframe: Uint8Array | undefined;
  /** Every so many ticks the bytes of a keyframe are told; 0 never. */
  readonly keyframeEvery: number;
  readonly pool: SharedArrayBuffer | undefined;
  readonly workerCount: number;
  readonly guard: boolean;
  readonly shuffleSeed: number;
  readonly race: PlantedRace | undefined;
  /** Word 0: ticks made so far. */
  readonly progress: SharedArrayBuffer;
  /** Where the thread leaves what it does. */
  readonly pulse: SharedArrayBuffer;
}

export interface WitnessWorkerData extends ThreadData {
  readonly role: "witness-worker";
  readonly worker: Omit<WorkerThreadData, "role">;
  readonly race: PlantedRace | undefined;
}

export type WitnessMessage =
  | { readonly kind: "attach"; readonly attachment: WorldAttachment }
  | { readonly kind: "report"; readonly fault: Fault }
  /** The steps of a tick, by their numbers. */
  | { readonly kind: "steps"; readonly places: readonly StepPlace[] }
  | { readonly kind: "faulted"; readonly fault: Fault }
  | { readonly kind: "keyframe"; readonly tick: number; readonly bytes: Uint8Array }
  | { readonly kind: "ended"; readonly testimony: Testimony; readonly elapsedMillis: number };

/** How long the workers of a run may take to be there. */
const workersWaitMillis = 20_000;

/** Runs the role "witness" or "witness-worker". */
export async function runWitnessRole(game: Game, data: WitnessThreadData | WitnessWorkerData): Promise<void> {
  if (data.role === "witness") await runWitness(game, data);
  else runWitnessWorker(game, data);
}

function runWitnessWorker(game: Game, { race, worker }: WitnessWorkerData): void {
  runWorkerThread(race === undefined ? game : withRace(game, race), { ...worker, role: "job-worker" });
}

/** One run from the first tick to the last. */
async function runWitness(plainGame: Game, data: WitnessThreadData): Promise<void> {
  const port = parentPort!;
  const say = (message: WitnessMessage): void => port.postMessage(message);
  const game = data.race === undefined ? plainGame : withRace(plainGame, data.race);
  const progress = new Int32Array(data.progress);
  const pulse = new Int32Array(data.pulse);
  let run: WitnessRun | undefined;
  try {
    const jobs = { pool: poolPort(data, say), guard: data.guard, shuffleSeed: data.shuffleSeed };
    const trapped = data.order.audit === true ? withTraps(game) : game;
    run = new WitnessRun(trapped, data.order, { clock: hostClock, jobs, pulse }, data.keyframe);
    const { engine } = run;
    await run.start();
    awaitWorkers(engine, data.workerCount);
    say({ kind: "steps", places: stepPlaces(engine.world) });
    says(pulse, doing.frame);
    const startMicros = hostClock.nowMicros();
    while (!run.isDone) {
      run.step();
      const { tickCount } = engine.world;
      Atomics.store(progress, 0, tickCount);
      if (data.keyframeEvery > 0 && tickCount % data.keyframeEvery === 0)
        say({ kind: "keyframe", tick: tickCount, bytes: encodeKeyframe(engine, engine.save()).slice() });
    }
    const elapsedMillis = (hostClock.nowMicros() - startMicros) / 1_000;
    says(pulse, doing.end);
    const testimony = run.finish();
    say({ kind: "ended", testimony, elapsedMillis });
  } catch (thrown) {
    say({ kind: "faulted", fault: faultOf(thrown) });
    try {
      run?.engine.dispose();
    } catch {
      // The fault that was said is the one that matters.
    }
  } finally {
    port.close();
  }
}

function poolPort({ pool }: WitnessThreadData, say: (message: WitnessMessage) => void): PoolPort | undefined {
  if (pool === undefined) return undefined;
  return {
    memory: pool,
    attach: (attachment) => say({ kind: "attach", attachment }),
    report: (fault) => say({ kind: "report", fault }),
  };
}

/** A run is over quickly; without this its workers might come when it is. */
function awaitWorkers(engine: Engine, workerCount: number): void {
  const { pool } = jobsOf(engine).crew;
  if (pool === undefined) return;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const startMicros = hostClock.nowMicros();
  while (pool.readyCount < workerCount) {
    if (hostClock.nowMicros() - startMicros > workersWaitMillis * 1_000)
      raise("thread-silent", { role: "worker", waitedMillis: workersWaitMillis, doing: "start" });
    Atomics.wait(pause, 0, 0, 1);
  }
}
