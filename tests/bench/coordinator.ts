/**
 * What the coordinator costs: a frame of one tick with 64 systems that do nothing, against calling 64
 * empty functions. It holds timing, event tables, the door, the structure phase and the hash of an
 * almost empty world.
 */
import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import { defineGame } from "../../engine/game.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { type BenchSize, compare, keep, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, timeText } from "./row.ts";

const name = "coordinator, 64 empty systems";
const systemCount = 64;
const microsMax = 30;

const Mark = defineComponent("Mark", { value: f32 });

export const coordinator: BenchGroup = { rowNames: [name], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const ticksPerRound = size === "whole" ? 200 : 2;
  let callCount = 0;
  const systems = Array.from({ length: systemCount }, (_, number) =>
    defineSystem({
      name: `empty-${number}`,
      phase: "gameplay",
      query: [Mark],
      reads: [Mark],
      run() {
        callCount++;
      },
    }),
  );
  const engine = await startEngine(
    defineGame({
      id: "bench-empty",
      tickRate: 60,
      components: [Mark],
      systems,
      setup: ({ commands }) => void commands.spawn(Mark),
    }),
  );
  const functions = Array.from({ length: systemCount }, () => () => {
    callCount++;
  });
  const { oursMillis, peerMillis, ratio } = compare({
    ...(size === "whole" ? { warmUpCount: 20, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 }),
    ours: () => {
      for (let i = 0; i < ticksPerRound; i++) engine.step();
    },
    peer: () => {
      for (let i = 0; i < ticksPerRound; i++) for (let f = 0; f < systemCount; f++) functions[f]!();
    },
  });
  keep(callCount);
  const tickMillis = oursMillis / ticksPerRound;
  if (callCount !== engine.world.tickCount * systemCount * 2) throw new Error(`${callCount} calls were made`);
  engine.dispose();
  return [
    {
      name,
      ours: `${timeText(tickMillis)} a tick`,
      peer: `${timeText(peerMillis / ticksPerRound)} 64 empty calls`,
      ratio: `${ratio.toFixed(1)}x`,
      goal: `<= ${microsMax} us a tick`,
      met: tickMillis * 1_000 <= microsMax,
    },
  ];
}
