/**
 * A tick with 1,000 bodies awake against bare loops that step Rapier and read every pose: one on the
 * same build, which shows what the engine adds, and one on the plain build, which shows what the choice
 * of build gives. The three piles run side by side, tick by tick.
 *
 * The engine's tick holds all of it: push and pull of poses, transforms, the search for NaN, the hash.
 */
import * as rapier from "@dimforge/rapier3d-compat";
import { Position, Rotation } from "../../engine/transform/components.ts";
import { packagedProgram } from "../../runtime/host/program.ts";
import { agree, type BenchSize, comparisonOf, millisOf, startEngine } from "./measure.ts";
import { BarePile, pileGame } from "./pile.ts";
import { type BenchGroup, type BenchRow, skippedRow, timeRow } from "./row.ts";

const bareRow = "tick with physics, 1,000 awake";
const plainRow = "tick with physics, plain Rapier";
const bareGoal = { ratioMax: 1.1, text: "<= 1.10x the bare loop" };
const plainGoal = { ratioMax: 0.4, text: "<= 0.4x the plain build" };
/** The pile falls and settles before anything is measured. */
const settleTickCount = 100;

export const physicsTick: BenchGroup = { rowNames: [bareRow, plainRow], run };

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const boxCount = size === "whole" ? 1_000 : 8;
  const tickCount = size === "whole" ? 240 : 10;
  const engine = await startEngine(pileGame(boxCount));
  const bare = new BarePile(rapier, boxCount);
  const plain = await plainPile(boxCount);
  const oursMillis: number[] = [];
  const bareMillis: number[] = [];
  const plainMillis: number[] = [];
  for (let tick = -settleTickCount; tick < tickCount; tick++) {
    const oursTook = millisOf(() => engine.step());
    const bareTook = millisOf(() => bare.step());
    const plainTook = plain === undefined ? 0 : millisOf(() => plain.step());
    if (tick < 0) continue;
    oursMillis.push(oursTook);
    bareMillis.push(bareTook);
    plainMillis.push(plainTook);
  }

  const position = engine.world.store.columnsOf(Position);
  const rotation = engine.world.store.columnsOf(Rotation);
  const columns = [...["x", "y", "z"].map((axis) => position[axis]!), ...["x", "y", "z", "w"].map((k) => rotation[k]!)];
  const firstBox = 3; // Behind Config and the floor.
  const ours = Float32Array.from({ length: boxCount * 7 }, (_, i) => columns[i % 7]![firstBox + Math.floor(i / 7)]!);
  agree(bareRow, ours, bare.poses);
  if (plain !== undefined) agree(plainRow, [meanHeight(ours)], [meanHeight(plain.poses)], 0.2);
  engine.dispose();
  bare.free();
  plain?.free();
  return [
    timeRow(bareRow, comparisonOf(oursMillis, bareMillis), "bare loop", bareGoal),
    plain === undefined
      ? skippedRow(plainRow, "the plain build is a package of the source tree", plainGoal.text)
      : timeRow(plainRow, comparisonOf(oursMillis, plainMillis), "plain build 0.21.0", plainGoal),
  ];
}

/** The pile on the plain build; undefined in an executable, which carries one build of Rapier only. */
async function plainPile(boxCount: number): Promise<BarePile | undefined> {
  if (packagedProgram() !== undefined) return undefined;
  // The name is no literal, so that no bundler follows it.
  const name = ["rapier", "plain"].join("-");
  const plain = (await import(name)) as typeof rapier;
  await plain.init();
  return new BarePile(plain, boxCount);
}

/** Builds differ in bits, so piles differ in places; as heaps they are alike. */
function meanHeight(poses: Float32Array): number {
  let sum = 0;
  for (let at = 1; at < poses.length; at += 7) sum += poses[at]!;
  return sum / (poses.length / 7);
}
