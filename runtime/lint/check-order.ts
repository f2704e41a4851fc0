/**
 * Rules about order: keys, sets and maps come in the order in which they were put in, which depends on what happened
 * before and is not saved; a restored world, or one whose code was swapped, has another history.
 */
import { mutationOf } from "./check-state.ts";
import type { Code } from "./code.ts";
import type { Report } from "./finding.ts";

const sorts = new Set(["sort", "toSorted"]);
/** What comes out the same in any order. */
const orderless = new Set(["length", "size", "some", "every", "includes", "has"]);
const keyWhy = "Keys come in the order in which they were added, which depends on what happened before.";

export function checkKeyOrder(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || !code.isMember(i) || code.isMember(i - 2)) return;
    const owner = code.text(i - 2);
    const isKeys =
      (owner === "Object" && ["keys", "values", "entries", "getOwnPropertyNames"].includes(text)) ||
      (owner === "Reflect" && text === "ownKeys");
    const isJson = owner === "JSON" && text === "stringify";
    const end = isKeys || isJson ? code.behindCall(i) : -1;
    if (end < 0 || !code.isInFunction(i) || isConstant(code, end)) return;
    if (isKeys && !isOrdered(code, i - 2, end))
      report(i - 2, `\`${owner}.${text}\``, keyWhy, "Sort what it gives: Object.keys(table).sort()");
    if (isJson && !hasKeyList(code, end))
      report(
        i - 2,
        "`JSON.stringify`",
        keyWhy,
        "Give it the list of keys as its second argument, or write the fields one by one",
      );
  });
}

/** Whether the call that ends before `end` is of a constant of the file that nothing changes: its order is its text's. */
function isConstant(code: Code, end: number): boolean {
  const open = code.pairs[end - 1]!;
  if (code.text(open + 2) !== ")" || code.tokens[open + 1]!.kind !== "word" || code.isLocal(open + 1)) return false;
  const name = code.text(open + 1);
  return declares(code, name, (k) => ["{", "["].includes(initial(code, k))) && mutationOf(code, name) < 0;
}

function hasKeyList(code: Code, end: number): boolean {
  const open = code.pairs[end - 1]!;
  for (let k = open + 1; k < end - 1; k++)
    if (code.opened[k] === open && code.text(k) === ",")
      return code.text(k + 1) === "[" || !["undefined", "null", ")"].includes(code.text(k + 1));
  return false;
}

/** Whether the list from `start` to before `end` is sorted at once, or only asked what its order does not change. */
function isOrdered(code: Code, start: number, end: number): boolean {
  if (isChainOrdered(code, end)) return true;
  const before = code.text(start - 1);
  const open = code.opened[start]!;
  // [...list].sort(), Math.max(...list), new Set(list).
  if (before === "...") {
    if (code.text(open) === "(" && ["max", "min"].includes(code.text(open - 1))) return true;
    if (code.text(open) === "[" && code.text(end) === "]") return isOrdered(code, open, end + 1);
  }
  if (before !== "(" || code.text(end) !== ")") return false;
  if (code.text(open - 1) === "from" && code.text(open - 3) === "Array") return isOrdered(code, open - 3, end + 1);
  return ["Set", "Map"].includes(code.text(open - 1)) && code.text(open - 2) === "new";
}

/** Follows `.map(...).filter(...)` from `k` on to a sort, or to what has no order. */
function isChainOrdered(code: Code, k: number): boolean {
  for (let at = k; code.text(at) === "." || code.text(at) === "?."; ) {
    const name = code.text(at + 1);
    if (sorts.has(name) || orderless.has(name)) return true;
    const end = code.behindCall(at + 1);
    at = end < 0 ? at + 2 : end;
  }
  return false;
}

const collections = new Set(["Set", "Map", "ReadonlySet", "ReadonlyMap"]);
const listings = new Set(["keys", "values", "entries"]);

export function checkCollectionOrder(code: Code, report: Report): void {
  const lasting = lastingCollections(code);
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || !isLasting(code, lasting, i)) return;
    const start = code.chainStart(i);
    let end = i + 1;
    const isListed = code.text(end) === "." && listings.has(code.text(end + 1)) && code.text(end + 2) === "(";
    if (isListed) end = code.behindCall(end + 1);
    const isVisited = code.text(i + 1) === "." && code.text(i + 2) === "forEach";
    const before = code.text(start - 1);
    const isLooped = before === "of" && code.text(code.opened[start]! - 1) === "for";
    const isTaken = before === "..." || (code.text(code.opened[start]! - 1) === "from" && before === "(");
    if (!(isListed || isVisited || isLooped || isTaken)) return;
    if (!isVisited && !isLooped && isOrdered(code, start, end)) return;
    report(
      i,
      `an iteration over \`${text}\``,
      "A set or map that outlives the call comes in the order in which it was filled, which depends on what happened before and is not saved.",
      "Sort it first: for (const key of [...table.keys()].sort((a, b) => a - b))",
    );
  });
}

