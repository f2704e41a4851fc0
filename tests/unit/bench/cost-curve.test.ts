/** The picture of the cost curve: where its points lie, what it says, and that the one in the tree is whole. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { costCurvePicture } from "../../bench/cost-curve-picture.ts";

const points = [
  { entityCount: 1_000, frameMillis: 0.1, partMillis: [0.01, 0.01, 0.1, 0.01] },
  { entityCount: 10_000, frameMillis: 1, partMillis: [0.1, 0.1, 1, 0.1] },
  { entityCount: 100_000, frameMillis: 10, partMillis: [1, 1, 10, 1] },
];

const linesOf = (picture: string): string[] =>
  [...picture.matchAll(/<polyline class="line c(\d)" points="([^"]+)"/g)].map(
    ([, series, places]) => `${series}: ${places}`,
  );

test("draws equal steps of a logarithm as equal steps", () => {
  // Both axes: 1,000 to 100,000 between 76 and 590; 0.01 to 100 ms between 380 and 48.
  expect(linesOf(costCurvePicture(points))).toEqual([
    "0: 76.0,380.0 333.0,297.0 590.0,214.0",
    "1: 76.0,380.0 333.0,297.0 590.0,214.0",
    "2: 76.0,297.0 333.0,214.0 590.0,131.0",
    "3: 76.0,380.0 333.0,297.0 590.0,214.0",
    "4: 76.0,297.0 333.0,214.0 590.0,131.0",
  ]);
});

test("names every line beside its end, and no label lies on another", () => {
  const labels = [...costCurvePicture(points).matchAll(/<text class="c\d" x="600" y="([\d.]+)" dy="4">([^<]+)</g)];
  expect(labels.map(([, , text]) => text)).toEqual([
    "jobs 10.0",
    "whole frame 10.0",
    "tick 1.00",
    "snapshot 1.00",
    "assemble 1.00",
  ]);
  const places = labels.map(([, y]) => Number(y));
  for (let i = 1; i < places.length; i++) expect(places[i]! - places[i - 1]!).toBeGreaterThanOrEqual(17);
});

test("the picture in the tree has the five lines, each of three points", () => {
  const picture = readFileSync(new URL("../../bench/cost-curve.svg", import.meta.url), "utf8");
  expect(linesOf(picture).map((line) => line.split(" ").length - 1)).toEqual([3, 3, 3, 3, 3]);
});
