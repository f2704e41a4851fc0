/** The store: slots are zeroed, defaults and requirements are applied, limits are faults with a setting. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, mat4, u8, u32 } from "../../../engine/ecs/field.ts";
import { handleIndex } from "../../../engine/ecs/handle.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { change, faultOf, regionBytes, smallWorld } from "../small-world.ts";
import { history, Model, modelWorld, used } from "./model.ts";

const seed = testSeed("store");

/** Columns and presence, without the lists of children: those follow from the order of attaching. */
const logical = (name: string): boolean => /^(?:[ABYZ]\.|Entities\.mask)/.test(name);

describe("zeroing", () => {
  test("500 histories: columns and presence are those of a fresh world with the same entities", () => {
    fc.assert(
      fc.property(history, (phases) => {
        const lived = modelWorld();
        const model = new Model(lived);
        for (const phase of phases) model.phase(lived, phase);
        expect(regionBytes(lived, logical)).toEqual(regionBytes(freshWorldOf(model, lived), logical));
      }),
      { seed, numRuns: 500 },
    );
  });

  /** A world in which each entity of the model is made once, at its own index, and nothing else was. */
  function freshWorldOf(model: Model, lived: World): World {
    const world = modelWorld();
    const things = new Map([...model.things.values()].map((thing) => [handleIndex(thing.handle), thing]));
    const handles = change(world, (commands) =>
      Array.from({ length: world.limits.entities - 1 }, () => commands.spawn()),
    );
    change(world, (commands) => {
      for (const handle of handles) {
        const thing = things.get(handleIndex(handle));
        if (thing === undefined) {
          commands.despawn(handle);
          continue;
        }
        for (const [component, values] of thing.components)
          if (used.includes(component)) commands.add(handle, { component, values });
        // Presence of the hierarchy's own components, of which the lists are not compared.
        for (const component of lived.store.componentsOf(handleIndex(handle)))
          if (component.name === "Parent" || component.name === "Family")
            world.store.add(handleIndex(handle), { component, values: {} }, 0);
      }
    });
    return world;
  }

  test("a removed component leaves zeros in every byte of its slot and of no other", () => {
    const C = defineComponent("C", { m: mat4, x: f32, n: u8 });
    const world = smallWorld({ components: [C] });
    const full = C.of({ m: new Array<number>(16).fill(1), x: 2, n: 3 });
    const [one, two, three] = change(
      world,
      (commands) => [commands.spawn(full), commands.spawn(full), commands.spawn(full)] as const,
    );
    change(world, (commands) => commands.remove(two, C));
    const { m, n, x } = world.store.columnsOf(C) as { m: Float32Array; n: Uint8Array; x: Float32Array };
    expect([...m.slice(32, 80)]).toEqual([
      ...new Array(16).fill(1),
      ...new Array(16).fill(0),
      ...new Array(16).fill(1),
    ]);
    expect([[...x.slice(2, 5)], [...n.slice(2, 5)]]).toEqual([
      [2, 0, 2],
      [3, 0, 3],
    ]);
    change(world, (commands) => [commands.despawn(one), commands.despawn(three)]);
    expect([...m, ...x, ...n].every((value) => value === 0)).toBe(true);
  });
});

describe("defaults and requirements", () => {
  const P = defineComponent("P", { a: f32, b: f32 }, { defaults: { a: 5 } });
  const Q = defineComponent("Q", { c: u8 }, { requires: [P], defaults: { c: 9 } });
  const R = defineComponent("R", {}, { requires: [Q] });
  const valuesIn = (world: World, index: number): (number | undefined)[] => {
    const { store } = world;
    return [store.columnsOf(P)["a"]?.[index], store.columnsOf(P)["b"]?.[index], store.columnsOf(Q)["c"]?.[index]];
  };

  test("a bare component starts from defaults, given values replace them, requirements come along", () => {
    const world = smallWorld({ components: [R] });
    change(world, (commands) => [
      commands.spawn(P),
      commands.spawn(P.of({ b: 1 })),
      commands.spawn(R),
      commands.spawn(R, P.of({ a: 7 })),
      commands.spawn(P.of({ a: 7 }), R),
      commands.spawn(Q.of({ c: 0 })),
    ]);
    expect([2, 3, 4, 5, 6, 7].map((index) => valuesIn(world, index))).toEqual([
      [5, 0, 0],
      [5, 1, 0],
      [5, 0, 9],
      [7, 0, 9],
      [7, 0, 9],
      [5, 0, 0],
    ]);
    expect([2, 4, 7].map((index) => world.store.componentsOf(index).map(({ name }) => name))).toEqual([
      ["P"],
      ["P", "Q", "R"],
      ["P", "Q"],
    ]);
  });

  test("adding what is there overwrites the given fields and no others", () => {
    const world = smallWorld({ components: [R] });
    const e = change(world, (commands) => commands.spawn(P.of({ a: 1, b: 2 }), Q));
    change(world, (commands) => [commands.add(e, P.of({ b: 3 })), commands.add(e, Q)]);
    expect(valuesIn(world, 2)).toEqual([1, 3, 9]);
    change(world, (commands) => commands.add(e, P));
    expect(valuesIn(world, 2)).toEqual([1, 3, 9]);
  });

  test("what was removed starts from defaults again", () => {
    const world = smallWorld({ components: [R] });
    const e = change(world, (commands) => commands.spawn(P.of({ a: 1, b: 2 })));
    change(world, (commands) => [commands.remove(e, P), commands.add(e, P)]);
    expect(valuesIn(world, 2)).toEqual([5, 0, 0]);
  });
});

