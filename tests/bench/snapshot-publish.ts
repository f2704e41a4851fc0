/**
 * Publishing a snapshot of 100,000 entities with eight shared columns of 16 bytes, when none, one, half and all of
 * them have changed, against a plain copy of as many bytes between two shared memories in one piece. Both sides
 * take turns with two targets, as the ring does. What is copied is checked against what has changed.
 */
import type { Component } from "../../engine/ecs/component.ts";
import { defineComponent } from "../../engine/ecs/component.ts";
import { array, f32 } from "../../engine/ecs/field.ts";
import { defineGame } from "../../engine/game.ts";
import type { World } from "../../engine/sim/world.ts";
import { snapshotSubsystem } from "../../engine/snapshot/subsystem.ts";
import { SnapshotWriter } from "../../engine/snapshot/writer.ts";
import { agree, type BenchSize, type Comparison, compare, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, bytesText, rateText, timeText } from "./row.ts";

const percentMin = 60;
const columnBytes = 16;
const pieces: readonly Component[] = Array.from({ length: 8 }, (_, number) =>
  defineComponent(`Piece${number}`, { value: array(f32, columnBytes / 4) }, { shared: true }),
);

const cases = [
  { name: "snapshot publish, nothing changed", changedCount: 0 },
  { name: "snapshot publish, 1 of 8 columns changed", changedCount: 1 },
  { name: "snapshot publish, half of the columns changed", changedCount: 4 },
  { name: "snapshot publish, all columns changed", changedCount: 8 },
] as const;

export const snapshotPublish: BenchGroup = { rowNames: cases.map(({ name }) => name), run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const entityCount = size === "whole" ? 100_000 : 100;
  const engine = await startEngine(
    defineGame({
      id: "bench-snapshot",
      tickRate: 60,
      limits: { entities: entityCount + 1, commandsPerTick: entityCount + 1 },
      components: pieces,
      systems: [],
      setup({ commands }) {
        for (let i = 0; i < entityCount; i++)
          commands.spawn(...pieces.map((piece) => piece.of({ value: [i, 1, 2, 3] } as never)));
      },
    }),
  );
  const { world } = engine;
  engine.step();
  const writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
  const pinned = [0, 1, 2].map(() => {
    writer.publish();
    return writer.ring.pin();
  });
  agree(
    cases[3].name,
    writer.viewOf(pinned[2]!).columnsOf(pieces[7]!)["value"]!,
    world.store.columnsOf(pieces[7]!)["value"]!,
  );
  for (const slot of pinned) writer.ring.unpin(slot);

  const rows = cases.map(({ name, changedCount }) => {
    markChanged(world, changedCount);
    // Index 0 is nobody and 1 is the world itself, so as many slots more are in use.
    return rowOf(name, writer, changedCount * (entityCount + 2) * columnBytes, size);
  });
  engine.dispose();
  return rows;
}

/** Says of the first `count` columns that they have changed after every snapshot, and of all else that it has not. */
function markChanged(world: World, count: number): void {
  const { spans, changedTicks } = world.hash;
  changedTicks.fill(0);
  for (let number = 0; number < count; number++)
    changedTicks[spans.findIndex(({ name }) => name === `Piece${number}.value`)] = world.tickCount + 1;
}

function rowOf(name: string, writer: SnapshotWriter, bytes: number, size: BenchSize): BenchRow {
  const source = new Uint8Array(new SharedArrayBuffer(bytes)).fill(1);
  const targets = [0, 1].map(() => new Uint8Array(new SharedArrayBuffer(bytes)));
  let round = 0;
  const comparison = compare({
    ...(size === "whole" ? { warmUpCount: 20, roundCount: 150 } : { warmUpCount: 3, roundCount: 2 }),
    prepare: () => void round++,
    ours: () => {
      if (writer.publish() < 0) throw new Error("no slot was free");
    },
    peer: () => targets[round & 1]!.set(source),
  });
  if (writer.copiedBytes !== bytes) throw new Error(`copied ${writer.copiedBytes} bytes instead of ${bytes}`);
  return bytes === 0 ? emptyRow(name, comparison) : copyRow(name, comparison, bytes);
}

function emptyRow(name: string, { oursMillis }: Comparison): BenchRow {
  return { name, ours: timeText(oursMillis), peer: "no bytes to copy", ratio: "", goal: "", met: undefined };
}

function copyRow(name: string, { oursMillis, peerMillis, ratio }: Comparison, bytes: number): BenchRow {
  const percent = 100 / ratio;
  return {
    name,
    ours: `${timeText(oursMillis)} for ${bytesText(bytes)}, ${rateText(bytes, oursMillis)}`,
    peer: `${rateText(bytes, peerMillis)} plain copy`,
    ratio: `${percent.toFixed(0)} %`,
    goal: `>= ${percentMin} % of plain copy speed`,
    met: percent >= percentMin,
  };
}