/** Where collections are declared that outlive a call: of the module, of a class or type, or handed in. */
function lastingCollections(code: Code): {
  readonly names: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
} {
  const names = new Set<string>();
  const members = new Set<string>();
  code.tokens.forEach(({ kind, text }, i) => {
    if (kind !== "word" || code.isMember(i) || !isCollection(code, i)) return;
    const before = code.text(i - 1);
    const open = code.opened[i]!;
    if (["const", "let", "var"].includes(before)) {
      // A function's own is filled by that call alone; a constant's order is that of its source.
      if (!code.isInFunction(i) && (!hasContent(code, i) || mutationOf(code, text) >= 0)) names.add(text);
    } else if (open >= 0 && code.text(open) === "(") names.add(text);
    else if (open >= 0 && code.text(open) === "{") members.add(text);
  });
  return { names, members };
}

function isLasting(code: Code, { names, members }: ReturnType<typeof lastingCollections>, i: number): boolean {
  const name = code.text(i);
  if (code.isMember(i)) return members.has(name) || members.has(`#${name}`);
  if (!names.has(name) || code.text(i + 1) === ":") return false;
  return !declaresLocally(code, i);
}

/** Whether the function around `i` has a variable of this name, which hides the lasting one. */
function declaresLocally(code: Code, i: number): boolean {
  const name = code.text(i);
  return declares(
    code,
    name,
    (k) => code.isInFunction(k) && ["const", "let"].includes(code.text(k - 1)) && code.sharesBlock(k, i),
  );
}

/** Whether `name: Set<...>` or `name = new Set` stands at `i`. */
function isCollection(code: Code, i: number): boolean {
  let k = i + 1;
  if (code.text(k) === "?") k++;
  if (code.text(k) === ":") {
    k++;
    if (code.text(k) === "readonly") k++;
    return collections.has(code.text(k)) && code.text(k + 1) === "<";
  }
  return code.text(k) === "=" && code.text(k + 1) === "new" && collections.has(code.text(k + 2));
}

/** Whether the collection declared at `i` is made from a list in the source. */
function hasContent(code: Code, i: number): boolean {
  for (let k = i + 1; k < code.tokens.length && code.text(k) !== ";"; k++)
    if (code.text(k) === "new" && collections.has(code.text(k + 1))) {
      const end = code.behindCall(k + 1);
      return end >= 0 && code.text(end - 2) !== "(";
    }
  return false;
}

function declares(code: Code, name: string, accepts: (at: number) => boolean): boolean {
  return code.tokens.some(
    ({ kind, text }, k) =>
      kind === "word" && text === name && ["const", "let", "var"].includes(code.text(k - 1)) && accepts(k),
  );
}

/** The first token of the value that the variable at `k` begins with. */
function initial(code: Code, k: number): string {
  let at = k + 1;
  while (at < code.tokens.length && code.text(at) !== "=" && code.text(at) !== ";")
    at = "([{".includes(code.text(at) || "x") && code.pairs[at]! >= 0 ? code.pairs[at]! + 1 : at + 1;
  return code.text(at + 1);
}

/** Numbers sorted without a comparator are sorted as texts: 10 before 9. */
export function checkSortOrder(code: Code, report: Report): void {
  code.tokens.forEach(({ kind, text }, i) => {
    if (
      kind !== "word" ||
      !sorts.has(text) ||
      !code.isMember(i) ||
      code.text(i + 1) !== "(" ||
      code.text(i + 2) !== ")"
    )
      return;
    if (!isNumbers(code, i - 2)) return;
    report(
      i,
      `\`.${text}()\` of numbers`,
      "Without a comparator numbers are compared as texts, 10 before 9.",
      `Write .${text}((a, b) => a - b)`,
    );
  });
}

/** Whether what ends at `i` is a list of numbers, as far as the file says so. */
function isNumbers(code: Code, i: number): boolean {
  if (code.text(i) === "]") return isNumberList(code, code.pairs[i]!);
  if (code.text(i) === ")") return code.text(i - 1) === "Number" && code.text(i - 3) === "map";
  const name = code.text(i);
  return code.tokens.some(({ kind, text }, k) => {
    if (kind !== "word" || text !== name || code.isMember(k)) return false;
    if (code.text(k + 1) === "=") return code.text(k + 2) === "[" && isNumberList(code, k + 2);
    if (code.text(k + 1) !== ":") return false;
    const type = code.text(k + 2) === "readonly" ? k + 3 : k + 2;
    if (code.text(type) === "number") return code.text(type + 1) === "[";
    return ["Array", "ReadonlyArray"].includes(code.text(type)) && code.text(type + 2) === "number";
  });
}

function isNumberList(code: Code, open: number): boolean {
  const end = code.pairs[open]!;
  let hasNumber = false;
  for (let k = open + 1; k < end; k++) {
    if (code.tokens[k]!.kind === "number") hasNumber = true;
    else if (!["-", ","].includes(code.text(k))) return false;
  }
  return hasNumber;
}
