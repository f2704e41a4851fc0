/**
 * The timetable of the drifting section: it lies at the yard, drifts away, takes cargo on and comes
 * back. Everything follows from the tick.
 */
import { exact } from "../engine/index.ts";
import { ticksOf } from "./time.ts";

const periodTicks = ticksOf(36);
const leaveTick = ticksOf(16);
const awayTick = ticksOf(21);
const backTick = ticksOf(26);
const arriveTick = ticksOf(32);
/** It takes cargo on at this tick of each period. */
export const cargoTick = ticksOf(23);

const nearX = 26.4;
const farX = 42;
const swayMetres = 5;

export function driftTick(tick: number): number {
  return tick % periodTicks;
}

/** True when the section lies at the yard at `tick` and for `ticks` more. */
export function isAtYard(tick: number, ticks: number): boolean {
  const at = driftTick(tick);
  return at + ticks < leaveTick || (at >= arriveTick && at + ticks - periodTicks < leaveTick);
}

/** East of the yard's middle, metres. */
export function driftX(tick: number): number {
  const at = driftTick(tick);
  if (at < backTick) return nearX + (farX - nearX) * exact.smoothstep(leaveTick, awayTick, at);
  return farX + (nearX - farX) * exact.smoothstep(backTick, arriveTick, at);
}

/** How far it has swayed to the south. */
export function driftSway(tick: number): number {
  return swayMetres * exact.sin((exact.TAU * tick) / ticksOf(24));
}
