/** Rows and colours of instances equal their twin; half floats equal the language's own. */
import { expect, test } from "vitest";
import { halfBits, linearLight, tintTableLength, writeTintTable } from "../../../engine/kernels/half-floats.ts";
import { tableBytes, writeInstanceTable } from "../../../engine/kernels/tables.ts";
import { Draws, testSeed } from "../seeds.ts";
import { chunksOf, counts, numbers, oddNumbers, TwinArenas } from "./twin-arenas.ts";

const seed = testSeed("instances");

test("packInstances equals its twin on every tail, whole and in chunks", () => {
  const draws = new Draws(seed);
  const entityCount = 30;
  for (const count of counts) {
    const arenas = new TwinArenas(2 * 65_536);
    const matrices = arenas.floats(numbers(draws, entityCount * 16, -4, 4, 10));
    const tints = arenas.words(Array.from({ length: entityCount }, () => draws.u32()));
    const entities = arenas.words(Array.from({ length: count }, () => draws.below(entityCount)));
    const rows = arenas.reserve(count * 48);
    const colors = arenas.reserve(count * 8);
    const light = arenas.reserve(tintTableLength * 2);
    const table = arenas.reserve(tableBytes.instances);
    arenas.each((buffer) => {
      writeTintTable(new Uint16Array(buffer, light, tintTableLength));
      writeInstanceTable(buffer, table, { matrices, entities, tints, rows, colors, light });
    });
    arenas.run(`${count} instances`, (kernels) => kernels.packInstances(table, 0, count));
    arenas.each((buffer) => new Uint32Array(buffer, rows, count * 12).fill(7));
    for (const chunk of chunksOf(draws, count))
      arenas.run(`${count} instances in chunks`, (kernels) => kernels.packInstances(table, chunk.first, chunk.count));
  }
});

test("an instance is the three upper rows of its matrix and its tint in linear light", () => {
  const arenas = new TwinArenas(65_536);
  const matrices = arenas.floats([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 1]);
  const tints = arenas.words([0x80ff0000]);
  const entities = arenas.words([0]);
  const rows = arenas.reserve(48);
  const colors = arenas.reserve(8);
  const light = arenas.reserve(tintTableLength * 2);
  const table = arenas.reserve(tableBytes.instances);
  arenas.each((buffer) => {
    writeTintTable(new Uint16Array(buffer, light, tintTableLength));
    writeInstanceTable(buffer, table, { matrices, entities, tints, rows, colors, light });
  });
  arenas.run("one", (kernels) => kernels.packInstances(table, 0, 1));
  expect([...new Float32Array(arenas.buffers[0], rows, 12)]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
  expect([...new Uint16Array(arenas.buffers[0], colors, 4)]).toEqual([0, 0, 0x3c00, 0x3804]);
});

test("half floats are those of the language, for every half float, what lies between two, and odd numbers", () => {
  const numberOf = (bits: number): number => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1_023;
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1_024) * 2 ** (exponent - 15);
    return bits & 0x8000 ? -size : size;
  };
  for (let bits = 0; bits < 0x7c00; bits++) {
    expect(halfBits(numberOf(bits))).toBe(bits);
    expect(halfBits(-numberOf(bits))).toBe(bits | 0x8000);
    for (const share of [0.25, 0.5, 0.75]) {
      const between = numberOf(bits) + (numberOf(bits + 1) - numberOf(bits)) * share;
      if (bits < 0x7bff) expect(numberOf(halfBits(between))).toBe(Math.f16round(between));
    }
  }
  for (const value of oddNumbers) {
    const expected = Math.f16round(value);
    const bits = halfBits(value);
    if (Number.isNaN(value)) expect(bits).toBe(0x7e00);
    else if (Math.abs(expected) === Number.POSITIVE_INFINITY) expect(bits).toBe(expected > 0 ? 0x7c00 : 0xfc00);
    else expect(numberOf(bits)).toBe(expected);
  }
  expect([halfBits(65_519.99), halfBits(65_520)]).toEqual([0x7bff, 0x7c00]);
});

test("linear light rises from 0 to 1 and passes the standard's own middle", () => {
  const light = Array.from({ length: 256 }, (_, byte) => linearLight(byte));
  expect([light[0], light[255]]).toEqual([0, 1]);
  for (let byte = 1; byte < 256; byte++) expect(light[byte]).toBeGreaterThan(light[byte - 1]!);
  expect(light[188]).toBeCloseTo(0.5029, 4);
});
