/** Commands: whole lists of staged commands and what they leave, in order. */
import { describe, expect, test } from "vitest";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import type { World } from "../../../engine/sim/world.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";

const A = defineComponent("A", { x: f32 });
const B = defineComponent("B", { x: f32 });
const make = (): World => smallWorld({ components: [A, B] });

/** "index: component=value ..." an entity, without the Config entity. */
function state(world: World): string[] {
  return Array.from({ length: world.limits.entities }, (_, i) => i + 1)
    .filter((index) => index > 1 && world.store.isAlive(world.store.handleOf(index)))
    .map((index) => {
      const parts = world.store.componentsOf(index).map((c) => `${c.name}=${world.store.columnsOf(c)["x"]?.[index]}`);
      return [`${index}:`, ...parts].join(" ");
    });
}

/** What watchers of A and B are told, in order. */
function watched(world: World): string[] {
  const told: string[] = [];
  for (const component of [A, B])
    world.store.watch(component, {
      added: (index) => told.push(`+${component.name}${index}`),
      overwritten: (index) => told.push(`=${component.name}${index}`),
      removing: (index) => told.push(`-${component.name}${index}(${world.store.columnsOf(component)["x"]?.[index]})`),
    });
  return told;
}

test("commands are applied in the order in which they were staged", () => {
  const world = make();
  const told = watched(world);
  change(world, (commands) => {
    const one = commands.spawn(A.of({ x: 1 }), B);
    const two = commands.spawn();
    commands.add(two, A.of({ x: 2 }));
    commands.add(two, A.of({ x: 3 }));
    commands.add(one, A.of({ x: 4 }));
    commands.remove(one, B);
    commands.add(one, B.of({ x: 5 }));
    const three = commands.spawn(B.of({ x: 6 }));
    commands.despawn(two);
    commands.remove(three, B);
  });
  expect(told).toEqual(["+A2", "+B2", "+A3", "=A3", "=A2", "-B2(0)", "+B2", "+B4", "-A3(3)", "-B4(6)"]);
  expect(state(world)).toEqual(["2: A=4 B=5", "4:"]);
});

test("nothing changes before the structure phase, and indices freed in it are given out after it, last freed first", () => {
  const world = make();
  const [a, b, c] = change(world, (commands) => [commands.spawn(A), commands.spawn(A), commands.spawn(A)] as const);
  const query = world.query([A]);
  change(world, (commands) => {
    commands.despawn(a);
    commands.despawn(b);
    expect([...query.entities]).toEqual([2, 3, 4]);
    expect(commands.spawn(A)).toBe(5);
  });
  expect(state(world)).toEqual(["4: A=0", "5: A=0"]);
  change(world, (commands) => {
    expect([commands.spawn(), commands.spawn(), commands.spawn()].map((handle) => handle & 0xfffff)).toEqual([3, 2, 6]);
  });
  expect(world.store.isAlive(c)).toBe(true);
});

test("commands on what an earlier one despawned are skipped and counted, whatever their kind", () => {
  const world = make();
  const [e, other] = change(world, (commands) => [commands.spawn(A), commands.spawn(A)] as const);
  change(world, (commands) => {
    commands.despawn(e);
    commands.despawn(e);
    commands.add(e, B);
    commands.remove(e, A);
    commands.reparent(e, other);
    commands.reparent(other, e);
    commands.spawnChild(e, A);
  });
  expect(world.commands.skippedCount).toBe(6);
  expect(world.commands.stagedCount).toBe(0);
  expect(state(world)).toEqual(["3: A=0"]);
});

describe("faults when staging, at the place that made them", () => {
  const Alien: Component = defineComponent("Alien");

  test("outside a tick every command is closed", () => {
    const world = make();
    const e = change(world, (commands) => commands.spawn(A));
    const { commands } = world;
    const closed = [
      () => commands.spawn(A),
      () => commands.spawnChild(e, A),
      () => commands.despawn(e),
      () => commands.add(e, A),
      () => commands.remove(e, A),
      () => commands.reparent(e, 0),
    ];
    expect(closed.map((act) => faultOf(act).kind)).toEqual(new Array(6).fill("commands-closed"));
    expect(state(world)).toEqual(["2: A=0"]);
  });

  test("a component that the world does not have", () => {
    const world = make();
    const e = change(world, (commands) => commands.spawn(A));
    const unknown = { kind: "unknown-name", fields: { what: "component", name: "Alien" } };
    expect(faultOf(() => change(world, (commands) => commands.spawn(Alien)))).toMatchObject(unknown);
    expect(faultOf(() => change(world, (commands) => commands.add(e, Alien)))).toMatchObject(unknown);
    expect(faultOf(() => change(world, (commands) => commands.remove(e, Alien)))).toMatchObject(unknown);
  });

  test("one component twice in a spawn", () => {
    const fault = faultOf(() => change(make(), (commands) => commands.spawn(A, B, A.of({ x: 1 }))));
    expect(fault).toEqual({ kind: "duplicate-name", fields: { what: "component of a spawn", name: "A" } });
  });

  test("a spawn that is refused takes no index", () => {
    const world = make();
    change(world, (commands) => {
      for (const bad of [() => commands.spawn(A, A), () => commands.spawn(Alien)]) faultOf(bad);
      expect(commands.spawn(A)).toBe(2);
    });
    expect(world.store.aliveCount).toBe(2);
  });
});

test("removing what is not there any more is skipped and counted", () => {
  const world = make();
  const e = change(world, (commands) => commands.spawn(A));
  change(world, (commands) => {
    commands.remove(e, A);
    commands.remove(e, A);
    commands.remove(e, B);
  });
  expect(world.commands.skippedCount).toBe(2);
  expect(world.store.componentsOf(2)).toEqual([]);
});

test("columns that commands change carry the tick of the change", () => {
  const world = make();
  const stamp = (component: Component): number | undefined => world.store.changed[world.store.numberOf(component)];
  const e = change(world, (commands) => commands.spawn(A, B), 5);
  expect([stamp(A), stamp(B)]).toEqual([5, 5]);
  change(world, (commands) => commands.remove(e, B), 6);
  change(world, (commands) => commands.add(e, A.of({ x: 1 })), 7);
  expect([stamp(A), stamp(B)]).toEqual([7, 6]);
  change(world, (commands) => commands.despawn(e), 8);
  expect([stamp(A), stamp(B)]).toEqual([8, 6]);
});
