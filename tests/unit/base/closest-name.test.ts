/** The name that someone probably meant. */
import { expect, test } from "vitest";
import { closestName, nameAdvice } from "../../../engine/base/closest-name.ts";

const known = ["order", "disabled", "drive-tugs", "drift-section", "a", "b"];

test.each([
  ["order", "order"],
  ["odrer", "order"],
  ["ORDER", "order"],
  ["ordr", "order"],
  ["drive_tugs", "drive-tugs"],
  ["drivetug", "drive-tugs"],
  ["drift-sections", "drift-section"],
  ["dabled", "disabled"],
  ["quaternion", undefined],
  ["", undefined],
])("%j is probably %j", (written, meant) => {
  expect(closestName(written, known)).toBe(meant);
});

test("the first of equals counts, and nothing is guessed where nothing is known", () => {
  expect(closestName("ab", ["aa", "bb"])).toBe("aa");
  expect([nameAdvice("odrer", known), nameAdvice("zzzz", ["one", "two"]), nameAdvice("one", [])]).toEqual([
    'Did you mean "order"?',
    "Use one of: one, two.",
    "There is none.",
  ]);
});
