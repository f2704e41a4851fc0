/** Hash rings through swaps: the same leaves go on in the same ring, others in one of their own, and a way back finds its own. */
import { afterEach, expect, test } from "vitest";
import { type HashRing, hashRingSubsystem } from "../../../engine/audit/hash-ring.ts";
import { HashShape } from "../../../engine/audit/hash-tree.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { encodeTrees, RecordedTrees } from "../../../runtime/flight/recorded-trees.ts";
import { TreeRings } from "../../../runtime/flight/tree-rings.ts";
import { tumble } from "../../games/tumble.ts";
import { alsoRunning } from "../../games/variants.ts";

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** A run whose rings another thread would be told of. */
function watched() {
  const rings = new TreeRings();
  const told: { readonly ring: HashRing; readonly afterTick: number }[] = [];
  const definition = hashRingSubsystem({
    onRing(ring, afterTick) {
      told.push({ ring, afterTick });
      rings.add({ buffer: ring.buffer, leafNames: ring.shape.leafNames, afterTick });
    },
  });
  const engineOf = (game: Game, before?: Engine): Engine => {
    const ports = { clock: new ManualClock() };
    const options = { seed: 3, subsystems: [definition], isSuccessor: before !== undefined };
    const engine = new Engine(game, before === undefined ? ports : successorPorts(before, ports), options);
    engines.push(engine);
    return engine;
  };
  const swap = async (before: Engine, game: Game): Promise<Swap> => {
    const made = new Swap(before, engineOf(game, before), game);
    await made.allocate();
    made.commit();
    return made;
  };
  /** First tick, last tick and number of leaves of each segment from `tick` on. */
  const segments = (tick: number): number[][] =>
    rings.segments(tick).map(({ leafNames, rows }) => [rows[0]!.tick, rows.at(-1)!.tick, leafNames.length]);
  return { rings, told, engineOf, swap, segments };
}

function make(engine: Engine, count: number): void {
  for (let i = 0; i < count; i++) engine.step();
}

const [arms] = tumble.systems.filter(({ name }) => name === "swing-arms");
/** Tumble with a system more, and so with a leaf more: that of its random stream. */
const larger: Game = {
  ...tumble,
  systems: [...tumble.systems, { ...arms!, name: "swing-more", after: ["swing-arms"], run() {} }],
};

test("the same leaves: one ring, through a swap and back", async () => {
  const { told, engineOf, swap, segments } = watched();
  const engine = engineOf(tumble);
  await engine.start();
  make(engine, 10);
  const made = await swap(
    engine,
    alsoRunning("swing-arms", () => {}),
  );
  make(made.after, 5);
  const { leafCount } = told[0]!.ring.shape;
  expect(segments(3)).toEqual([[3, 15, leafCount]]);
  made.undo([]);
  make(made.before, 2);
  expect([told.length, segments(1)]).toEqual([1, [[1, 12, leafCount]]]);
});

test("other leaves: a ring of their own from the swap on, and the old one again where the swap is taken back", async () => {
  const { rings, told, engineOf, swap, segments } = watched();
  const engine = engineOf(tumble);
  await engine.start();
  make(engine, 10);
  const made = await swap(engine, larger);
  make(made.after, 6);
  const count = told[0]!.ring.shape.leafCount;
  expect(told.map(({ afterTick, ring }) => [afterTick, ring.shape.leafCount])).toEqual([
    [0, count],
    [10, count + 1],
  ]);
  expect(segments(4)).toEqual([
    [4, 10, count],
    [11, 16, count + 1],
  ]);
  const trees = new RecordedTrees(encodeTrees(rings.segments(1)));
  expect(trees.tickCount).toBe(16);
  expect(trees.difference(made.after.world)).toBeUndefined();
  made.undo([]);
  make(made.before, 3);
  expect(segments(4)).toEqual([
    [4, 10, count],
    [11, 13, count],
  ]);
});

test("bytes of trees are read back, and a world that goes another way is told by its leaves", async () => {
  const { rings, engineOf } = watched();
  const engine = engineOf(tumble);
  await engine.start();
  make(engine, 20);
  const bytes = encodeTrees(rings.segments(1));
  for (const length of [0, 3, 40, bytes.length - 1])
    expect(() => new RecordedTrees(bytes.subarray(0, length))).toThrow(RangeError);
  expect(() => new RecordedTrees(Uint8Array.of(...bytes, 0))).toThrow("1 bytes too many");
  const trees = new RecordedTrees(bytes);
  const other = engineOf(
    alsoRunning("swing-arms", ({ tick, random }) => {
      if (tick === 12) random.u32();
    }),
  );
  await other.start();
  const found: unknown[] = [];
  for (let tick = 1; tick <= 22; tick++) {
    other.step();
    const difference = trees.difference(other.world);
    if (difference !== undefined) found.push([difference.tick, difference.leaves, difference.leafCount]);
  }
  const { leafCount } = new HashShape(other.world);
  expect(found[0]).toEqual([12, ["stream of swing-arms"], leafCount]);
  // Past the record nothing is told.
  expect(found.length).toBe(9);
});