describe("limits", () => {
  const C = defineComponent("C", { x: f32 });

  test("every entity up to the limit, and a fault with the setting beyond it", () => {
    const world = smallWorld({ components: [C], limits: { entities: 10 } });
    const handles = change(world, (commands) =>
      Array.from({ length: 9 }, (_, i) => commands.spawn(C.of({ x: i + 1 }))),
    );
    expect([...(world.store.columnsOf(C)["x"] as Float32Array)]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const fault = { kind: "limit-reached", fields: { limit: "entities", value: 10, setting: "limits.entities" } };
    expect(faultOf(() => change(world, (commands) => commands.spawn()))).toEqual(fault);
    // An index is free again when its despawn has been applied, not when it was staged.
    expect(
      faultOf(() =>
        change(world, (commands) => {
          commands.despawn(handles[4] as number);
          commands.spawn(C);
        }),
      ),
    ).toEqual(fault);
  });

  test("as many commands as the limit says", () => {
    const world = smallWorld({ components: [C], limits: { commandsPerTick: 3 } });
    change(world, (commands) => [commands.spawn(), commands.spawn(), commands.spawn()]);
    expect(faultOf(() => change(world, (commands) => [1, 2, 3, 4].map(() => commands.spawn())))).toEqual({
      kind: "limit-reached",
      fields: { limit: "commandsPerTick", value: 3, setting: "limits.commandsPerTick" },
    });
  });

  test("a spawn that is refused for too many commands takes no index", () => {
    const world = smallWorld({ components: [C], limits: { commandsPerTick: 1 } });
    world.commands.isOpen = true;
    world.commands.spawn();
    faultOf(() => world.commands.spawn());
    expect(world.store.aliveCount).toBe(2);
  });
});

describe("several worlds side by side", () => {
  test("the same histories give the same handles and bytes, whatever else runs between", () => {
    fc.assert(
      fc.property(fc.array(history, { minLength: 2, maxLength: 3 }), (histories) => {
        const alone = histories.map((phases) => {
          const world = modelWorld();
          const model = new Model(world);
          for (const phase of phases) model.phase(world, phase);
          return { bytes: regionBytes(world), handles: [...model.things.keys()] };
        });
        const side = histories.map((phases) => {
          const world = modelWorld();
          return { world, model: new Model(world), phases };
        });
        for (let i = 0; i < 8; i++) for (const { world, model, phases } of side) model.phase(world, phases[i] ?? []);
        expect(
          side.map(({ world, model }) => ({ bytes: regionBytes(world), handles: [...model.things.keys()] })),
        ).toEqual(alone);
      }),
      { seed, numRuns: 100 },
    );
  });
});

test("the arena is laid out by name, each region at a multiple of 64 bytes, none over another", () => {
  const Late = defineComponent("Late", { z: u32, a: u8 });
  const Early = defineComponent("Early", { m: mat4 });
  const world = smallWorld({ components: [Late, Early], limits: { entities: 100 } });
  const names = world.arena.regions.map(({ name }) => name);
  expect(names).toEqual([
    ...["Header", "Entities.dense", "Entities.sparse", "Entities.generation", "Entities.used", "Entities.changed"],
    ...[
      "Entities.mask0",
      "AuthoredId.id",
      "Early.m",
      "Family.firstChild",
      "Family.next",
      "Family.previous",
      "Late.a",
      "Late.z",
    ],
    ...["Parent.handle", "Player.joinedTick", "Player.key", "Random.streams"],
    ...["Events.counts", "Events.before", "Events.dropped", "Events.droppedTotal", "Input.seats"],
    ...["Resources.versions", "Scratch.hashTable", "Scratch.hashResults", "Scratch.snapshot"],
  ]);
  let end = 0;
  for (const { byteOffset, byteLength, paddedLength } of world.arena.regions) {
    expect(byteOffset).toBe(end);
    expect([byteOffset % 64, paddedLength % 64, paddedLength >= byteLength]).toEqual([0, 0, true]);
    end += paddedLength;
  }
  expect(world.arena.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(world.arena.buffer.byteLength).toBeGreaterThanOrEqual(end);
});

test("a new slot is written whole: what was there before the component came does not count", () => {
  const C = defineComponent("C", { x: f32 });
  const world = smallWorld({ components: [C] });
  const [column] = Object.values(world.store.columnsOf(C));
  column!.fill(7);
  const e = change(world, (commands) => commands.spawn(C));
  expect(column![world.store.indexOf(e)]).toBe(0);
});
