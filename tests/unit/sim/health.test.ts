/**
 * Health: NaN is a fault, an infinity a report in its window unless its component allows it, five a second at most; kernel
 * and TypeScript form find the same.
 */
import { describe, expect, test } from "vitest";
import { type FaultFields, faultMend, faultText, makeFault } from "../../../engine/base/faults.ts";
import { allocateShared } from "../../../engine/base/wasm.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { array, f32, f64 } from "../../../engine/ecs/field.ts";
import { bindKernels } from "../../../engine/kernels/kernels.ts";
import { findNonFinite, Health, type HealthReport, healthText } from "../../../engine/sim/health.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const Velocity = defineComponent("Velocity", { x: f32, y: f64 });
const Reach = defineComponent("Reach", { far: f32, near: f32 }, { infinite: ["far"] });
const Trail = defineComponent("Trail", { points: array(f32, 3) });

type Write = (world: World, tick: number) => void;

/** A world of 60 ticks a second whose one system writes as told; its reports are gathered. */
function writingWorld(write: Write, more: readonly AnySystem[] = []): { world: World; reports: HealthReport[] } {
  const reports: HealthReport[] = [];
  const world: World = smallWorld({
    components: [Velocity, Reach, Trail],
    systems: [
      defineSystem({
        name: "a-writer",
        phase: "gameplay",
        writes: [Velocity, Reach, Trail],
        run: ({ tick }) => write(world, tick),
      }),
      ...more,
    ],
    setup: ({ commands }) => {
      for (let i = 0; i < 4; i++) commands.spawn(Velocity, Reach, Trail);
    },
  });
  world.health.onReport = (report) => reports.push(report);
  return { world, reports };
}

const column = (world: World, component: typeof Velocity | typeof Reach | typeof Trail, field: string) =>
  world.store.columnsOf(component as never)[field]!;
const run = (world: World, tickCount: number): void => {
  for (let tick = 0; tick < tickCount; tick++) world.tick();
};

describe("an infinity", () => {
  test("is reported when its window is over, with component, field, entity, system and tick", () => {
    const { world, reports } = writingWorld((world, tick) => {
      if (tick === 14) column(world, Trail, "points")[3 * 3 + 1] = -Infinity;
      if (tick === 16) column(world, Velocity, "y").fill(Infinity, 2, 4);
      if (tick === 18) column(world, Velocity, "y").fill(0);
      if (tick === 18) column(world, Trail, "points").fill(0);
    });
    run(world, 22);
    expect(reports).toEqual([]);
    run(world, 60);
    const common = { system: "a-writer" };
    expect(reports).toEqual([
      {
        firstTick: 12,
        lastTick: 23,
        finds: [
          { ...common, component: "Trail", field: "points", entity: 3, count: 1, value: -Infinity, tick: 14 },
          { ...common, component: "Velocity", field: "y", entity: 2, count: 2, value: Infinity, tick: 16 },
        ],
        suppressedCount: 0,
      },
    ]);
    expect(healthText(reports[0]!)).toBe(
      'health, ticks 12 to 23: Trail.points of entity 3 is -Infinity after "a-writer" at tick 14; Velocity.y of entity 2 is Infinity after "a-writer" at tick 16 (and of 1 more elements)',
    );
  });

  test("that stays is reported five times a second and no more", () => {
    const { world, reports } = writingWorld((world) => {
      column(world, Velocity, "x")[2] = Infinity;
    });
    run(world, 600);
    const perSecond = Array.from(
      { length: 10 },
      (_, second) => reports.filter(({ lastTick }) => Math.floor(lastTick / 60) === second).length,
    );
    expect(perSecond).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
    expect(reports.every(({ finds }) => finds.length === 1 && finds[0]!.entity === 2)).toBe(true);
    expect(world.health.reportCount).toBe(50);
  });

  test("is a value like others in a field that allows it", () => {
    const { world, reports } = writingWorld((world, tick) => {
      column(world, Reach, "far").fill(Infinity, 2, 6);
      if (tick === 5) column(world, Reach, "near")[4] = Infinity;
      if (tick === 30) column(world, Reach, "far")[3] = Number.NaN;
    });
    run(world, 29);
    expect(reports.flatMap(({ finds }) => finds.map(({ field, entity }) => `${field} ${entity}`))).toEqual([
      "near 4",
      "near 4",
    ]);
    expect(faultOf(() => run(world, 1))).toEqual({
      kind: "not-a-number",
      fields: { component: "Reach", field: "far", entity: 3, system: "a-writer", tick: 30 },
    });
  });

  test("hides no NaN behind it", () => {
    const { world } = writingWorld((world, tick) => {
      column(world, Velocity, "x")[2] = Infinity;
      if (tick === 7) column(world, Velocity, "x")[5] = Number.NaN;
    });
    expect(faultOf(() => run(world, 10)).fields).toMatchObject({ field: "x", entity: 5, tick: 7 });
  });

  test("in more columns than a report has room for is counted", () => {
    const many = Array.from({ length: 11 }, (_, number) => defineComponent(`Many${number}`, { value: f32 }));
    const reports: HealthReport[] = [];
    const world = smallWorld({
      components: many,
      systems: [
        defineSystem({
          name: "fill",
          phase: "gameplay",
          writes: many,
          run: ({ columns }) => {
            for (const of of Object.values(columns as Record<string, { value: Float32Array }>)) of.value[2] = Infinity;
          },
        }),
      ],
      setup: ({ commands }) => {
        commands.spawn(...many);
      },
    });
    world.health.onReport = (report) => reports.push(report);
    run(world, 11);
    expect(reports.map(({ finds, suppressedCount }) => [finds.length, suppressedCount])).toEqual([[8, 3]]);
    expect(world.health.suppressedCount).toBe(3);
  });

  test("does not change a hash", () => {
    const write: Write = (world) => {
      column(world, Velocity, "x")[2] = Infinity;
    };
    const silent = writingWorld(write).world;
    const heard = writingWorld(write).world;
    silent.health.onReport = undefined;
    run(silent, 40);
    run(heard, 40);
    expect([silent.hash.low, silent.hash.high]).toEqual([heard.hash.low, heard.hash.high]);
  });
});

