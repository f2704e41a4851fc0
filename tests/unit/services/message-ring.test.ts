/** The message ring: claims, a full ring, producers that die, counters that go round; on one thread and on several. */
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { MessageRing, type ProducerToken, RingProducer } from "../../../engine/services/message-ring.ts";
import { type LossReport, RingConsumer } from "../../../engine/services/ring-consumer.ts";
import {
  allocateRing,
  cellsAt,
  headWord,
  producerAt,
  producerWord,
  tailWord,
} from "../../../engine/services/ring-layout.ts";
import { Draws, testSeed } from "../seeds.ts";
import type { ProducerTask } from "./producer-thread.ts";

const seed = testSeed("message ring");

function makeRing(cellCount = 4, producerCount = 3) {
  const ring = new MessageRing(allocateRing({ cellCount, cellBytes: 32, producerCount }));
  return { ring, words: new Int32Array(ring.memory.buffer), consumer: new RingConsumer(ring) };
}

function makeProducer(ring: MessageRing) {
  const token = ring.register();
  const producer = new RingProducer(ring, token);
  const words = new Int32Array(ring.memory.buffer);
  const write = (value: number): boolean => {
    const at = producer.claim();
    if (at < 0) return false;
    words[at >> 2] = value;
    producer.commit();
    return true;
  };
  return { token, producer, write };
}

function drain({ consumer, words }: ReturnType<typeof makeRing>): number[] {
  const values: number[] = [];
  for (let at = consumer.take(); at >= 0; at = consumer.take()) {
    values.push(words[at >> 2]!);
    consumer.release();
  }
  return values;
}

function reports(consumer: RingConsumer): LossReport[] {
  const told: LossReport[] = [];
  consumer.settle((report) => told.push(report));
  return told;
}

