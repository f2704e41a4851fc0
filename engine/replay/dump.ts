/** Dumps: what an entity, or everyone with a component, has in its columns, as values and as bits. For people and JSON. */
import { bitsText, stateParts } from "../audit/state-map.ts";
import { nameAdvice } from "../base/closest-name.ts";
import { raise } from "../base/faults.ts";
import type { Component } from "../ecs/component.ts";
import type { World } from "../sim/world.ts";

export interface FieldDump {
  readonly field: string;
  /** One for each element of a slot. A number that JSON has no form for is text. */
  readonly values: readonly (number | string)[];
  readonly bits: readonly string[];
}

export interface EntityDump {
  readonly entity: number;
  readonly isAlive: boolean;
  readonly handle: number;
  readonly parent: number;
  readonly components: readonly { readonly component: string; readonly fields: readonly FieldDump[] }[];
}

/** What the entity with this index has; `only` names one component of it. */
export function dumpEntity(world: World, entity: number, only?: string): EntityDump {
  if (!Number.isInteger(entity) || entity < 1 || entity > world.limits.entities)
    raise("unknown-name", {
      ...{ what: "entity", name: String(entity), where: "The world" },
      known: `indices from 1 to ${world.limits.entities}`,
    });
  const handle = world.lookup.handleOf(entity);
  const isAlive = handle !== 0 && world.lookup.isAlive(handle);
  const parts = stateParts(world).filter(({ kind }) => kind === "column");
  const components = world.program.schema.components
    .filter(
      (component) => isAlive && world.lookup.has(entity, component) && (only ?? component.name) === component.name,
    )
    .map((component) => ({
      component: component.name,
      fields: parts
        .filter(({ owner }) => owner === component.name)
        .map(({ field, scalar, length, elements }) => {
          const values = Array.from({ length }, (_, at) => elements[entity * length + at]!);
          return {
            field,
            values: values.map((value) => (Number.isFinite(value) && !Object.is(value, -0) ? value : textOf(value))),
            bits: values.map((value) => bitsText(scalar, value)),
          };
        }),
    }));
  return { entity, isAlive, handle, parent: isAlive ? world.lookup.parentOf(entity) : 0, components };
}

/** What everyone who has the component has in it, in ascending entity index. Raises "usage". */
export function dumpComponent(world: World, name: string): EntityDump[] {
  const { components } = world.program.schema;
  const component = components.find((candidate) => candidate.name === name);
  if (component === undefined) return refuseComponent(name, components);
  const dumps: EntityDump[] = [];
  for (let entity = 1; entity <= world.limits.entities; entity++)
    if (world.lookup.has(entity, component)) dumps.push(dumpEntity(world, entity, name));
  return dumps;
}

/** Raises "usage": none of these components has that name. */
export function refuseComponent(name: string, components: readonly Component[]): never {
  const known = components.map((component) => component.name);
  return raise("usage", { problem: `There is no component "${name}".`, suggestion: nameAdvice(name, known) });
}

/** An entity's dump, line by line. */
export function dumpLines({ entity, isAlive, handle, parent, components }: EntityDump): string[] {
  if (!isAlive) return [`entity ${entity}: there is none`];
  const lines = [`entity ${entity} (handle ${handle}${parent === 0 ? "" : `, child of ${parent}`})`];
  for (const { component, fields } of components) {
    if (fields.length === 0) lines.push(`  ${component}`);
    for (const { field, values, bits } of fields) {
      const shown = values.map((value, at) => `${value} ${bits[at]}`);
      lines.push(`  ${component}.${field} = ${values.length === 1 ? shown[0] : `[${shown.join(", ")}]`}`);
    }
  }
  return lines;
}

function textOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
