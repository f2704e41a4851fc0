/**
 * What a frame costs by the number of its entities: all of them move, have a matrix and are presented; no physics.
 * Four parts are told apart, by the spans that the engine writes: the tick with its transforms and hash, the
 * snapshot, the jobs of presentation, and the assembly of the packet. Medians over frames, with the coordinator
 * alone; the whole frame with a worker beside it as well.
 *
 * With UPDATE_PICTURES=1 the curve is drawn into cost-curve.svg beside this file.
 */
import { writeFileSync } from "node:fs";
import { TraceMemory } from "../../engine/trace/memory.ts";
import type { TracePort } from "../../engine/trace/trace-port.ts";
import { Track } from "../../engine/trace/track.ts";
import { packagedProgram } from "../../runtime/host/program.ts";
import { type CostPoint, costCurvePicture, costParts } from "./cost-curve-picture.ts";
import { type CrewScenario, measureWithCrew } from "./crew.ts";
import { type BenchSize, median, millisOf } from "./measure.ts";
import { type BenchGroup, type BenchRow, timeText } from "./row.ts";
import { driftingGame, memorySink, presentation } from "./shown-game.ts";

const counts = [1_000, 10_000, 100_000] as const;
const nameOf = (count: number): string => `frame of ${count.toLocaleString("en-US")} entities`;

export const costCurve: BenchGroup = { rowNames: counts.map(nameOf), run };

/** Notes how long each span took last, and keeps none. */
class StopwatchTrack extends Track {
  readonly millis: number[] = [];

  constructor() {
    const memory = TraceMemory.allocate({ tracks: ["stopwatch"], eventsPerTrack: 16, nameCapacity: 1 });
    memory.turn(true);
    super(memory, 0);
  }

  override span(name: number, startMicros: number, endMicros: number): void {
    this.millis[name] = (endMicros - startMicros) / 1_000;
  }
}

/** Names of spans are numbered as they come. */
class Stopwatch implements TracePort {
  readonly track = new StopwatchTrack();
  readonly names = undefined;
  readonly buffer = undefined;
  readonly #texts: string[] = [];

  number(text: string): number {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return this.#texts.indexOf(text);
  }

  open(): undefined {}

  takeUp(): void {}

  putDown(): void {}

  millisOf(text: string): number {
    return this.track.millis[this.#texts.indexOf(text)] ?? Number.NaN;
  }
}

const scenarioOf = (count: number): CrewScenario<CostPoint> => ({
  name: nameOf(count),
  game: (size) => driftingGame(size === "whole" ? count : count / 500),
  async measure({ size, game, start }) {
    const frameMax = size === "whole" ? Math.max(60, 600_000 / count) : 2;
    const watch = new Stopwatch();
    const sink = memorySink(1_000_000 + count * 160);
    const engine = await start({ trace: watch, subsystems: presentation(game.view!, sink) });
    const parts = costParts.map((): number[] => []);
    const whole: number[] = [];
    for (let frame = -frameMax; frame < frameMax; frame++) {
      const took = millisOf(() => engine.step());
      if (frame < 0) continue;
      whole.push(took);
      for (const [i, part] of costParts.entries()) parts[i]!.push(watch.millisOf(part));
    }
    engine.dispose();
    if (sink.packetCount < 2 * frameMax) throw new Error("frames made no packets");
    return { entityCount: count, frameMillis: median(whole), partMillis: parts.map(median) };
  },
});

export const costScenarios: readonly CrewScenario[] = counts.map(scenarioOf);

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const points: CostPoint[] = [];
  for (const count of counts) {
    const alone = await measureWithCrew(scenarioOf(count), 0, size);
    const beside = await measureWithCrew(scenarioOf(count), 1, size);
    points.push(alone);
    const parts = costParts.map((part, i) => `${part} ${timeText(alone.partMillis[i]!)}`).join(", ");
    rows.push({
      ...{ name: nameOf(count), ours: `${timeText(alone.frameMillis)}: ${parts}` },
      peer: `${timeText(beside.frameMillis)} with a worker`,
      ...{ ratio: `${(alone.frameMillis / beside.frameMillis).toFixed(2)}x faster`, goal: "", met: undefined },
    });
  }
  if (size === "whole" && process.env["UPDATE_PICTURES"] === "1" && packagedProgram() === undefined)
    writeFileSync(new URL("./cost-curve.svg", import.meta.url), costCurvePicture(points));
  return rows;
}
