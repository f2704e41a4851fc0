/**
 * The message ring, one step of shared memory at a time: while one side works, another one cuts in before each
 * of its steps in turn, or the side dies there. Every order of two sides that threads could take is gone through
 * on one thread, where it can be had again.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { MessageRing, RingProducer } from "../../../engine/services/message-ring.ts";
import { RingConsumer } from "../../../engine/services/ring-consumer.ts";
import { allocateRing, tailWord } from "../../../engine/services/ring-layout.ts";

const steps = ["load", "store", "add", "compareExchange"] as const;
const originals = new Map<string, (...values: never[]) => number>();

class Death extends Error {}

/** What happens before step `at` of what `during` runs; not before the steps of what happens. */
let armed: { at: number; action: () => void } | undefined;
let stepCount = 0;
beforeEach(() => {
  for (const name of steps) {
    const original = Atomics[name] as (...values: never[]) => number;
    originals.set(name, original);
    (Atomics as unknown as Record<string, unknown>)[name] = (...values: never[]): number => {
      if (armed !== undefined && stepCount++ === armed.at) {
        const { action } = armed;
        armed = undefined;
        action();
      }
      return original(...values);
    };
  }
});
afterEach(() => {
  for (const [name, original] of originals) (Atomics as unknown as Record<string, unknown>)[name] = original;
});

/** Runs `work` with `action` before its step `at`; false when it has no such step. A death ends it there. */
function during(at: number, action: () => void, work: () => void): boolean {
  armed = { at, action };
  stepCount = 0;
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Death)) throw thrown;
  }
  const hadStep = armed === undefined;
  armed = undefined;
  return hadStep;
}

interface Side {
  readonly ring: MessageRing;
  readonly write: (value: number) => boolean;
  readonly producer: RingProducer;
}

/** A ring of four cells with two producers; `before` messages were written and `readBefore` of them read. */
function makeRing(before: number, readBefore: number) {
  const ring = new MessageRing(allocateRing({ cellCount: 4, cellBytes: 16, producerCount: 2 }));
  const words = new Int32Array(ring.memory.buffer);
  const consumer = new RingConsumer(ring);
  const read: number[] = [];
  const makeSide = (): Side => {
    const producer = new RingProducer(ring, ring.register());
    const write = (value: number): boolean => {
      const at = producer.claim();
      if (at < 0) return false;
      words[at >> 2] = value;
      producer.commit();
      return true;
    };
    return { ring, write, producer };
  };
  const take = (countMax: number): void => {
    for (let i = 0; i < countMax; i++) {
      const at = consumer.take();
      if (at < 0) return;
      read.push(words[at >> 2]!);
      consumer.release();
    }
  };
  const [a, b] = [makeSide(), makeSide()];
  for (let i = 0; i < before; i++) b.write(-1 - i);
  take(readBefore);
  read.length = 0;
  return { ring, consumer, a, b, take, read, waitingBefore: before - readBefore };
}
type Ring = ReturnType<typeof makeRing>;

/** Fills of the ring at the beginning: empty, some, full; on the first lap and at the turn to the next ones. */
const beginnings = [0, 1, 2, 3, 4, 5, 6, 7, 9].flatMap((before) =>
  [before - 4, before - 3, before - 1, before].filter((read) => read >= 0).map((read) => [before, read] as const),
);

/** The ring still works: it holds four more messages, in order, and every message has been accounted for. */
function expectSound({ ring, consumer, b, take, read }: Ring, lostMax: number): void {
  take(10);
  consumer.settle(() => {});
  expect(consumer.isEmpty).toBe(true);
  read.length = 0;
  expect([101, 102, 103, 104, 105].map((value) => b.write(value))).toEqual([true, true, true, true, false]);
  take(10);
  consumer.settle(() => {});
  expect(read).toEqual([101, 102, 103, 104]);
  const audit = ring.audit();
  expect(audit.isSettled).toBe(true);
  expect(audit.written).toBe(audit.read + audit.dropped + audit.lost);
  expect(audit.lost).toBeLessThanOrEqual(lostMax);
}

function eachBeginning(run: (before: number, read: number) => void): void {
  for (const [before, read] of beginnings) run(before, read);
}

