/**
 * Derived values: what follows from columns and nothing else, such as a spatial index, a static list or a sorted set. A
 * definition names the columns and parameters that it is computed from, and the world computes it again only when one of
 * them changed. The tick hash knows when the bytes of each column last changed, so no declaration of a writer is trusted.
 *
 *     const tugBySeat = defineDerived({
 *       name: "tugBySeat", from: [fieldsOf(Tug, "seat")],
 *       compute({ entities, columns: { Tug } }) { ... return tugs; },
 *     });
 *     defineSystem({ ..., derived: [tugBySeat], run({ derived }) { derived.tugBySeat[3] } });
 *
 * A value is brought up to date when a tick begins, from the state of the tick before, and stands until the tick is over:
 * it does not show what this tick writes, and who reads it needs no order to the writers. Nothing of it is saved.
 *
 * The rule a reader could break: `compute` reads what it is given and nothing else. Audit mode (derived-check.ts) computes
 * every value again and names the column that was left out.
 */
import { FaultError, placeOf, raise } from "../base/faults.ts";
import { type Component, checkName, type Fields, fieldNames, type ReadonlyColumnsOf } from "../ecs/component.ts";
import type { Column, ReadonlyColumn } from "../ecs/field.ts";
import type { PreparedQuery, QueryTerm } from "../ecs/prepared-query.ts";
import type { World } from "./world.ts";

/** Some columns of a component. */
export interface ComponentFields<C extends Component = Component, F extends string = string> {
  readonly component: C;
  readonly names: readonly F[];
}

/** Names some columns of a component, so that a change of its others computes nothing. */
export function fieldsOf<N extends string, S extends Fields, const F extends keyof S & string>(
  component: Component<N, S>,
  ...names: readonly F[]
): ComponentFields<Component<N, S>, F> {
  return { component, names };
}

export type DerivedSource = Component | ComponentFields;
type Param = number | string | boolean;

/** What a parameter may depend on besides columns. */
export interface ParamSource {
  /** The tick that is about to be made. */
  readonly tick: number;
  readonly seed: number;
  resourceVersion(resource: number): number;
}

/** Values, and functions that give one when a tick begins. */
export type DerivedParams = Readonly<Record<string, Param | ((source: ParamSource) => Param)>>;

type ColumnsFrom<S> = {
  readonly [X in S as X extends ComponentFields<infer C>
    ? C["name"]
    : X extends Component
      ? X["name"]
      : never]: X extends ComponentFields<infer C, infer F>
    ? { readonly [K in F]: ReadonlyColumnsOf<C>[K] }
    : X extends Component
      ? ReadonlyColumnsOf<X>
      : never;
};

/** What `compute` is given; reading anything else raises "derived-read". */
export interface DerivedContext<S extends DerivedSource = DerivedSource, P extends DerivedParams = DerivedParams> {
  readonly columns: ColumnsFrom<S>;
  /** Indices of the members of `query`, ascending. */
  readonly entities: Uint32Array;
  /** Their handles, in the same order. */
  readonly handles: Uint32Array;
  readonly params: { readonly [K in keyof P]: P[K] extends (source: ParamSource) => infer V ? V : P[K] };
}

export interface DerivedDefinition<
  N extends string = string,
  S extends DerivedSource = DerivedSource,
  P extends DerivedParams = DerivedParams,
  V = unknown,
> {
  readonly name: N;
  /** Components all of whose columns it reads, or some of them: fieldsOf(Position, "x", "z"). */
  readonly from: readonly S[];
  /** Whose values: default, the entities that have every component of `from`. */
  readonly query?: readonly QueryTerm[];
  readonly params?: P & DerivedParams;
  /**
   * Computes the value: typed arrays, lists, maps, sets and objects of those, with all data in plain fields. A function of
   * what it is given: it draws nothing, keeps nothing and hands out nothing that it will write again.
   */
  compute(context: DerivedContext<S, P>): V;
}

/** A value as its readers see it: nothing of it can be written. */
export type Immutable<V> = V extends Column
  ? ReadonlyColumn
  : V extends (...given: never[]) => unknown
    ? V
    : V extends ReadonlyMap<infer K, infer W>
      ? ReadonlyMap<K, Immutable<W>>
      : V extends ReadonlySet<infer W>
        ? ReadonlySet<W>
        : V extends readonly (infer W)[]
          ? readonly Immutable<W>[]
          : V extends object
            ? { readonly [K in keyof V]: Immutable<V[K]> }
            : V;

