/** How often a flight recorder takes what. Alone, so that the engine thread loads nothing else of it. */

/** Between two keyframes; a black box reaches back once to twice as far. */
export const flightSeconds = 30;

/** A quarter of a second at 60 ticks a second: so much of a run's end is lost when its process is killed. */
export const flightTicksPerBlock = 15;
