/** Rings of events: what comes out is what went in, in order, and what is missing is counted. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { cursor, TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceNames } from "../../../engine/trace/names.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { openTrace } from "../../../engine/trace/trace-port.ts";
import { silentTrack, Track } from "../../../engine/trace/track.ts";
import { Draws, testSeed } from "../seeds.ts";
import { EventList } from "./event-list.ts";
import { flag, type WriterTask } from "./writer-thread.ts";

const seed = testSeed("trace-rings");
const small = { tracks: ["main", "engine"], eventsPerTrack: 64, nameCapacity: 8 };

function newMemory(on = true): TraceMemory {
  const memory = TraceMemory.allocate(small);
  memory.turn(on);
  return memory;
}

function drained(reader: TraceReader): EventList["rows"] {
  const list = new EventList();
  reader.drain(list);
  return list.rows;
}

describe("in one thread", () => {
  test("every kind comes out as it was written, track after track", () => {
    const memory = newMemory();
    const reader = new TraceReader(memory);
    const main = new Track(memory, 0);
    const engine = new Track(new TraceMemory(memory.buffer), memory.trackOf("engine"));
    engine.span(1, 10.25, 12.5, 7);
    engine.instant(2, 13);
    main.counter(3, 14, -0.5);
    main.flowBegin(4, 99, 15);
    engine.flowEnd(4, 99, 16);
    main.asyncBegin(5, 6, 17, 3);
    engine.asyncEnd(5, 6, 18);
    expect(drained(reader)).toEqual([
      [0, "counter", 3, 14, 0, -0.5, Number.NaN],
      [0, "flowBegin", 4, 15, 0, 99, Number.NaN],
      [0, "asyncBegin", 5, 17, 0, 6, 3],
      [1, "span", 1, 10.25, 2.25, 7, Number.NaN],
      [1, "instant", 2, 13, 0, Number.NaN, Number.NaN],
      [1, "flowEnd", 4, 16, 0, 99, Number.NaN],
      [1, "asyncEnd", 5, 18, 0, 6, Number.NaN],
    ]);
    expect(drained(reader)).toEqual([]);
  });

  test("nothing is written while it is off, nor a span that began while it was off", () => {
    const memory = newMemory(false);
    const reader = new TraceReader(memory);
    const track = new Track(memory, 0);
    expect([track.isOn, memory.isOn, silentTrack().isOn]).toEqual([false, false, false]);
    const startMicros = track.isOn ? 5 : 0;
    track.span(1, 4, 5);
    track.instant(1, 5);
    track.counter(1, 5, 1);
    track.flowBegin(1, 1, 5);
    track.flowEnd(1, 1, 5);
    track.asyncBegin(1, 1, 5);
    track.asyncEnd(1, 1, 5);
    memory.turn(true);
    expect(track.isOn).toBe(true);
    track.span(1, startMicros, 6);
    expect(drained(reader)).toEqual([]);
  });

  test("a full ring loses its oldest eighth and says so where it is missing", () => {
    const memory = newMemory();
    const reader = new TraceReader(memory);
    const track = new Track(memory, 0);
    for (let i = 1; i <= 65; i++) track.instant(i, i);
    const rows = drained(reader);
    expect(rows[0]).toEqual([0, "lost", 8]);
    expect(rows.slice(1).map((row) => row[2])).toEqual(Array.from({ length: 57 }, (_, i) => i + 9));
    expect(reader.lostOf(0)).toBe(8);
    expect(reader.lostOf(1)).toBe(0);
  });

  test("a glance shows the newest events of each track and takes nothing away", () => {
    const memory = newMemory();
    const reader = new TraceReader(memory);
    const [main, engine] = [new Track(memory, 0), new Track(memory, 1)];
    const seen = (countMax: number): unknown[] => {
      const list = new EventList();
      reader.peek(list, countMax);
      return list.rows.map(([track, , name]) => [track, name]);
    };
    expect(seen(5)).toEqual([]);
    for (let i = 1; i <= 100; i++) main.instant(i, i);
    for (let i = 1; i <= 2; i++) engine.instant(i, i);
    const newest = (count: number): unknown[] => Array.from({ length: count }, (_, i) => [0, 101 - count + i]);
    expect(seen(3)).toEqual([...newest(3), [1, 1], [1, 2]]);
    // Seven eighths of a ring at most: the rest could be overwritten while it is copied.
    expect(seen(1_000)).toEqual([...newest(56), [1, 1], [1, 2]]);
    expect(drained(reader).slice(1)).toHaveLength(60 + 2);
    // What somebody has drained is still to be seen.
    expect(seen(3)).toEqual([...newest(3), [1, 1], [1, 2]]);
    main.instant(101, 101);
    expect(seen(2)).toEqual([
      [0, 100],
      [0, 101],
      [1, 1],
      [1, 2],
    ]);
    expect(drained(reader)).toHaveLength(1);
  });

  test("a reader that comes late is told what is gone; a writer that replaces another goes on", () => {
    const memory = newMemory();
    for (let i = 1; i <= 100; i++) new Track(memory, 0).instant(i, i);
    const rows = drained(new TraceReader(memory));
    expect(rows[0]).toEqual([0, "lost", 40]);
    expect(rows.slice(1).map((row) => row[2])).toEqual(Array.from({ length: 60 }, (_, i) => i + 41));
  });

  test("a writer that puts its track down is silent, and goes on behind the other one when it takes it up again", () => {
    const memory = newMemory();
    const label = memory.labelOf(0);
    const first = openTrace(memory.buffer, label);
    const second = openTrace(memory.buffer, label, false);
    const beside = first.open(memory.labelOf(1))!;
    expect([first.open("there is none"), second.open(memory.labelOf(1))!.isOn]).toEqual([undefined, false]);
    const write = (number: number): void => {
      for (const { track } of [first, second]) track.instant(1, number);
    };
    write(1);
    first.putDown();
    expect([first.track.isOn, beside.isOn]).toEqual([false, false]);
    write(2);
    second.takeUp();
    write(3);
    second.putDown();
    first.takeUp();
    write(4);
    beside.instant(1, 5);
    const rows = drained(new TraceReader(memory));
    expect(rows.map((row) => [row[0], row[3]])).toEqual([
      [0, 1],
      [0, 3],
      [0, 4],
      [1, 5],
    ]);
  });

  test("any turns of writing and draining agree with a model, also where the counters overflow", () => {
    const draws = new Draws(seed);
    for (let round = 0; round < 100; round++) {
      const memory = newMemory();
      memory.cursorsOf(0).fill(-draws.below(300), cursor.written, cursor.read + 1);
      const track = new Track(memory, 0);
      const reader = new TraceReader(memory);
      let expected = 1;
      let written = 0;
      for (let step = 0; step < 40; step++) {
        for (let i = draws.below(150); i > 0; i--) track.instant(++written, written);
        for (const [, kind, value] of drained(reader)) {
          if (kind === "lost") expected += Number(value);
          else if (value !== expected++) throw new Error(`seed ${seed}, round ${round}: ${value} for ${expected - 1}`);
        }
        expect(expected).toBe(written + 1);
      }
    }
  });
});

describe("while another thread writes", () => {
  test.each([
    ["faster than anyone drains: nothing is torn, nothing is lost unreported", 64, false, 50_000],
    ["and is drained in time: nothing is lost", 1_024, true, 300],
  ] as const)("%s", async (_, eventsPerTrack, paced, batchCountMin) => {
    const memory = TraceMemory.allocate({ ...small, eventsPerTrack });
    memory.turn(true);
    const flags = new Int32Array(new SharedArrayBuffer(16));
    const task: WriterTask = { buffer: memory.buffer, paced, flags };
    const worker = new Worker(new URL("./writer-thread.ts", import.meta.url), { workerData: task });
    onTestFinished(async () => void (await worker.terminate()));
    const exit = once(worker, "exit");
    await once(worker, "online");
    const reader = new TraceReader(memory);
    let seen = 0;
    let lost = 0;
    const sink = {
      event(track: number, kind: number, name: number, start: number, duration: number, a: number, b: number): void {
        const i = seen + lost;
        const isWhole = track === 1 && kind === 1 && name === i + 1 && start === i + 1 && duration === 2 * i;
        if (!isWhole || a !== -i || b !== i / 2)
          throw new Error(`event ${i} came as ${[track, kind, name, start, duration, a, b].join(" ")}`);
        seen++;
      },
      lost(_track: number, lostCount: number): void {
        lost += lostCount;
      },
    };
    // On a busy machine the two seldom meet: the writer goes on until the reader has taken so many batches.
    let batchCount = 0;
    const deadline = performance.now() + 60_000;
    for (let isLast = false; !isLast; ) {
      isLast = Atomics.load(flags, flag.written) > 0;
      if (reader.drain(sink) > 0) batchCount++;
      Atomics.store(flags, flag.seen, seen);
      Atomics.notify(flags, flag.seen);
      if (batchCount >= batchCountMin || performance.now() > deadline) Atomics.store(flags, flag.stop, 1);
    }
    expect(seen + lost).toBe(flags[flag.written]! - 1);
    expect(lost > 0).toBe(!paced);
    expect(reader.lostOf(1)).toBe(lost);
    expect(batchCount).toBeGreaterThanOrEqual(paced ? 300 : 500);
    expect(await exit).toEqual([0]);
  });
});

describe("names", () => {
  test("are numbers that any thread can look up, with what goes with them", () => {
    const memory = newMemory();
    const names = new TraceNames(memory);
    const elsewhere = new TraceNames(new TraceMemory(memory.buffer));
    expect([names.add("tick"), names.add("load", { category: "assets", a: "bytes" }), names.add("tick")]).toEqual([
      1, 2, 1,
    ]);
    expect(elsewhere.nameOf(1)).toEqual({ text: "tick", category: "tick", a: "a", b: "b", isMark: false });
    expect(elsewhere.nameOf(2)).toEqual({ text: "load", category: "assets", a: "bytes", b: "b", isMark: false });
    expect(elsewhere.numberOf("load")).toBe(2);
    names.add("mark \u00e9\u{1f600}", { isMark: true });
    expect(elsewhere.nameOf(3)).toMatchObject({ text: "mark \u00e9\u{1f600}", isMark: true });
    expect(elsewhere.numberOf("none")).toBe(0);
    expect(elsewhere.nameOf(4).text).toBe("(unnamed)");
  });

  test("that find no room are number 0 and are counted", () => {
    const names = new TraceNames(newMemory());
    const numbers = Array.from({ length: 10 }, (_, i) => names.add(`name ${i}`));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0, 0]);
    expect(names.lostCount).toBe(2);
    expect(new TraceNames(newMemory()).add("x".repeat(300))).toBe(0);
  });
});

describe("memory", () => {
  test("is what allocate made, and a track is one of it", () => {
    expect(() => new TraceMemory(new SharedArrayBuffer(64))).toThrow("laid out");
    expect(() => TraceMemory.allocate({ tracks: ["x"], eventsPerTrack: 100 })).toThrow("power of two");
    expect(() => TraceMemory.allocate({ tracks: ["x".repeat(32)] })).toThrow("label is short");
    expect(() => newMemory().trackOf("worker 9")).toThrow("of this label");
    expect(() => new Track(newMemory(), 2)).toThrow("one of the trace's");
  });
});
