/**
 * A naive model of entities, components and parents, and random histories that drive a world and the
 * model side by side. The model keeps maps and sets and does what the words say, in the order staged.
 *
 * The world has forty components, so that the four that a history uses lie in two presence rows.
 */
import fc from "fast-check";
import type { Commands } from "../../../engine/ecs/commands.ts";
import { type Component, defineComponent, type Initial, type InitialValues } from "../../../engine/ecs/component.ts";
import { array, bool, entity, f32, f64, i16, u8 } from "../../../engine/ecs/field.ts";
import { type Handle, handleIndex } from "../../../engine/ecs/handle.ts";
import type { QueryTerm } from "../../../engine/ecs/prepared-query.ts";
import type { World } from "../../../engine/sim/world.ts";
import { change, smallWorld } from "../small-world.ts";

export const A = defineComponent("A", { x: f32, y: f64, flags: u8 });
export const B = defineComponent("B", { on: bool, target: entity, row: array(f32, 3) });
export const Y = defineComponent("Y", { count: i16 });
export const Z = defineComponent("Z", {});
export const used: readonly Component[] = [A, B, Y, Z];
const fillers = Array.from({ length: 36 }, (_, i) => defineComponent(`M${i}`, {}));

export function modelWorld(entities = 24): World {
  return smallWorld({ components: [...used, ...fillers], limits: { entities } });
}

/** One command of a history; `entity` and `parent` pick among those that can be named. */
export type Step =
  | { readonly do: "spawn"; readonly components: readonly number[]; readonly value: number }
  | { readonly do: "spawnChild"; readonly parent: number; readonly components: readonly number[] }
  | { readonly do: "despawn"; readonly entity: number }
  | { readonly do: "unparent"; readonly entity: number }
  | { readonly do: "add"; readonly entity: number; readonly component: number; readonly value: number }
  | { readonly do: "remove"; readonly entity: number; readonly component: number }
  | { readonly do: "reparent"; readonly entity: number; readonly parent: number };

const pick = fc.nat(1_000);
const component = fc.nat(used.length - 1);
const value = fc.integer({ min: 1, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("spawn" as const), components: fc.uniqueArray(component), value }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("spawnChild" as const),
      parent: pick,
      components: fc.uniqueArray(component),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("despawn" as const), entity: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unparent" as const), entity: pick }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("add" as const), entity: pick, component, value }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("remove" as const), entity: pick, component }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reparent" as const), entity: pick, parent: pick }) },
);
/** Structure phases, each a list of commands. */
export const history: fc.Arbitrary<Step[][]> = fc.array(fc.array(step, { maxLength: 20 }), { maxLength: 8 });

/** A component with the values made from one number. */
export function initialOf(componentNumber: number, n: number): Initial {
  return { component: used[componentNumber] as Component, values: valuesOf(componentNumber, n) };
}

/** Values of a component made from one number. */
export function valuesOf(componentNumber: number, n: number): InitialValues {
  if (componentNumber === 0) return { x: n / 4, y: n / 3, flags: n };
  if (componentNumber === 1) return { on: n % 2 === 1, target: n, row: [n, -n, n / 2] };
  return componentNumber === 2 ? { count: -n } : {};
}

interface Thing {
  readonly handle: Handle;
  readonly components: Map<Component, InitialValues>;
  parent: Thing | undefined;
  /** The child attached last comes first. */
  children: Thing[];
}

export class Model {
  readonly things = new Map<Handle, Thing>();
  skippedCount = 0;

  constructor(world: World) {
    const config = world.store.handleOf(1);
    const values = new Map(world.store.componentsOf(1).map((c) => [c, {}] as const));
    this.things.set(config, { handle: config, components: values, parent: undefined, children: [] });
  }

