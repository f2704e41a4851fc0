/** The SIMD kernels and their TypeScript twins give the same bits; the bytes in the tree are the source's. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hashWords } from "../../../engine/base/hash.ts";
import { allocateShared } from "../../../engine/base/wasm.ts";
import { kernelBytes } from "../../../engine/kernels/bytes.ts";
import { bindKernels, hashScratchBytes } from "../../../engine/kernels/kernels.ts";
import { readerBytes } from "../../../engine/kernels/reader-bytes.ts";
import { findNaN } from "../../../engine/sim/health.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("kernels");

describe("hashRegions", () => {
  test("equals hashWords on random spans, and writes its table and scratch only", () => {
    const draws = new Draws(seed);
    const byteLength = 4 * 65_536;
    const memory = allocateShared(byteLength);
    const words = new Uint32Array(memory.buffer);
    const kernels = bindKernels(memory);
    for (let run = 0; run < 60; run++) {
      for (let i = 0; i < words.length; i++) words[i] = draws.u32();
      const count = draws.below(40);
      // Data below, table and results in the last page.
      const tableAt = byteLength - 65_536;
      const outAt = tableAt + 4_096;
      const spans = Array.from({ length: count }, () => {
        const offset = draws.below(2_000) * 64;
        return { offset, length: draws.below(Math.min(200, (tableAt - offset) / 64)) * 64 };
      });
      spans.forEach(({ offset, length }, i) => {
        words[tableAt / 4 + i * 2] = offset;
        words[tableAt / 4 + i * 2 + 1] = length;
      });
      const before = words.slice();
      kernels.hashRegions(tableAt, count, outAt);
      const expected = new Uint32Array(count * 2);
      for (const [i, span] of spans.entries()) hashWords(before, span.offset / 4, span.length / 4, expected, i * 2);
      expect([...words.slice(outAt / 4, outAt / 4 + count * 2)]).toEqual([...expected]);
      const scratchEnd = outAt / 4 + count * 2 + hashScratchBytes / 4;
      expect(
        Buffer.compare(Buffer.from(words.slice(0, outAt / 4).buffer), Buffer.from(before.slice(0, outAt / 4).buffer)),
      ).toBe(0);
      expect(
        Buffer.compare(Buffer.from(words.slice(scratchEnd).buffer), Buffer.from(before.slice(scratchEnd).buffer)),
      ).toBe(0);
    }
  });
});

describe("findNaN", () => {
  const memory = allocateShared(65_536);
  const kernels = bindKernels(memory);
  const at = 1_024;
  const byteLength = 512;
  const block = 64;

  const forms = [
    { name: "f32", column: new Float32Array(memory.buffer, at, byteLength / 4), find: kernels.findNaN32 },
    { name: "f64", column: new Float64Array(memory.buffer, at, byteLength / 8), find: kernels.findNaN64 },
  ];

  test.each(forms)("of $name finds the block of a NaN at every position, as the twin does", ({ column, find }) => {
    const bytes = column.BYTES_PER_ELEMENT;
    column.fill(0);
    expect([find(at, byteLength), findNaN(column, 0, column.length)]).toEqual([-1, -1]);
    for (let i = 0; i < column.length; i++) {
      column[i] = Number.NaN;
      expect([find(at, byteLength), findNaN(column, 0, column.length)]).toEqual([
        Math.floor((i * bytes) / block) * block,
        i,
      ]);
      column[i] = 0;
    }
    column[3] = column[column.length - 1] = Number.NaN;
    expect([find(at, byteLength), findNaN(column, 0, column.length)]).toEqual([0, 3]);
    column.fill(0);
  });

  test.each(forms)("of $name takes infinities, the largest, the smallest and -0 for numbers", ({ column, find }) => {
    column.fill(0);
    const extremes = [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      Number.MAX_VALUE,
      Number.MIN_VALUE,
      1e-45,
    ];
    extremes.forEach((value, i) => {
      column[i] = value;
    });
    expect([find(at, byteLength), findNaN(column, 0, column.length)]).toEqual([-1, -1]);
    column.fill(0);
  });

  test("knows every kind of NaN bits", () => {
    const words = new Uint32Array(memory.buffer, at, byteLength / 4);
    for (const bits of [0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffc00000, 0xffffffff]) {
      words.fill(0);
      words[17] = bits;
      expect(kernels.findNaN32(at, byteLength)).toBe(64);
    }
    for (const high of [0x7ff00000, 0x7ff80000, 0xfff00000, 0xffffffff]) {
      words.fill(0);
      words[34] = 1;
      words[35] = high;
      expect(kernels.findNaN64(at, byteLength)).toBe(128);
    }
    words.fill(0);
  });

  test("looks at its span and nothing else", () => {
    const all = new Float32Array(memory.buffer).fill(Number.NaN);
    all.fill(0, at / 4, (at + byteLength) / 4);
    expect(kernels.findNaN32(at, byteLength)).toBe(-1);
    expect(kernels.findNaN64(at, byteLength)).toBe(-1);
    expect(kernels.findNaN32(at, 0)).toBe(-1);
    all.fill(0);
  });
});

test.each([
  { source: "kernels.ts", bytes: kernelBytes, more: [] },
  { source: "reader.ts", bytes: readerBytes, more: ["--exportTable"] },
])("the bytes in the tree are a fresh build of engine/kernels/assembly/$source", ({ source, bytes, more }) => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "orrery-kernels-"));
  try {
    const out = join(folder, "kernels.wasm");
    const flags =
      "--enable simd,threads --importMemory --sharedMemory --maximumMemory 65536 --initialMemory 1 --runtime stub -O3 --noAssert";
    const args = [
      "node_modules/assemblyscript/bin/asc.js",
      `engine/kernels/assembly/${source}`,
      "-o",
      out,
      ...flags.split(" "),
      ...more,
    ];
    execFileSync(process.execPath, args, { cwd: root, stdio: "pipe" });
    expect(readFileSync(out).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
