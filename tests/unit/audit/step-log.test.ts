/**
 * The step log names the step, the entity and both values of every element that changes in a tick, and no other; against
 * a brute-force log that each random system keeps of its own writes.
 */
import { expect, test } from "vitest";
import { valueText } from "../../../engine/audit/state-map.ts";
import { type StepChange, StepLog, writerText } from "../../../engine/audit/step-log.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, f64, mat4, u8 } from "../../../engine/ecs/field.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf, smallWorld } from "../small-world.ts";

const Velocity = defineComponent("Velocity", { x: f32, y: f32 });
const Health = defineComponent("Health", { points: u8 });
const Bulk = defineComponent("Bulk", { matrix: mat4, mass: f64 });
const Hit = defineEvent("Hit", { points: u8 });

const text = ({ tick, step, place, before, after, beforeBits, afterBits }: StepChange): string =>
  `${tick} ${writerText(step)}: ${place} ${valueText(before)} ${beforeBits} -> ${valueText(after)} ${afterBits}`;

test("every element that a tick changes is listed with its writer, both values and their bits", () => {
  const push = defineSystem({
    name: "push",
    phase: "gameplay",
    query: [Velocity],
    writes: [Velocity],
    emits: [Hit],
    run({ entities, columns: { Velocity }, tick, random, events, commands, world }) {
      for (const e of entities) Velocity.x[e] = tick === 2 ? -0 : 1.5;
      if (tick !== 2) return;
      random.u32();
      events.Hit.emit({ points: 7 });
      commands.add(world.handleOf(entities[0]!), Health.of({ points: 9 }));
    },
  });
  const brake = defineSystem({
    name: "brake",
    phase: "gameplay",
    after: ["push"],
    query: [Velocity],
    writes: [Velocity],
    run({ entities, columns: { Velocity } }) {
      for (const e of entities) if (Object.is(Velocity.x[e], -0)) Velocity.x[e] = 0;
    },
  });
  const world = smallWorld({
    components: [Velocity, Health],
    events: [Hit],
    systems: [push, brake],
    setup: ({ commands }) => {
      commands.spawn(Velocity.of({ x: 1.5 }));
    },
  });
  const log = new StepLog(world);
  world.tick();
  expect(log.changes.map(text)).toEqual([]);
  world.tick();
  const random = log.changes.filter(({ part }) => part.kind === "random");
  expect(random.length).toBeGreaterThan(0);
  expect(random.every(({ place }) => place.endsWith("of the random stream of push"))).toBe(true);
  const rest = log.changes.filter(({ part }) => part.kind !== "random" && part.kind !== "structure");
  expect(rest.map(text)).toEqual([
    '2 system "push" (gameplay): Velocity.x of entity 2 1.5 0x3fc00000 -> -0 0x80000000',
    '2 system "push" (gameplay): Events.counts of Hit 0 0x00000000 -> 1 0x00000001',
    '2 system "push" (gameplay): Hit.points in row 0 0 0x00 -> 7 0x07',
    '2 system "brake" (gameplay): Velocity.x of entity 2 -0 0x80000000 -> 0 0x00000000',
    "2 the structure phase: Health.points of entity 2 0 0x00 -> 9 0x09",
  ]);
  expect(text(log.lastWrite("Velocity", "x", 2, 2)!)).toBe(text(rest[3]!));
  expect(log.lastWrite("Velocity", "x", 2, 1)).toBeUndefined();
  log.end();
  world.tick();
  expect(log.changes.some(({ tick }) => tick > 2)).toBe(false);
});

test("a write between two ticks is of nobody's step", () => {
  const world = smallWorld({
    components: [Velocity],
    setup: ({ commands }) => {
      commands.spawn(Velocity.of({ x: 1 }));
    },
  });
  const log = new StepLog(world, { component: "Velocity", field: "x", entity: 2 });
  world.tick();
  world.store.columnsOf(Velocity)["x"]![2] = 4;
  world.tick();
  expect(log.changes.map(text)).toEqual([
    "2 something outside the steps of a tick: Velocity.x of entity 2 1 0x3f800000 -> 4 0x40800000",
  ]);
});

test("a component or field that is not there is refused with those that are", () => {
  const world = smallWorld({ components: [Velocity] });
  expect(faultOf(() => new StepLog(world, { component: "Speed" })).fields).toMatchObject({ what: "component" });
  expect(faultOf(() => new StepLog(world, { component: "Velocity", field: "z" })).fields).toMatchObject({
    what: "field",
    known: "x, y",
  });
  expect(world.observe(undefined)).toBeUndefined();
});

test("random writes of random systems are all found, in order, and a target sees its own only", () => {
  const draws = new Draws(testSeed("step-log"));
  for (let round = 0; round < 20; round++) {
    const written: string[] = [];
    const systems: AnySystem[] = Array.from({ length: 4 }, (_, number) =>
      defineSystem({
        name: `writer-${number}`,
        phase: "gameplay",
        after: number === 0 ? [] : [`writer-${number - 1}`],
        query: [Bulk],
        writes: [Bulk, Velocity],
        run({ entities, columns: { Bulk, Velocity }, tick }) {
          const fields = [
            ["Bulk.mass", Bulk.mass, 1],
            ["Bulk.matrix", Bulk.matrix, 16],
            ["Velocity.x", Velocity.x, 1],
            ["Velocity.y", Velocity.y, 1],
          ] as const;
          const lines = new Map<string, string>();
          for (let write = 0; write < 6; write++) {
            const [name, column, length] = draws.pick(fields);
            const entity = entities[draws.below(entities.length)]!;
            const element = entity * length + draws.below(length);
            if (lines.has(`${name} ${element}`)) continue;
            const before = column[element]!;
            column[element] = draws.below(3);
            if (column[element] !== before)
              lines.set(
                `${name} ${element}`,
                `${tick} writer-${number} ${name} ${element} ${before} ${column[element]}`,
              );
          }
          const order = fields.map(([name]) => name as string);
          const key = (line: string): number => order.indexOf(line.split(" ")[2]!) * 1e6 + Number(line.split(" ")[3]);
          written.push(...[...lines.values()].sort((a, b) => key(a) - key(b)));
        },
      }),
    );
    const world = smallWorld({
      components: [Velocity, Bulk],
      systems,
      setup: ({ commands }) => {
        for (let i = 0; i < 5; i++) commands.spawn(Velocity, Bulk);
      },
    });
    const all = new StepLog(world);
    const one = new StepLog(world, { component: "Bulk", field: "matrix", entity: 3 });
    const capped = new StepLog(world, { component: "Bulk", changesPerSpan: 1 });
    for (let tick = 0; tick < 5; tick++) world.tick();
    const line = ({ tick, step, part, element, before, after }: StepChange): string =>
      `${tick} ${step === "outside" ? step : step.name} ${part.name} ${element} ${before} ${after}`;
    expect(all.changes.map(line)).toEqual(written);
    expect(one.changes.map(line)).toEqual(
      written.filter((text) => {
        const [, , name, element] = text.split(" ");
        return name === "Bulk.matrix" && Math.floor(Number(element) / 16) === 3;
      }),
    );
    expect(capped.changes.length + capped.droppedCount).toBe(written.filter((line) => line.includes("Bulk")).length);
  }
});
