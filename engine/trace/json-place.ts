/**
 * Where a text stops being JSON. `JSON.parse` says it in words that differ from engine to engine and
 * often without a place, so a text that it refused is walked through once more, here.
 */

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const cutNumber = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?)?)?$/y;
const words = ["true", "false", "null"];
const unicodeEscape = /u[0-9a-fA-F]{4}/y;
const space = /[ \t\n\r]*/y;

/**
 * The offset of the first unit that cannot stand there, in UTF-16 units. It is the text's length where
 * the text is right as far as it goes and something is missing, and -1 where nothing is wrong.
 */
export function jsonErrorOffset(text: string): number {
  /** The closing bracket of each list and object that is open. */
  const open: string[] = [];
  let at = 0;
  /** What may come: a value, a key of an object, or what follows a value. `first` allows an empty list or object. */
  let expects: "value" | "first value" | "key" | "first key" | "more" = "value";
  for (;;) {
    at = spaceEnd(text, at);
    if (at === text.length) return expects === "more" && open.length === 0 ? -1 : at;
    const unit = text[at]!;
    const closes = open[open.length - 1];
    if (expects === "more") {
      if (closes === undefined) return at;
      if (unit === closes) open.pop();
      else if (unit === ",") expects = closes === "}" ? "key" : "value";
      else return at;
      at++;
    } else if (expects.startsWith("first") && unit === closes) {
      open.pop();
      expects = "more";
      at++;
    } else if (expects.endsWith("key")) {
      if (unit !== '"') return at;
      const end = tokenEndAt(text, at);
      if (end < 0) return text.length;
      if (end === at) return at;
      at = spaceEnd(text, end);
      if (at === text.length) return at;
      if (text[at] !== ":") return at;
      at++;
      expects = "value";
    } else if (unit === "{" || unit === "[") {
      open.push(unit === "{" ? "}" : "]");
      expects = unit === "{" ? "first key" : "first value";
      at++;
    } else {
      const end = tokenEndAt(text, at);
      if (end < 0) return text.length;
      if (end === at) return at;
      at = end;
      expects = "more";
    }
  }
}

/** Where the token at `at` ends; `at` itself when it is none, -1 when the text ends within it. */
function tokenEndAt(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  if (matchEnd(cutNumber, text, at) === text.length)
    return matchEnd(number, text, at) === text.length ? text.length : -1;
  for (const word of words) {
    const given = text.slice(at, at + word.length);
    if (given === word) return at + word.length;
    if (at + given.length === text.length && word.startsWith(given)) return -1;
  }
  return matchEnd(number, text, at);
}

function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const unit = text[i]!;
    if (unit === '"') return i + 1;
    if (unit < " ") return at;
    if (unit !== "\\") continue;
    i++;
    if (i >= text.length) return -1;
    if (text[i] === "u") {
      const end = matchEnd(unicodeEscape, text, i);
      if (end === i) return /^u[0-9a-fA-F]*$/.test(text.slice(i, i + 5)) && i + 5 > text.length ? -1 : at;
      i = end - 1;
    } else if (!'"\\/bfnrt'.includes(text[i]!)) return at;
  }
  return -1;
}

/** Where a match that begins at `at` ends; `at` when there is none. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function spaceEnd(text: string, at: number): number {
  return matchEnd(space, text, at);
}
