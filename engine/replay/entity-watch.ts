/**
 * Everything that happened to one entity while a replay ran: each write into its columns with the step that made it, the
 * commands that named it with the step that staged them, the events that named it, and how the answers of tick jobs were
 * cut into chunks. What `why` is answered from.
 *
 * Given a world before its ticks, it hands on lists in the order of ticks and steps. The rule a reader could break: it
 * looks at one world; behind a swap, another one begins with its own watch.
 */
import { observeTicks } from "../audit/observers.ts";
import { placeText, type StatePart, stateParts } from "../audit/state-map.ts";
import { handleIndex } from "../ecs/handle.ts";
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
  /** Components that it gives or takes; empty for those of the whole entity. */
  readonly components: readonly string[];
}

/** A row of an event that named the entity. */
export interface EventNote {
  readonly tick: number;
  readonly kind: string;
  readonly values: Readonly<Record<string, number>>;
  /** Indices of the other entities that the row names. */
  readonly others: readonly number[];
}

export class EntityWatch implements TickObserver {
  readonly entity: number;
  readonly commands: CommandNote[] = [];
  readonly events: EventNote[] = [];
  /** Writes by span name and element, each list in order. */
  readonly #writes = new Map<string, Write[]>();
  readonly #world: World;
  readonly #parts: readonly { readonly part: StatePart; readonly from: number; readonly copy: Float64Array }[];
  readonly #end: () => void;
  #stagedCount = 0;

  constructor(world: World, entity: number) {
    this.#world = world;
    this.entity = entity;
    this.#parts = stateParts(world)
      .filter(({ kind }) => kind === "column")
      .map((part) => {
        const from = entity * part.length;
        const copy = Float64Array.from({ length: part.length }, (_, at) => part.elements[from + at] ?? 0);
        return { part, from, copy };
      });
    this.#end = observeTicks(world, this);
  }

  /** Stops watching; what was seen stays. */
  end(): void {
    this.#end();
  }

  /** The writes of an element, in order. */
  writesOf(span: string, element: number): readonly Write[] {
    return this.#writes.get(`${span} ${element}`) ?? [];
  }

  tickBegins(tick: number): void {
    this.#stagedCount = 0;
    this.#compare("outside", tick);
  }

  stepDone(step: TickStep, tick: number): void {
    this.#compare(step, tick);
    this.#noteCommands(step, tick);
  }

  tickEnds(tick: number): void {
    this.#noteEvents(tick);
  }

  #compare(step: TickStep | "outside", tick: number): void {
    for (const { part, from, copy } of this.#parts)
      for (let at = 0; at < copy.length; at++) {
        const before = copy[at]!;
        const after = part.elements[from + at]!;
        if (Object.is(before, after)) continue;
        copy[at] = after;
        const element = from + at;
        const key = `${part.name} ${element}`;
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
      if (command.kind === "add") note(`add ${command.part.component.name}`, [command.part.component.name]);
      else if (command.kind === "remove") note(`remove ${command.component.name}`, [command.component.name]);
      else if (command.kind === "reparent") note(`reparent below ${handleIndex(command.parent)}`, ["Parent", "Family"]);
      else note(command.kind, []);
    }
  }

  #noteEvents(tick: number): void {
    for (const table of this.#world.events.tables) {
      const { fields, name } = table.kind;
      const named = Object.keys(fields)
        .sort()
        .filter((field) => fields[field]!.scalar === "entity" && fields[field]!.length === 1);
      if (named.length === 0) continue;
      for (let row = 0; row < table.count; row++) {
        const indices = named.map((field) => handleIndex(table.columns[field]![row]!));
        if (!indices.includes(this.entity)) continue;
        const values: Record<string, number> = {};
        for (const field of Object.keys(fields).sort())
          values[field] = table.columns[field]![row * fields[field]!.length]!;
        const others = indices.filter((index) => index !== this.entity && index !== 0);
        this.events.push({ tick, kind: name, values, others });
      }
    }
  }
}
