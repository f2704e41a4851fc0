/**
 * Garbage of a steady frame with everything on: a tick with 300 bodies, the snapshot, the jobs of presentation with
 * sparks flying, and the packet. Bytes that the coordinator's thread allocates a frame, by V8's own count, alone and
 * with a worker beside it. Nothing spawns.
 */
import { Light } from "../../engine/render/light.ts";
import { Renderable } from "../../engine/render/look.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { Position } from "../../engine/transform/components.ts";
import { type CrewScenario, measureWithCrew } from "./crew.ts";
import { allocatedBy } from "./garbage.ts";
import { median } from "./measure.ts";
import { pileGame } from "./pile.ts";
import { type BenchGroup, bytesText } from "./row.ts";
import { memorySink, presentation, Spark, viewOf } from "./shown-game.ts";

const names = ["garbage in a steady frame, no worker", "garbage in a steady frame, 1 worker"] as const;
const bytesMax = 2_000;

/** Ticks between two bursts of sparks: some always fly, and the garbage of emitting an event is not the frame's. */
const sprayEvery = 8;

const spray = defineSystem({
  name: "spray",
  phase: "gameplay",
  query: [Renderable, Position],
  reads: [Position],
  emits: [Spark],
  run({ entities, columns: { Position }, events, tick }) {
    if (tick % sprayEvery !== 0) return;
    const e = entities[tick % entities.length]!;
    events.Spark.emit({ x: Position.x[e]!, y: Position.y[e]!, z: Position.z[e]! });
  },
});

export const frameGarbageScenario: CrewScenario<number> = {
  name: "frame garbage",
  game: (size) =>
    pileGame(size === "whole" ? 300 : 4, { systems: [spray], events: [Spark], view: viewOf(true) }, [
      Renderable,
      Light,
    ]),
  async measure({ size, game, start }) {
    const { warmUpCount, roundCount, frameCount } =
      size === "whole"
        ? { warmUpCount: 2_500, roundCount: 3, frameCount: 1_000 }
        : { warmUpCount: 2, roundCount: 1, frameCount: 2 };
    const sink = memorySink(4_000_000);
    const engine = await start({ subsystems: presentation(game.view!, sink) });
    for (let frame = 0; frame < warmUpCount; frame++) engine.step();
    const bytes = Array.from({ length: roundCount }, () => allocatedBy(() => engine.step(), frameCount));
    if (sink.packetCount < frameCount) throw new Error("frames made no packets");
    engine.dispose();
    return median(bytes);
  },
};

export const frameGarbage: BenchGroup = {
  rowNames: names,
  async run(size) {
    const rows = [];
    for (const [workerCount, name] of names.entries()) {
      const bytes = await measureWithCrew(frameGarbageScenario, workerCount, size);
      rows.push({
        ...{ name, ours: bytesText(bytes), peer: "", ratio: "" },
        goal: `<= ${bytesText(bytesMax)}`,
        met: bytes <= bytesMax,
      });
    }
    return rows;
  },
};
