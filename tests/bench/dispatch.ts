/**
 * Dispatch and join: the time from calling for one job of one chunk to having its output, with one worker that
 * does it: the coordinator is kept from helping. The peer is Piscina with one thread and the same job, awaited.
 *
 * Two rows, because a worker spins before it sleeps (`spinCount` in engine/jobs/worker-loop.ts): called back to back
 * it is found awake; after 5 ms of rest it has to be woken. Piscina's thread blocks in Atomics.wait when idle.
 * Ours and the peer take turns in whole rounds, since each needs two cores. Where others keep both cores busy the
 * system puts coordinator and worker on one of them, and the first row then shows how long the worker spins there.
 */
import { u32 } from "../../engine/ecs/field.ts";
import { defineGame } from "../../engine/game.ts";
import { defineJob } from "../../engine/jobs/definition.ts";
import { defineOutput } from "../../engine/jobs/output.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { packagedProgram } from "../../runtime/host/program.ts";
import { type CrewScenario, measureWithCrew, rest } from "./crew.ts";
import { type BenchSize, comparisonOf, median, millisOf } from "./measure.ts";
import { type BenchGroup, type BenchRow, skippedRow, timeRow, timeText } from "./row.ts";

const awakeRow = "dispatch and join a job, worker awake";
const asleepRow = "dispatch and join a job, worker asleep";
const microsMax = 12;
const fasterMin = 5;
const goal = `<= ${microsMax} us and >= ${fasterMin}x faster than Piscina`;
const restMillis = 5;

export const dispatch: BenchGroup = { rowNames: [awakeRow, asleepRow], run };

const Answer = defineOutput("Answer", { value: u32 });
const trivial = defineJob({
  name: "trivial",
  params: { value: u32 },
  output: Answer,
  chunkItems: 1,
  itemsMax: () => 1,
  begin({ params }) {
    params.value[0] = params.value[0]! + 1;
    return 1;
  },
  run({ params, output }) {
    output.value[0] = params.value[0]! + 1;
    return 1;
  },
});

/** Medians, in milliseconds. */
interface Dispatches {
  readonly awake: number;
  readonly asleep: number;
}

interface Counts {
  readonly warmUp: number;
  readonly awake: number;
  readonly asleep: number;
}

const countsOf = (size: BenchSize): Counts =>
  size === "whole" ? { warmUp: 3_000, awake: 6_000, asleep: 120 } : { warmUp: 2, awake: 3, asleep: 1 };

export const dispatchScenario: CrewScenario<Dispatches> = {
  name: "dispatch",
  game: () =>
    defineGame({ id: "bench-dispatch", tickRate: 60, components: [], systems: [], setup() {}, jobs: [trivial] }),
  async measure({ size, start }) {
    const engine = await start();
    const jobs = jobsOf(engine);
    jobs.present();
    engine.step();
    jobs.crew.helps = false;
    const counts = countsOf(size);
    let expected = jobs.outputOf(Answer).columns.value[0]!;
    const once = (): number => {
      const millis = millisOf(() => jobs.runFrameJobs());
      if (jobs.outputOf(Answer).columns.value[0] !== ++expected) throw new Error("a job's answer is missing");
      return millis;
    };
    for (let i = 0; i < counts.warmUp; i++) once();
    const awake = Array.from({ length: counts.awake }, once);
    const asleep = Array.from({ length: counts.asleep }, () => {
      rest(restMillis);
      return once();
    });
    engine.dispose();
    return { awake: median(awake), asleep: median(asleep) };
  },
};

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const ours: Dispatches[] = [];
  const peers: Dispatches[] = [];
  const hasPeer = packagedProgram() === undefined;
  for (let round = 0; round < (size === "whole" ? 5 : 1); round++) {
    ours.push(await measureWithCrew(dispatchScenario, 1, size));
    if (hasPeer) peers.push(await byPiscina(countsOf(size)));
  }
  const row = (name: string, state: keyof Dispatches, hasGoal: boolean): BenchRow => {
    const times = ours.map((round) => round[state]);
    if (!hasPeer) {
      const reason = "the peer, Piscina, needs a checkout";
      return {
        ...skippedRow(name, reason, hasGoal ? goal : ""),
        ours: timeText(median(times)),
        peer: `skipped: ${reason}`,
      };
    }
    const comparison = comparisonOf(
      times,
      peers.map((round) => round[state]),
    );
    const shown = timeRow(name, comparison, "Piscina 5.3.2", hasGoal ? { fasterMin, text: goal } : undefined);
    return hasGoal ? { ...shown, met: shown.met === true && comparison.oursMillis * 1_000 <= microsMax } : shown;
  };
  return [row(awakeRow, "awake", true), row(asleepRow, "asleep", false)];
}

/** The package is asked for by a name that no bundler follows: it is no part of the executable. */
async function byPiscina(counts: Counts): Promise<Dispatches> {
  const name: string = "piscina";
  const { Piscina } = (await import(name)) as typeof import("piscina");
  const filename = new URL("./piscina-job.ts", import.meta.url).href;
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
  const once = async (): Promise<number> => {
    const started = performance.now();
    const answer: unknown = await pool.run(1);
    const millis = performance.now() - started;
    if (answer !== 2) throw new Error(`Piscina answered ${answer}`);
    return millis;
  };
  const awake: number[] = [];
  const asleep: number[] = [];
  for (let i = 0; i < counts.warmUp; i++) await once();
  for (let i = 0; i < counts.awake; i++) awake.push(await once());
  for (let i = 0; i < counts.asleep; i++) {
    await new Promise((resolve) => setTimeout(resolve, restMillis));
    asleep.push(await once());
  }
  await pool.destroy();
  return { awake: median(awake), asleep: median(asleep) };
}
