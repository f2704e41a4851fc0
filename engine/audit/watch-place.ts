/**
 * The places that a user names to watch: "Velocity.x" for a column, "Velocity.x:512" for one entity in it. Whoever has the
 * columns of a program refuses what is not there, before a run by its definitions and in it by its state.
 */
import { closestName } from "../base/closest-name.ts";
import { raise } from "../base/faults.ts";

export interface WatchPlace {
  readonly column: string;
  /** Index of the entity; undefined for all that have it. */
  readonly entity: number | undefined;
}

/** Reads a place for a world with these columns and entities from 1 to `last`. Raises "usage". */
export function readWatchPlace(place: string, columns: readonly string[], last: number): WatchPlace {
  const [column = "", index] = place.split(":");
  if (!columns.includes(column))
    raise("usage", { problem: `There is no column "${column}" to watch.`, suggestion: columnAdvice(column, columns) });
  const entity = index === undefined ? undefined : Number(index);
  if (entity !== undefined && !(/^\d+$/.test(index!) && entity >= 1 && entity <= last))
    raise("usage", {
      problem: `There is no entity "${index}" to watch in ${column}.`,
      suggestion: `Give an index from 1 to ${last}.`,
    });
  return { column, entity };
}

/** What there is instead: a name much like it, else the columns of its component, else the components. */
function columnAdvice(name: string, columns: readonly string[]): string {
  const closest = closestName(name, columns);
  if (closest !== undefined) return `Did you mean ${closest}?`;
  const owner = (column: string): string => column.split(".")[0]!;
  const near = columns.filter((column) => owner(column) === owner(name));
  return `Use one of: ${(near.length > 0 ? near : [...new Set(columns.map(owner))]).join(", ")}.`;
}
