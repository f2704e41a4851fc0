/** Which crate a pilot wants: the one with the most points for the way. */

import type { ReadonlyColumnsOf } from "../../engine/index.ts";
import { exact, handleIndex, type Position } from "../../engine/index.ts";
import type { Crate } from "../components/crate.ts";
import type { Pilot } from "../components/tug.ts";
import { crateKinds } from "../crates.ts";
import { mouth } from "../yard/furnace.ts";

/** Metres of way that a point is worth. */
const metresPerPoint = 7;
/** Above this a crate is still on its way down. */
const heightMax = 2.4;
/** Metres of way that each other pilot after the same crate is worth. */
const metresPerRival = 9;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

interface CrateColumns {
  readonly Crate: ReadonlyColumnsOf<typeof Crate>;
  readonly Pilot: ReadonlyColumnsOf<typeof Pilot>;
  readonly Position: ReadonlyColumnsOf<typeof Position>;
}

/** Index of the crate that pilot `e` among `pilots` should take, 0 for none. `isOnSafeGround` refuses crates at edges. */
export function chooseCrate(
  e: number,
  crates: Uint32Array,
  pilots: Uint32Array,
  columns: CrateColumns,
  isOnSafeGround: (crate: Place) => boolean,
): number {
  const { Crate, Pilot, Position } = columns;
  let best = 0;
  let bestWorth = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < crates.length; i++) {
    const crate = crates[i]!;
    const place = { x: Position.x[crate]!, y: Position.y[crate]!, z: Position.z[crate]! };
    if (crate === handleIndex(Pilot.refused[e]!) || Crate.holder[crate] !== 0 || place.y > heightMax || place.y < 0)
      continue;
    const way = exact.hypot(place.x - Position.x[e]!, place.z - Position.z[e]!);
    const carry = exact.hypot(place.x - mouth[0], place.z - mouth[2]);
    // Each pilot likes other crates a little better, so that not all want the same one.
    const taste = ((crate * 7 + e * 13) % 11) * 0.5;
    const worth = crateKinds[Crate.kind[crate]!]!.points * metresPerPoint - way - carry * 0.6 + taste;
    if (worth <= bestWorth) continue;
    let rivals = 0;
    for (let k = 0; k < pilots.length; k++)
      if (pilots[k] !== e && handleIndex(Pilot.target[pilots[k]!]!) === crate) rivals++;
    if (worth - rivals * metresPerRival <= bestWorth || !isOnSafeGround(place)) continue;
    best = crate;
    bestWorth = worth - rivals * metresPerRival;
  }
  return best;
}
