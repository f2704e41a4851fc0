/**
 * A source as the rules look at it: its tokens without comments, which bracket closes which, what lies in a function,
 * which names are the file's own, and which words are uses of a value. Read from tokens alone, so it is right for
 * code as it is written and formatted, and a guess for what nobody writes.
 */
import { declarationsOf, type Range } from "./declarations.ts";
import { codeOf, type Token } from "./tokens.ts";

export const assignable = new Set(["+", "-", "*", "/", "%", "&", "|", "^", "<<", "??", "&&", "||"]);
/** What may stand before the name of a member or of a key. */
const beforeKey = new Set(
  "{ , ; } ( * readonly static public private protected override declare accessor abstract get set async".split(" "),
);

export class Code {
  readonly tokens: readonly Token[];
  /** The index of the bracket that belongs to the one at an index; -1 for other tokens. */
  readonly pairs: Int32Array;
  /** The index of the bracket that a token stands in; -1 at the top. */
  readonly opened: Int32Array;
  readonly #declared: ReadonlyMap<string, readonly Range[]>;
  readonly #functions: readonly Range[];

  constructor(tokens: readonly Token[]) {
    this.tokens = codeOf(tokens);
    this.pairs = new Int32Array(this.tokens.length).fill(-1);
    this.opened = new Int32Array(this.tokens.length).fill(-1);
    const open: number[] = [];
    this.tokens.forEach(({ kind, text }, i) => {
      const isOpening = kind === "punctuation" && "([{".includes(text);
      if (kind === "punctuation" && ")]}".includes(text)) {
        const from = open.pop();
        if (from !== undefined) {
          this.pairs[from] = i;
          this.pairs[i] = from;
        }
      }
      this.opened[i] = open.at(-1) ?? -1;
      if (isOpening) open.push(i);
    });
    const { names, functions } = declarationsOf(this.tokens, this.pairs, this.opened);
    this.#declared = names;
    this.#functions = functions;
  }

  /** The text at `i` when it is code; "" for strings, templates and regular expressions, and beyond the ends. */
  text(i: number): string {
    const token = this.tokens[i];
    return token === undefined || ["string", "template", "regex"].includes(token.kind) ? "" : token.text;
  }

  /** Whether the name at `i` is declared by the file around that place. */
  isOwn(i: number): boolean {
    return this.#declared.get(this.text(i))?.some(({ from, to }) => from <= i && i <= to) === true;
  }

  /** Whether the name at `i` is declared by a function or a block around it, and not by the module. */
  isLocal(i: number): boolean {
    const { length } = this.tokens;
    const ranges = this.#declared.get(this.text(i)) ?? [];
    return ranges.some(({ from, to }) => from <= i && i <= to && (from > 0 || to < length));
  }

  /** Whether a name declared at `declared` is seen at `i`: the block around the one holds the other. */
  sharesBlock(declared: number, i: number): boolean {
    let open = this.opened[declared]!;
    while (open >= 0 && this.text(open) !== "{") open = this.opened[open]!;
    return open < 0 || (open < i && i < this.pairs[open]!);
  }

  isInFunction(i: number): boolean {
    return this.#functions.some(({ from, to }) => from < i && i <= to);
  }

  isMember(i: number): boolean {
    return this.text(i - 1) === "." || this.text(i - 1) === "?.";
  }

  /** Whether the word at `i` names a value from outside the file, and is no key, member, method or declared name. */
  isGlobalUse(i: number): boolean {
    return this.tokens[i]!.kind === "word" && !this.isMember(i) && !this.#isName(i) && !this.isOwn(i);
  }

  /** `name:` in an object or a type, `name?:`, a method's name or a class's field: a name that is given, not used. */
  #isName(i: number): boolean {
    const isBehindKeyPlace = beforeKey.has(this.text(i - 1)) || this.tokens[i - 1]?.line !== this.tokens[i]!.line;
    const next = this.text(i + 1);
    if (next === ":" || (next === "?" && this.text(i + 2) === ":")) return isBehindKeyPlace && this.text(i - 1) !== "?";
    if (next === "(") {
      const behind = this.text(this.pairs[i + 1]! + 1);
      return isBehindKeyPlace && this.pairs[i + 1]! > 0 && (behind === "{" || behind === ":");
    }
    const open = this.opened[i]!;
    return next === "=" && isBehindKeyPlace && open >= 0 && this.text(open) === "{" && this.#isClassBody(open);
  }

  #isClassBody(open: number): boolean {
    for (let i = open - 1; i >= 0 && !"{};()".includes(this.text(i) || "x"); i--)
      if (this.text(i) === "class") return true;
    return false;
  }

  /** The first index of the chain of members that ends at `i`: of `this` for `this.a.b`. */
  chainStart(i: number): number {
    let start = i;
    while (start > 1 && this.isMember(start)) {
      start -= 2;
      // Calls and indices belong to what they stand behind.
      while (start > 0 && [")", "]"].includes(this.text(start)) && this.pairs[start]! > 0)
        start = this.pairs[start]! - 1;
    }
    return start;
  }

  /** The index behind a call's brackets, from the name of what is called; -1 when it is no call. Type arguments are passed over. */
  behindCall(i: number): number {
    let open = i + 1;
    if (this.text(open) === "<") {
      for (let depth = 0; open < this.tokens.length; open++) {
        if (this.text(open) === "<") depth++;
        if (this.text(open) === ">" && --depth === 0) break;
        if (["(", ";", "{"].includes(this.text(open)) && depth === 0) return -1;
      }
      open++;
    }
    return this.text(open) === "(" && this.pairs[open]! >= 0 ? this.pairs[open]! + 1 : -1;
  }

  /** Whether something is assigned to what ends before `i`. */
  isAssignedAt(i: number): boolean {
    const text = this.text(i);
    const previous = this.text(i - 1);
    if (text === "=") return previous !== "==" && previous !== "!=";
    if (text === "++" || text === "--" || text === "**=") return true;
    const next = this.tokens[i + 1];
    const own = this.tokens[i];
    return assignable.has(text) && next?.text === "=" && next.column === own!.column + text.length;
  }
}
