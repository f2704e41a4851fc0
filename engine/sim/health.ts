/**
 * Health: no NaN gets past the system that wrote it. After each system the float columns that it
 * declared as written are searched by a kernel over their used range; a find names component, field,
 * entity and system at once.
 */
import { raise } from "../base/faults.ts";
import { hashBlockBytes } from "../base/hash.ts";
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
}

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
        },
      ];
    }),
  );
}

/** Raises "not-a-number" when one of `watched` holds a NaN in its used range. */
export function checkHealth(
  watched: readonly WatchedColumn[],
  store: Store,
  kernels: Kernels | undefined,
  system: string,
  tick: number,
): void {
  for (let i = 0; i < watched.length; i++) {
    const { column, slotBytes, componentNumber, isDouble } = watched[i]!;
    const usedBytes = store.used[componentNumber]! * slotBytes;
    const padded = Math.ceil(usedBytes / hashBlockBytes) * hashBlockBytes;
    let from = 0;
    if (kernels !== undefined) {
      const find = isDouble ? kernels.findNaN64 : kernels.findNaN32;
      from = find(column.byteOffset, padded);
      if (from < 0) continue;
    }
    const element = findNaN(column, from / column.BYTES_PER_ELEMENT, usedBytes / column.BYTES_PER_ELEMENT);
    if (element < 0) continue;
    const { component, field, length } = watched[i]!;
    raise("not-a-number", { component, field, entity: Math.floor(element / length), system, tick });
  }
}

/** The first NaN of column[from..end), or -1: the twin of the kernels' search. */
export function findNaN(column: Column, from: number, end: number): number {
  for (let i = from; i < end; i++) if (Number.isNaN(column[i]!)) return i;
  return -1;
}
