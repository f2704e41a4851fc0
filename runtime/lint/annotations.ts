/**
 * Comments that allow a finding, each with its reason: `// lint-allow RULE: reason` for its own line, or for the next
 * line of code when it stands alone; `// lint-allow-file RULE: reason` for the whole file. One that gives no reason,
 * names no rule or allows nothing is a finding itself, so that none outlives what it was written for.
 */
import type { Finding } from "./finding.ts";
import type { Token } from "./tokens.ts";

interface Annotation {
  readonly token: Token;
  readonly rule: string;
  readonly reason: string;
  /** The line that it is for; 0 for all. */
  readonly line: number;
  isUsed: boolean;
}

const pattern = /^\/[/*]+\s*lint-allow(-file)?(?:\s+([\w-]+))?\s*(?::\s*(.*?))?\s*(?:\*\/)?$/;

/** What is left of `findings`, and what is wrong with the annotations, in the order of their places. */
export function withoutAllowed(
  tokens: readonly Token[],
  findings: readonly Finding[],
  ruleNames: readonly string[],
): Finding[] {
  const annotations = annotationsOf(tokens);
  const left = findings.filter(({ rule, line }) => {
    let isAllowed = false;
    for (const annotation of annotations)
      if (annotation.rule === rule && annotation.reason !== "" && (annotation.line === 0 || annotation.line === line)) {
        annotation.isUsed = true;
        isAllowed = true;
      }
    return !isAllowed;
  });
  for (const annotation of annotations) {
    const problem = problemOf(annotation, ruleNames);
    if (problem === undefined) continue;
    const { line, column } = annotation.token;
    left.push({
      rule: "annotation",
      line,
      column,
      what: "`lint-allow`",
      ...problem,
    });
  }
  return left.sort((a, b) => a.line - b.line || a.column - b.column);
}

function annotationsOf(tokens: readonly Token[]): Annotation[] {
  const found: Annotation[] = [];
  tokens.forEach((token, i) => {
    const match = token.kind === "comment" ? pattern.exec(token.text) : null;
    if (match === null) return;
    const [, file, rule = "", reason = ""] = match;
    const isAlone = tokens[i - 1]?.line !== token.line;
    const next = tokens.slice(i + 1).find(({ kind }) => kind !== "comment");
    const line = file !== undefined ? 0 : isAlone ? (next?.line ?? -1) : token.line;
    found.push({ token, rule, reason, line, isUsed: false });
  });
  return found;
}

function problemOf(
  { rule, reason, isUsed }: Annotation,
  ruleNames: readonly string[],
): { readonly why: string; readonly instead: string } | undefined {
  if (!ruleNames.includes(rule))
    return { why: `There is no rule "${rule}".`, instead: `Name one of: ${ruleNames.join(", ")}` };
  if (reason === "")
    return { why: "It gives no reason.", instead: `Write // lint-allow ${rule}: and why it does no harm here` };
  return isUsed ? undefined : { why: `It allows nothing: no "${rule}" is found there.`, instead: "Remove it" };
}
