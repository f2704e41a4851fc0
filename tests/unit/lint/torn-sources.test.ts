/** Sources that are torn, as an editor saves them in the middle of a word: lint comes to an end and throws nothing. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lintSource } from "../../../runtime/lint/lint-source.ts";
import { namedFiles } from "../../../runtime/lint/world-files.ts";
import { Draws, testSeed } from "../seeds.ts";

const draws = new Draws(testSeed("torn sources"));
const texts = namedFiles(["game", "engine/ecs", "engine/jobs"]).map((path) => readFileSync(path, "utf8"));

test("every finding in a torn source has a place in it", () => {
  let findingCount = 0;
  for (let round = 0; round < 5_000; round++) {
    const text = draws.pick(texts);
    const from = draws.below(text.length);
    const piece = text.slice(from, from + draws.below(3_000));
    const at = draws.below(piece.length + 1);
    const source =
      piece.slice(0, at) + draws.pick([..."(){}[]`\"'/=>:;,?.", "${", "*/", ""]) + piece.slice(at + draws.below(3));
    const lineCount = source.split("\n").length;
    for (const { line, column } of lintSource(source)) {
      findingCount++;
      if (line < 1 || line > lineCount || column < 1) expect({ source, line, column }).toBeUndefined();
    }
  }
  // What is torn off its function stands at the top, where a variable is state.
  expect(findingCount).toBeGreaterThan(0);
});
