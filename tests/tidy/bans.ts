/**
 * What world code may not use, each with what to use instead. World code is engine/ and game/: it must
 * give the same bits on every machine, today and in a replay next year.
 *
 * `Object.keys` is not banned: the language fixes its order, and whether that order matters cannot be
 * told from tokens; that plans and schemas do not depend on it is tested (tests/unit/sim/plan.test.ts).
 */
import type { Breach, Source } from "./sources.ts";
import { codeOf, type Token } from "./tokens.ts";

const clock = "Count ticks (context.tick); a host's time comes through engine/ports/clock.ts";
const timer = "Count ticks in a component; waiting is the host's business";
const locale = "Compare with < and >, and give numbers to the driver, which formats them";
const collector = "Free things when the structure phase says so; a collector runs at any time";

/** Global names, wherever they are used as a value. */
const bannedNames: ReadonlyMap<string, string> = new Map([
  ["Date", clock],
  ["performance", clock],
  ["Temporal", clock],
  ["setTimeout", timer],
  ["setInterval", timer],
  ["setImmediate", timer],
  ["queueMicrotask", timer],
  ["requestAnimationFrame", timer],
  ["Intl", locale],
  ["WeakRef", collector],
  ["FinalizationRegistry", collector],
]);

/** Names of methods, wherever they follow a dot. */
const bannedMethods: ReadonlyMap<string, string> = new Map([
  ["localeCompare", locale],
  ["toLocaleString", locale],
  ["toLocaleLowerCase", locale],
  ["toLocaleUpperCase", locale],
  ["toLocaleDateString", locale],
  ["toLocaleTimeString", locale],
]);

/** What the language defines to the last bit; everything else of Math is left to the engine. */
const exactMath = new Set(
  "abs ceil clz32 f16round floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(
    " ",
  ),
);

export function isWorldCode(path: string): boolean {
  return path.startsWith("engine/") || (path.startsWith("game/") && path !== "game/main.ts");
}

/** All uses in `source` of what is banned in world code. */
export function banBreaches(source: Source): Breach[] {
  const tokens = codeOf(source.tokens);
  const breaches: Breach[] = [];
  const refuse = (token: Token, what: string, fix: string): void => {
    breaches.push({ path: source.path, line: token.line, rule: `${what} is banned in world code`, fix });
  };
  tokens.forEach((token, i) => {
    if (token.kind === "punctuation" && (token.text === "**" || token.text === "**="))
      refuse(
        token,
        `\`${token.text}\``,
        "Write the number, shift, multiply, or use pow of engine/base/math.ts (`exact` in a game)",
      );
    if (token.kind !== "word") return;
    const isMember = tokens[i - 1]?.text === "." || tokens[i - 1]?.text === "?.";
    const method = bannedMethods.get(token.text);
    if (isMember && method !== undefined) refuse(token, `\`.${token.text}\``, method);
    if (isMember || isKey(tokens, i)) return;
    const name = bannedNames.get(token.text);
    if (name !== undefined) refuse(token, `\`${token.text}\``, name);
    if (token.text === "Math") checkMath(tokens, i, refuse);
    if (token.text === "for" && loopsOverKeys(tokens, i))
      refuse(token, "`for...in`", "Loop over a sorted list of keys: for...in also walks what a prototype brings");
    if (token.text === "defineSystem") checkSystem(tokens, i, refuse);
  });
  return breaches;
}

type RefuseToken = (token: Token, what: string, fix: string) => void;

function checkMath(tokens: readonly Token[], i: number, refuse: RefuseToken): void {
  const member = tokens[i + 1]?.text === "." ? tokens[i + 2] : undefined;
  if (member === undefined) refuse(tokens[i]!, "`Math` as a value", "Name the function: Math.floor(x)");
  else if (member.text === "random")
    refuse(member, "`Math.random`", "Draw from the system's own stream: context.random");
  else if (!exactMath.has(member.text))
    refuse(
      member,
      `\`Math.${member.text}\``,
      "Use the function of engine/base/math.ts (`exact` in a game): Math's differs between engines",
    );
}

/** Whether the loop's head, `for (` at `i`, has `in` before any `of` or `;`. */
function loopsOverKeys(tokens: readonly Token[], i: number): boolean {
  let depth = 0;
  for (let k = i + 1; k < tokens.length; k++) {
    const { text, kind } = tokens[k]!;
    if (kind === "string") continue;
    if ("([{".includes(text)) depth++;
    if (")]}".includes(text) && --depth === 0) return false;
    if (depth === 1 && (text === "of" || text === ";")) return false;
    if (depth === 1 && text === "in") return true;
  }
  return false;
}

/** Nothing between `defineSystem(` and its closing parenthesis is asynchronous. */
function checkSystem(tokens: readonly Token[], i: number, refuse: RefuseToken): void {
  let depth = 0;
  for (let k = i + 1; k < tokens.length; k++) {
    const token = tokens[k]!;
    if (token.kind === "punctuation" && token.text === "(") depth++;
    if (token.kind === "punctuation" && token.text === ")" && --depth === 0) return;
    if (token.kind === "word" && depth > 0 && ["async", "await", "Promise"].includes(token.text) && !isKey(tokens, k))
      refuse(token, `\`${token.text}\` in a system`, "A system ends within its tick; let a record bring late results");
  }
}

/** `name:` in an object or a type is a key, not a use. A conditional's `? name :` is a use. */
function isKey(tokens: readonly Token[], i: number): boolean {
  return tokens[i + 1]?.text === ":" && tokens[i - 1]?.text !== "?";
}
