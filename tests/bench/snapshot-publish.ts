/**
 * Publishing a snapshot of 100,000 entities against a plain copy of as many bytes between two shared
 * memories in one piece. Every shared column has changed, and both sides take turns with two targets,
 * as the ring does.
 */
import { defineGame } from "../../engine/game.ts";
import { snapshotSubsystem } from "../../engine/snapshot/subsystem.ts";
import { SnapshotWriter } from "../../engine/snapshot/writer.ts";
import { Position, WorldTransform } from "../../engine/transform/components.ts";
import { agree, type BenchSize, compare, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, rateText } from "./row.ts";

const name = "snapshot publish, 100,000 entities";
const percentMin = 60;

export const snapshotPublish: BenchGroup = { rowNames: [name], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const entityCount = size === "whole" ? 100_000 : 100;
  const engine = await startEngine(
    defineGame({
      id: "bench-snapshot",
      tickRate: 60,
      limits: { entities: entityCount + 1, commandsPerTick: entityCount + 1 },
      components: [],
      systems: [],
      setup({ commands, random }) {
        for (let i = 0; i < entityCount; i++)
          commands.spawn(Position.of({ x: random.between(-9, 9), y: i, z: 0 }), WorldTransform);
      },
    }),
  );
  const { world } = engine;
  engine.step();
  const writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
  const slot = writer.publish();
  const pinned = writer.ring.pin();
  const published = writer.viewOf(slot).columnsOf(WorldTransform).matrix;
  agree(name, published, world.store.columnsOf(WorldTransform)["matrix"]!);
  writer.ring.unpin(pinned);

  const bytes = writer.copiedBytes;
  const source = new Uint8Array(world.arena.buffer, 0, bytes);
  const targets = [0, 1].map(() => new Uint8Array(new SharedArrayBuffer(bytes)));
  const number = world.store.numberOf(WorldTransform);
  let round = 0;
  const { oursMillis, peerMillis, ratio } = compare({
    ...(size === "whole" ? { warmUpCount: 20, roundCount: 200 } : { warmUpCount: 1, roundCount: 2 }),
    prepare: () => {
      round++;
      world.store.changed[number] = world.tickCount + round;
    },
    ours: () => {
      if (writer.publish() < 0) throw new Error("no slot was free");
    },
    peer: () => targets[round & 1]!.set(source),
  });
  if (writer.copiedBytes !== bytes) throw new Error(`copied ${writer.copiedBytes} bytes instead of ${bytes}`);
  agree(name, targets[0]!.subarray(0, 1_000), source.subarray(0, 1_000));
  engine.dispose();
  const percent = 100 / ratio;
  return [
    {
      name,
      ours: rateText(bytes, oursMillis),
      peer: `${rateText(bytes, peerMillis)} plain copy`,
      ratio: `${percent.toFixed(0)} %`,
      goal: `>= ${percentMin} % of plain copy speed`,
      met: percent >= percentMin,
    },
  ];
}
