/** Keyframes of a page: made small where they lie, or left as they are, and believed by whoever reads them in Node. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { crc32 } from "../../../engine/base/checksum.ts";
import { codec } from "../../../engine/ports/compressor.ts";
import { compressHere, compressShared, sharedCompressor } from "../../../runtime/page/compression.ts";
import { hostDecompressor } from "../../../runtime/replay/compression.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("page-compression");
const alike = Uint8Array.from({ length: 100_000 }, (_, at) => at % 7);
const chance = Uint8Array.from(
  { length: 4_096 },
  (
    (draws) => () =>
      draws.below(256)
  )(new Draws(seed)),
);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("both ends of a compressor", () => {
  test("results come once, in the order of the requests, whichever is finished first", async () => {
    const asked: SharedArrayBuffer[] = [];
    const compressor = sharedCompressor((memory) => asked.push(memory));
    compressor.compress(alike.slice());
    compressor.compress(chance.slice());
    await compressShared(asked[1]!);
    expect(compressor.poll()).toBeUndefined();
    await compressShared(asked[0]!);
    const results = [compressor.wait()!, compressor.poll()!];
    expect(compressor.poll()).toBeUndefined();
    expect(results.map(({ codec, rawLength, crc }) => ({ codec, rawLength, crc }))).toEqual([
      { codec: codec.gzip, rawLength: alike.length, crc: crc32(alike) },
      { codec: codec.none, rawLength: chance.length, crc: crc32(chance) },
    ]);
    const raw = results.map((result) => hostDecompressor.decompress(result.codec, result.bytes, result.rawLength));
    expect(raw.map((bytes) => crc32(bytes))).toEqual([crc32(alike), crc32(chance)]);
    expect(results[0]!.bytes.length).toBeLessThan(alike.length / 10);
  });

  test("a browser that cannot compress leaves the bytes as they are", async () => {
    vi.stubGlobal("CompressionStream", undefined);
    let asked: SharedArrayBuffer | undefined;
    const compressor = sharedCompressor((memory) => {
      asked = memory;
    });
    compressor.compress(alike.slice());
    await compressShared(asked!);
    const left = { codec: codec.none, rawLength: alike.length, crc: crc32(alike), bytes: alike };
    expect(compressor.poll()).toEqual(left);
    expect(await compressHere(alike.slice())).toEqual(left);
  });
});