/** Defines a derived value; systems that name it in `derived` read it. Raises "bad-definition". */
export function defineDerived<
  const N extends string,
  const S extends DerivedSource,
  V,
  const P extends DerivedParams = Record<never, never>,
>(definition: DerivedDefinition<N, S, P, V>): DerivedDefinition<N, S, P, V> {
  const { name, from } = definition;
  checkName("derived value", name);
  const refuse = (problem: string, remedy: string): never =>
    raise("bad-definition", { what: "derived value", name, problem, remedy });
  if (from.length === 0) refuse("it is computed from nothing", "Name the components that it is computed from.");
  const seen = new Set<Component>();
  for (const source of from) {
    const component = componentOf(source);
    if (seen.has(component))
      refuse(`it names ${component.name} twice`, "Name each component once, with all its fields.");
    seen.add(component);
    for (const field of namesOf(source))
      if (!Object.hasOwn(component.fields, field))
        raise("unknown-name", {
          ...{ what: "field", name: field, where: `Derived value "${name}", from ${component.name},` },
          known: fieldNames(component).join(", "),
        });
  }
  return Object.freeze(definition);
}

export function componentOf(source: DerivedSource): Component {
  return "component" in source ? source.component : source;
}

function namesOf(source: DerivedSource): readonly string[] {
  return "component" in source ? source.names : fieldNames(source);
}

/** One value in one world. */
export class DerivedSlot {
  readonly definition: DerivedDefinition;
  /** Numbers of the hashed spans that it is computed from. */
  readonly spans: readonly number[];
  value: unknown;
  /** The tick whose state it was computed from; -1 before that. */
  atTick = -1;
  computeCount = 0;
  /** In audit mode a second result of the same moment, which nobody is handed. */
  witness: { readonly value: unknown } | undefined;
  readonly #world: World;
  readonly #query: PreparedQuery;
  readonly #context: { columns: unknown; entities: Uint32Array; handles: Uint32Array; params: Record<string, Param> };
  readonly #paramNames: readonly string[];
  #seen: Uint32Array | undefined;

  constructor(definition: DerivedDefinition, world: World) {
    this.definition = definition;
    this.#world = world;
    const names = new Set(
      definition.from.flatMap((source) => namesOf(source).map((field) => `${componentOf(source).name}.${field}`)),
    );
    this.spans = world.hash.spans.flatMap(({ name }, number) => (names.has(name) ? [number] : []));
    this.#query = world.query(definition.query ?? definition.from.map(componentOf));
    this.#paramNames = Object.keys(definition.params ?? {}).sort();
    this.#context = {
      columns: columnsFor(definition, world),
      entities: new Uint32Array(0),
      handles: new Uint32Array(0),
      params: Object.create(null) as Record<string, Param>,
    };
  }

  /** Computes the value again if what it is computed from is not what it was. */
  update(source: ParamSource, isAudited: boolean): void {
    // Each is asked every time, for each notes what it has seen.
    const paramsChanged = this.#takeParams(source);
    const membersChanged = this.#takeMembers();
    if (this.atTick >= 0 && !paramsChanged && !membersChanged && !this.#columnsChanged()) return;
    this.value = this.compute();
    this.witness = isAudited ? { value: this.compute() } : undefined;
    this.atTick = source.tick - 1;
    this.computeCount++;
  }

  /** The value that members, columns and parameters give now. Raises "derived-failed". */
  compute(): unknown {
    try {
      return this.definition.compute(this.#context as never);
    } catch (thrown) {
      if (thrown instanceof FaultError) throw thrown;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      return raise(
        "derived-failed",
        { derived: this.definition.name, message: message.replace(/\.$/, ""), place: placeOf(thrown) },
        thrown,
      );
    }
  }

  /** Nothing is known of what the value was computed from. */
  forget(): void {
    this.atTick = -1;
    this.#seen = undefined;
  }

  #columnsChanged(): boolean {
    const { changedTicks } = this.#world.hash;
    for (let i = 0; i < this.spans.length; i++) if (changedTicks[this.spans[i]!]! > this.atTick) return true;
    return false;
  }

  #takeParams(source: ParamSource): boolean {
    const { params } = this.#context;
    let isChanged = false;
    for (let i = 0; i < this.#paramNames.length; i++) {
      const name = this.#paramNames[i]!;
      const given = this.definition.params![name]!;
      const value = typeof given === "function" ? given(source) : given;
      if (Object.is(params[name], value)) continue;
      params[name] = value;
      isChanged = true;
    }
    return isChanged;
  }

  /** The list of a query is another object after each structure phase that touched it, also when its members are the same. */
  #takeMembers(): boolean {
    const { entities } = this.#query;
    if (entities === this.#seen) return false;
    this.#seen = entities;
    const { handles } = this.#context;
    const { store } = this.#world;
    let isSame = handles.length === entities.length;
    for (let i = 0; isSame && i < entities.length; i++) isSame = handles[i] === store.handleOf(entities[i]!);
    if (isSame) return false;
    // Copies: the memory of a query is written again, and compute may hand out what it was given.
    this.#context.entities = entities.slice();
    this.#context.handles = entities.map((index) => store.handleOf(index));
    return true;
  }
}

