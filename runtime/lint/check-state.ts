/**
 * The rule about state outside the world: what a module keeps is not hashed, not saved, not restored and not replayed,
 * and each thread has its own.
 */
import type { Code } from "./code.ts";
import type { Report } from "./finding.ts";

const mutators = new Set(
  "set add delete clear push pop shift unshift splice sort reverse fill copyWithin append".split(" "),
);
const fix = "Keep it in a component, or in a variable of the function; a reasoned `lint-allow` is for what never shows";

export function checkModuleState(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || code.isMember(i) || code.opened[i]! >= 0 || code.isInFunction(i)) return;
    if (
      (text === "let" || text === "var") &&
      code.text(i - 1) !== "declare" &&
      code.tokens[i + 1]?.kind !== "punctuation"
    )
      report(i, `module-level \`${text}\``, "It is neither hashed nor saved, and every thread has its own.", fix);
    if (text === "const" && code.tokens[i + 1]?.kind === "word" && isObject(code, i + 1)) {
      const name = code.text(i + 1);
      const changed = mutationOf(code, name);
      if (changed >= 0)
        report(
          i + 1,
          `\`${name}\`, changed in line ${code.tokens[changed]!.line}`,
          "What a module holds is neither hashed nor saved, and every thread has its own.",
          fix,
        );
    }
  });
}

/** Whether the variable declared at `i` begins as an object that can be changed. */
function isObject(code: Code, i: number): boolean {
  let k = i + 1;
  while (k < code.tokens.length && code.text(k) !== "=" && code.text(k) !== ";")
    k = "([{".includes(code.text(k) || "x") && code.pairs[k]! >= 0 ? code.pairs[k]! + 1 : k + 1;
  const first = code.text(k + 1);
  // An arrow function's brackets open no object.
  return first === "new" || first === "{" || first === "[" || (first === "Array" && code.isMember(k + 3));
}

/** Where a function changes what the module's `name` holds; -1 when none does. */
export function mutationOf(code: Code, name: string): number {
  for (let i = 0; i < code.tokens.length; i++) {
    if (code.text(i) !== name || code.isMember(i) || !code.isInFunction(i) || code.isLocal(i)) continue;
    let k = i + 1;
    let last = "";
    for (;;) {
      if (code.text(k) === "!") k++;
      else if (code.text(k) === "[" && code.pairs[k]! >= 0) k = code.pairs[k]! + 1;
      else if ((code.text(k) === "." || code.text(k) === "?.") && code.tokens[k + 1]?.kind === "word") {
        last = code.text(k + 1);
        k += 2;
      } else break;
    }
    if (k === i + 1) continue;
    const isCalled = code.text(k) === "(" && mutators.has(last);
    const before = code.text(i - 1);
    if (isCalled || code.isAssignedAt(k) || ["++", "--", "delete"].includes(before)) return i;
  }
  return -1;
}
