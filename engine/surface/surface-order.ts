/**
 * The order of surfaces: pure and total. A surface comes after all whose pictures it reads; where that
 * leaves a choice, the higher priority comes first, then the lower name. So the order is the first, by
 * that rule, of all orders that respect the dependencies, however the surfaces were listed.
 */
import { raise } from "../base/faults.ts";
import type { Surface } from "./surface.ts";

export interface SurfaceOrder {
  /** Order of presentation. */
  readonly order: readonly Surface[];
  /** Groups that may be recorded and submitted in parallel, each in order of presentation; a group reads only from groups before. */
  readonly levels: readonly (readonly Surface[])[];
}

/** Raises "duplicate-name", "surface-unknown", "surface-cycle". */
export function orderSurfaces(surfaces: readonly Surface[]): SurfaceOrder {
  const waiting = [...surfaces].sort(compareSurfaces);
  const byName = new Map<string, Surface>();
  for (const surface of waiting) {
    if (byName.has(surface.name)) raise("duplicate-name", { what: "surface", name: surface.name });
    byName.set(surface.name, surface);
  }
  for (const { name, reads } of waiting)
    for (const read of reads)
      if (!byName.has(read))
        raise("surface-unknown", { operation: `Surface "${name}"`, name: read, known: knownText(byName.keys()) });
  const order: Surface[] = [];
  const levels: Surface[][] = [];
  const levelOf = new Map<string, number>();
  while (waiting.length > 0) {
    const i = waiting.findIndex(({ reads }) => reads.every((name) => levelOf.has(name)));
    if (i < 0) raise("surface-cycle", { circle: circleText(waiting) });
    const [surface] = waiting.splice(i, 1) as [Surface];
    const level = 1 + Math.max(-1, ...surface.reads.map((name) => levelOf.get(name)!));
    levelOf.set(surface.name, level);
    order.push(surface);
    levels[level] ??= [];
    levels[level].push(surface);
  }
  return { order, levels };
}

/** Below 0 when `a` comes first where dependencies leave it open. */
export function compareSurfaces(a: Surface, b: Surface): number {
  return b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Names in ascending order, for a fault. */
export function knownText(names: Iterable<string>): string {
  return [...names].sort().join(", ") || "none is there";
}

/** One circle among surfaces each of which waits for another of them, from its lowest name on. */
function circleText(waiting: readonly Surface[]): string {
  const blocked = new Map(waiting.map((surface) => [surface.name, surface]));
  const path: string[] = [];
  let name = [...blocked.keys()].sort()[0]!;
  while (!path.includes(name)) {
    path.push(name);
    name = blocked
      .get(name)!
      .reads.filter((read) => blocked.has(read))
      .sort()[0]!;
  }
  const circle = path.slice(path.indexOf(name));
  const first = circle.indexOf([...circle].sort()[0]!);
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  return [...turned, turned[0]].map((text) => `"${text}"`).join(" reads ");
}
