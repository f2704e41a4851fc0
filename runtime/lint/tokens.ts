/**
 * A small tokenizer of TypeScript: it knows comments, strings, templates and regular expressions apart from
 * code, which is all that a ban needs. TypeScript 7 has no compiler API.
 *
 * Whether a slash begins a regular expression is told by the token before it: after a value it divides.
 */

export interface Token {
  readonly kind: "word" | "number" | "string" | "template" | "regex" | "punctuation" | "comment";
  /** The text itself; of a string or a template piece, without its quotes. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** Of its first character, counted from 1 in UTF-16 units, as stacks and editors count. */
  readonly column: number;
}

const wordStart = /[A-Za-z_$#\u00aa-\uffff]/;
const wordPart = /[\w$\u00aa-\uffff]/;
/** Words after which an expression begins, so that a slash begins a regular expression. */
const beforeExpression = new Set(["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw"]);
const punctuation = ["...", "**=", "=>", "**", "?.", "??", "&&", "||", "==", "!=", "<=", ">=", "++", "--", "<<"];

/** All tokens of `source` in order, comments included. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** Depth of braces at which each open template goes on. */
  const templates: number[] = [];
  let braces = 0;
  let at = 0;
  let line = 1;
  let lineStart = 0;
  const push = (kind: Token["kind"], text: string, end: number): void => {
    tokens.push({ kind, text, line, column: at - lineStart + 1 });
    for (let i = at; i < end; i++)
      if (source[i] === "\n") {
        line++;
        lineStart = i + 1;
      }
    at = Math.min(end, source.length);
  };
  /** Reads a template's piece from behind its opening ` or }. */
  const template = (from: number): void => {
    let end = from;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end))
      end += source[end] === "\\" ? 2 : 1;
    const text = source.slice(from, end);
    const isLast = source[end] === "`";
    push("template", text, end + (isLast ? 1 : 2));
    if (!isLast) templates.push(braces);
  };
  while (at < source.length) {
    const char = source[at] as string;
    if (/\s/.test(char)) {
      at++;
      if (char === "\n") {
        line++;
        lineStart = at;
      }
    } else if (source.startsWith("//", at)) {
      const end = source.indexOf("\n", at);
      push("comment", source.slice(at, end < 0 ? source.length : end), end < 0 ? source.length : end);
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2) + 2;
      push("comment", source.slice(at, end < 2 ? source.length : end), end < 2 ? source.length : end);
    } else if (char === '"' || char === "'") {
      let end = at + 1;
      while (end < source.length && source[end] !== char) end += source[end] === "\\" ? 2 : 1;
      push("string", source.slice(at + 1, end), end + 1);
    } else if (char === "`") template(at + 1);
    else if (char === "}" && templates.at(-1) === braces) {
      templates.pop();
      template(at + 1);
    } else if (char === "/" && beginsExpression(tokens)) {
      let end = at + 1;
      for (let inClass = false; end < source.length && (source[end] !== "/" || inClass); end++) {
        if (source[end] === "\\") end++;
        else if (source[end] === "[") inClass = true;
        else if (source[end] === "]") inClass = false;
      }
      end++;
      while (wordPart.test(source[end] ?? "")) end++;
      push("regex", source.slice(at, end), end);
    } else if (/\d/.test(char)) {
      const [text] = /^(?:0[xXbBoO][\da-fA-F_]+n?|[\d_]+\.?[\d_]*(?:[eE][+-]?\d+)?n?)/.exec(
        source.slice(at),
      ) as RegExpExecArray;
      push("number", text, at + text.length);
    } else if (wordStart.test(char)) {
      let end = at + 1;
      while (wordPart.test(source[end] ?? "")) end++;
      push("word", source.slice(at, end), end);
    } else {
      const text = punctuation.find((candidate) => source.startsWith(candidate, at)) ?? char;
      if (text === "{") braces++;
      if (text === "}") braces--;
      push("punctuation", text, at + text.length);
    }
  }
  return tokens;
}

/** The tokens that are code: without comments. */
export function codeOf(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => token.kind !== "comment");
}

function beginsExpression(tokens: readonly Token[]): boolean {
  const last = tokens.findLast((token) => token.kind !== "comment");
  if (last === undefined) return true;
  if (last.kind === "word") return beforeExpression.has(last.text);
  return last.kind === "punctuation" && ![")", "]", "}", "++", "--"].includes(last.text);
}
