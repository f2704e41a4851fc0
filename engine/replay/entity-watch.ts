/**
 * Everything that happened to one entity while a replay ran: each write into its columns with the step that made it, when
 * it came and went and which components it had, the commands that named it with the step that staged them, the events that
 * named it with the step that emitted them, and whom its body touched. What `why` is answered from.
 *
 * Given a world before its ticks, it hands on lists in the order of ticks and steps. The rule a reader could break: it
 * looks at one world; behind a swap, another one begins with its own watch.
 */
import { NewRows } from "../audit/emission-log.ts";
import { observeTicks } from "../audit/observers.ts";
import { placeText, type StatePart, stateParts } from "../audit/state-map.ts";
import type { Component } from "../ecs/component.ts";
import { handleIndex } from "../ecs/handle.ts";
import { Contact } from "../physics/components.ts";
import { physicsOf } from "../physics/subsystem.ts";
import type { Touched } from "../physics/touching.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";

/** A change of one element of the entity. */
export interface Write {
  readonly tick: number;
  readonly step: TickStep | "outside";
  readonly part: StatePart;
  readonly element: number;
  readonly place: string;
  readonly before: number;
  readonly after: number;
}

/** A command that named the entity. */
export interface CommandNote {
  readonly tick: number;
  readonly by: TickStep | "outside";
  /** "spawn", "add Crate", "reparent below 7". */
  readonly text: string;
  /** Components that it gives or takes, those that come along included; empty for those of the whole entity. */
  readonly components: readonly string[];
}

/** Who has the index from here on, and with which components; noted whenever that changes. */
export interface Presence {
  readonly tick: number;
  /** Undefined for what was so when the watch began. */
  readonly step: TickStep | "outside" | undefined;
  readonly isAlive: boolean;
  readonly generation: number;
  /** Names, in schema order. */
  readonly components: readonly string[];
}

/** Whom the body touches from this tick on; noted whenever that changes. */
export interface TouchNote {
  readonly tick: number;
  readonly touched: readonly Touched[];
}

/** A row of an event that named the entity. */
export interface EventNote {
  /** Of the emission. */
  readonly tick: number;
  /** Undefined for a row that was there when the watch began. */
  readonly by: TickStep | undefined;
  readonly kind: string;
  /** Place in its table, in that tick. */
  readonly row: number;
  /** By field, in the order of their names: a number, or the elements of an array. Entities are indices, 0 for none. */
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  /** Fields that hold entities. */
  readonly entityFields: readonly string[];
  /** Indices of the other entities that the row names, each once. */
  readonly others: readonly number[];
}

export class EntityWatch implements TickObserver {
  readonly entity: number;
  readonly commands: CommandNote[] = [];
  readonly events: EventNote[] = [];
  /** The first is what was when the watch began; likewise of `touches`. */
  readonly presences: Presence[] = [];
  readonly touches: TouchNote[] = [];
  /** Writes by span name and slot of a fixed array, each list in order. */
  readonly #writes = new Map<string, Write[]>();
  readonly #world: World;
  readonly #parts: readonly WatchedPart[];
  readonly #end: () => void;
  #stagedCount = 0;
  #structureVersion = -1;
  readonly #newRows: NewRows;

  constructor(world: World, entity: number) {
    this.#world = world;
    this.entity = entity;
    this.#parts = stateParts(world)
      .filter(({ kind }) => kind === "column")
      .map((part) => {
        const from = entity * part.length;
        const copy = Float64Array.from({ length: part.length }, (_, at) => part.elements[from + at] ?? 0);
        return { part, from, copy, first: copy.slice() };
      });
    this.#notePresence(undefined, world.tickCount);
    this.#noteTouches(world.tickCount);
    this.#newRows = new NewRows(world);
    this.#noteEvents(undefined, world.tickCount);
    this.#end = observeTicks(world, this);
  }

  /** Stops watching; what was seen stays. */
  end(): void {
    this.#end();
  }

  /** The writes of a field, in order; of one slot of a fixed array. */
  writesOf(span: string, slot: number): readonly Write[] {
    return this.#writes.get(`${span} ${slot}`) ?? [];
  }

  /** What a field was when the watch began and what it is behind the last tick; undefined when the world has no such slot. */
  endsOf(span: string, slot: number): { readonly first: number; readonly last: number } | undefined {
    const watched = this.#parts.find(({ part }) => part.name === span);
    if (watched === undefined || slot >= watched.copy.length) return undefined;
    return { first: watched.first[slot]!, last: watched.copy[slot]! };
  }

  tickBegins(tick: number): void {
    this.#stagedCount = 0;
    this.#newRows.tickBegins();
    this.#compare("outside", tick);
    this.#notePresence("outside", tick);
  }

