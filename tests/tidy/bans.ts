/**
 * What world code may not use, by the rules of `lint` (runtime/lint), which authors of games have as well. World code
 * is engine/ and game/: it must give the same bits on every machine, today and in a replay next year.
 *
 * The engine keeps those of the rules that are about machines; a game keeps all.
 */
import { checkAsyncSystems } from "../../runtime/lint/check-async.ts";
import { findingsIn, lintSource } from "../../runtime/lint/lint-source.ts";
import { type Rules, worldRules } from "../../runtime/lint/rules.ts";
import type { Breach, Source } from "./sources.ts";

/** Of the engine: it holds state in objects and starts asynchronously by design; what it iterates over, its tests compare. */
const engineRules: Rules = [
  ...worldRules.filter(([name]) =>
    ["clock", "timer", "random", "math", "power", "locale", "collector", "for-in"].includes(name),
  ),
  ["async", checkAsyncSystems],
];

export function isWorldCode(path: string): boolean {
  return path.startsWith("engine/") || (path.startsWith("game/") && path !== "game/main.ts");
}

/** All uses in `source` of what is banned in world code. */
export function banBreaches({ path, text, tokens }: Source): Breach[] {
  const findings = path.startsWith("game/") ? lintSource(text) : findingsIn(tokens, engineRules);
  return findings.map(({ line, what, why, instead }) => ({
    path,
    line,
    rule: `${what} is banned in world code`,
    fix: `${why} ${instead}`,
  }));
}
