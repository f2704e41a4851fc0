/**
 * Tumble with unsorted iterations planted in it: sums of floats over a Set and over a Map that no state holds. The members
 * are the same in every run; their order, and with it the last bits of the sum, is history.
 */
import type { Game, SystemContext } from "../../engine/index.ts";
import type { Ledger } from "./tumble-parts.ts";
import { alsoRunning } from "./variants.ts";

/** What keep-ledger sees of the columns that it reads and writes. */
interface Books {
  readonly Ledger: { readonly sums: Float64Array; readonly counts: Int32Array };
  readonly Position: { readonly y: Float32Array };
}
/** The sum that Tumble leaves alone. */
const sumAt = (entity: number): number => entity * 8 + 7;

function keepingBooks(then: (columns: Books, context: SystemContext<typeof Ledger, typeof Ledger>) => void): Game {
  return alsoRunning("keep-ledger", (context) => {
    const { columns } = context as unknown as { readonly columns: Books };
    then(columns, context as unknown as SystemContext<typeof Ledger, typeof Ledger>);
  });
}

/** Sums heights over a Set of bodies, in the order in which they came: a restored world sees them all come at once. */
export function unsortedByHistory(): Game {
  const bodies = new Set<number>();
  return keepingBooks(({ Ledger, Position }, { entities, members }) => {
    const present = members["bodies"]!;
    for (const body of bodies) if (!present.includes(body)) bodies.delete(body);
    for (const body of present) bodies.add(body);
    let total = Math.fround(0);
    for (const body of bodies) total = Math.fround(total + Position.y[body]!);
    Ledger.sums[sumAt(entities[0]!)] = total;
  });
}

/** Sums prices over a Map that was filled in the order in which, say, a host listed a folder. */
export function unsortedByHost(isReversed: boolean): Game {
  const priced: readonly [string, number][] = [
    ["oak", 0.1],
    ["steel", 1e8],
    ["tin", 3.3],
    ["lead", -1e8],
  ];
  const prices = new Map(isReversed ? [...priced].reverse() : priced);
  return keepingBooks(({ Ledger }, { entities }) => {
    const e = entities[0]!;
    const goneCount = Ledger.counts[e * 4]!;
    let total = Math.fround(0);
    for (const price of prices.values()) total = Math.fround(total + price * goneCount);
    Ledger.sums[sumAt(e)] = total;
  });
}

export default unsortedByHost(true);