  /** Stages one phase of a history in `world` and does the same here. Commands that would be faults are left out. */
  phase(world: World, steps: readonly Step[]): void {
    const nameable = [...this.things.keys()].slice(1);
    change(world, (commands) => {
      for (const one of steps) this.#one(commands, one, nameable, world.limits.entities);
    });
  }

  #one(commands: Commands, one: Step, nameable: Handle[], entitiesMax: number): void {
    const named = (n: number): Handle => nameable[n % nameable.length] as Handle;
    const initials = (numbers: readonly number[], n: number): Initial[] => numbers.map((i) => initialOf(i, n));
    if (one.do === "spawn" || one.do === "spawnChild") {
      // An index is free again only when the phase is over.
      if (this.#reservedCount(nameable) >= entitiesMax) return;
      const parentHandle = one.do === "spawnChild" && nameable.length > 0 ? named(one.parent) : 0;
      const n = one.do === "spawn" ? one.value : 7;
      const parts = initials(one.components, n);
      const handle = parentHandle === 0 ? commands.spawn(...parts) : commands.spawnChild(parentHandle, ...parts);
      nameable.push(handle);
      const parent = this.things.get(parentHandle);
      if (parentHandle !== 0 && parent === undefined) {
        this.skippedCount++;
        return;
      }
      const components = new Map(one.components.map((i) => [used[i] as Component, valuesOf(i, n)] as const));
      const thing: Thing = { handle, components, parent: undefined, children: [] };
      this.things.set(handle, thing);
      if (parent !== undefined) attach(thing, parent);
      return;
    }
    if (nameable.length === 0) return;
    const handle = named(one.entity);
    const thing = this.things.get(handle);
    const skip = thing === undefined;
    if (one.do === "despawn") {
      commands.despawn(handle);
      if (thing !== undefined) this.#despawn(thing);
    } else if (one.do === "add") {
      const c = used[one.component] as Component;
      const values = valuesOf(one.component, one.value);
      commands.add(handle, initialOf(one.component, one.value));
      thing?.components.set(c, { ...thing.components.get(c), ...values });
    } else if (one.do === "remove") {
      const c = used[one.component] as Component;
      if (thing !== undefined && !thing.components.has(c)) return;
      commands.remove(handle, c);
      thing?.components.delete(c);
    } else if (one.do === "unparent") {
      commands.reparent(handle, 0);
      if (thing !== undefined) attach(thing, undefined);
    } else {
      const parentHandle = named(one.parent);
      const parent = this.things.get(parentHandle);
      if (thing !== undefined && parent !== undefined && isBelow(parent, thing)) return;
      commands.reparent(handle, parentHandle);
      if (thing !== undefined && parent !== undefined) attach(thing, parent);
      else if (thing !== undefined) this.skippedCount++;
    }
    if (skip) this.skippedCount++;
  }

  /** Entities alive now or despawned in this phase: all hold an index until it ends. */
  #reservedCount(nameable: readonly Handle[]): number {
    return 1 + nameable.length;
  }

  #despawn(thing: Thing): void {
    for (const child of [...thing.children]) this.#despawn(child);
    attach(thing, undefined);
    this.things.delete(thing.handle);
  }

  /** Indices of the entities that satisfy every term, ascending. */
  query(terms: readonly QueryTerm[]): number[] {
    return [...this.things.values()]
      .filter(({ components }) =>
        terms.every((term) => {
          if ("not" in term) return !components.has(term.not);
          return "any" in term ? term.any.some((c) => components.has(c)) : components.has(term);
        }),
      )
      .map(({ handle }) => handleIndex(handle))
      .sort((a, b) => a - b);
  }
}

function isBelow(thing: Thing, top: Thing): boolean {
  for (let above: Thing | undefined = thing; above !== undefined; above = above.parent) if (above === top) return true;
  return false;
}

function attach(child: Thing, parent: Thing | undefined): void {
  if (child.parent !== undefined) child.parent.children = child.parent.children.filter((other) => other !== child);
  child.parent = parent;
  parent?.children.unshift(child);
}
