/** Rules about names alone: clocks, timers, locale, the collector, and the loop over keys. */
import type { Code } from "./code.ts";
import type { Check, Report } from "./finding.ts";
import { instead } from "./instead.ts";

/** A check for uses of global names. */
export function bannedNames(names: readonly string[], why: string, fix: string): Check {
  const banned = new Set(names);
  return (code, report) => {
    code.tokens.forEach(({ kind, text }, i) => {
      if (kind === "word" && banned.has(text) && code.isGlobalUse(i)) report(i, `\`${text}\``, why, fix);
    });
  };
}

export const checkClock: Check = bannedNames(
  ["Date", "performance", "Temporal"],
  "A clock shows another time in every run.",
  instead.clock,
);

export const checkTimer: Check = bannedNames(
  ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame", "requestIdleCallback"],
  "A timer calls at a moment that no tick knows of.",
  instead.timer,
);

export const checkCollector: Check = bannedNames(
  ["WeakRef", "FinalizationRegistry"],
  "When garbage is collected differs in every run.",
  instead.collector,
);

const checkIntl = bannedNames(["Intl"], "Locale and its data differ between machines.", instead.locale);
const localeMethods = new Set([
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"],
  ...["toLocaleDateString", "toLocaleTimeString"],
]);

export function checkLocale(code: Code, report: Report): void {
  checkIntl(code, report);
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind === "word" && localeMethods.has(text) && code.isMember(i))
      report(i, `\`.${text}\``, "Locale and its data differ between machines.", instead.locale);
  });
}

export function checkForIn(code: Code, report: Report): void {
  code.tokens.forEach(({ kind }, i) => {
    if (kind !== "word" || code.text(i) !== "for" || code.isMember(i) || !loopsOverKeys(code, i)) return;
    report(
      i,
      "`for...in`",
      "It walks keys in the order in which they were added, and those of the prototype as well.",
      "Loop over a sorted list of keys: for (const key of Object.keys(table).sort())",
    );
  });
}

/** Whether the loop's head, `for (` at `i`, has `in` before any `of` or `;`. */
function loopsOverKeys(code: Code, i: number): boolean {
  const open = i + 1;
  if (code.text(open) !== "(") return false;
  for (let k = open + 1; k < code.pairs[open]!; k++) {
    if (code.opened[k] !== open) continue;
    const text = code.text(k);
    if (text === "of" || text === ";") return false;
    if (text === "in") return true;
  }
  return false;
}
