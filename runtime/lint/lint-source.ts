/** One source under all rules: from its text, or its tokens, to its findings in the order of their places. */
import { withoutAllowed } from "./annotations.ts";
import { Code } from "./code.ts";
import type { Finding } from "./finding.ts";
import { type Rules, worldRules } from "./rules.ts";
import { type Token, tokenize } from "./tokens.ts";

/** What the rules find in a text, without what annotations allow. */
export function lintSource(text: string, rules: Rules = worldRules): Finding[] {
  const tokens = tokenize(text);
  return withoutAllowed(
    tokens,
    findingsIn(tokens, rules),
    rules.map(([name]) => name),
  );
}

/** What the rules find, annotations or not. */
export function findingsIn(tokens: readonly Token[], rules: Rules): Finding[] {
  const code = new Code(tokens);
  const findings: Finding[] = [];
  for (const [rule, check] of rules)
    check(code, (at, what, why, instead) => {
      const { line, column } = code.tokens[at]!;
      findings.push({ rule, line, column, what, why, instead });
    });
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}
