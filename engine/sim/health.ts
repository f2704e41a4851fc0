/**
 * Health: no NaN gets past the system that wrote it, and no infinity unseen. After the door and after each system the
 * float columns that it declares as written are searched by a kernel over their used range. A NaN is a fault that names
 * component, field, entity, system and tick at once. An infinity is a report, unless its component allows it.
 *
 * Reports come in batches: time is cut into windows of a fifth of a second of ticks, and a window gives one report at
 * most, when it is over. What a window has no room for is counted. Windows follow from tick numbers, so two runs report alike.
 *
 * A NaN that a system writes without declaring it is found behind the next one that computes with it, or that declares the
 * column. So a fault says who left it there and what that one had read, and audit mode says who it was.
 *
 * The rule a reader could break: a report is looked at and never acted upon; nothing of it is state.
 */

import { raise } from "../base/faults.ts";
import { hashBlockBytes } from "../base/hash.ts";
import { counted } from "../base/wording.ts";
import type { Component } from "../ecs/component.ts";
import { fieldNames } from "../ecs/component.ts";
import type { Column } from "../ecs/field.ts";
import type { Store } from "../ecs/store.ts";
import type { Kernels } from "../kernels/kernels.ts";

/** One float column that a system writes. */
export interface WatchedColumn {
  readonly component: string;
  readonly field: string;
  readonly column: Column;
  readonly length: number;
  readonly slotBytes: number;
  readonly componentNumber: number;
  readonly isDouble: boolean;
  readonly mayBeInfinite: boolean;
  /** The window in which infinities were last seen here; until it is over only NaN is searched. */
  seenWindow: number;
}

/** Infinities in one column after one system. */
export interface InfinityFind {
  readonly component: string;
  readonly field: string;
  /** The first entity with one, and how many elements have one. */
  readonly entity: number;
  readonly count: number;
  readonly value: number;
  readonly system: string;
  readonly tick: number;
}

/** What one window found. */
export interface HealthReport {
  readonly firstTick: number;
  readonly lastTick: number;
  readonly finds: readonly InfinityFind[];
  /** Columns with infinities that found no room among `finds`. */
  readonly suppressedCount: number;
}

/** Reports a second at most; a world of fewer ticks a second has one a tick at most. */
const reportsPerSecond = 5;
const findsPerReport = 8;

/** The float columns among the fields of `components`. */
export function watchedColumns(store: Store, components: readonly Component[]): WatchedColumn[] {
  return components.flatMap((component) =>
    fieldNames(component).flatMap((field) => {
      const { scalar, length } = component.fields[field]!;
      if (scalar !== "f32" && scalar !== "f64") return [];
      const column = store.columnsOf(component)[field]!;
      return [
        {
          component: component.name,
          field,
          column,
          length,
          slotBytes: column.BYTES_PER_ELEMENT * length,
          componentNumber: store.numberOf(component),
          isDouble: scalar === "f64",
          mayBeInfinite: component.infinite.includes(field),
          seenWindow: -1,
        },
      ];
    }),
  );
}

export class Health {
  /** Told each report, at the end of the tick that ends its window. */
  onReport: ((report: HealthReport) => void) | undefined;
  /** Reports made so far, whoever listens. */
  reportCount = 0;
  /** Columns with infinities that found no room in a report. */
  suppressedCount = 0;

  readonly #store: Store;
  readonly #kernels: Kernels | undefined;
  readonly #windowTicks: number;
  readonly #finds: InfinityFind[] = [];
  #suppressed = 0;

  /** Without `kernels` the TypeScript form searches; it finds the same. */
  constructor(store: Store, kernels: Kernels | undefined, tickRate: number) {
    this.#store = store;
    this.#kernels = kernels;
    this.#windowTicks = Math.ceil(tickRate / reportsPerSecond);
  }