/** Runs `trial` for step 0, 1, 2 and so on, until it says that there is no such step. */
function eachStep(trial: (at: number) => boolean): number {
  let at = 0;
  while (trial(at)) at++;
  expect(at).toBeLessThan(200);
  return at;
}

test("whatever another producer or the consumer does between two steps of a write, order and counts hold", () => {
  const actions: ((ring: Ring) => void)[] = [
    ({ b }) => void b.write(1),
    ({ b }) => [1, 2, 3].forEach(b.write),
    ({ take }) => take(1),
    ({ take }) => take(10),
    ({ b, take }) => {
      b.write(1);
      take(10);
    },
    ({ b, take }) => {
      take(10);
      [1, 2, 3, 4].forEach(b.write);
    },
    // Whole laps pass while a producer sleeps.
    ({ b, take }) => {
      for (const value of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        take(10);
        b.write(value);
      }
    },
  ];
  let stepsSeen = 0;
  for (const action of actions)
    eachBeginning((before, readBefore) => {
      stepsSeen += eachStep((at) => {
        const ring = makeRing(before, readBefore);
        let isIn = false;
        const hadStep = during(
          at,
          () => action(ring),
          () => {
            isIn = ring.a.write(50);
          },
        );
        // The tail is the end of what has been claimed, neither less nor more.
        const { written, dropped } = ring.ring.audit();
        expect(Atomics.load(ring.ring.words, tailWord)).toBe(written - dropped);
        ring.take(20);
        expect(ring.read.filter((value) => value === 50)).toEqual(isIn ? [50] : []);
        const others = ring.read.filter((value) => value !== 50 && value > 0);
        expect(others).toEqual([...others].sort((x, y) => x - y));
        expectSound(ring, 0);
        return hadStep;
      });
    });
  expect(stepsSeen).toBeGreaterThan(1_000);
});

test("a producer may die before any step of a write, and the other one may go on before anybody has seen it", () => {
  const afterwards: ((ring: Ring) => void)[] = [
    () => {},
    ({ b }) => void b.write(1),
    ({ take }) => take(10),
    ({ b }) => [1, 2, 3, 4].forEach(b.write),
  ];
  for (const afterward of afterwards)
    eachBeginning((before, readBefore) => {
      eachStep((at) => {
        const ring = makeRing(before, readBefore);
        const hadStep = during(
          at,
          () => {
            throw new Death();
          },
          () => void ring.a.write(50),
        );
        afterward(ring);
        expect(ring.ring.revoke(ring.a.producer.token)).toBe(true);
        expectSound(ring, 1);
        expect(ring.ring.register().number).toBe(0);
        return hadStep;
      });
    });
});

test("a producer may write, die and be revoked between any two steps of the consumer", () => {
  const actions: ((ring: Ring) => void)[] = [
    ({ a }) => void a.write(50),
    ({ b }) => [1, 2, 3, 4, 5].forEach(b.write),
    ({ ring, a }) => {
      a.write(50);
      ring.revoke(a.producer.token);
    },
    ({ ring, a, b }) => {
      a.producer.claim();
      b.write(1);
      ring.revoke(a.producer.token);
    },
  ];
  for (const action of actions)
    eachBeginning((before, readBefore) => {
      eachStep((at) => {
        const ring = makeRing(before, readBefore);
        const hadStep = during(
          at,
          () => action(ring),
          () => {
            ring.take(3);
            ring.consumer.settle(() => {});
          },
        );
        if (hadStep) expectSound(ring, 1);
        return hadStep;
      });
    });
});

test("a message that is committed just before its writer dies is read, though the consumer saw it claimed", () => {
  eachStep((at) => {
    const ring = makeRing(0, 0);
    ring.a.producer.claim();
    const hadStep = during(
      at,
      () => {
        ring.a.producer.commit();
        ring.ring.revoke(ring.a.producer.token);
      },
      () => ring.take(3),
    );
    ring.take(3);
    if (hadStep) expect(ring.ring.audit()).toMatchObject({ read: 1, lost: 0, isSettled: true });
    return hadStep;
  });
});
