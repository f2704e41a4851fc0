/**
 * What to use instead of what world code may not use: the one wording of lint, of the traps and of the project's
 * own laws. Sentences without their full stop.
 *
 * It stands on nothing, because the traps of a running game load it.
 */
export const instead = {
  clock: "Count ticks (context.tick); the world has no other time",
  timer: "Count ticks in a component, and act when the count is reached",
  random: "Draw from the system's own stream: context.random",
  power: "Multiply, shift, or use `exact.pow` of engine/index (engine/base/math.ts)",
  locale: "Compare with < and >, and leave the wording of numbers and dates to the driver",
  collector: "Free things when the structure phase says so; a collector runs at any time",
  async: "End within the tick; late results enter as a record, or by a tick job's answer",
  host: "Take what the world is handed: columns, records, resources; a host's things come in by a driver",
} as const;

/** Functions of Math that the language leaves to the engine, which rounds them as it likes. */
export const roundedMath: readonly string[] =
  "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh".split(
    " ",
  );

/** Those that `exact` does not have; each is a line with those that it has. */
const unwritten: Readonly<Record<string, string>> = {
  acosh: "exact.log and Math.sqrt",
  asinh: "exact.log and Math.sqrt",
  atanh: "exact.log",
  expm1: "exact.exp",
  log1p: "exact.log",
};

/** What to use instead of a function of Math. */
export function insteadOfMath(name: string): string {
  const parts = unwritten[name];
  return parts === undefined
    ? `Use exact.${name} of engine/index (engine/base/math.ts), which gives the same bits everywhere`
    : `Write it with ${parts} of engine/index (engine/base/math.ts), which give the same bits everywhere`;
}
