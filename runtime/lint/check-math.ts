/** Rules about numbers: chance, functions that engines round differently, powers. */
import type { Code } from "./code.ts";
import type { Report } from "./finding.ts";
import { instead, insteadOfMath } from "./instead.ts";

/** What the language defines to the last bit; everything else of Math is left to the engine. */
const exactMath = new Set(
  "abs ceil clz32 f16round floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(
    " ",
  ),
);

/** Calls `found` with the index of each member of Math that is used, or -1 for Math itself as a value. */
function eachMember(code: Code, found: (math: number, member: number) => void): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind === "word" && text === "Math" && code.isGlobalUse(i))
      found(i, code.isMember(i + 2) && i + 2 < code.tokens.length ? i + 2 : -1);
  });
}

export function checkRandom(code: Code, report: Report): void {
  eachMember(code, (_, member) => {
    if (member >= 0 && code.text(member) === "random")
      report(member, "`Math.random`", "It draws other numbers in every run.", instead.random);
  });
}

export function checkMath(code: Code, report: Report): void {
  eachMember(code, (math, member) => {
    const name = code.text(member);
    if (member < 0)
      report(
        math,
        "`Math` as a value",
        "What is used of it cannot be seen, and not all of it is exact.",
        "Name the function: Math.floor(x)",
      );
    else if (name !== "random" && !exactMath.has(name))
      report(member, `\`Math.${name}\``, "Engines round it differently.", insteadOfMath(name));
  });
}

export function checkPower(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind === "punctuation" && (text === "**" || text === "**="))
      report(i, `\`${text}\``, "Engines round powers differently.", instead.power);
  });
}
