/**
 * The roles of `simulate`: "simulation" is the coordinator of a synthetic frame, "simulation-worker" a worker of
 * its pool. The role is what says that a thread's game is the built-in simulation; from there on they are the
 * engine and the worker of any game.
 */
import { parentPort } from "node:worker_threads";
import { parseManifest } from "../../engine/asset/manifest.ts";
import { allocateAssetMemory } from "../../engine/asset/memory.ts";
import { type Fault, faultOf, raise } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import { Engine } from "../../engine/engine.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { noTrace, openTrace } from "../../engine/trace/trace-port.ts";
import { hostClock } from "../host/clock.ts";
import type { ThreadData } from "../host/threads.ts";
import { runWorkerThread, type WorkerThreadData } from "../jobs/worker-thread.ts";
import { engineTrack } from "../world/tracks.ts";
import { simulatedLoads } from "./costs.ts";
import { Director, type LoadReport } from "./director.ts";
import { makeSimulation, type SimulationSettings } from "./game.ts";
import { type OrderFacts, OrderLog } from "./order-log.ts";
import { SlowSource, simulatedManifest } from "./slow-source.ts";
import type { WatchedDevice } from "./watched-device.ts";

export interface SimulationThreadData extends ThreadData {
  readonly role: "simulation";
  readonly settings: SimulationSettings;
  readonly seed: number;
  readonly frameCount: number;
  readonly pool: SharedArrayBuffer | undefined;
  readonly workerCount: number;
  readonly trace: SharedArrayBuffer | undefined;
  /** Word 0: frames made so far. */
  readonly progress: SharedArrayBuffer;
}

export interface SimulationWorkerData extends ThreadData {
  readonly role: "simulation-worker";
  readonly settings: SimulationSettings;
  readonly worker: Omit<WorkerThreadData, "role">;
}

export type SimulationMessage =
  | { readonly kind: "attach"; readonly attachment: WorldAttachment }
  | { readonly kind: "report"; readonly fault: Fault }
  | { readonly kind: "faulted"; readonly fault: Fault }
  | { readonly kind: "ended"; readonly outcome: SimulationOutcome };

/** What a simulation hands back, beside its trace. */
export interface SimulationOutcome {
  readonly order: OrderFacts;
  /** Hash of the world after the last tick. */
  readonly worldHash: string;
  readonly loads: readonly LoadReport[];
  readonly elapsedMillis: number;
  /** Micros that the coordinator waited for workers at the ends of stages. */
  readonly waitedMicros: number;
}

/** How long the workers of a run may take to be there. */
const workersWaitMillis = 20_000;
const assetLimits = { heapBytes: 4 * 1024 * 1024, heapBytesMax: 64 * 1024 * 1024 };

/** Runs either role. */
export async function runSimulationRole(data: SimulationThreadData | SimulationWorkerData): Promise<void> {
  if (data.role === "simulation") await runSimulation(data);
  else runWorkerThread(makeSimulation(data.settings).game, { ...data.worker, role: "job-worker" });
}

async function runSimulation(data: SimulationThreadData): Promise<void> {
  const port = parentPort!;
  const say = (message: SimulationMessage): void => port.postMessage(message);
  const order = new OrderLog();
  const progress = new Int32Array(data.progress);
  let engine: Engine | undefined;
  try {
    const { game, surfaces } = makeSimulation(data.settings, order);
    const memory = allocateAssetMemory(assetLimits);
    const source = new SlowSource(memory.buffer, simulatedLoads);
    const director = new Director({ order, source, loads: simulatedLoads, frameCount: data.frameCount });
    const manifest = parseManifest("simulated manifest", simulatedManifest(simulatedLoads));
    engine = new Engine(
      game,
      {
        clock: hostClock,
        trace: data.trace === undefined ? noTrace : openTrace(data.trace, engineTrack),
        jobs: {
          pool: data.pool && {
            memory: data.pool,
            attach: (attachment) => say({ kind: "attach", attachment }),
            report: (fault) => say({ kind: "report", fault }),
          },
        },
        assets: { memory, source, manifest, presents: true, onFailed: (fault) => director.attemptFailed(fault) },
      },
      { seed: data.seed, subsystems: [director.definition] },
    );
    await engine.start();
    awaitWorkers(engine, data.workerCount);
    const startMicros = hostClock.nowMicros();
    for (let frame = 1; frame <= data.frameCount; frame++) {
      engine.step();
      Atomics.store(progress, 0, frame);
    }
    const elapsedMillis = (hostClock.nowMicros() - startMicros) / 1_000;
    awaitDevice(engine.of(surfaces).device as WatchedDevice);
    const { high, low } = engine.world.hash;
    const outcome: SimulationOutcome = {
      order: order.facts,
      worldHash: hashHex(high, low),
      loads: director.loads,
      elapsedMillis,
      waitedMicros: jobsOf(engine).crew.waitedMicros,
    };
    engine.dispose();
    say({ kind: "ended", outcome });
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

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A run may be over in half a second; without this its workers would come when it is. */
function awaitWorkers(engine: Engine, workerCount: number): void {
  const { pool } = jobsOf(engine).crew;
  if (pool === undefined) return;
  const startMicros = hostClock.nowMicros();
  while (pool.readyCount < workerCount) {
    if (hostClock.nowMicros() - startMicros > workersWaitMillis * 1_000)
      raise("thread-silent", { role: "worker", waitedMillis: workersWaitMillis, doing: "start" });
    Atomics.wait(pause, 0, 0, 1);
  }
}

/** Until all that was presented is on the screen: the trace ends with the work of the device. */
function awaitDevice(device: WatchedDevice): void {
  while (device.idleMicros > hostClock.nowMicros()) Atomics.wait(pause, 0, 0, 1);
}
