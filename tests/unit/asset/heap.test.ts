/** The heap of blocks: no overlap, no loss, joined free spans; growth; bytes hashed in place. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  blockBytes,
  foldBlockHash,
  hashBlock,
  hashBlockPart,
  hashLaneCount,
  sealBlock,
} from "../../../engine/asset/block.ts";
import { AssetHeap, bumpBlock, noBlock } from "../../../engine/asset/heap.ts";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { testSeed } from "../seeds.ts";
import { head } from "./shared-head.ts";

const seed = testSeed("asset heap");
const small = { resources: 1, tickets: 1, threads: 1 } as const;

interface Held {
  readonly offset: number;
  byteLength: number;
  mark: number;
}

test("blocks never overlap, all bytes are accounted for, and an empty heap is one again", () => {
  const op = fc.record({
    kind: fc.constantFrom("allocate", "bump", "free", "trim"),
    n: fc.nat(3_000),
    at: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.array(op, { maxLength: 150, size: "max" }), (ops) => {
      const memory = allocateAssetMemory({ ...small, heapBytes: 1, heapBytesMax: 1 });
      const heap = new AssetHeap(memory);
      const held: Held[] = [];
      const fill = (block: Held): void => {
        new Uint8Array(memory.buffer, block.offset, block.byteLength).fill(block.mark);
        sealBlock(memory.buffer, block.offset, block.byteLength);
      };
      ops.forEach(({ kind, n, at }, i) => {
        const block = held[at % Math.max(1, held.length)];
        if (kind === "allocate" || kind === "bump") {
          const offset = kind === "bump" ? bumpBlock(memory, head(memory), n + 100) : heap.allocate(n);
          if (offset === noBlock) return;
          if (kind === "bump") heap.adopt(offset, n + 100, n);
          const made = { offset, byteLength: n, mark: i & 255 };
          held.push(made);
          fill(made);
        } else if (block !== undefined && kind === "free") {
          held.splice(held.indexOf(block), 1);
          heap.free(block.offset);
          expect(() => heap.free(block.offset)).toThrow("a block is freed once");
        } else if (block !== undefined) {
          block.byteLength = Math.min(block.byteLength, n);
          heap.trim(block.offset, block.byteLength);
          fill(block);
        }
        heap.check();
      });
      for (const { offset, byteLength, mark } of held) {
        expect(new Uint8Array(memory.buffer, offset, byteLength).every((byte) => byte === mark)).toBe(true);
        const hash = new Uint32Array(2);
        hashBlock(memory.buffer, offset, byteLength, hash, 0);
        const { low, high } = hashBytes(new Uint8Array(byteLength).fill(mark));
        expect([...hash]).toEqual([low, high]);
        // And so does the hash that is computed in parts of whole blocks.
        const lanes = new Uint32Array(hashLaneCount + 1);
        const words = blockBytes(byteLength) >>> 2;
        for (let at = 0; at < words; )
          at = hashBlockPart(memory.buffer, offset, byteLength, at, 16 * (1 + (mark % 3)), lanes, 1);
        foldBlockHash(byteLength, lanes, 1, hash, 0);
        expect([...hash]).toEqual([low, high]);
      }
      expect(heap.liveBytes).toBe(held.reduce((sum, { byteLength }) => sum + blockBytes(byteLength), 0));
      for (const { offset } of held) heap.free(offset);
      expect([heap.usedBytes, heap.freeBytes, heap.liveBytes]).toEqual([0, 0, 0]);
    }),
    { seed, numRuns: 200 },
  );
});

test("the memory grows with its blocks, up to its limit and not beyond", () => {
  const memory = allocateAssetMemory({ ...small, heapBytes: 100_000, heapBytesMax: 10_000_000 });
  const heap = new AssetHeap(memory);
  expect(memory.buffer.byteLength).toBe(100_000);
  const offset = heap.allocate(5_000_000);
  expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(offset + blockBytes(5_000_000));
  expect([heap.allocate(5_000_000), heap.isLive(offset)]).toEqual([noBlock, true]);
  expect(() => heap.store(new Uint8Array(5_000_000))).toThrow(
    "E0807 The asset heap of 10000000 bytes has no room for a block of 5000000 bytes.",
  );
  heap.free(offset);
  expect(heap.allocate(9_000_000)).toBe(offset);
});
