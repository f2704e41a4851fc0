/** How often a flight recorder takes what, and what it calls it. Alone, so that a thread loads nothing else of it. */

/** Between two keyframes; a black box reaches back once to twice as far. */
export const flightSeconds = 30;

/** A quarter of a second at 60 ticks a second: so much of a run's end is lost when its process is killed. */
export const flightTicksPerBlock = 15;

/** Between two signs of life in the files, and two looks at the trace, of which the last is what a killed process leaves. */
export const lifeMillis = 1_000;

/** Files in which nobody gave a sign of life for so long are of a run that is no more, wherever it was. */
export const silentMillis = 10_000;

/**
 * Topics of what a black box has beside its journal. Notes: the fault's stack, how far a lost run had come, that its fault was
 * none of its world, its trace in parts, and the address of the page that it was made in. Attachments: the hash trees of its ticks, and the space in which
 * its process had its number.
 */
export const boxTopic = {
  ...{ fault: "fault", lost: "lost", outside: "outside", trace: "trace", page: "page" },
  ...{ trees: "hash trees", space: "process space" },
} as const;
