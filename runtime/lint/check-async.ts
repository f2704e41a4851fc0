/** The rule against what ends later: a tick is over when its last system returns. */
import type { Code } from "./code.ts";
import type { Report } from "./finding.ts";
import { instead } from "./instead.ts";

const why = "It goes on after the tick is over, at a moment that no replay knows.";

/** Everywhere in a file. */
export function checkAsync(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word") return;
    if (text === "then" && code.isMember(i) && code.text(i + 1) === "(") report(i, "`.then`", why, instead.async);
    if (text === "import" && code.text(i + 1) === "(") report(i, "`import()`", why, instead.async);
    if (text === "await" && isKeyword(code, i)) report(i, "`await`", why, instead.async);
    if (text === "async" && isKeyword(code, i)) report(i, "`async`", why, instead.async);
    if (text === "Promise" && code.isGlobalUse(i)) report(i, "`Promise`", why, instead.async);
  });
}

/** Between `defineSystem(` and its closing bracket only. */
export function checkAsyncSystems(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || text !== "defineSystem") return;
    const end = code.behindCall(i);
    for (let k = i + 1; k < end; k++) {
      const word = code.tokens[k]!;
      if (word.kind !== "word" || !["async", "await", "Promise"].includes(word.text)) continue;
      if (word.text === "Promise" ? code.isGlobalUse(k) : isKeyword(code, k))
        report(k, `\`${word.text}\` in a system`, why, instead.async);
    }
  });
}

/** `async` or `await` before what it belongs to, and no key or member of that name. */
function isKeyword(code: Code, i: number): boolean {
  const next = code.tokens[i + 1];
  return (
    !code.isMember(i) && next !== undefined && (next.kind !== "punctuation" || ["(", "[", "*"].includes(next.text))
  );
}