describe("on one thread", () => {
  test("messages come in the order of their claims, not of their commits", () => {
    const side = makeRing();
    const [a, b] = [makeProducer(side.ring), makeProducer(side.ring)];
    const first = a.producer.claim();
    expect(b.write(2)).toBe(true);
    expect(drain(side)).toEqual([]);
    expect(side.consumer.isEmpty).toBe(false);
    side.words[first >> 2] = 1;
    a.producer.commit();
    expect(drain(side)).toEqual([1, 2]);
    expect(side.consumer.isEmpty).toBe(true);
  });

  test("a full ring drops and counts, tells so once, and has room again when one is read", () => {
    const side = makeRing();
    const [a, b] = [makeProducer(side.ring), makeProducer(side.ring)];
    expect([1, 2, 3, 4, 5, 6].map(a.write)).toEqual([true, true, true, true, false, false]);
    expect(b.write(7)).toBe(false);
    expect(side.ring.audit()).toMatchObject({ written: 7, read: 0, dropped: 3, lost: 0, waiting: 4, isSettled: false });
    expect(side.consumer.take()).toBeGreaterThan(0);
    expect(a.write(8)).toBe(false);
    side.consumer.release();
    expect(b.write(9)).toBe(true);
    expect(drain(side)).toEqual([2, 3, 4, 9]);
    expect(reports(side.consumer)).toEqual([
      { producer: 0, droppedCount: 3, lostCount: 0 },
      { producer: 1, droppedCount: 1, lostCount: 0 },
    ]);
    expect(reports(side.consumer)).toEqual([]);
    expect(side.ring.audit()).toMatchObject({ written: 9, read: 5, dropped: 4, lost: 0, isSettled: true });
    expect(side.ring.audit().producers[1]).toEqual({ written: 2, read: 1, dropped: 1, lost: 0, waiting: 0 });
  });

  test("a producer that ends between claim and commit stops the ring until it is revoked, and then loses one", () => {
    const side = makeRing();
    const [a, b] = [makeProducer(side.ring), makeProducer(side.ring)];
    a.write(1);
    a.producer.claim();
    b.write(2);
    expect(drain(side)).toEqual([1]);
    expect(side.ring.revoke(a.token)).toBe(true);
    expect(side.ring.revoke(a.token)).toBe(false);
    expect(drain(side)).toEqual([2]);
    expect(reports(side.consumer)).toEqual([{ producer: 0, droppedCount: 0, lostCount: 1 }]);
    expect(side.ring.audit()).toMatchObject({ written: 3, read: 2, lost: 1, isSettled: true });
  });

  test("one that ends before it moves the tail is helped over, by the consumer and by other producers", () => {
    for (const revokesFirst of [true, false]) {
      const side = makeRing();
      const [a, b] = [makeProducer(side.ring), makeProducer(side.ring)];
      a.producer.claim();
      Atomics.store(side.ring.words, tailWord, 0);
      if (revokesFirst) {
        side.ring.revoke(a.token);
        expect(reports(side.consumer)).toEqual([]);
        expect(drain(side)).toEqual([]);
        expect(side.consumer.isEmpty).toBe(true);
        expect(b.write(2)).toBe(true);
      } else {
        expect(b.write(2)).toBe(true);
        side.ring.revoke(a.token);
      }
      expect(drain(side)).toEqual([2]);
      expect(reports(side.consumer)).toEqual([{ producer: 0, droppedCount: 0, lostCount: 1 }]);
      expect(side.ring.audit()).toMatchObject({ written: 2, read: 1, lost: 1, isSettled: true });
    }
  });

  test("a message that was begun and never claimed is lost, and what is committed is read though its writer is gone", () => {
    const side = makeRing();
    const a = makeProducer(side.ring);
    a.write(1);
    // As if the thread had ended right after it counted its second message.
    Atomics.add(side.ring.words, producerAt(a.token.number) + producerWord.entered, 1);
    side.ring.revoke(a.token);
    expect(drain(side)).toEqual([1]);
    expect(reports(side.consumer)).toEqual([{ producer: 0, droppedCount: 0, lostCount: 1 }]);
    expect(side.ring.audit()).toMatchObject({ written: 2, read: 1, lost: 1, isSettled: true });
  });

  test("a revoked token writes no more; its number comes back under a new generation when the ring has passed it", () => {
    const side = makeRing(4, 1);
    const a = makeProducer(side.ring);
    a.write(1);
    expect(() => side.ring.register()).toThrow("E0911 All 1 producer numbers of a message ring are taken");
    side.ring.revoke(a.token);
    expect(a.write(2)).toBe(false);
    reports(side.consumer);
    expect(() => side.ring.register()).toThrow("E0911");
    expect(drain(side)).toEqual([1]);
    reports(side.consumer);
    const b = makeProducer(side.ring);
    expect([a.token, b.token]).toEqual([
      { number: 0, generation: 1 },
      { number: 0, generation: 2 },
    ]);
    expect(a.write(3)).toBe(false);
    expect(b.write(4)).toBe(true);
    expect(drain(side)).toEqual([4]);
    expect(side.ring.audit()).toMatchObject({ written: 2, read: 2, refused: 2, isSettled: true });
  });

  test("a second consumer goes on where the first ended, also between a cell and the head", () => {
    const side = makeRing();
    const a = makeProducer(side.ring);
    [1, 2, 3].forEach(a.write);
    side.consumer.take();
    side.consumer.release();
    Atomics.store(side.ring.words, headWord, 0);
    expect(drain({ ...side, consumer: new RingConsumer(side.ring) })).toEqual([2, 3]);
  });

  test("positions go round 2^32 and laps go round theirs", () => {
    for (const cellCount of [4, 4_096]) {
      const side = makeRing(cellCount, 1);
      const a = makeProducer(side.ring);
      // The state of a ring just before position 2^32: all cells free for the last lap.
      const lapShift = Math.log2(cellCount);
      const lastLap = (2 ** (32 - lapShift) - 1) & 0x3f_ffff;
      const firstCell = cellsAt(1) >> 2;
      for (let cell = 0; cell < cellCount; cell++) side.ring.words[firstCell + cell * 8] = lastLap << 10;
      Atomics.store(side.ring.words, tailWord, -cellCount);
      Atomics.store(side.ring.words, headWord, -cellCount);
      const values = Array.from({ length: cellCount }, (_, i) => i + 1);
      for (let lap = 0; lap < 3; lap++) {
        expect(values.map(a.write)).toEqual(values.map(() => true));
        expect(a.write(0)).toBe(false);
        expect(drain(side)).toEqual(values);
      }
      expect(side.ring.audit()).toMatchObject({ read: 3 * cellCount, dropped: 3, isSettled: true });
    }
  });

  test("claims and commits come in pairs", () => {
    const side = makeRing();
    const { producer } = makeProducer(side.ring);
    expect(() => producer.commit()).toThrow("claimed before it is committed");
    producer.claim();
    expect(() => producer.claim()).toThrow("committed before the next one is claimed");
    expect(() => side.consumer.release()).toThrow("taken before it is released");
    expect(() => makeRing(6)).toThrow("a power of two of cells");
  });
});

