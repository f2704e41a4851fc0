/** The watch ring: the newest records whole and in order, also for a reader that another thread overtakes, and wishes. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { WatchRing, wishUnits } from "../../../engine/trace/watch-ring.ts";

const fill = (ring: WatchRing, from: number, to: number): void => {
  for (let number = from; number < to; number++) ring.write(number, 1, 2, 3, 4, 5, number + 0.25);
};

test("gives records in order and tells how many a slow reader missed", () => {
  const ring = WatchRing.allocate(8);
  expect(ring.read(0)).toEqual({ records: [], next: 0, missed: 0 });
  fill(ring, 0, 3);
  const first = ring.read(0);
  expect(first.records.map(({ frame, value }) => [frame, value])).toEqual([
    [0, 0.25],
    [1, 1.25],
    [2, 2.25],
  ]);
  const written = { tick: 1, step: 2, column: 3, entity: 4, element: 5 };
  expect(first.records[0]).toEqual({ frame: 0, ...written, value: 0.25, isByCommand: false });
  fill(ring, 3, 30);
  const second = ring.read(first.next);
  expect(second.records.map(({ frame }) => frame)).toEqual([23, 24, 25, 26, 27, 28, 29]);
  expect([second.next, second.missed]).toEqual([30, 20]);
  ring.write(30, 1, 2, 3, 4, 5, undefined, true);
  ring.write(31, 1, 2, 3, 4, 5, 7, true);
  expect(ring.read(second.next).records).toEqual([
    { frame: 30, ...written, value: undefined, isByCommand: true },
    { frame: 31, ...written, value: 7, isByCommand: true },
  ]);
});

test("is read whole beside a thread that writes as fast as it can", async () => {
  const ring = WatchRing.allocate(256);
  const count = 300_000;
  const worker = new Worker(new URL("watch-thread.ts", import.meta.url), {
    workerData: { buffer: ring.buffer, count },
  });
  const done = once(worker, "message");
  let from = 0;
  let seen = 0;
  let missed = 0;
  let last = -1;
  while (from < count) {
    const read = ring.read(from);
    for (const record of read.records) {
      const number = record.frame;
      expect(number).toBeGreaterThan(last);
      last = number;
      const u32 = (value: number): number => value >>> 0;
      if (
        record.tick !== u32(number * 3) ||
        record.entity !== u32(number * 11) ||
        record.element !== u32(number * 13) ||
        record.value !== number * 0.5
      )
        expect.fail(`record ${number} is torn: ${JSON.stringify(record)}`);
    }
    seen += read.records.length;
    missed += read.missed;
    from = read.next;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(seen + missed).toBe(count);
  expect(seen).toBeGreaterThan(0);
});

test("holds the newest wishes; a list without room is refused and changes nothing", () => {
  const ring = WatchRing.allocate(8);
  const view = new WatchRing(ring.buffer);
  expect(view.wishes()).toEqual({ version: 0, places: [] });
  expect(ring.wish(["Velocity.x:512", "Position.y"])).toBe(true);
  expect(view.wishes()).toEqual({ version: 2, places: ["Velocity.x:512", "Position.y"] });
  expect(ring.wish(["x".repeat(wishUnits + 1)])).toBe(false);
  expect(view.wishes()).toEqual({ version: 2, places: ["Velocity.x:512", "Position.y"] });
  ring.wish([]);
  expect(view.wishes()).toEqual({ version: 4, places: [] });
});
