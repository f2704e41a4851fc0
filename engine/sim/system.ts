/**
 * Systems: functions of one phase with declared reads and writes. What a system declares is what it
 * gets: columns of components that it only reads are typed as read only, others are not there at all.
 *
 * A definition is data shared by all worlds. State that must survive a tick lives in components,
 * never in a closure: a closure is not hashed, not saved and not replayed.
 */

import type { PhaseName } from "../base/phases.ts";
import type { RandomStream } from "../base/random.ts";
import type { Commands } from "../ecs/commands.ts";
import type { ColumnsOf, Component, ReadonlyColumnsOf } from "../ecs/component.ts";
import type { Handle } from "../ecs/handle.ts";
import type { QueryTerm } from "../ecs/prepared-query.ts";
import type { EventKind, EventReader, EventRows, EventWriter, LastingEvent } from "../events/event.ts";
import type { EventSource, EventStream, StreamReader, StreamRows } from "../events/stream.ts";
import type { DerivedDefinition, Immutable } from "./derived.ts";

/** Look-ups that any system may make; they read structure, which only the structure phase changes. */
export interface Lookup {
  handleOf(index: number): Handle;
  /** Index of an alive handle, 0 when it is none or stale. */
  indexOf(handle: Handle): number;
  isAlive(handle: Handle): boolean;
  has(index: number, component: Component): boolean;
  /** Index of the parent, 0 for a root. */
  parentOf(index: number): number;
  /** The entity whose AuthoredId is `id`, or 0. */
  authored(id: number): Handle;
  /** Version of a world resource, 0 before its first publication has entered; of others it is always 0. */
  resourceVersion(resource: number): number;
}

type Members<Q> = { readonly [K in keyof Q]: Uint32Array };
type ColumnsFor<R extends Component, W extends Component> = {
  readonly [C in Exclude<R, W> as C["name"]]: ReadonlyColumnsOf<C>;
} & { readonly [C in W as C["name"]]: ColumnsOf<C> };
type ReaderOf<S> =
  S extends EventStream<string, infer K> ? StreamReader<K> : S extends EventKind ? EventReader<S> : never;
type EventsFor<E extends EventKind, H extends EventSource> = {
  readonly [S in Exclude<H, E> as S["name"]]: ReaderOf<S>;
} & { readonly [K in E as K["name"]]: EventWriter<K> & EventReader<K> };
/** Kinds that last, and streams of nothing else. */
type LastingSource = LastingEvent | EventStream<string, LastingEvent>;
type RowsOf<S> = S extends EventStream<string, infer K> ? StreamRows<K> : S extends EventKind ? EventRows<S> : never;
type DerivedFor<D> = {
  readonly [X in D as X extends DerivedDefinition ? X["name"] : never]: X extends {
    compute(...given: never[]): infer V;
  }
    ? Immutable<V>
    : never;
};

/** What a system is given in each tick. The object is the same in every tick; only its fields change. */
export interface SystemContext<
  R extends Component = Component,
  W extends Component = Component,
  E extends EventKind = EventKind,
  H extends EventSource = EventSource,
  Q = Readonly<Record<string, readonly QueryTerm[]>>,
  L extends LastingSource = LastingSource,
  D extends DerivedDefinition = DerivedDefinition,
> {
  /** The tick being made; the first is 1. */
  readonly tick: number;
  /** Seconds that a tick lasts: 1 / tick rate. */
  readonly deltaSeconds: number;
  /** Indices of the members of `query`, ascending. Empty when no query is declared. */
  readonly entities: Uint32Array;
  /** Members of each query of `queries`, ascending. */
  readonly members: Members<Q>;
  readonly columns: ColumnsFor<R, W>;
  readonly events: EventsFor<E, H>;
  /** Rows of the tick before, of what the system `recalls`. */
  readonly recalled: { readonly [S in L as S["name"]]: RowsOf<S> };
  /** Derived values as the state before this tick gives them. */
  readonly derived: DerivedFor<D>;
  /** This system's own stream. */
  readonly random: RandomStream;
  readonly commands: Commands;
  readonly world: Lookup;
}

export interface SystemDefinition<
  R extends Component = Component,
  W extends Component = Component,
  E extends EventKind = EventKind,
  H extends EventSource = EventSource,
  Q extends Readonly<Record<string, readonly QueryTerm[]>> = Readonly<Record<string, readonly QueryTerm[]>>,
  L extends LastingSource = LastingSource,
  D extends DerivedDefinition = DerivedDefinition,
> {
  readonly name: string;
  readonly phase: PhaseName;
  readonly query?: readonly QueryTerm[];
  /** Further queries by name. */
  readonly queries?: Q;
  readonly reads?: readonly R[];
  readonly writes?: readonly W[];
  readonly emits?: readonly E[];
  /** Kinds whose rows of this tick it reads, and streams that combine several. Writers must have an order to it. */
  readonly hears?: readonly H[];
  /** Lasting kinds, or streams of them, whose rows of the tick before it reads. Those stand, so no order is needed. */
  readonly recalls?: readonly L[];
  /** Values that it reads and that follow from columns alone; see defineDerived. */
  readonly derived?: readonly D[];
  /** Systems of the same phase that must run earlier / later, by name. */
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  run(context: SystemContext<R, W, E, H, Q, L, D>): void;
}

/** A system with its type parameters forgotten, as plans and worlds keep it: only the world that binds it calls it. */
export type AnySystem = Omit<SystemDefinition, "run"> & {
  // biome-ignore lint/suspicious/noExplicitAny: each system's own context is checked by defineSystem.
  run(context: any): void;
};

/** Defines a system; the identity function, there for its types. */
export function defineSystem<
  const R extends Component = never,
  const W extends Component = never,
  const E extends EventKind = never,
  const H extends EventSource = never,
  const Q extends Readonly<Record<string, readonly QueryTerm[]>> = Record<never, never>,
  const L extends LastingSource = never,
  const D extends DerivedDefinition = never,
>(definition: SystemDefinition<R, W, E, H, Q, L, D>): SystemDefinition<R, W, E, H, Q, L, D> {
  return definition;
}
