/**
 * Scaling: the coordinator with one worker beside it against the coordinator alone, in turns on the same thread: two
 * engines of one game, one of them without a pool. Paths keep the processor busy; a million particles keep the
 * memory busy, and two cores share that. The answers of both engines are compared.
 *
 * The particles are those of a view's particle job, a frame each: 60 MB are read and 48 MB written.
 */
import type { RandomStream } from "../../engine/base/random.ts";
import { f32, u32 } from "../../engine/ecs/field.ts";
import type { Engine } from "../../engine/engine.ts";
import { defineEvent } from "../../engine/events/event.ts";
import { defineGame, type Game } from "../../engine/game.ts";
import { type AnyJob, defineJob } from "../../engine/jobs/definition.ts";
import { defineOutput } from "../../engine/jobs/output.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import type { Grid } from "../../engine/navigation/grid.ts";
import { defaultPathOptions, findPaths, openPathResults } from "../../engine/navigation/path.ts";
import { openPathScratch, type PathScratch } from "../../engine/navigation/path-scratch.ts";
import { particleJob, particleOutput } from "../../engine/render/jobs/particles.ts";
import type { ParticleSystem } from "../../engine/render/particles.ts";
import { type CrewHost, type CrewScenario, measureWithCrew } from "./crew.ts";
import { agree, type BenchSize, type Comparison, compare } from "./measure.ts";
import { benchDraws, yard } from "./navigation.ts";
import { type BenchGroup, type BenchRow, threeDigits, timeRow, timeText } from "./row.ts";

const pathsRow = "scaling: 512 paths, 1 worker";
const particlesRow = "scaling: 1,000,000 particles, 1 worker";
const millionRow = "particles, 1,000,000 simulated a frame";
const goal = { fasterMin: 1.8, text: ">= 1.8x faster than the coordinator alone" };

export const scaling: BenchGroup = { rowNames: [pathsRow, particlesRow, millionRow], run };

// ── Paths ────────────────────────────────────────────────────────────────────────────────────────

const Ways = defineOutput("Ways", { price: u32 });
const side = 128;

/** What a thread needs to answer with; made from the seed when its first chunk comes. */
interface Desk {
  readonly draws: RandomStream;
  readonly grid: Grid;
  readonly scratch: PathScratch;
  readonly queries: Float32Array;
  readonly results: ReturnType<typeof openPathResults>;
}

const pathOptions = { ...defaultPathOptions, expansionsMax: side * side };
const pathChunk = 8;
let desk: Desk | undefined;

function openDesk(): Desk {
  const draws = benchDraws("scaling");
  return {
    draws,
    grid: yard(draws),
    scratch: openPathScratch(side * side),
    queries: new Float32Array(pathChunk * 4),
    results: openPathResults(pathChunk, pathOptions.waypointsMax),
  };
}

function waysJob(pathCount: number): AnyJob {
  return defineJob({
    name: "ways",
    output: Ways,
    chunkItems: pathChunk,
    itemsMax: () => pathCount,
    begin: () => pathCount,
    run({ count, random, output }) {
      desk ??= openDesk();
      const { grid, scratch, queries, results } = desk;
      for (let i = 0; i < count * 4; i++) queries[i] = random.between(0, side / 2);
      findPaths(grid, scratch, queries, 0, count, pathOptions, results);
      for (let i = 0; i < count; i++) output.price[i] = results.cost[i]!;
      return count;
    },
  });
}

export const pathsScenario: CrewScenario<Comparison> = {
  name: "paths",
  game: (size) => gameOf("bench-ways", waysJob(size === "whole" ? 512 : 16)),
  async measure(host) {
    const { alone, beside } = await startBoth(host);
    const comparison = compare({
      ...(host.size === "whole" ? { warmUpCount: 12, roundCount: 40 } : { warmUpCount: 1, roundCount: 2 }),
      ours: () => jobsOf(beside).runFrameJobs(),
      peer: () => jobsOf(alone).runFrameJobs(),
    });
    agree(pathsRow, jobsOf(beside).outputOf(Ways).columns.price, jobsOf(alone).outputOf(Ways).columns.price);
    alone.dispose();
    beside.dispose();
    return comparison;
  },
};

