/** Copies of regions equal their twin and touch nothing else. */
import { expect, test } from "vitest";
import { Draws, testSeed } from "../seeds.ts";
import { TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("copy");

test("regions of every small size and of sizes about the border of the bulk instruction", () => {
  const draws = new Draws(seed);
  const sizes = [...Array.from({ length: 20 }, (_, i) => i * 16), 16_368, 16_384, 16_400, 40_000];
  const arenas = new TwinArenas(8 * 65_536);
  const table: number[] = [];
  for (const size of sizes) {
    const from = arenas.words(Array.from({ length: size / 4 }, () => draws.u32()));
    table.push(from, arenas.reserve(size), size);
  }
  const at = arenas.words(table);
  arenas.run("all sizes", (kernels) => kernels.copyRegions(at, sizes.length));
  const words = new Uint32Array(arenas.buffers[0]);
  for (let i = 0; i < sizes.length; i++) {
    const [from, to, size] = table.slice(i * 3, i * 3 + 3) as [number, number, number];
    expect([...words.slice(to / 4, (to + size) / 4)]).toEqual([...words.slice(from / 4, (from + size) / 4)]);
  }
});

test("no region at all", () => {
  const arenas = new TwinArenas(65_536);
  const at = arenas.words([64, 128, 16]);
  arenas.run("none", (kernels) => kernels.copyRegions(at, 0));
});
