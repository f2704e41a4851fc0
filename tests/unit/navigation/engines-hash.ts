/**
 * A program of its own: answers some thousand questions on random grids and prints one hash of all bytes, so that
 * two JavaScript engines, or one with and without its compilers, can be compared. Its argument is the seed.
 */
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";
import { openGrid } from "../../../engine/navigation/grid.ts";
import { buildGrid } from "../../../engine/navigation/grid-build.ts";
import { encodeGridInput } from "../../../engine/navigation/grid-input.ts";
import { findPaths, openPathResults } from "../../../engine/navigation/path.ts";
import { openPathScratch } from "../../../engine/navigation/path-scratch.ts";
import { seeLines } from "../../../engine/navigation/sight.ts";
import { Draws } from "../seeds.ts";
import { randomInput, randomPlace } from "./grids.ts";

export function answersHash(seed: number): string {
  const draws = new Draws(seed);
  const scratch = openPathScratch(48 * 48);
  const hashes: number[] = [];
  const add = (bytes: ArrayBufferLike): void => {
    const { low, high } = hashBytes(new Uint8Array(bytes));
    hashes.push(low, high);
  };
  for (let round = 0; round < 25; round++) {
    const block = buildGrid(encodeGridInput(randomInput(draws, 48)));
    const grid = openGrid(block);
    const questions = Float32Array.from(Array.from({ length: 80 }, () => randomPlace(grid, draws)).flat());
    const seen = new Uint8Array(40);
    seeLines(grid, questions, 0, 40, 1, seen);
    const options = { clearanceMin: round % 5, expansionsMax: 600, snapCells: round % 3, waypointsMax: 4 };
    const results = openPathResults(40, 4);
    findPaths(grid, scratch, questions, 0, 40, options, results);
    for (const { buffer } of [block, seen, results.cost]) add(buffer);
  }
  const { low, high } = hashBytes(new Uint8Array(Uint32Array.from(hashes).buffer));
  return hashHex(high, low);
}

if (process.argv[1] === import.meta.filename) console.log(answersHash(Number(process.argv[2])));
