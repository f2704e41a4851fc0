/** A finding: one place in world code, the rule that it breaks, why, and what to write instead. */
import type { Code } from "./code.ts";
import type { RuleName } from "./rules.ts";

export interface Finding {
  readonly rule: RuleName;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
  /** What was found, such as "`Math.sin`". */
  readonly what: string;
  /** Why it must not be there, as a sentence. */
  readonly why: string;
  /** What to do instead, as a sentence without its full stop. */
  readonly instead: string;
}

/** Reports a finding at the token of an index. */
export type Report = (at: number, what: string, why: string, instead: string) => void;

/** Looks through a source for one thing. */
export type Check = (code: Code, report: Report) => void;
