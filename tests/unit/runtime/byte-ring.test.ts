/** The byte ring between two real threads: nothing is lost, changed or reordered, however it wraps. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { ByteRing, byteRingBytes } from "../../../engine/base/byte-ring.ts";
import { Draws, testSeed } from "../seeds.ts";
import { ringMessages } from "./ring-messages.ts";
import type { RingThreadData } from "./ring-thread.ts";

const seed = testSeed("byte-ring");

/** Shared memory of a ring whose counters stand `before` bytes before they overflow. */
function ringMemory(capacity: number, before?: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(byteRingBytes(capacity));
  if (before !== undefined) new Int32Array(buffer).fill(-before, 0, 2);
  return buffer;
}

function startEnd(data: RingThreadData): Worker {
  return new Worker(new URL("ring-thread.ts", import.meta.url), { workerData: data });
}

describe("between two threads", () => {
  for (const [label, capacity, lengthMax, byteCount] of [
    ["the smallest ring, full all the time", 64, 40, 200_000],
    ["a ring of a few messages", 1_024, 1_000, 3_000_000],
    ["a ring that is never full", 1 << 20, 3_000, 6_000_000],
  ] as const)
    test(`written there, read here: ${label}`, async () => {
      const buffer = ringMemory(capacity, 4_096);
      const worker = startEnd({ end: "writer", buffer, capacity, seed, byteCount, lengthMax });
      const exit = once(worker, "exit");
      const ring = new ByteRing(buffer, 0, capacity);
      let count = 0;
      for (const expected of ringMessages(seed, byteCount, lengthMax)) {
        let message = ring.read();
        for (; message === undefined; message = ring.read()) await ring.readable();
        if (Buffer.compare(message, expected) !== 0) throw new Error(`seed ${seed}: message ${count} is wrong`);
        count++;
      }
      expect(await exit).toEqual([0]);
      expect(ring.isClosed).toBe(true);
      expect(ring.read()).toBeUndefined();
      expect(count).toBeGreaterThan(100);
    });

  test("written here without waiting, read there", async () => {
    const capacity = 512;
    const buffer = ringMemory(capacity);
    const byteCount = 500_000;
    const worker = startEnd({ end: "reader", buffer, capacity, seed, byteCount, lengthMax: 300 });
    const told = once(worker, "message");
    const ring = new ByteRing(buffer, 0, capacity);
    let count = 0;
    for (const message of ringMessages(seed, byteCount, 300)) {
      while (!ring.write(message)) await new Promise((resolve) => setImmediate(resolve));
      count++;
    }
    ring.close();
    expect(await told).toEqual([count]);
  });
});

describe("in one thread", () => {
  test("a model of any writes and reads agrees, also where the counters overflow", () => {
    const draws = new Draws(seed + 1);
    for (let round = 0; round < 300; round++) {
      const capacity = 64 << draws.below(4);
      const ring = new ByteRing(ringMemory(capacity, 4 * draws.below(200)), 0, capacity);
      const model: Uint8Array[] = [];
      const bytesOf = (message: Uint8Array): number => 4 + Math.ceil(message.length / 4) * 4;
      for (let step = 0; step < 200; step++) {
        if (draws.below(2) === 0) {
          const message = Uint8Array.from({ length: draws.below(capacity - 3) }, () => draws.below(256));
          const used = model.reduce((sum, waiting) => sum + bytesOf(waiting), 0);
          expect(ring.write(message)).toBe(used + bytesOf(message) <= capacity);
          if (used + bytesOf(message) <= capacity) model.push(message);
        } else expect(ring.read()).toEqual(model.shift());
      }
    }
  });

  test("a message as long as the ring fits, a longer one is a bug", () => {
    const ring = new ByteRing(ringMemory(64), 0, 64);
    expect(ring.write(new Uint8Array(60).fill(7))).toBe(true);
    expect(ring.write(new Uint8Array(0))).toBe(false);
    expect(ring.read()).toEqual(new Uint8Array(60).fill(7));
    expect(() => ring.write(new Uint8Array(61))).toThrow("a message fits the ring");
    expect(() => new ByteRing(ringMemory(96), 0, 96)).toThrow("power of two");
  });

  test("what was written before a close is read after it", async () => {
    const ring = new ByteRing(ringMemory(64), 0, 64);
    expect(ring.isClosed).toBe(false);
    ring.write(Uint8Array.of(1, 2, 3));
    ring.write(new Uint8Array(0));
    ring.close();
    await ring.readable();
    expect([ring.read(), ring.read(), ring.read()]).toEqual([Uint8Array.of(1, 2, 3), new Uint8Array(0), undefined]);
    await ring.readable();
    expect(ring.isClosed).toBe(true);
  });

  test("a reader that waits is woken by a message and by a close", async () => {
    const ring = new ByteRing(ringMemory(64), 0, 64);
    const first = ring.readable();
    ring.write(Uint8Array.of(9));
    await first;
    expect(ring.read()).toEqual(Uint8Array.of(9));
    const second = ring.readable();
    ring.close();
    await second;
    expect(ring.isClosed).toBe(true);
  });

  test("a writer that finds no reader gives up", () => {
    const ring = new ByteRing(ringMemory(64), 0, 64);
    expect(ring.writeWaiting(new Uint8Array(40), 10)).toBe(true);
    expect(ring.writeWaiting(new Uint8Array(40), 10)).toBe(false);
    ring.read();
    expect(ring.writeWaiting(new Uint8Array(40), 10)).toBe(true);
  });
});
