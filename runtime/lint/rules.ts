/**
 * The rules of world code, by name: what each looks for is in the files beside. World code is what ticks run:
 * systems, tick jobs, setup and all that they call; it must give the same bits on every machine, in every replay, after
 * every restore and every swap of code.
 *
 * Allowed on purpose: `toFixed`, `toPrecision` and `toString`, which the language defines to the last digit; sorting
 * texts without a comparator, which compares code units; `Object.keys` of a constant of the file, whose order is that
 * of its source; sets and maps that a function makes for itself; `console`, which gives nothing back.
 */
import { checkAsync } from "./check-async.ts";
import { checkCode, checkHost } from "./check-host.ts";
import { checkMath, checkPower, checkRandom } from "./check-math.ts";
import { checkClock, checkCollector, checkForIn, checkLocale, checkTimer } from "./check-names.ts";
import { checkCollectionOrder, checkKeyOrder, checkSortOrder } from "./check-order.ts";
import { checkModuleState } from "./check-state.ts";
import type { Check } from "./finding.ts";

const checks = {
  clock: checkClock,
  timer: checkTimer,
  random: checkRandom,
  math: checkMath,
  power: checkPower,
  locale: checkLocale,
  collector: checkCollector,
  "for-in": checkForIn,
  "key-order": checkKeyOrder,
  "collection-order": checkCollectionOrder,
  "sort-order": checkSortOrder,
  async: checkAsync,
  host: checkHost,
  code: checkCode,
  "module-state": checkModuleState,
} as const satisfies Readonly<Record<string, Check>>;

/** A rule, or "annotation": a comment that allows what is not there, or does not say why. */
export type RuleName = keyof typeof checks | "annotation";

export type Rules = readonly (readonly [name: RuleName, check: Check])[];

/** All rules, for a game's world code. */
export const worldRules: Rules = Object.entries(checks) as [RuleName, Check][];
