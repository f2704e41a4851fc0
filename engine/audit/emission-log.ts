/**
 * The emission log: who emitted which rows of events within ticks. Rows of events are of their tick: tables are emptied as
 * it begins, so that whoever emitted a row is known by the step behind which it is there, whatever its bytes are and
 * whatever lay in its place before.
 *
 * Given a world, it hands on runs of rows in the order of steps, each with its step. The rule a reader could break: rows are
 * seen behind each step, so a step that did not come to its end has none here.
 */
import type { EventTable } from "../events/table.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { observeTicks } from "./observers.ts";

/** Rows of a table, from row `from` on and below row `to`. */
export interface RowRun {
  readonly table: EventTable;
  readonly from: number;
  readonly to: number;
}

/** The rows of all tables of a world that came since the last look, for whoever looks behind each step of a tick. */
export class NewRows {
  readonly #world: World;
  readonly #counts: number[];

  /** The first look sees the rows that are there. */
  constructor(world: World) {
    this.#world = world;
    this.#counts = world.events.tables.map(() => 0);
  }

  /** A tick begins, which empties the tables before its first step. */
  tickBegins(): void {
    this.#counts.fill(0);
  }

  /** In the order of tables; those that have no new row are left out. */
  look(): RowRun[] {
    const { tables } = this.#world.events;
    const runs: RowRun[] = [];
    for (let number = 0; number < tables.length; number++) {
      const table = tables[number]!;
      const from = this.#counts[number]!;
      const to = table.count;
      if (to === from) continue;
      this.#counts[number] = to;
      runs.push({ table, from, to });
    }
    return runs;
  }
}

/** Rows that one step emitted. */
export interface Emission {
  readonly tick: number;
  readonly step: TickStep;
  /** Name of the event kind. */
  readonly event: string;
  /** The rows, from row `from` on and below row `to`. */
  readonly from: number;
  readonly to: number;
}

export class EmissionLog implements TickObserver {
  readonly emissions: Emission[] = [];
  readonly #rows: NewRows;
  readonly #end: () => void;

  /** Begins to log the ticks of `world`. */
  constructor(world: World) {
    this.#rows = new NewRows(world);
    this.#end = observeTicks(world, this);
  }

  /** Stops logging; `emissions` stay. */
  end(): void {
    this.#end();
  }

  tickBegins(): void {
    this.#rows.tickBegins();
  }

  stepDone(step: TickStep, tick: number): void {
    for (const { table, from, to } of this.#rows.look())
      this.emissions.push({ tick, step, event: table.kind.name, from, to });
  }

  tickEnds(): void {}
}
