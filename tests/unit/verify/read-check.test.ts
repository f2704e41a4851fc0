/**
 * Reads on trial: a system that smuggles a read of what a later one writes is named with it, by whatever way it came to
 * the column; declared reads, and worlds with a memory of their own, accuse nobody; the engine is as it was.
 */
import { afterEach, describe, expect, test } from "vitest";
import type { Fault, FaultError } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, type ReadonlyColumn, u8 } from "../../../engine/ecs/field.ts";
import type { Engine } from "../../../engine/engine.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { ReadCheck } from "../../../runtime/verify/read-check.ts";
import { emptyGame, makeEngine, smallGame, stepHashes } from "../engine/small-game.ts";

const Tide = defineComponent("Tide", { height: f32, isHigh: u8 });
const Gauge = defineComponent("Gauge", { height: f32 });

let engine: Engine | undefined;
afterEach(() => {
  engine?.dispose();
  engine = undefined;
});

/** The tide's column, kept by the system that owns it for whoever wants it. */
let kept: ReadonlyColumn | undefined;

const tide = defineSystem({
  name: "tide",
  phase: "gameplay",
  query: [Tide],
  writes: [Tide],
  run({ entities, columns, tick }) {
    kept = columns.Tide.height;
    for (const e of entities) {
      columns.Tide.height[e] = tick % 7;
      columns.Tide.isHigh[e] = tick % 7 > 3 ? 1 : 0;
    }
  },
});

async function started(...systems: readonly object[]): Promise<Engine> {
  kept = undefined;
  engine = makeEngine({
    ...emptyGame,
    components: [Tide, Gauge],
    systems: [tide, ...(systems as (typeof tide)[])],
    setup: ({ commands }) => {
      for (let i = 0; i < 3; i++) commands.spawn(Tide, Gauge.of({ height: i }));
    },
  });
  await engine.start();
  return engine;
}

function faultOf(act: () => void): Fault | undefined {
  try {
    act();
  } catch (thrown) {
    return (thrown as FaultError).fault;
  }
  return undefined;
}

describe("the reads of a tick", () => {
  test("a column that a later system left lying about is found, with both systems and what came of it", async () => {
    const world = await started(
      defineSystem({
        name: "peep",
        phase: "gameplay",
        query: [Gauge],
        writes: [Gauge],
        run({ entities, columns }) {
          columns.Gauge.height[entities[1]!] = kept?.[entities[1]!] ?? 0;
        },
      }),
    );
    stepHashes(world, 5);
    expect(faultOf(() => new ReadCheck(world).look())).toEqual({
      kind: "undeclared-read",
      fields: {
        ...{ system: "peep", phase: "gameplay", component: "Tide", field: "height", writer: "tide" },
        ...{ result: "Gauge.height of entity 3", entity: 3, tick: 6 },
      },
    });
  });

  test("a declared read with an order accuses nobody, and the engine is as it was, to the last hash", async () => {
    const reader = defineSystem({
      ...{ name: "read", phase: "gameplay", query: [Gauge, Tide], reads: [Tide], writes: [Gauge], before: ["tide"] },
      run({ entities, columns }) {
        for (const e of entities) columns.Gauge.height[e] = columns.Tide.height[e]!;
      },
    });
    const line = stepHashes(await started(reader), 12);
    engine!.dispose();
    const world = await started(reader);
    const hashes = stepHashes(world, 5);
    const check = new ReadCheck(world);
    for (let tick = 5; tick < 12; tick++) {
      check.look();
      expect(world.world.tickCount).toBe(tick);
      hashes.push(...stepHashes(world, 1));
    }
    expect(hashes).toEqual(line);
  });

  test("a world with a memory of its own is for other modes", async () => {
    let count = 0;
    const world = await started(
      defineSystem({
        ...{ name: "remember", phase: "gameplay", query: [Gauge], writes: [Gauge] },
        run({ entities, columns }) {
          columns.Gauge.height[entities[0]!] = ++count;
        },
      }),
    );
    stepHashes(world, 2);
    expect(faultOf(() => new ReadCheck(world).look())).toBeUndefined();
  });

  test("the engine's own systems read what they declare", async () => {
    engine = makeEngine(smallGame);
    await engine.start();
    stepHashes(engine, 25);
    const check = new ReadCheck(engine);
    const { hash } = engine.world;
    const before = hashHex(hash.high, hash.low);
    expect(faultOf(() => check.look())).toBeUndefined();
    expect(hashHex(hash.high, hash.low)).toBe(before);
  });
});
