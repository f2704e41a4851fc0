/**
 * Garbage of a steady tick: bytes allocated on the heap a tick, by V8's own count of all that this
 * thread ever allocated, over thousands of frames of one tick with 300 moving bodies, forces and a
 * snapshot. Nothing spawns. The peer is the bare Rapier loop with as many bodies. The warm-up is long
 * because V8 allocates while it still compiles.
 */
import { getHeapStatistics } from "node:v8";
import * as rapier from "@dimforge/rapier3d-compat";
import { ExternalForce } from "../../engine/physics/components.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { snapshotSubsystem } from "../../engine/snapshot/subsystem.ts";
import { Position } from "../../engine/transform/components.ts";
import { type BenchSize, median, startEngine } from "./measure.ts";
import { BarePile, pileGame } from "./pile.ts";
import { type BenchGroup, type BenchRow, bytesText } from "./row.ts";

const name = "garbage in a steady tick";
const bytesMax = 2_000;

export const garbage: BenchGroup = { rowNames: [name], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const boxCount = size === "whole" ? 300 : 4;
  const { warmUpCount, roundCount, tickCount } =
    size === "whole"
      ? { warmUpCount: 2_500, roundCount: 3, tickCount: 1_000 }
      : { warmUpCount: 2, roundCount: 1, tickCount: 2 };
  const push = defineSystem({
    name: "push",
    phase: "gameplay",
    query: [ExternalForce, Position],
    reads: [Position],
    writes: [ExternalForce],
    run({ entities, columns: { ExternalForce, Position } }) {
      const { x, z } = ExternalForce;
      for (let i = 0; i < entities.length; i++) {
        const e = entities[i]!;
        x[e] = -2 * Position.z[e]!;
        z[e] = 2 * Position.x[e]!;
      }
    },
  });
  const game = pileGame(boxCount, { systems: [push] }, [ExternalForce]);
  const engine = await startEngine(game);
  engine.of(snapshotSubsystem).want();
  const bare = new BarePile(rapier, boxCount);
  for (let tick = 0; tick < warmUpCount; tick++) {
    engine.step();
    bare.step();
  }
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < roundCount; round++) {
    ours.push(allocatedBy(() => engine.step(), tickCount));
    peer.push(allocatedBy(() => bare.step(), tickCount));
  }
  engine.dispose();
  bare.free();
  const bytes = median(ours);
  return [
    {
      name,
      ours: bytesText(bytes),
      peer: `${bytesText(median(peer))} bare loop`,
      ratio: "",
      goal: `<= ${bytesText(bytesMax)}`,
      met: bytes <= bytesMax,
    },
  ];
}

/** Bytes a call of `act` allocates, without those of counting. V8 counts in blocks, so many calls are needed. */
export function allocatedBy(act: () => void, callCount: number): number {
  const first = getHeapStatistics().total_allocated_bytes;
  const before = getHeapStatistics().total_allocated_bytes;
  for (let call = 0; call < callCount; call++) act();
  const after = getHeapStatistics().total_allocated_bytes;
  return (after - before - (before - first)) / callCount;
}
