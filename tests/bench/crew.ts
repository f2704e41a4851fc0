/**
 * Benches with job workers. Three kinds of thread, as in a world process: the group's own thread keeps the pool
 * and never blocks, a coordinator thread runs the engine and measures, and workers take chunks. A scenario is the
 * game and the measuring; coordinator and workers find it by name in the bench's list, since no function is sent.
 */
import { parentPort, type Worker } from "node:worker_threads";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { TracePort } from "../../engine/trace/trace-port.ts";
import { hostClock } from "../../runtime/host/clock.ts";
import { startThread } from "../../runtime/host/threads.ts";
import { type WorkerHandle, WorkerKeeper } from "../../runtime/jobs/worker-keeper.ts";
import { workerRole } from "../../runtime/jobs/worker-role.ts";
import type { AttachMessage } from "../../runtime/jobs/worker-thread.ts";
import { type BenchSize, benchSeed } from "./measure.ts";
import { type BenchThreadData, benchRole } from "./threads.ts";

export const crewPart = "crew coordinator";
export const crewWorkerPart = "crew worker";

export interface CrewEngineOptions {
  /** False keeps the pool out of this engine: its coordinator does all. Default: true. */
  readonly usesWorkers?: boolean;
  readonly subsystems?: readonly SubsystemDefinition[];
  readonly trace?: TracePort;
}

/** What a scenario measures with, in the coordinator thread. */
export interface CrewHost {
  readonly size: BenchSize;
  readonly workerCount: number;
  readonly game: Game;
  /** A running engine of the scenario's game whose workers are ready; the scenario disposes of it. */
  start(options?: CrewEngineOptions): Promise<Engine>;
}

export interface CrewScenario<Result = unknown> {
  readonly name: string;
  game(size: BenchSize): Game;
  /** Gives plain data. */
  measure(host: CrewHost): Result | Promise<Result>;
}

interface CrewThreadData extends BenchThreadData {
  readonly scenario: string;
  readonly size: BenchSize;
  readonly workerCount: number;
  readonly pool: SharedArrayBuffer;
}

interface CrewWorkerData extends CrewThreadData {
  readonly worker: number;
}

type CrewMessage =
  | { readonly kind: "attach"; readonly attachment: WorldAttachment }
  | { readonly kind: "measured"; readonly result: unknown }
  | { readonly kind: "failed"; readonly problem: string };

/** How long workers may take to be ready, under a machine that does much else. */
const readyMillisMax = 10_000;

/** Runs a scenario with `workerCount` workers beside its coordinator. Rejects when it fails. */
export async function measureWithCrew<Result>(
  scenario: CrewScenario<Result>,
  workerCount: number,
  size: BenchSize,
): Promise<Result> {
  const keeper = new WorkerKeeper(workerCount, (worker, pool) =>
    startCrewWorker({
      role: benchRole,
      part: crewWorkerPart,
      scenario: scenario.name,
      size,
      workerCount,
      pool,
      worker,
    }),
  );
  keeper.start();
  const data: CrewThreadData = {
    ...{ role: benchRole, part: crewPart, scenario: scenario.name, size, workerCount },
    pool: keeper.memory,
  };
  const thread = startCrewThread(data, scenario.name);
  try {
    return (await resultOf(thread, keeper)) as Result;
  } finally {
    await keeper.close();
  }
}

function resultOf(thread: Worker, keeper: WorkerKeeper): Promise<unknown> {
  return new Promise((resolve, reject) => {
    thread.on("message", (message: CrewMessage) => {
      if (message.kind === "attach") keeper.attach(message.attachment);
      else if (message.kind === "measured") resolve(message.result);
      else reject(new Error(message.problem));
    });
    thread.on("error", reject);
    thread.on("exit", () => reject(new Error("the coordinator thread ended without a result")));
  });
}

function startCrewWorker(data: CrewWorkerData): WorkerHandle {
  const worker = startCrewThread(data, `worker ${data.worker}`);
  worker.unref();
  worker.on("error", () => {});
  return {
    attach: (attachment) => worker.postMessage({ attachment } satisfies AttachMessage),
    end: () => worker.terminate(),
    ended: new Promise((resolve) => worker.once("exit", resolve)),
  };
}

function startCrewThread(data: CrewThreadData, name: string): Worker {
  // In an executable the thread runs the packaged bench, in a checkout its main file.
  return startThread(data, { name, entry: new URL("./main.ts", import.meta.url), program: "bench" });
}

/** Becomes the coordinator or a worker of one of `scenarios`. */
export async function runCrewPart(threadData: BenchThreadData, scenarios: readonly CrewScenario[]): Promise<void> {
  const data = threadData as CrewThreadData;
  const scenario = scenarios.find(({ name }) => name === data.scenario)!;
  if (data.part === crewPart) return coordinate(scenario, data);
  const { pool, worker } = data as CrewWorkerData;
  const role = workerRole(scenario.game(data.size), pool, worker, hostClock);
  const port = parentPort!;
  port.on("message", ({ attachment }: AttachMessage) => {
    if (role(attachment)) port.close();
  });
}

async function coordinate(scenario: CrewScenario, { size, workerCount, pool }: CrewThreadData): Promise<void> {
  const say = (message: CrewMessage): void => parentPort!.postMessage(message);
  try {
    const game = scenario.game(size);
    const start = async ({ usesWorkers = true, subsystems = [], trace }: CrewEngineOptions = {}): Promise<Engine> => {
      const report = (fault: unknown): never => {
        throw new Error(`a worker failed: ${JSON.stringify(fault)}`);
      };
      const attach = (attachment: WorldAttachment): void => say({ kind: "attach", attachment });
      const hasPool = usesWorkers && workerCount > 0;
      const engine = new Engine(
        game,
        {
          clock: hostClock,
          ...(hasPool ? { jobs: { pool: { memory: pool, attach, report } } } : {}),
          ...(trace === undefined ? {} : { trace }),
        },
        { seed: benchSeed, subsystems },
      );
      await engine.start();
      if (hasPool) waitForWorkers(engine, workerCount);
      return engine;
    };
    say({ kind: "measured", result: await scenario.measure({ size, workerCount, game, start }) });
  } catch (thrown) {
    say({ kind: "failed", problem: thrown instanceof Error ? thrown.message : String(thrown) });
  } finally {
    parentPort!.close();
  }
}

function waitForWorkers(engine: Engine, workerCount: number): void {
  const { pool } = jobsOf(engine).crew;
  const started = performance.now();
  while (pool!.readyCount < workerCount) {
    if (performance.now() - started > readyMillisMax) throw new Error("the workers were not ready in time");
    rest(1);
  }
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread, so that others have the machine. */
export function rest(millis: number): void {
  Atomics.wait(nothing, 0, 0, millis);
}
