/** Where a text stops being JSON, held against what the language's own parser accepts. */
import { expect, test } from "vitest";
import { jsonErrorOffset } from "../../../engine/trace/json-place.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("json-place");

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each<[string, number]>([
  ["", 0],
  ["nothing", 0],
  ["[1,]", 3],
  ["[1 2]", 3],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{"a":X}', 5],
  ["[1]]", 3],
  ['["\\x"]', 1],
  ["[01]", 2],
  ["[1,tru", 6],
  ['{"a":"b', 7],
  ["[-1.5e", 6],
])("%s", (text, offset) => {
  expect(jsonErrorOffset(text)).toBe(offset);
});

test("any damage to a text is found where and only where JSON.parse refuses it", () => {
  const whole = JSON.stringify({ a: [1, -2.5e-7, true, null, 'x\\"\u00e9'], b: {}, c: [], d: { e: [[{ f: false }]] } });
  const draws = new Draws(seed);
  expect(jsonErrorOffset(whole)).toBe(-1);
  for (let length = 0; length < whole.length; length++) expect(jsonErrorOffset(whole.slice(0, length))).toBe(length);
  for (let round = 0; round < 20_000; round++) {
    const at = draws.below(whole.length);
    const text =
      whole.slice(0, at) +
      draws.pick(['"', "{", "}", "]", ",", ":", "1", "-", ".", "\\", "t", " ", ""]) +
      whole.slice(at + 1);
    const offset = jsonErrorOffset(text);
    if (offset < 0 !== isJson(text)) throw new Error(`seed ${seed}: ${text} gives ${offset}`);
    // What lies before the error can be gone on with, or is a whole value.
    if (offset > 0) expect([offset, -1], text).toContain(jsonErrorOffset(text.slice(0, offset)));
  }
});
