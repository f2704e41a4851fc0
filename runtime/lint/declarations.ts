/**
 * The names that a file declares, each with the range of tokens in which it is the file's own: imports, variables,
 * parameters, functions, classes and types. A name that is declared somewhere else in the file hides nothing here.
 */
import type { Token } from "./tokens.ts";

/** Indices of tokens, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Declarations {
  readonly names: ReadonlyMap<string, readonly Range[]>;
  /** From the brackets of the parameters to the end of the body. */
  readonly functions: readonly Range[];
}

const heads = new Set(["if", "while", "for", "switch", "with"]);

export function declarationsOf(tokens: readonly Token[], pairs: Int32Array, opened: Int32Array): Declarations {
  const names = new Map<string, Range[]>();
  const functions: Range[] = [];
  const text = (i: number): string =>
    tokens[i]?.kind === "word" || tokens[i]?.kind === "punctuation" ? tokens[i].text : "";
  const declare = (i: number, range: Range): void => {
    if (tokens[i]?.kind !== "word") return;
    const name = tokens[i].text;
    names.set(name, [...(names.get(name) ?? []), range]);
  };
  const blockOf = (i: number): Range => {
    let open = opened[i]!;
    while (open >= 0 && text(open) !== "{") open = opened[open]!;
    return open < 0
      ? { from: 0, to: tokens.length }
      : { from: open, to: pairs[open]! < 0 ? tokens.length : pairs[open]! };
  };
  /** Names bound by the pattern in the brackets at `open`. */
  const bind = (open: number, range: Range): void => {
    for (let i = open + 1; i < pairs[open]!; i++) {
      const before = text(i - 1);
      const after = text(i + 1);
      if (before === "=") continue;
      if ("{[(".includes(text(i)) && text(i) !== "") {
        // A pattern within; a type or a default value is passed over.
        if (before === ":" ? text(open) === "{" : [",", "{", "[", "("].includes(before)) bind(i, range);
        i = pairs[i]!;
        continue;
      }
      if (tokens[i]!.kind !== "word") continue;
      const isRenamed = before === ":" && text(open) === "{";
      const isBound = isRenamed || ["{", "[", "(", ",", "..."].includes(before) || isModifier(before);
      const isEnd = [",", "}", "]", ")", "="].includes(after);
      if (isBound && (isEnd || (text(open) === "(" && (after === ":" || after === "?")))) declare(i, range);
    }
  };
  for (let i = 0; i < tokens.length; i++) {
    const word = tokens[i]!.kind === "word" ? tokens[i]!.text : "";
    const isMember = text(i - 1) === "." || text(i - 1) === "?.";
    if (word === "import" && text(i + 1) !== "(" && text(i + 1) !== ".") {
      for (let k = i + 1; k < tokens.length && tokens[k]!.kind !== "string"; k++)
        if ([",", "}", "from"].includes(text(k + 1))) declare(k, { from: 0, to: tokens.length });
    } else if (!isMember && ["const", "let", "var"].includes(word)) bindVariables(i + 1, blockOf(i));
    else if (!isMember && ["function", "class", "type", "interface", "enum"].includes(word))
      declare(text(i + 1) === "*" ? i + 2 : i + 1, blockOf(i));
    else if (text(i) === "=>" && tokens[i - 1]?.kind === "word" && opensFunction(i - 1)) {
      const range = { from: i - 1, to: bodyEnd(i + 1) };
      declare(i - 1, range);
      functions.push(range);
    } else if (text(i) === "(" && pairs[i]! >= 0 && !heads.has(text(i - 1))) {
      const body = bodyOf(i);
      if (body < 0) continue;
      const range = { from: i, to: bodyEnd(body) };
      bind(i, range);
      functions.push(range);
    }
  }
  return { names, functions };

  function bindVariables(from: number, range: Range): void {
    let i = from;
    for (;;) {
      if (text(i) === "{" || text(i) === "[") bind(i, range);
      else declare(i, range);
      for (; i < tokens.length; i++) {
        if (text(i) === "," || text(i) === ";" || text(i) === "of" || text(i) === "in") break;
        if ([")", "]", "}"].includes(text(i))) return;
        if (["(", "[", "{"].includes(text(i))) i = pairs[i]! < 0 ? tokens.length : pairs[i]!;
      }
      if (text(i) !== ",") return;
      i++;
    }
  }

  /** A single parameter without brackets: not the end of a longer expression or of a type. */
  function opensFunction(i: number): boolean {
    return text(i - 1) !== "." && text(i - 1) !== ":" && text(i - 1) !== "|";
  }

  /** The first token of the body of the function whose parameters open at `open`; -1 when it is no function. */
  function bodyOf(open: number): number {
    let i = pairs[open]! + 1;
    if (text(i) === "=>") return i + 1;
    if (text(i) === "{") return i;
    if (text(i) !== ":" || isInTernary(open)) return -1;
    // A declared result: the body stands behind it.
    for (i++; i < tokens.length; i++) {
      if (text(i) === "=>") return i + 1;
      if (text(i) === "{") {
        // The type may be an object; then the body is what follows.
        const isType = [":", "|", "&", "<", ","].includes(text(i - 1)) || text(i - 1) === "readonly";
        if (!isType) return i;
      }
      if (["(", "[", "{"].includes(text(i))) i = pairs[i]! < 0 ? tokens.length : pairs[i]!;
      else if ([";", ")", "]", "}", "="].includes(text(i))) return -1;
    }
    return -1;
  }

  function isInTernary(open: number): boolean {
    for (let i = open - 1; i >= 0 && opened[i]! === opened[open]!; i--) {
      if ([";", ",", "="].includes(text(i))) return false;
      if (text(i) === "?" && text(i + 1) !== ":") return true;
    }
    return false;
  }

  /** The last token of a body that begins at `from`: a block, or an expression up to what cannot belong to it. */
  function bodyEnd(from: number): number {
    if (text(from) === "{") return pairs[from]! < 0 ? tokens.length : pairs[from]!;
    for (let i = from; i < tokens.length; i++) {
      if (["(", "[", "{"].includes(text(i))) i = pairs[i]! < 0 ? tokens.length : pairs[i]!;
      else if ([",", ";", ")", "]", "}"].includes(text(i))) return i - 1;
    }
    return tokens.length;
  }
}

function isModifier(text: string): boolean {
  return ["readonly", "public", "private", "protected", "override"].includes(text);
}
