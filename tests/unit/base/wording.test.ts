/** Counts with their nouns, and text that does nothing to whoever shows it. */
import { expect, test } from "vitest";
import { counted, isPrintable, printable, printableLines } from "../../../engine/base/wording.ts";

test("a count has its noun", () => {
  expect([0, 1, 2].map((count) => counted(count, "tick"))).toEqual(["0 ticks", "1 tick", "2 ticks"]);
  expect([1, 3].map((count) => counted(count, "black box", "black boxes"))).toEqual(["1 black box", "3 black boxes"]);
});

test("every character that controls something is written out, and no other", () => {
  const controls = [...Array(32).keys(), ...Array.from({ length: 33 }, (_, i) => 127 + i), 0x2028, 0x202e, 0x2066];
  for (const code of controls) {
    const text = `a${String.fromCharCode(code)}b`;
    expect(printable(text)).toBe(`a\\u${code.toString(16).padStart(4, "0")}b`);
    expect(isPrintable(text)).toBe(false);
    expect(printableLines(text)).toBe(code === 9 || code === 10 ? text : printable(text));
  }
  const plain = 'Größe 3 µs \u{1f6f8} \\ "x"';
  expect([printable(plain), printableLines(plain), isPrintable(plain)]).toEqual([plain, plain, true]);
});
