/**
 * What tracing costs a frame: the steady frame of a pile of 300 bodies with its presentation, in three engines that
 * take turns in one thread: built without a trace, with one that is switched off, and with one that is on. All three
 * make the same ticks. The trace wraps around, as when its reader is slow, so no event is spared.
 */
import type { Engine } from "../../engine/engine.ts";
import { Light } from "../../engine/render/light.ts";
import { Renderable } from "../../engine/render/look.ts";
import { TraceMemory } from "../../engine/trace/memory.ts";
import { noTrace, openTrace, type TracePort } from "../../engine/trace/trace-port.ts";
import { engineTrack } from "../../runtime/world/tracks.ts";
import { type CrewScenario, measureWithCrew } from "./crew.ts";
import { type BenchSize, type Comparison, comparisonOf, millisOf } from "./measure.ts";
import { pileGame } from "./pile.ts";
import { type BenchGroup, type BenchRow, timeText } from "./row.ts";
import { memorySink, presentation, viewOf } from "./shown-game.ts";

const onRow = "tracing on, a frame";
const offRow = "tracing off, a frame";
const percentMax = 3;
/** Below this a difference is that of two equal engines here. */
const noisePercentMax = 1;

export const tracing: BenchGroup = { rowNames: [onRow, offRow], run };

interface TraceCosts {
  readonly on: Comparison;
  readonly off: Comparison;
  readonly eventCount: number;
}

export const tracingScenario: CrewScenario<TraceCosts> = {
  name: "tracing",
  game: (size) => pileGame(size === "whole" ? 300 : 4, { view: viewOf(false) }, [Renderable, Light]),
  async measure({ size, game, start }) {
    const { warmUpCount, roundCount, frameCount } =
      size === "whole"
        ? { warmUpCount: 20, roundCount: 90, frameCount: 10 }
        : { warmUpCount: 1, roundCount: 2, frameCount: 2 };
    const traced = TraceMemory.allocate({ tracks: [engineTrack] });
    const silent = TraceMemory.allocate({ tracks: [engineTrack] });
    traced.turn(true);
    const engineWith = (trace: TracePort): Promise<Engine> =>
      start({ trace, subsystems: presentation(game.view!, memorySink(4_000_000)) });
    const engines = [
      await engineWith(noTrace),
      await engineWith(openTrace(silent.buffer, engineTrack)),
      await engineWith(openTrace(traced.buffer, engineTrack)),
    ];
    const millis: number[][] = [[], [], []];
    const written = traced.cursorsOf(0);
    let eventCount = 0;
    for (let round = -warmUpCount; round < roundCount; round++)
      for (let turn = 0; turn < 3; turn++) {
        // Whose turn is first changes, so that none is always behind the same neighbour.
        const which = (turn + round + warmUpCount) % 3;
        const before = written[0]!;
        const took = millisOf(() => {
          for (let frame = 0; frame < frameCount; frame++) engines[which]!.step();
        });
        if (which === 2) eventCount = (written[0]! - before) / frameCount;
        if (round >= 0) millis[which]!.push(took / frameCount);
      }
    for (const engine of engines) engine.dispose();
    const [without, off, on] = millis;
    return { on: comparisonOf(on!, off!), off: comparisonOf(off!, without!), eventCount };
  },
};

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const { on, off, eventCount } = await measureWithCrew(tracingScenario, 0, size);
  const row = (name: string, { oursMillis, peerMillis, ratio }: Comparison, peer: string): BenchRow => ({
    ...{ name, ours: timeText(oursMillis), peer: `${timeText(peerMillis)} ${peer}` },
    ...{ ratio: `${((ratio - 1) * 100).toFixed(2)} %`, goal: "", met: undefined },
  });
  const percentOf = ({ ratio }: Comparison): number => (ratio - 1) * 100;
  return [
    {
      ...row(onRow, on, "off"),
      ours: `${timeText(on.oursMillis)}, ${Math.round(eventCount)} events`,
      goal: `< ${percentMax} % more than off`,
      met: percentOf(on) < percentMax,
    },
    {
      ...row(offRow, off, "without a trace"),
      goal: `not measurable (within ${noisePercentMax} %)`,
      met: percentOf(off) <= noisePercentMax,
    },
  ];
}
