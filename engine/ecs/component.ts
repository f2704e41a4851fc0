/**
 * Component definitions: descriptions only. A definition says which columns a component has; each
 * world lays out columns of its own from it (arena.ts), so definitions may be shared by any number of
 * worlds. A component's name is its identity in plans, schemas, journals and saves.
 *
 * A definition never holds data: whoever puts a typed array on one shares it between worlds.
 */

import { raise } from "../base/faults.ts";
import type { PhaseName } from "../base/phases.ts";
import { type Column, type ColumnOf, type Field, type ReadonlyColumn, valueProblem } from "./field.ts";

export type Fields = Readonly<Record<string, Field>>;

export interface ComponentOptions {
  /** Phases whose systems may write it. Default: input and gameplay. */
  readonly writtenIn?: readonly PhaseName[];
  /** The one system that may write it, when its values follow from others. Default: any of those phases. */
  readonly writer?: string;
  /** Copied into each snapshot, so that views and jobs can read it. Default: false. */
  readonly shared?: boolean;
  /** What a field starts from when a spawn or an add leaves it out. Default: zero. */
  readonly defaults?: InitialValues;
  /** Components that are added with it, from their defaults, unless the entity has them. */
  readonly requires?: readonly Component[];
  /** Fields in which an infinity is a value like others; in all others it is reported as ill health. */
  readonly infinite?: readonly string[];
}

export interface Component<N extends string = string, F extends Fields = Fields> {
  readonly name: N;
  readonly fields: F;
  readonly writtenIn: readonly PhaseName[];
  readonly writer: string | undefined;
  readonly shared: boolean;
  readonly defaults: InitialValues;
  readonly requires: readonly Component[];
  readonly infinite: readonly string[];
  /** Initial values for a spawn or an add; what is left out starts from its default. */
  of(values: Partial<ValuesOf<F>>): Initial;
}

/** Values of one slot: a number a scalar field, a boolean for bool, a list for a fixed array. */
export type ValuesOf<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<"bool"> ? number | boolean | readonly number[] : number | readonly number[];
};
export type InitialValues = Readonly<Record<string, number | boolean | readonly number[]>>;

/** No values given: every field starts from its default. */
export const noValues: InitialValues = Object.freeze(Object.create(null));

/** A component with the values that a slot starts from. */
export interface Initial {
  readonly component: Component;
  readonly values: InitialValues;
}

/** The writable columns of a component. */
export type ColumnsOf<C extends Component> = { readonly [K in keyof C["fields"]]: ColumnOf<C["fields"][K]> };
/** The columns of a component that a system only reads. */
export type ReadonlyColumnsOf<C extends Component> = { readonly [K in keyof C["fields"]]: ReadonlyColumn };
export type AnyColumns = Readonly<Record<string, Column>>;

const reservedFieldNames = ["component", "data"];
const defaultWrittenIn: readonly PhaseName[] = ["input", "gameplay"];

/**
 * Defines a component: `defineComponent("Velocity", { x: f32, y: f32, z: f32 })`. With no fields it is a tag.
 * Names are identifiers; fields are laid out in the order of their names.
 */
export function defineComponent<const N extends string, const F extends Fields>(
  name: N,
  fields: F = {} as F,
  options: ComponentOptions = {},
): Component<N, F> {
  checkName("component", name);
  for (const [fieldName, field] of Object.entries(fields)) {
    checkName("field", fieldName);
    if (reservedFieldNames.includes(fieldName))
      raise("bad-definition", {
        what: "component",
        name,
        problem: `a field cannot be named "${fieldName}"`,
        remedy: "Rename it; bitecs tells initial values from components by that name.",
      });
    if (!Number.isInteger(field.length) || field.length < 1 || field.length > 256)
      raise("bad-definition", {
        what: "component",
        name,
        problem: `field ${fieldName} has length ${field.length}`,
        remedy: "A fixed array holds 1 to 256 elements.",
      });
  }
  const component: Component<N, F> = {
    name,
    fields,
    writtenIn: options.writtenIn ?? defaultWrittenIn,
    writer: options.writer,
    shared: options.shared ?? false,
    defaults: copyValues(options.defaults ?? {}),
    requires: options.requires ?? [],
    infinite: options.infinite ?? [],
    of: (values) => {
      const initial = { component, values: copyValues(values as InitialValues) };
      checkValues(initial);
      return initial;
    },
  };
  checkValues({ component, values: component.defaults });
  for (const field of component.infinite)
    if (!Object.hasOwn(fields, field))
      raise("unknown-name", { what: "field", name: field, where: name, known: fieldNames(component).join(", ") });
  return Object.freeze(component);
}

const namesOf = new WeakMap<Component, readonly string[]>();

/** Names of fields in the order of layout. */
export function fieldNames(component: Component): readonly string[] {
  let names = namesOf.get(component);
  if (names === undefined) {
    names = Object.keys(component.fields).sort();
    namesOf.set(component, names);
  }
  return names;
}

/** The values as they are now: what is checked is what is applied, whatever becomes of the author's object. */
function copyValues(values: InitialValues): InitialValues {
  const copy: Record<string, number | boolean | readonly number[]> = Object.create(null);
  for (const name of Object.keys(values)) {
    const value = values[name]!;
    copy[name] = typeof value === "object" ? [...value] : value;
  }
  return copy;
}

/** Raises "wrong-type" unless each value fits its field. */
function checkValues({ component, values }: Initial): void {
  for (const [name, value] of Object.entries(values)) {
    const field = Object.hasOwn(component.fields, name) ? component.fields[name] : undefined;
    if (field === undefined)
      raise("unknown-name", { what: "field", name, where: component.name, known: fieldNames(component).join(", ") });
    const list = typeof value === "object" ? value : [Number(value)];
    if (list.length !== field.length)
      raise("wrong-type", {
        component: component.name,
        field: name,
        value: `${list.length} values`,
        expected: `${field.length}`,
      });
    for (const element of list) {
      const problem = valueProblem(field.scalar, element);
      if (problem !== undefined)
        raise("wrong-type", { component: component.name, field: name, value: String(element), expected: problem });
    }
  }
}

export function checkName(what: string, name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name))
    raise("bad-definition", {
      what,
      name,
      problem: "its name is not a letter followed by up to 62 letters, digits or dashes",
      remedy: "Choose a name of that form.",
    });
}
