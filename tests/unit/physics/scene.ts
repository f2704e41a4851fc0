/** A physics scene: an engine with what `setup` spawns, and short words for looking at it and changing it. */

import type { Commands } from "../../../engine/ecs/commands.ts";
import type { Component } from "../../../engine/ecs/component.ts";
import { handleIndex } from "../../../engine/ecs/handle.ts";
import type { Engine } from "../../../engine/engine.ts";
import { Contact } from "../../../engine/physics/components.ts";
import type { PhysicsOptions } from "../../../engine/physics/subsystem.ts";
import type { AnySystem } from "../../../engine/sim/system.ts";
import { Position, Rotation } from "../../../engine/transform/components.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { change } from "../small-world.ts";

export const earth: PhysicsOptions = { gravity: [0, -9.81, 0] };
export const space: PhysicsOptions = { gravity: [0, 0, 0] };

export interface Scene {
  readonly engine: Engine;
  step(count?: number): void;
  /** Applies commands between two ticks. */
  change<T>(stage: (commands: Commands) => T): T;
  /** One value of a component, rounded to six digits so that a test can write it down. */
  value(component: Component, field: string, e: number): number;
  write(component: Component, values: Readonly<Record<string, number>>, e: number): void;
  /** x, y, z of Position. */
  at(e: number): number[];
  turned(e: number): number[];
  /** "a-b started" of this tick's contacts; sensors are marked. */
  contacts(): string[];
  readonly bodyCount: number;
  /** x of every body, in the order in which Rapier keeps them. */
  readonly bodyOrder: readonly number[];
  readonly colliderCount: number;
}

export async function makeScene(
  physics: PhysicsOptions,
  setup: (commands: Commands) => void,
  { systems = [] as readonly AnySystem[], seed = 1, eventsPerTick = 256 } = {},
): Promise<Scene> {
  const limits = { ...emptyGame.limits, eventsPerTick };
  const engine = makeEngine(
    { ...emptyGame, limits, physics, systems, setup: ({ commands }) => setup(commands) },
    { seed },
  );
  await engine.start();
  const { world } = engine;
  const part = engine.program.parts.find(({ name }) => name === "physics")?.subsystem as unknown as {
    readonly rapier: {
      readonly bodies: { len(): number; getAll(): readonly { translation(): { readonly x: number } }[] };
      readonly colliders: { len(): number };
    };
  };
  const column = (component: Component, field: string) => world.store.columnsOf(component)[field] as Float32Array;
  const value = (component: Component, field: string, e: number): number =>
    Math.round((column(component, field)[e] as number) * 1e6) / 1e6 + 0;
  return {
    engine,
    step: (count = 1) => {
      for (let i = 0; i < count; i++) engine.step();
    },
    change: (stage) => change(world, stage),
    value,
    write: (component, values, e) => {
      for (const [field, number] of Object.entries(values)) column(component, field)[e] = number;
    },
    at: (e) => ["x", "y", "z"].map((field) => value(Position, field, e)),
    turned: (e) => ["x", "y", "z", "w"].map((field) => value(Rotation, field, e)),
    contacts: () => {
      const table = world.events.tableOf(Contact);
      const { a, b, started, sensor } = table.columns as Readonly<Record<string, Uint32Array>>;
      return Array.from({ length: table.count }, (_, row) => {
        const pair = `${handleIndex(a?.[row] as number)}-${handleIndex(b?.[row] as number)}`;
        return `${pair} ${started?.[row] ? "began" : "ceased"}${sensor?.[row] ? " (sensor)" : ""}`;
      });
    },
    get bodyCount() {
      return part.rapier.bodies.len();
    },
    get bodyOrder() {
      return part.rapier.bodies.getAll().map((body) => body.translation().x);
    },
    get colliderCount() {
      return part.rapier.colliders.len();
    },
  };
}
