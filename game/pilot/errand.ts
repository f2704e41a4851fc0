/** Errands: what a pilot tells the job pilot-ways, and what it makes of the answer. */
import type { ColumnsOf, ReadonlyColumnsOf } from "../../engine/index.ts";
import type { Errand, Way } from "../components/way.ts";
import { isHopeless, isLeading } from "../jobs/pilot-ways.ts";
import { ticksOf } from "../time.ts";
import type { Goal } from "./route.ts";

/** An answer older than this is not driven by. */
const freshTicks = ticksOf(0.5);

/** Notes where pilot `e` wants to be; an errand about another crate, or with it in the beam, is a new one. */
export function noteErrand(
  errand: ColumnsOf<typeof Errand>,
  e: number,
  crate: number,
  isCarrying: boolean,
  goal: Goal,
): void {
  if (errand.number[e] === 0 || errand.crate[e] !== crate || (errand.isCarrying[e] === 1) !== isCarrying) {
    errand.number[e] = (errand.number[e]! % 65_535) + 1;
    errand.crate[e] = crate;
    errand.isCarrying[e] = isCarrying ? 1 : 0;
  }
  errand.x[e] = goal.x;
  errand.z[e] = goal.z;
}

interface Answered {
  readonly Errand: ReadonlyColumnsOf<typeof Errand>;
  readonly Way: ReadonlyColumnsOf<typeof Way>;
}

/** True when there is an answer to the errand that pilot `e` is on. */
export function isAnswered({ Errand, Way }: Answered, e: number, tick: number): boolean {
  return Way.number[e] !== 0 && Way.number[e] === Errand.number[e] && tick - Way.tick[e]! < freshTicks;
}

/** True when nobody can get where pilot `e` wants to be. */
export function isRefused(columns: Answered, e: number, tick: number): boolean {
  return isAnswered(columns, e, tick) && isHopeless(columns.Way.status[e]!);
}

/** Where pilot `e` drives next: along the way, or straight to the goal when it sees it or knows no way yet. */
export function nextStop(columns: Answered, e: number, tick: number, goal: Goal): Goal {
  const { Way } = columns;
  if (!isAnswered(columns, e, tick) || Way.hasSight[e] === 1 || !isLeading(Way.status[e]!)) return goal;
  return { x: Way.x[e]!, z: Way.z[e]! };
}