  stepDone(step: TickStep, tick: number): void {
    this.#compare(step, tick);
    this.#noteCommands(step, tick);
    this.#noteEvents(step, tick);
    // An index is taken when a spawn is staged; who has it comes to life in the structure phase.
    if (step.kind === "structure") this.#notePresence(step, tick);
    if (step.system?.emits?.some(({ name }) => name === Contact.name) === true) this.#noteTouches(tick);
  }

  tickEnds(): void {}

  #compare(step: TickStep | "outside", tick: number): void {
    for (const { part, from, copy } of this.#parts)
      for (let at = 0; at < copy.length; at++) {
        const before = copy[at]!;
        const after = part.elements[from + at]!;
        if (Object.is(before, after)) continue;
        copy[at] = after;
        const element = from + at;
        const key = `${part.name} ${at}`;
        const list = this.#writes.get(key) ?? [];
        if (list.length === 0) this.#writes.set(key, list);
        list.push({ tick, step, part, element, place: placeText(this.#world, part, element), before, after });
      }
  }

  #noteCommands(step: TickStep, tick: number): void {
    const { staged } = this.#world.commands;
    // Applied commands are gone from the list.
    if (staged.length < this.#stagedCount) this.#stagedCount = staged.length;
    for (; this.#stagedCount < staged.length; this.#stagedCount++) {
      const command = staged[this.#stagedCount]!;
      if (handleIndex(command.entity) !== this.entity) continue;
      const note = (text: string, components: readonly string[]): void => {
        this.commands.push({ tick, by: step, text, components });
      };
      if (command.kind === "add")
        note(`add ${command.part.component.name}`, [...withRequired(command.part.component)].sort());
      else if (command.kind === "remove") note(`remove ${command.component.name}`, [command.component.name]);
      else if (command.kind === "reparent") note(`reparent below ${handleIndex(command.parent)}`, ["Parent", "Family"]);
      else note(command.kind, []);
    }
  }

  #notePresence(step: Presence["step"], tick: number): void {
    const { store } = this.#world;
    if (store.structureVersion === this.#structureVersion) return;
    this.#structureVersion = store.structureVersion;
    const isAlive = store.isAlive(store.handleOf(this.entity));
    const components = isAlive ? store.componentsOf(this.entity).map(({ name }) => name) : [];
    const now: Presence = { tick, step, isAlive, generation: store.generation[this.entity] ?? 0, components };
    const before = this.presences.at(-1);
    if (before === undefined || textOf(before) !== textOf(now)) this.presences.push(now);
  }

  #noteTouches(tick: number): void {
    const touched = physicsOf(this.#world.program)?.touchedBy(this.entity) ?? [];
    const before = this.touches.at(-1)?.touched;
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(touched))
      this.touches.push({ tick, touched });
  }

  /** Notes the rows that came since the last look, which are those of the step: in their order, where a stream knows it. */
  #noteEvents(by: EventNote["by"], tick: number): void {
    // An earlier owner of the index is another entity.
    const own = this.#world.store.handleOf(this.entity);
    const found: { readonly sequence: number; readonly note: EventNote }[] = [];
    for (const { table, from, to } of this.#newRows.look()) {
      const { fields, name: kind } = table.kind;
      const names = Object.keys(fields).sort();
      const entityFields = names.filter((field) => fields[field]!.scalar === "entity");
      if (entityFields.length === 0) continue;
      for (let row = from; row < to; row++) {
        const elementsOf = (field: string): number[] => {
          const { length } = fields[field]!;
          return Array.from(table.columns[field]!.subarray(row * length, (row + 1) * length));
        };
        const named = entityFields.flatMap(elementsOf);
        if (!named.includes(own)) continue;
        const others = new Set(named.map(handleIndex).filter((index) => index !== this.entity && index !== 0));
        const values: Record<string, number | number[]> = {};
        for (const field of names) {
          const elements = entityFields.includes(field) ? elementsOf(field).map(handleIndex) : elementsOf(field);
          values[field] = fields[field]!.length === 1 ? elements[0]! : elements;
        }
        const sequence = table.sequence?.[row] ?? Number.MAX_SAFE_INTEGER;
        found.push({ sequence, note: { tick, by, kind, row, values, entityFields, others: [...others] } });
      }
    }
    found.sort((a, b) => a.sequence - b.sequence);
    for (const { note } of found) this.events.push(note);
  }
}

interface WatchedPart {
  readonly part: StatePart;
  readonly from: number;
  /** The values now, and those when the watch began. */
  readonly copy: Float64Array;
  readonly first: Float64Array;
}

function textOf({ isAlive, generation, components }: Presence): string {
  return `${isAlive} ${generation} ${components.join(" ")}`;
}

/** The names of a component and of all that comes with it. */
function withRequired(component: Component, names = new Set<string>()): Set<string> {
  names.add(component.name);
  for (const required of component.requires) if (!names.has(required.name)) withRequired(required, names);
  return names;
}