// ── Particles ────────────────────────────────────────────────────────────────────────────────────

const Spray = defineEvent("Spray", { x: f32 });

const systemOf = (size: BenchSize): ParticleSystem => ({
  name: "million",
  capacity: size === "whole" ? 1_000_000 : 2_000,
  event: Spray,
  amount: () => 0,
  birth() {},
  acceleration: [0, -9.8, 0],
  drag: 0.99,
  floor: { height: 0, restitution: 0.4, halfX: 40, halfZ: 40 },
  sizeAtEnd: 0.2,
  fadeRate: 2,
  ...({ color: 0xffffff, emissiveIntensity: 1, shape: "spark" } as const),
});

const Million = particleOutput(systemOf("whole"));

export const particlesScenario: CrewScenario<Comparison> = {
  name: "particles",
  game: (size) => ({ ...gameOf("bench-million", particleJob(systemOf(size), Million)), events: [Spray] }),
  async measure(host) {
    const { alone, beside } = await startBoth(host);
    for (const engine of [alone, beside]) fill(engine);
    const comparison = compare({
      ...(host.size === "whole" ? { warmUpCount: 15, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 }),
      ours: () => beside.step(),
      peer: () => alone.step(),
    });
    const [ours, peers] = [beside, alone].map((engine) => jobsOf(engine).outputOf(Million).columns);
    agree(particlesRow, ours!.y.subarray(0, 100_000), peers!.y.subarray(0, 100_000));
    if (!ours!.life.every((life) => life > 0)) throw new Error("a particle has died");
    alone.dispose();
    beside.dispose();
    return comparison;
  },
};

/** All particles are alive, and stay so. */
function fill(engine: Engine): void {
  const draws = benchDraws("particles");
  const { columns } = jobsOf(engine).outputOf(Million);
  for (let i = 0; i < columns.life.length; i++) {
    columns.x[i] = draws.between(-30, 30);
    columns.y[i] = draws.between(0, 30);
    columns.z[i] = draws.between(-30, 30);
    columns.velocityX[i] = draws.between(-3, 3);
    columns.velocityY[i] = draws.between(0, 9);
    columns.velocityZ[i] = draws.between(-3, 3);
    columns.life[i] = 1_000;
    columns.lifeSpan[i] = 1_000;
    columns.size[i] = 0.1;
  }
}

// ── Both ─────────────────────────────────────────────────────────────────────────────────────────

function gameOf(id: string, job: AnyJob): Game {
  return defineGame({ id, tickRate: 60, components: [], systems: [], setup() {}, jobs: [job] });
}

async function startBoth({ start }: CrewHost): Promise<{ readonly alone: Engine; readonly beside: Engine }> {
  const [alone, beside] = [await start({ usesWorkers: false }), await start()];
  for (const engine of [alone, beside]) {
    jobsOf(engine).present();
    engine.step();
  }
  return { alone, beside };
}

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const paths = await measureWithCrew(pathsScenario, 1, size);
  const particles = await measureWithCrew(particlesScenario, 1, size);
  const { oursMillis, peerMillis } = particles;
  const rate = (millis: number): string => `${threeDigits(1e6 / millis / 1e3)} M a second`;
  return [
    timeRow(pathsRow, paths, "alone", goal),
    timeRow(particlesRow, particles, "alone"),
    {
      ...{ name: millionRow, ratio: "", goal: "", met: undefined },
      ours: `${timeText(oursMillis)} with a worker, ${rate(oursMillis)}`,
      peer: `${timeText(peerMillis)} without, ${rate(peerMillis)}`,
    },
  ];
}
