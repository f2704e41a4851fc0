/**
 * Audit mode: each kind of breach is a fault that names writer, place, tick and both values; a clean world is never
 * accused, and flips of random bits at random moments are found exactly where they were planted.
 */
import { describe, expect, test } from "vitest";
import { Auditor } from "../../../engine/audit/auditor.ts";
import { observeTicks } from "../../../engine/audit/observers.ts";
import { stateParts, usedElements } from "../../../engine/audit/state-map.ts";
import { auditSubsystem } from "../../../engine/audit/subsystem.ts";
import { type FaultError, faultText } from "../../../engine/base/faults.ts";
import type { PhaseName } from "../../../engine/base/phases.ts";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { f32, mat4, u8, u16 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { SubsystemDefinition } from "../../../engine/sim/subsystem.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf, type SmallWorldOptions, smallWorld } from "../small-world.ts";

const Velocity = defineComponent("Velocity", { x: f32, y: f32 });
const Spot = defineComponent("Spot", { at: f32 }, { writtenIn: ["transforms"] });
const Sum = defineComponent("Sum", { total: u16 }, { writer: "add-up" });
const Bulk = defineComponent("Bulk", { matrix: mat4, kind: u8 });
const Hit = defineEvent("Hit", { points: u8 });

/** What a planted mistake may reach: the world, smuggled past the context. */
let smuggled: World;
const raw = (component: typeof Velocity | typeof Spot | typeof Sum | typeof Bulk, field: string) =>
  smuggled.store.columnsOf(component as never)[field]!;

function plantedWorld(mistake: (context: { readonly tick: number }) => void, options: SmallWorldOptions = {}): World {
  const move = defineSystem({
    name: "move",
    phase: "gameplay",
    query: [Velocity],
    writes: [Velocity],
    run(context) {
      const { x } = context.columns.Velocity;
      for (const e of context.entities) x[e] = x[e]! + context.random.unit();
      if (context.tick === 3) mistake(context);
    },
  });
  const listen = defineSystem({
    name: "listen",
    phase: "gameplay",
    after: ["move"],
    hears: [Hit],
    run({ events, tick, random }) {
      random.u32();
      if (tick === 4) (events.Hit as unknown as { emit(row: object): void }).emit({ points: 5 });
    },
  });
  const addUp = defineSystem({ name: "add-up", phase: "gameplay", after: ["listen"], writes: [Sum], run() {} });
  const world = smallWorld({
    components: [Velocity, Spot, Sum, Bulk],
    events: [Hit],
    systems: [move, listen, addUp],
    setup: ({ commands }) => {
      commands.spawn(Velocity.of({ x: 1 }), Spot, Sum.of({ total: 3 }));
      commands.spawn(Bulk);
    },
    ...options,
  });
  smuggled = world;
  observeTicks(world, new Auditor(world));
  return world;
}

/** The fault of the first tick that fails, as its text. */
function accusation(world: World, tickCount = 3): string {
  const fault = faultOf(() => {
    for (let tick = 0; tick < tickCount; tick++) world.tick();
  });
  return `${fault.kind} ${faultText(fault)}`;
}

describe("a system in audit mode", () => {
  test("writes a column that it does not declare", () => {
    const world = plantedWorld(() => {
      raw(Bulk, "matrix")[3 * 16 + 5] = -0;
    });
    expect(accusation(world)).toBe(
      'undeclared-write System "move" (phase gameplay) wrote Bulk.matrix[5] of entity 3 at tick 3, which it does not declare: 0 (0x00000000) became -0 (0x80000000).',
    );
  });

  test("writes a column out of its phase", () => {
    const world = plantedWorld(() => {
      raw(Spot, "at")[2] = 1;
    });
    expect(accusation(world)).toBe(
      'write-out-of-phase System "move" (phase gameplay) wrote Spot.at of entity 2 at tick 3, but Spot is written in "transforms": 0 (0x00000000) became 1 (0x3f800000).',
    );
  });

  test("writes what another system alone may write", () => {
    const world = plantedWorld(() => {
      raw(Sum, "total")[2] = 4;
    });
    expect(accusation(world)).toBe(
      'write-out-of-phase System "move" (phase gameplay) wrote Sum.total of entity 2 at tick 3, but Sum is written in "input", "gameplay", by "add-up" alone: 3 (0x0003) became 4 (0x0004).',
    );
  });

  test("writes its own column, but a slot of an entity without the component", () => {
    const world = plantedWorld(() => {
      raw(Velocity, "y")[1] = 2;
    });
    expect(accusation(world)).toContain(
      "wrote Velocity.y of entity 1 at tick 3, but that entity has no Velocity: 0 (0x00000000) became 2 (0x40000000)",
    );
  });

  test("writes where no entity has had the component yet, which no hash covers", () => {
    const world = plantedWorld(() => {
      raw(Velocity, "y")[60] = 2;
    });
    expect(accusation(world)).toBe(
      "undeclared-write Some system wrote Velocity.y of entity 60 at tick 3, where no entity has had Velocity yet: 0 (0x00000000) became 2 (0x40000000).",
    );
  });

  test("changes structure past the commands", () => {
    const world = plantedWorld(() => smuggled.store.add(3, { component: Velocity, values: {} }, 3));
    expect(accusation(world)).toMatch(
      /^write-out-of-phase System "move" \(phase gameplay\) wrote Entities\.mask0 of entity 3 at tick 3, but Entities is written in "structure", by a command: /,
    );
  });

  test("draws from the stream of another system", () => {
    const streams = (): Uint32Array =>
      stateParts(smuggled).find(({ kind }) => kind === "random")!.elements as Uint32Array;
    const names = (): string[] => smuggled.steps.filter(({ kind }) => kind === "system").map(({ name }) => name);
    const world = plantedWorld(() => {
      streams()[names().indexOf("listen") * 4 + 1]! ^= 1;
    });
    expect(accusation(world)).toMatch(
      /^foreign-random System "move" \(phase gameplay\) drew from the random stream of "listen" at tick 3 \(word 1 of the random stream of listen\)\.$/,
    );
  });

  test("emits an event that it only hears", () => {
    expect(
      accusation(
        plantedWorld(() => {}),
        5,
      ),
    ).toMatch(
      /^undeclared-emission System "listen" \(phase gameplay\) changed the table of event Hit at tick 4 without declaring it/,
    );
  });

  test("reads what a later one writes: the plan refuses a pair without an order, and hands out nothing undeclared", () => {
    const reader = (declares: boolean): AnySystem =>
      defineSystem({
        name: "a-reader",
        phase: "gameplay",
        ...(declares ? { reads: [Velocity] } : {}),
        run(context) {
          const { columns } = context as unknown as { columns: Record<string, { x: Float32Array }> };
          columns["Velocity"]!.x[2];
        },
      });
    const writer = defineSystem({ name: "b-writer", phase: "gameplay", writes: [Velocity], run() {} });
    expect(faultOf(() => smallWorld({ components: [Velocity], systems: [reader(true), writer] }))).toMatchObject({
      kind: "order-ambiguous",
      fields: { first: "a-reader", second: "b-writer", column: "Velocity" },
    });
    const world = smallWorld({ components: [Velocity], systems: [reader(false), writer] });
    expect(faultOf(() => world.tick())).toMatchObject({
      kind: "system-threw",
      fields: { system: "a-reader", tick: 1 },
    });
  });
});

describe("between ticks", () => {
  test("a write is found, with the tick after which it came", () => {
    const world = plantedWorld(() => {});
    world.tick();
    raw(Velocity, "x")[2] = 9;
    const fault = faultOf(() => world.tick());
    expect(fault).toMatchObject({
      kind: "write-between-ticks",
      fields: {
        written: "Velocity.x of entity 2",
        tick: 1,
        after: "9 (0x41100000)",
        during: "before the next tick began",
      },
    });
  });

  test("a state that was replaced is no breach", () => {
    const world = smallWorld({
      components: [Velocity],
      setup: ({ commands }) => {
        commands.spawn(Velocity);
      },
    });
    const auditor = new Auditor(world);
    observeTicks(world, auditor);
    world.tick();
    world.store.columnsOf(Velocity)["x"]![2] = 1;
    auditor.rebase();
    world.tick();
    expect(auditor.checkedCount).toBeGreaterThan(4);
  });

  test("a part that writes in a stage is named by its stage", async () => {
    const vandal: SubsystemDefinition = {
      name: "vandal",
      create: () => {
        let world: World;
        return {
          start(host) {
            world = host.world;
          },
          stages: {
            assemble() {
              if (world.tickCount === 2) world.store.columnsOf(Velocity)["x"]![2] = 1;
            },
          },
        };
      },
    };
    const setup: SmallWorldOptions["setup"] = ({ commands }) => {
      commands.spawn(Velocity);
    };
    const game = { id: "small", tickRate: 60, components: [Velocity], systems: [], setup: setup! };
    const engine = new Engine(game, { clock: new ManualClock() }, { seed: 1, subsystems: [vandal, auditSubsystem()] });
    await engine.start();
    engine.step();
    expect(faultOf(() => engine.step())).toMatchObject({
      kind: "write-between-ticks",
      fields: { written: "Velocity.x of entity 2", tick: 2, during: "in stage assemble" },
    });
    engine.dispose();
  });
});

test("a whole game runs audited with the hashes of any run, and what is derived is checked each tick", async () => {
  const hashes: string[] = [];
  let derivedCount = 0;
  for (const subsystems of [[], [auditSubsystem({ checkDerived: () => void derivedCount++ })]]) {
    const engine = new Engine(tumble, { clock: new ManualClock() }, { seed: 5, subsystems });
    await engine.start();
    for (let tick = 0; tick < 120; tick++) engine.step();
    hashes.push(`${engine.world.hash.high} ${engine.world.hash.low}`);
    engine.dispose();
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(derivedCount).toBe(120);
});

test("random flips of one bit at random moments are found exactly, or are the writes that the step declares", () => {
  const draws = new Draws(testSeed("auditor"));
  const components = [Velocity, Bulk, Spot];
  const found: Record<string, number> = {};
  for (let round = 0; round < 150; round++) {
    const systems = (["input", "gameplay", "transforms"] as const).map((phase: PhaseName) =>
      defineSystem({
        name: `in-${phase}`,
        phase,
        writes: (phase === "transforms" ? [Spot] : [Velocity]) as readonly Component[],
        run() {},
      }),
    );
    const world = smallWorld({
      components,
      events: [Hit],
      systems,
      setup: ({ commands }) => {
        for (let i = 0; i < 6; i++) commands.spawn(Velocity.of({ x: i }), Bulk, Spot);
      },
    });
    const parts = stateParts(world).filter(
      (part) => part.kind === "column" && components.includes(part.component as never),
    );
    const part = draws.pick(parts);
    // Entity 1 is the Config entity and has none of the components.
    const element = draws.below(usedElements(part) - 2 * part.length) + 2 * part.length;
    const words = new Uint8Array(part.elements.buffer, part.elements.byteOffset, part.elements.byteLength);
    const byte = element * part.elements.BYTES_PER_ELEMENT + draws.below(part.elements.BYTES_PER_ELEMENT);
    const moments = ["between", ...world.steps.map(({ name }) => name)];
    const moment = draws.pick(moments);
    const flippedTick = 2 + draws.below(3);
    // Before the auditor in the list, so that the flip is part of the step.
    observeTicks(world, {
      tickBegins(tick) {
        if (moment === "between" && tick === flippedTick) words[byte]! ^= 1 << draws.below(8);
      },
      stepDone(step, tick) {
        if (step.name === moment && tick === flippedTick) words[byte]! ^= 1 << draws.below(8);
      },
      tickEnds() {},
    });
    observeTicks(world, new Auditor(world));
    let fault: FaultError["fault"] | undefined;
    try {
      for (let tick = 0; tick < 6; tick++) world.tick();
    } catch (thrown) {
      fault = (thrown as FaultError).fault;
    }
    const declared =
      moment === "structure" ||
      (part.component === (Velocity as unknown) && (moment === "in-input" || moment === "in-gameplay")) ||
      (part.component === (Spot as unknown) && moment === "in-transforms");
    const expected = declared
      ? undefined
      : moment === "between"
        ? "write-between-ticks"
        : moment !== "door" && (part.component === (Spot as unknown)) !== (moment === "in-transforms")
          ? "write-out-of-phase"
          : "undeclared-write";
    expect(fault?.kind, `${part.name}[${element}] in ${moment}`).toBe(expected);
    found[expected ?? "declared"] = (found[expected ?? "declared"] ?? 0) + 1;
    if (fault !== undefined)
      expect(fault.fields).toMatchObject({
        component: part.owner,
        field: part.field,
        entity: Math.floor(element / part.length),
        tick: moment === "between" ? flippedTick - 1 : flippedTick,
      });
  }
  expect(Object.keys(found).sort()).toEqual([
    "declared",
    "undeclared-write",
    "write-between-ticks",
    "write-out-of-phase",
  ]);
});
