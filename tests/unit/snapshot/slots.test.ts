/** The ring of slots: its states in one thread, and one writer against three readers in threads of their own. */
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { SlotRing, slotRingWords } from "../../../engine/snapshot/slots.ts";
import { testSeed } from "../seeds.ts";
import type { ThreadReport, ThreadTask } from "./slot-thread.ts";

const seed = testSeed("slots");

function shared(wordCount: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(wordCount * 4));
}

function makeRing(slotCount: number): { writer: SlotRing; reader: SlotRing } {
  const control = shared(slotRingWords(slotCount));
  const writer = new SlotRing(control, slotCount);
  writer.reset();
  return { writer, reader: new SlotRing(control, slotCount) };
}

function publish(ring: SlotRing): number {
  const slot = ring.claim();
  if (slot >= 0) ring.publish(slot);
  return slot;
}

describe("in one thread", () => {
  test("nothing is published or pinned before the first publish", () => {
    const { writer, reader } = makeRing(3);
    expect([reader.published, reader.pin(), writer.claim(), reader.pin()]).toEqual([-1, -1, 0, -1]);
    writer.publish(0);
    expect([reader.published, reader.pin()]).toEqual([0, 0]);
  });

  test("the published and the pinned slots are never claimed; when they are all, the writer goes without", () => {
    const { writer, reader } = makeRing(3);
    const claims: number[] = [];
    for (let i = 0; i < 3; i++) {
      claims.push(publish(writer));
      expect(reader.pin()).toBe(claims[i]);
    }
    expect(claims).toEqual([0, 1, 2]);
    expect([publish(writer), publish(writer), reader.published]).toEqual([-1, -1, 2]);
    reader.unpin(1);
    expect([publish(writer), publish(writer)]).toEqual([1, -1]);
    reader.unpin(0);
    reader.unpin(2);
    expect([publish(writer), publish(writer), publish(writer)]).toEqual([0, 1, 0]);
  });

  test("a slot pinned twice is free after two unpins, and one too many is a bug that is told", () => {
    const { writer, reader } = makeRing(3);
    publish(writer);
    expect([reader.pin(), reader.pin()]).toEqual([0, 0]);
    const claims = (): number[] => [publish(writer), publish(writer), publish(writer)];
    expect(claims()).not.toContain(0);
    reader.unpin(0);
    expect(claims()).not.toContain(0);
    reader.unpin(0);
    expect(claims()).toContain(0);
    expect(() => reader.unpin(0)).toThrow("unpinned once for each pin");
  });

  test("one slot is written at a time, and only a claimed one is published", () => {
    const { writer } = makeRing(3);
    expect(() => writer.publish(1)).toThrow("a claimed slot is published");
    writer.claim();
    expect(() => writer.claim()).toThrow("one slot is written at a time");
    expect(() => new SlotRing(shared(3), 3)).toThrow("has its control words");
  });

  test("what a writer that is gone had claimed is given up, and nothing else", () => {
    const { writer, reader } = makeRing(3);
    publish(writer);
    expect([reader.pin(), writer.claim()]).toEqual([0, 1]);
    expect(() => writer.claim()).toThrow("one slot is written at a time");
    writer.reclaim();
    expect([reader.published, writer.claim()]).toEqual([0, 1]);
    expect(() => writer.claim()).toThrow("one slot is written at a time");
  });

  test("whoever waits for a change is woken by the next publish, or told that it has come", async () => {
    const { writer, reader } = makeRing(3);
    const first = reader.changed(-1);
    publish(writer);
    expect(await first).toBe("ok");
    expect(reader.changed(-1)).toBeUndefined();
  });
});

describe("with threads", () => {
  const run = async (slotCount: number, publishCount: number): Promise<ThreadReport[]> => {
    const slotWords = 256;
    const control = shared(slotRingWords(slotCount));
    new SlotRing(control, slotCount).reset();
    const words = shared(slotCount * slotWords);
    const flags = shared(3);
    const roles = ["writer", "reader", "reader", "reader"] as const;
    const threads = roles.map((role, i) => {
      const task: ThreadTask = {
        role,
        control,
        words,
        slotCount,
        slotWords,
        publishCount,
        meetingCount: 500,
        deadlineMillis: 60_000,
        flags,
        threadCount: roles.length,
        seed: seed + i,
      };
      return new Worker(new URL("./slot-thread.ts", import.meta.url), { workerData: task });
    });
    try {
      return await Promise.all(
        threads.map(
          (thread) =>
            new Promise<ThreadReport>((resolve, reject) => {
              thread.once("message", resolve);
              thread.once("error", reject);
              thread.once("exit", () => reject(new Error("a thread ended without a report")));
            }),
        ),
      );
    } finally {
      // A thread that hangs is ended, so that a failure is a failure and not a silence.
      Atomics.store(flags, 0, 1);
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
  };

  // Three slots are the fewest that a ring may have: then a reader nearly always stands in the writer's way.
  test.each([
    [3, 100_000],
    [5, 200_000],
  ])(
    "%i slots: no reader sees a torn slot, a slot that changes under its pin, or time that goes back",
    async (slotCount, publishCount) => {
      const [writer, ...readers] = await run(slotCount, publishCount);
      expect([writer, ...readers].flatMap((report) => report?.problems)).toEqual([]);
      expect(writer?.publishCount).toBeGreaterThanOrEqual(publishCount);
      // The threads did meet: readers saw many different publishes.
      expect(readers.reduce((sum, { differentCount }) => sum + differentCount, 0)).toBeGreaterThanOrEqual(500);
    },
  );
});
