/**
 * The roles of `verify determinism`: "witness" runs a world as fast as it can with a witness in it, and
 * "witness-worker" is a worker of its pool. They differ from the roles of a game in two things only: what
 * happened is written down, and a race may be planted in the game.
 */
import { parentPort } from "node:worker_threads";
import { type Fault, faultOf, raise } from "../../engine/base/faults.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import type { PoolPort } from "../../engine/jobs/pool.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { packetByteLength } from "../../engine/render/packet.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { runWorkerThread, type WorkerThreadData } from "../jobs/worker-thread.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";
import { packetCountsOf } from "../world/packet-counts.ts";
import { type PlantedRace, withRace } from "./races.ts";
import { type Testimony, Witness } from "./witness.ts";

export interface WitnessThreadData extends ThreadData {
  readonly role: "witness";
  readonly seed: number;
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  readonly pool: SharedArrayBuffer | undefined;
  readonly workerCount: number;
  readonly guard: boolean;
  readonly shuffleSeed: number;
  readonly race: PlantedRace | undefined;
  /** Word 0: ticks made so far. */
  readonly progress: SharedArrayBuffer;
}

export interface WitnessWorkerData extends ThreadData {
  readonly role: "witness-worker";
  readonly worker: Omit<WorkerThreadData, "role">;
  readonly race: PlantedRace | undefined;
}

export type WitnessMessage =
  | { readonly kind: "attach"; readonly attachment: WorldAttachment }
  | { readonly kind: "report"; readonly fault: Fault }
  | { readonly kind: "faulted"; readonly fault: Fault }
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
  const witness = new Witness();
  let engine: Engine | undefined;
  try {
    engine = new Engine(
      game,
      { clock: hostClock, jobs: { pool: poolPort(data, say), guard: data.guard, shuffleSeed: data.shuffleSeed } },
      {
        seed: data.seed,
        subsystems: [scriptSubsystem(data.script), ...presentation(game, witness), witness.definition],
      },
    );
    await engine.start();
    jobsOf(engine).present();
    awaitWorkers(engine, data.workerCount);
    const startMicros = hostClock.nowMicros();
    while (engine.world.tickCount < data.tickCount) {
      engine.step();
      Atomics.store(progress, 0, engine.world.tickCount);
    }
    const elapsedMillis = (hostClock.nowMicros() - startMicros) / 1_000;
    const { testimony } = witness;
    engine.dispose();
    say({ kind: "ended", testimony, elapsedMillis });
  } catch (thrown) {
    say({ kind: "faulted", fault: faultOf(thrown) });
    try {
      engine?.dispose();
    } catch {
      // The fault that was said is the one that matters.
    }
  } finally {
    port.close();
  }
}

/** Packets are made as for a driver when the game has a view. */
function presentation(game: Game, witness: Witness): readonly SubsystemDefinition[] {
  if (game.view === undefined) return [];
  const sink = witness.sink(packetByteLength(packetCountsOf(game, resolveLimits(game.limits))));
  return [renderSubsystem(game.view, sink, hostClock)];
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

/** Admits scripted records, each at its own tick. */
function scriptSubsystem(script: readonly ScriptedRecord[]): SubsystemDefinition {
  let at = 0;
  return defineSubsystem({
    name: "script",
    create: () => ({
      beforeTick(world) {
        while (at < script.length && script[at]!.tick <= world.tickCount + 1) world.door.admit(script[at++]!.record);
      },
    }),
  });
}