  /**
   * Raises "not-a-number" when one of `watched` holds a NaN in its used range; notes infinities. `reads` is what the system
   * reads beside: where that has a NaN, the fault says so, because the system may have done nothing but go on with it.
   */
  check(watched: readonly WatchedColumn[], system: string, tick: number, reads: readonly Component[] = []): void {
    const kernels = this.#kernels;
    const window = Math.floor(tick / this.#windowTicks);
    for (let i = 0; i < watched.length; i++) {
      const one = watched[i]!;
      const { column, slotBytes, componentNumber, isDouble } = one;
      const usedBytes = this.#store.used[componentNumber]! * slotBytes;
      let from = 0;
      // Infinities of a column that may have them, or has had some in this window, are not looked at one by one.
      const onlyNaN = one.mayBeInfinite || one.seenWindow === window;
      if (kernels !== undefined) {
        const padded = Math.ceil(usedBytes / hashBlockBytes) * hashBlockBytes;
        const find = onlyNaN
          ? isDouble
            ? kernels.findNaN64
            : kernels.findNaN32
          : isDouble
            ? kernels.findNonFinite64
            : kernels.findNonFinite32;
        from = find(column.byteOffset, padded);
        if (from < 0) continue;
      }
      const [first, end] = [from / column.BYTES_PER_ELEMENT, usedBytes / column.BYTES_PER_ELEMENT];
      if (onlyNaN) this.#refuseNaN(one, findNaN(column, first, end), system, tick, reads);
      else this.#search(one, first, end, system, tick, window, reads);
    }
  }

  /** Ends a tick: a window that is over gives its report. */
  tickDone(tick: number): void {
    if ((tick + 1) % this.#windowTicks !== 0 || this.#finds.length === 0) return;
    const report: HealthReport = {
      firstTick: tick + 1 - this.#windowTicks,
      lastTick: tick,
      finds: this.#finds.splice(0),
      suppressedCount: this.#suppressed,
    };
    this.#suppressed = 0;
    this.reportCount++;
    this.onReport?.(report);
  }

  /** Looks at each element of column[from..end). */
  #search(
    one: WatchedColumn,
    from: number,
    end: number,
    system: string,
    tick: number,
    window: number,
    reads: readonly Component[],
  ): void {
    const { component, field, column, length } = one;
    let first = -1;
    let count = 0;
    for (let element = findNonFinite(column, from, end); element >= 0; ) {
      if (Number.isNaN(column[element]!)) this.#refuseNaN(one, element, system, tick, reads);
      if (count++ === 0) first = element;
      element = findNonFinite(column, element + 1, end);
    }
    if (count === 0) return;
    one.seenWindow = window;
    if (this.#finds.length === findsPerReport) {
      this.#suppressed++;
      this.suppressedCount++;
      return;
    }
    const entity = Math.floor(first / length);
    this.#finds.push({ component, field, entity, count, value: column[first]!, system, tick });
  }

  /** Raises "not-a-number" for an element; -1 is none. */
  #refuseNaN(one: WatchedColumn, element: number, system: string, tick: number, reads: readonly Component[]): void {
    if (element < 0) return;
    const { component, field, length } = one;
    const entity = Math.floor(element / length);
    const source = this.#readNaN(reads, component, entity);
    raise("not-a-number", { component, field, entity, system, tick, ...(source === "" ? {} : { source }) });
  }

  /**
   * A NaN in what a system reads, as "Position.y of entity 3", of the same entity where it has one; "" for none. What
   * others write is searched behind each of them, so such a NaN was written by nobody who declares it.
   */
  #readNaN(reads: readonly Component[], written: string, entity: number): string {
    let source = "";
    const others = reads.filter(({ name }) => name !== written);
    for (const { component, field, column, length, componentNumber } of watchedColumns(this.#store, others)) {
      const end = this.#store.used[componentNumber]! * length;
      const own = findNaN(column, entity * length, Math.min(end, (entity + 1) * length));
      if (own >= 0) return `${component}.${field} of entity ${entity}`;
      const first = source === "" ? findNaN(column, 0, end) : -1;
      if (first >= 0) source = `${component}.${field} of entity ${Math.floor(first / length)}`;
    }
    return source;
  }
}

/** A report in words, for whoever prints it. */
export function healthText({ firstTick, lastTick, finds, suppressedCount }: HealthReport): string {
  const lines = finds.map(
    ({ component, field, entity, count, value, system, tick }) =>
      `${component}.${field} of entity ${entity} is ${value} after "${system}" at tick ${tick}${count > 1 ? ` (and of ${count - 1} more elements)` : ""}`,
  );
  const more = suppressedCount > 0 ? `; ${counted(suppressedCount, "more column")}` : "";
  return `health, ticks ${firstTick} to ${lastTick}: ${lines.join("; ")}${more}`;
}

/** The first NaN of column[from..end), or -1: the twin of the kernels' search. */
export function findNaN(column: Column, from: number, end: number): number {
  for (let i = from; i < end; i++) if (Number.isNaN(column[i]!)) return i;
  return -1;
}

/** The first NaN or infinity of column[from..end), or -1: likewise. */
export function findNonFinite(column: Column, from: number, end: number): number {
  for (let i = from; i < end; i++) if (!Number.isFinite(column[i]!)) return i;
  return -1;
}
