/**
 * The schema of a world: its components in the order of their names, with a number each, and the text
 * from which the schema hash is made. Two worlds with the same schema hash lay out the same columns.
 *
 * Component numbers are places in the sorted list: never keep one across schemas.
 */

import { raise } from "../base/faults.ts";
import { hashTextHex } from "../base/hash.ts";
import { componentCountMax } from "../base/limits.ts";
import { type Component, fieldNames } from "./component.ts";
import { fieldText } from "./field.ts";

export interface Schema {
  readonly components: readonly Component[];
  /** Place of each component in `components`. */
  readonly numbers: ReadonlyMap<Component, number>;
  /** "Position x:f32 y:f32 z:f32", one line a component. */
  readonly text: string;
  readonly hash: string;
}

/** A field with its type and, where it has one, its default: "w:f32=1". */
function fieldSchema(component: Component, name: string): string {
  const value = component.defaults[name];
  const type = fieldText(component.fields[name]!);
  return value === undefined ? `${name}:${type}` : `${name}:${type}=${JSON.stringify(value)}`;
}

/** The schema of `components`; what they require is part of it. One definition listed twice counts once, two of one name are a fault. */
export function makeSchema(components: Iterable<Component>): Schema {
  const byName = new Map<string, Component>();
  const pending = [...components];
  for (const component of pending) {
    pending.push(
      ...component.requires.filter((required) => byName.get(required.name) !== required && !pending.includes(required)),
    );
    const known = byName.get(component.name);
    if (known !== undefined && known !== component)
      raise("duplicate-name", { what: "component", name: component.name });
    byName.set(component.name, component);
  }
  const sorted = [...byName.keys()].sort().map((name) => byName.get(name)!);
  if (sorted.length > componentCountMax)
    raise("limit-reached", { limit: "components", value: componentCountMax, setting: "componentCountMax" });
  const text = sorted
    .map((component) =>
      [
        component.name,
        ...fieldNames(component).map((name) => fieldSchema(component, name)),
        ...component.requires.map((required) => `+${required.name}`),
      ].join(" "),
    )
    .join("\n");
  return {
    components: sorted,
    numbers: new Map(sorted.map((component, number) => [component, number])),
    text,
    hash: hashTextHex(text),
  };
}