/** The derived values of a world, in the order of their names. */
export class DerivedValues {
  readonly slots: readonly DerivedSlot[];
  /** Each value is computed twice and one is kept from everybody, so that a reader who writes into it is found. */
  isAudited = false;
  /** The last tick whose systems were given these values. */
  madeTick = 0;
  readonly #source: { tick: number; readonly seed: number; resourceVersion(resource: number): number };

  constructor(definitions: readonly DerivedDefinition[], world: World) {
    this.slots = definitions.map((definition) => new DerivedSlot(definition, world));
    const { seed, lookup } = world;
    this.#source = { tick: 0, seed, resourceVersion: (resource) => lookup.resourceVersion(resource) };
  }

  slotOf(definition: DerivedDefinition): DerivedSlot {
    return this.slots.find((slot) => slot.definition === definition)!;
  }

  /** Begins a tick: its systems read what the state of the tick before gives. */
  beginTick(tick: number): void {
    this.update(tick);
    this.madeTick = tick;
  }

  /** Brings all values up to date with the state on which `tick` is about to be made. */
  update(tick: number): void {
    this.#source.tick = tick;
    for (let i = 0; i < this.slots.length; i++) this.slots[i]!.update(this.#source, this.isAudited);
  }

  /** The state was replaced by that after `tick`: every value is computed again before the next one. */
  restored(tick: number): void {
    this.madeTick = tick;
    for (const slot of this.slots) slot.forget();
  }

  /** What a system is given: what it declares, and a fault for everything else. */
  readerFor(system: string, declared: readonly DerivedDefinition[]): Readonly<Record<string, unknown>> {
    const reader: Record<string, unknown> = {};
    for (const slot of this.slots) {
      const { name } = slot.definition;
      const get = declared.includes(slot.definition)
        ? (): unknown => slot.value
        : (): never => raise("undeclared-derived", { system, derived: name });
      Object.defineProperty(reader, name, { get, enumerable: true });
    }
    return Object.freeze(reader);
  }
}

/** The columns that a definition names; any other of the world is refused by name. */
function columnsFor(definition: DerivedDefinition, world: World): unknown {
  const columns: Record<string, unknown> = {};
  const refuse = (holder: object, property: string, component: string, field: string): void => {
    Object.defineProperty(holder, property, {
      get: () => raise("derived-read", { derived: definition.name, component, field }),
    });
  };
  const sources = new Map(definition.from.map((source) => [componentOf(source), source]));
  for (const component of world.program.schema.components) {
    const source = sources.get(component);
    if (source === undefined) {
      refuse(columns, component.name, component.name, "");
      continue;
    }
    const all = world.store.columnsOf(component);
    const given: Record<string, Column> = {};
    for (const field of fieldNames(component))
      if (namesOf(source).includes(field)) given[field] = all[field]!;
      else refuse(given, field, component.name, field);
    columns[component.name] = Object.freeze(given);
  }
  return Object.freeze(columns);
}