/** All that a consumer saw, checked as it comes: messages whole, and each writer's numbers ascending. */
class Seen {
  readonly counts: Int32Array;
  readonly problems: string[] = [];
  readonly #last: Int32Array;
  constructor(writerCount: number) {
    this.counts = new Int32Array(writerCount);
    this.#last = new Int32Array(writerCount);
  }
  take({ consumer, words }: ReturnType<typeof makeRing>, countMax: number): void {
    for (let i = 0; i < countMax; i++) {
      const at = consumer.take() >> 2;
      if (at < 0) return;
      const [writer, number, check] = [words[at]!, words[at + 1]!, words[at + 2]!];
      consumer.release();
      if ((Math.imul(writer, 31) ^ number) !== check || number <= this.#last[writer]!)
        this.problems.push(`writer ${writer}: ${number} after ${this.#last[writer]} (check ${check})`);
      this.#last[writer] = number;
      this.counts[writer]!++;
    }
  }
}

function startProducer(task: ProducerTask): { thread: Worker; ready: Promise<void>; ended: Promise<void> } {
  const thread = new Worker(new URL("./producer-thread.ts", import.meta.url), { workerData: task });
  const ended = new Promise<void>((resolve, reject) => {
    thread.once("error", reject);
    thread.once("exit", () => resolve());
  });
  const ready = new Promise<void>((resolve) => thread.once("message", () => resolve()));
  return { thread, ready, ended };
}

const shared = (wordCount: number): Int32Array => new Int32Array(new SharedArrayBuffer(wordCount * 4));
const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

describe("with threads", () => {
  test.each([
    [64, 20],
    [1_024, 2_000],
  ])(
    "four writers and %d cells: each one's order is kept and nothing goes missing unreported",
    async (cellCount, batch) => {
      const writerCount = 4;
      const messageCount = 60_000;
      const side = makeRing(cellCount, writerCount);
      const counts = shared(1 + writerCount * 3);
      const producers = Array.from({ length: writerCount }, (_, writer) =>
        startProducer({
          memory: side.ring.memory,
          token: side.ring.register(),
          writer,
          messageCount,
          heldTurns: 0,
          counts,
        }),
      );
      await Promise.all(producers.map(({ ready }) => ready));
      Atomics.store(counts, 0, 1);
      Atomics.notify(counts, 0);
      const seen = new Seen(writerCount);
      const told = Array.from({ length: writerCount }, () => 0);
      let isOver = false;
      const all = Promise.all(producers.map(({ ended }) => ended)).finally(() => {
        isOver = true;
      });
      // Slow on purpose: a batch, then a turn of the event loop.
      while (!isOver) {
        seen.take(side, batch);
        side.consumer.settle(({ producer, droppedCount }) => {
          told[producer]! += droppedCount;
        });
        await pause(0);
      }
      await all;
      seen.take(side, cellCount);
      side.consumer.settle(({ producer, droppedCount }) => {
        told[producer]! += droppedCount;
      });
      expect(seen.problems).toEqual([]);
      const audit = side.ring.audit();
      expect(audit.isSettled).toBe(true);
      expect(audit.dropped).toBeGreaterThan(0);
      // Against the writers' own counts, which are not the ring's.
      for (let writer = 0; writer < writerCount; writer++) {
        const committed = counts[1 + writer * 3 + 2]!;
        expect(audit.producers[writer]).toEqual({
          written: messageCount,
          read: committed,
          dropped: messageCount - committed,
          lost: 0,
          waiting: 0,
        });
        expect(seen.counts[writer]).toBe(committed);
        expect(told[writer]).toBe(messageCount - committed);
      }
    },
  );

  test("writers that are ended at random moments never stop the ring, and every message of theirs is accounted for", async () => {
    const draws = new Draws(seed);
    const roundCount = 40;
    const roundMax = 160;
    const writerCount = 3;
    const side = makeRing(32, 8);
    const counts = shared(1 + roundMax * writerCount * 3);
    Atomics.store(counts, 0, 1);
    const seen = new Seen(roundMax * writerCount);
    let lostCount = 0;
    let isOver = false;
    const consume = (async () => {
      while (!isOver) {
        seen.take(side, 64);
        side.consumer.settle((report) => {
          lostCount += report.lostCount;
        });
        await pause(0);
      }
    })();
    const tokens: ProducerToken[] = [];
    // Three lines of writers that are replaced as they die, so that all lines meet in the ring.
    const line = async (first: number): Promise<void> => {
      // Whether an end falls between claim and commit is chance: they go on until enough did.
      for (let round = 0; round < roundCount || (round < roundMax && side.ring.audit().lost <= 10); round++) {
        const token = side.ring.register();
        tokens.push(token);
        const task = {
          memory: side.ring.memory,
          token,
          writer: first + round * writerCount,
          messageCount: 1_000_000_000,
          heldTurns: draws.below(2) === 0 ? 0 : 20_000,
          counts,
        };
        const { thread, ready, ended } = startProducer(task);
        await ready;
        await pause(draws.between(0, 12));
        void thread.terminate();
        await ended;
        expect(side.ring.revoke(token)).toBe(true);
      }
    };
    await Promise.all([line(0), line(1), line(2)]);
    isOver = true;
    await consume;
    seen.take(side, 64);
    side.consumer.settle((report) => {
      lostCount += report.lostCount;
    });
    expect(seen.problems).toEqual([]);
    const audit = side.ring.audit();
    expect(audit).toMatchObject({ waiting: 0, refused: 0, isSettled: true, lost: lostCount });
    expect(audit.written).toBe(audit.read + audit.dropped + audit.lost);
    // The writers' own counts: a message is begun once, and at most one of each writer was not finished.
    let begun = 0;
    let committed = 0;
    let unfinished = 0;
    for (let writer = 0; writer < roundMax * writerCount; writer++) {
      const at = 1 + writer * 3;
      begun += counts[at]!;
      committed += counts[at + 2]!;
      unfinished += counts[at]! - counts[at + 1]!;
      // Committed is counted after the commit, so the last one may be read and not counted.
      expect([0, 1]).toContain(seen.counts[writer]! - counts[at + 2]!);
    }
    expect(begun - audit.written).toBeGreaterThanOrEqual(0);
    expect(begun - audit.written).toBeLessThanOrEqual(unfinished);
    expect(audit.read - committed).toBeLessThanOrEqual(unfinished);
    expect(audit.lost).toBeLessThanOrEqual(unfinished);
    // Otherwise nobody was ended at the moment that this test is about.
    expect(audit.lost).toBeGreaterThan(10);
    expect(new Set(tokens.map((token) => `${token.number}/${token.generation}`)).size).toBe(tokens.length);
    expect(Math.max(...tokens.map((token) => token.generation))).toBeGreaterThan(10);
    console.log(
      `message ring: ${audit.written} written, ${audit.read} read, ${audit.dropped} dropped, ${audit.lost} lost`,
    );
  }, 600_000);
});