test("a field that does not exist cannot be allowed to be infinite", () => {
  expect(faultOf(() => defineComponent("Wide", { x: f32 }, { infinite: ["y"] }))).toMatchObject({
    kind: "unknown-name",
    fields: { what: "field", name: "y", where: "Wide" },
  });
});

test("the kernels find what their twin finds, in columns of random bits", () => {
  const draws = new Draws(testSeed("health"));
  const memory = allocateShared(65_536);
  const kernels = bindKernels(memory);
  const at = 4_096;
  const words = new Uint32Array(memory.buffer, at, 256);
  const forms = [
    [new Float32Array(memory.buffer, at, 256), kernels.findNonFinite32],
    [new Float64Array(memory.buffer, at, 128), kernels.findNonFinite64],
  ] as const;
  const exponents = [0x7f800000, 0xff800000, 0x7ff00000, 0xfff00000, 0x7f7fffff, 0x7fefffff, 0x80000000];
  for (let round = 0; round < 2_000; round++) {
    words.fill(0);
    for (let i = draws.below(4); i > 0; i--)
      words[draws.below(256)] = draws.below(2) === 0 ? draws.pick(exponents) : draws.u32();
    for (const [column, find] of forms) {
      const first = findNonFinite(column, 0, column.length);
      const block = first < 0 ? -1 : Math.floor((first * column.BYTES_PER_ELEMENT) / 64) * 64;
      expect(find(at, 1_024)).toBe(block);
    }
  }
});

test("without kernels the same is reported", () => {
  const { world, reports } = writingWorld(() => {});
  const plain = new Health(world.store, undefined, 60);
  const heard: HealthReport[] = [];
  plain.onReport = (report) => heard.push(report);
  const points = column(world, Velocity, "x");
  const watched = (world as unknown as { readonly store: World["store"] }).store;
  const one = {
    ...{ component: "Velocity", field: "x", column: points, length: 1, slotBytes: 4, isDouble: false },
    ...{ componentNumber: watched.numberOf(Velocity), mayBeInfinite: false, seenWindow: -1 },
  };
  points[3] = Infinity;
  plain.check([one], "a-writer", 5);
  for (let tick = 5; tick < 12; tick++) plain.tickDone(tick);
  expect(heard.map(({ finds }) => finds[0]!.entity)).toEqual([3]);
  expect(reports).toEqual([]);
});

describe("a NaN that nobody declares", () => {
  /** "spoil" writes Velocity.y without declaring it; "follow" computes Reach of Velocity. */
  function spoiled(victim: number, reads: readonly (typeof Velocity)[]): World {
    const world: World = smallWorld({
      components: [Velocity, Reach, Trail],
      systems: [
        defineSystem({
          name: "spoil",
          phase: "gameplay",
          run: ({ tick }) => {
            if (tick === 5) column(world, Velocity, "y")[victim] = Number.NaN;
          },
        }),
        defineSystem({
          name: "follow",
          phase: "gameplay",
          after: ["spoil"],
          reads,
          writes: [Reach],
          run: ({ tick }) => {
            if (tick === 5) column(world, Reach, "far")[3] = column(world, Velocity, "y")[victim]! + 1;
          },
        }),
      ],
      setup: ({ commands }) => {
        for (let i = 0; i < 4; i++) commands.spawn(Velocity, Reach, Trail);
      },
    });
    return world;
  }
  const accused = { component: "Reach", field: "far", entity: 3, system: "follow", tick: 5 };

  test.each([3, 4])("is named as the source of that in the column behind which it is found: of entity %d", (victim) => {
    const { fields } = faultOf(() => run(spoiled(victim, [Velocity]), 5));
    expect(fields).toEqual({ ...accused, source: `Velocity.y of entity ${victim}` });
    const fault = makeFault("not-a-number", fields as FaultFields<"not-a-number">);
    expect(faultText(fault)).toBe(
      `System "follow" left NaN in Reach.far of entity 3 at tick 5. Velocity.y of entity ${victim}, which it reads, was NaN before; no system that declares to write it left that there.`,
    );
    expect(faultMend(fault)).toBe(
      "Run with --audit, or the black box with `replay run --audit`: that names the system that wrote Velocity.y without declaring it.",
    );
  });

  test("is not claimed where the system does not read it", () => {
    expect(faultOf(() => run(spoiled(3, []), 5)).fields).toEqual(accused);
  });
});
