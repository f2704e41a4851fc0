/** Small worlds with jobs, run in the test's own thread: an engine, its jobs, and a pool without workers. */
import type { Fault } from "../../../engine/base/faults.ts";
import { FaultError } from "../../../engine/base/faults.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { type AnyJob, defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput, type Output } from "../../../engine/jobs/output.ts";
import type { PoolPort } from "../../../engine/jobs/pool.ts";
import { allocatePool } from "../../../engine/jobs/pool-memory.ts";
import { type JobsOptions, type JobsSubsystem, jobsOf } from "../../../engine/jobs/subsystem.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";

/** Whose x says how many ticks it has lived. */
export const Aged = defineComponent("Aged", { x: f32 }, { shared: true });

export interface Started {
  readonly engine: Engine;
  readonly jobs: JobsSubsystem;
  /** What was reported by way of the pool. */
  readonly reports: readonly Fault[];
}

/** Starts a game with the jobs and presents it. The pool has no workers, so this thread does everything. */
export async function startJobs(
  jobs: readonly AnyJob[],
  change: Partial<Game> = {},
  options: JobsOptions = {},
): Promise<Started> {
  const game = defineGame({
    id: "small-jobs",
    tickRate: 60,
    limits: { entities: 64, snapshotSlots: 16 },
    components: [Aged],
    systems: [],
    jobs,
    setup: ({ commands }) => {
      for (let i = 0; i < 8; i++) commands.spawn(Aged);
    },
    ...change,
  });
  return startGame(game, options);
}

export async function startGame(game: Game, options: JobsOptions = {}): Promise<Started> {
  const reports: Fault[] = [];
  const pool: PoolPort = { memory: allocatePool(), attach() {}, report: (fault) => reports.push(fault) };
  const engine = new Engine(game, { clock: new ManualClock(), jobs: { pool, ...options } }, { seed: 3 });
  await engine.start();
  const started = { engine, jobs: jobsOf(engine), reports };
  started.jobs.present();
  return started;
}

export interface CountingJob {
  readonly name: string;
  readonly inputs?: readonly Output[];
  readonly items?: number;
  readonly chunkItems?: number;
  readonly run?: AnyJob["run"];
  readonly begin?: AnyJob["begin"];
}

/** A frame job of 10 items in chunks of 4 with the output `x`, all ones, unless told otherwise. */
export function countingJob({ name, inputs = [], items = 10, chunkItems = 4, run, begin }: CountingJob): AnyJob {
  return defineJob({
    name,
    inputs,
    output: defineOutput(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, { x: f32 }),
    chunkItems,
    itemsMax: () => items,
    begin: begin ?? (() => items),
    run:
      run ??
      (({ output, count }) => {
        for (let i = 0; i < count; i++) output.x[i] = 1;
        return count;
      }),
  });
}

/** The fault that `act` raises, with that of a system or job inside it. */
export function faultFrom(act: () => void): Fault {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error("no fault was raised");
}
