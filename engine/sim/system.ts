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
import type { EventKind, EventReader, EventWriter } from "../events/event.ts";

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
type EventsFor<E extends EventKind, H extends EventKind> = {
  readonly [K in Exclude<H, E> as K["name"]]: EventReader<K>;
} & { readonly [K in E as K["name"]]: EventWriter<K> & EventReader<K> };

/** What a system is given in each tick. The object is the same in every tick; only its fields change. */
export interface SystemContext<
  R extends Component = Component,
  W extends Component = Component,
  E extends EventKind = EventKind,
  H extends EventKind = EventKind,
  Q = Readonly<Record<string, readonly QueryTerm[]>>,
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
  /** This system's own stream. */
  readonly random: RandomStream;
  readonly commands: Commands;
  readonly world: Lookup;
}

export interface SystemDefinition<
  R extends Component = Component,
  W extends Component = Component,
  E extends EventKind = EventKind,
  H extends EventKind = EventKind,
  Q extends Readonly<Record<string, readonly QueryTerm[]>> = Readonly<Record<string, readonly QueryTerm[]>>,
> {
  readonly name: string;
  readonly phase: PhaseName;
  readonly query?: readonly QueryTerm[];
  /** Further queries by name. */
  readonly queries?: Q;
  readonly reads?: readonly R[];
  readonly writes?: readonly W[];
  readonly emits?: readonly E[];
  readonly hears?: readonly H[];
  /** Systems of the same phase that must run earlier / later, by name. */
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  run(context: SystemContext<R, W, E, H, Q>): void;
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
  const H extends EventKind = never,
  const Q extends Readonly<Record<string, readonly QueryTerm[]>> = Record<never, never>,
>(definition: SystemDefinition<R, W, E, H, Q>): SystemDefinition<R, W, E, H, Q> {
  return definition;
}
