/**
 * Entities that have a component only since a swap, because another one requires it now: they begin with its defaults, in
 * the terms of the program after. A migration is of those who had it, and so are names whose numbers have changed.
 */
import { afterEach, expect, test } from "vitest";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { f32, u8 } from "../../../engine/ecs/field.ts";
import { defineMigration } from "../../../engine/ecs/migration.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineLook, Renderable } from "../../../engine/render/look.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { Position, WorldTransform } from "../../../engine/transform/components.ts";
import { disposeAll, engines } from "./line.ts";

afterEach(disposeAll);

/** What an entity is spawned with, in the order of their indices; the first has index 2. */
type Spawned = readonly ("buoy" | "lamp")[];

function harbourOf(
  spawned: Spawned,
  rest: Pick<Game, "components"> & Partial<Game>,
  Buoy: Component,
  lamp: Component,
): Game {
  return defineGame({
    ...{ id: "buoys", tickRate: 60, limits: { entities: 32, players: 1 }, systems: [], ...rest },
    setup({ commands }) {
      for (const name of spawned) commands.spawn(name === "buoy" ? Buoy : lamp);
    },
  });
}

async function moved(before: Game, after: Game): Promise<Engine> {
  const first = new Engine(before, { clock: new ManualClock() }, { seed: 7 });
  const second = new Engine(after, successorPorts(first, { clock: new ManualClock() }), { seed: 7, isSuccessor: true });
  engines.push(first, second);
  await first.start();
  first.step();
  const swap = new Swap(first, second, after);
  await swap.allocate();
  swap.commit();
  return second;
}

/** A field of the entities from index 2 on. */
function valuesOf({ world }: Engine, component: Component, field: string, count: number): number[] {
  return [...world.store.columnsOf(component)[field]!.subarray(2, 2 + count)];
}

/** Buoys that require no lamp, and a program after in which they do and its glow is of another type. */
function lamps(spawned: Spawned): { before: Game; after: Game; Lamp: Component; moves: unknown[] } {
  const OldLamp = defineComponent("Lamp", { glow: u8 }, { defaults: { glow: 8 } });
  const OldBuoy = defineComponent("Buoy", { age: f32 });
  const Lamp = defineComponent("Lamp", { glow: f32 }, { defaults: { glow: 0.5 } });
  const Buoy = defineComponent("Buoy", { age: f32 }, { requires: [Lamp] });
  const moves: unknown[] = [];
  const migration = defineMigration({
    from: { component: "Lamp", fields: { glow: u8 } },
    to: Lamp,
    move(old) {
      moves.push(old);
      return { glow: old.glow / 4 };
    },
  });
  return {
    before: harbourOf(spawned, { components: [OldBuoy, OldLamp] }, OldBuoy, OldLamp),
    after: harbourOf(spawned, { components: [Buoy, Lamp], migrations: [migration] }, Buoy, Lamp),
    ...{ Lamp, moves },
  };
}

// Behind the last owner there is no old value at all, before it a zero lies in the slot.
test.each<{ spawned: Spawned; glows: number[] }>([
  { spawned: ["lamp", "buoy"], glows: [2, 0.5] },
  { spawned: ["buoy", "lamp", "buoy"], glows: [0.5, 2, 0.5] },
])("a migration is called for who had the component: $spawned", async ({ spawned, glows }) => {
  const { before, after, Lamp, moves } = lamps(spawned);
  const engine = await moved(before, after);
  expect(valuesOf(engine, Lamp, "glow", glows.length)).toEqual(glows);
  expect(moves).toEqual([{ glow: 8 }]);
});

test("whoever is given a place has its matrix before a tick reads it, below a parent as well", async () => {
  const gameOf = (requires: readonly Component[]): Game => {
    const Buoy = defineComponent("Buoy", { age: f32 }, { requires });
    const Lamp = defineComponent("Lamp", { glow: f32 }, { requires: requires.length > 0 ? [WorldTransform] : [] });
    return defineGame({
      ...{ id: "buoys", tickRate: 60, limits: { entities: 32, players: 1 }, systems: [], components: [Buoy, Lamp] },
      setup({ commands }) {
        const parent = commands.spawn(Position.of({ x: 3 }));
        commands.reparent(commands.spawn(Buoy), parent);
        commands.spawn(Lamp, Position.of({ x: 5 }));
      },
    });
  };
  const engine = await moved(gameOf([]), gameOf([Position]));
  const { store } = engine.world;
  const matrices = (): number[][] =>
    [2, 3, 4].map((index) => [...store.columnsOf(WorldTransform)["matrix"]!.subarray(index * 16, index * 16 + 16)]);
  const at = (x: number): number[] => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, x, 0, 0, 1];
  expect(matrices()).toEqual([at(3), at(3), at(5)]);
  expect(store.has(3, WorldTransform)).toBe(true);
  engine.step();
  expect(matrices()).toEqual([at(3), at(3), at(5)]);
});

test("a default that is a number of a name is one of the program after", async () => {
  const viewOf = (meshes: readonly string[]): Partial<Game> => {
    const shape = { shape: "box", width: 1, height: 1, depth: 1 } as const;
    const look = defineLook({
      meshes: Object.fromEntries(meshes.map((name) => [name, shape])),
      materials: { paint: { color: 1 } },
    });
    const light = { sunColor: 1, sunIntensity: 1, shadowExtent: 1, skyColor: 1, groundColor: 1, ambientIntensity: 1 };
    const lighting = { ...light, sunDirection: [0, -1, 0] as const };
    return { view: { title: "Buoys", look, lighting, camera() {}, hud: [] } };
  };
  const OldBuoy = defineComponent("Buoy", { age: f32 });
  const Buoy = defineComponent("Buoy", { age: f32 }, { requires: [Renderable] });
  const spawned = ["lamp", "buoy"] as const;
  // Meshes are numbered by their names: "hull" was 0 and is 1; the default stays 0, which is "anchor" now.
  const before = harbourOf(spawned, { components: [OldBuoy], ...viewOf(["hull"]) }, OldBuoy, Renderable);
  const after = harbourOf(spawned, { components: [Buoy], ...viewOf(["anchor", "hull"]) }, Buoy, Renderable);
  expect(valuesOf(await moved(before, after), Renderable, "mesh", 2)).toEqual([1, 0]);
});
