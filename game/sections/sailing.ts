/** How sections in the distance come out of the haze and go back into it; everything follows from the tick. */
import { exact } from "../../engine/index.ts";

export interface Sailing {
  /** Away from the yard, of length 1. */
  readonly directionX: number;
  readonly directionZ: number;
  readonly nearMetres: number;
  readonly periodTicks: number;
  /** Part of the way there and back that lies behind it at tick 0; at 0 it is as near as it comes. */
  readonly phase: number;
}

/** Out here nothing is seen for haze. */
const farMetres = 235;
const swayMetres = 9;

export function farSectionPlace(sailing: Sailing, tick: number): { readonly x: number; readonly z: number } {
  const { directionX, directionZ, nearMetres, periodTicks, phase } = sailing;
  const turn = exact.TAU * (phase + (tick % periodTicks) / periodTicks);
  const away = exact.lerp(nearMetres, farMetres, 0.5 - 0.5 * exact.cos(turn));
  const aside = swayMetres * exact.sin(turn * 3);
  return { x: directionX * away - directionZ * aside, z: directionZ * away + directionX * aside };
}
