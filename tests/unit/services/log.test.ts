/** The log: what goes into a cell and comes out of it, levels, cut texts, notes, reports of losses. */
import { expect, test } from "vitest";
import { faultOf, faultText } from "../../../engine/base/faults.ts";
import { allocateLog, defineNotes, Log, type LogMemory, setLogLevel } from "../../../engine/services/log.ts";
import { writeText } from "../../../engine/services/log-cell.ts";
import { type LogMessage, LogReader } from "../../../engine/services/log-reader.ts";
import { MessageRing } from "../../../engine/services/message-ring.ts";
import { Draws, testSeed } from "../seeds.ts";

/** Ends a text that was cut. */
const cutMark = "\u2026";

const seed = testSeed("log");
const clock = { micros: 0, nowMicros: () => clock.micros };
const notes = defineNotes([
  { name: "chunks-taken", level: "info", text: "worker {0} took {1} chunks of {0}" },
  { name: "tick-late", level: "warn", text: "late" },
  { name: "detail", level: "debug", text: "{3}" },
]);

function makeLog(memory: LogMemory = allocateLog(), source = 3) {
  const token = new MessageRing(memory.ring).register();
  return { memory, token, log: new Log(memory, { token, source, notes, clock }) };
}

function readAll(memory: LogMemory): LogMessage[] {
  const messages: LogMessage[] = [];
  new LogReader(memory, notes, clock).pass(10_000, (message) => messages.push(message));
  return messages;
}

test("a message comes out as it went in", () => {
  const { memory, log } = makeLog();
  setLogLevel(memory, "debug");
  log.tick = 77;
  clock.micros = 1_234_567.25;
  log.error("gone: käse 🧀");
  log.warn("one", 1);
  log.info("two", -0.5, 2 ** 40);
  log.debug("four", Number.NaN, Number.POSITIVE_INFINITY, 3, 4);
  log.note(0, 2, 9);
  log.note(2, 1);
  const common = { source: 3, tick: 77, micros: 1_234_567.25, note: "", isCut: false };
  expect(readAll(memory)).toEqual([
    { ...common, level: "error", text: "gone: käse 🧀", numbers: [] },
    { ...common, level: "warn", text: "one", numbers: [1] },
    { ...common, level: "info", text: "two", numbers: [-0.5, 2 ** 40] },
    { ...common, level: "debug", text: "four", numbers: [Number.NaN, Number.POSITIVE_INFINITY, 3, 4] },
    { ...common, level: "info", note: "chunks-taken", text: "worker 2 took 9 chunks of 2", numbers: [2, 9] },
    { ...common, level: "debug", note: "detail", text: "{3}", numbers: [1] },
  ]);
});

test("what is below the level is not said, and the level is that of all threads at once", () => {
  const memory = allocateLog();
  const [a, b] = [makeLog(memory).log, makeLog(memory).log];
  const say = (): boolean[] => [a.error("e"), b.warn("w"), a.info("i"), b.debug("d"), a.note(0), b.note(1), a.note(2)];
  expect(say()).toEqual([true, true, true, false, true, true, false]);
  setLogLevel(memory, "error");
  expect(say()).toEqual([true, false, false, false, false, false, false]);
  setLogLevel(memory, "debug");
  expect(say()).toEqual([true, true, true, true, true, true, true]);
  expect(a.isSaid("debug")).toBe(true);
  setLogLevel(memory, "warn");
  expect([a.isSaid("warn"), b.isSaid("info")]).toEqual([true, false]);
  expect(new MessageRing(memory.ring).audit().written).toBe(5 + 1 + 7);
  expect(() => a.note(3)).toThrow("a note has been defined");
});

test("a text that is too long is cut between two characters and ends with the mark", () => {
  const draws = new Draws(seed);
  const characters = ["a", "é", "€", "🧀", "\ud800", "\udc00", "z"];
  const bytes = new Uint8Array(80);
  for (let round = 0; round < 5_000; round++) {
    const text = Array.from({ length: draws.below(24) }, () => draws.pick(characters)).join("");
    const capacity = 3 + draws.below(40);
    bytes.fill(255);
    const written = writeText(bytes, 8, capacity, text);
    const whole = Buffer.from(text);
    const length = Math.abs(written);
    const out = Buffer.from(bytes.subarray(8, 8 + length)).toString();
    expect(bytes[7]).toBe(255);
    expect(bytes.subarray(8 + capacity).every((byte) => byte === 255)).toBe(true);
    if (whole.length <= capacity) {
      expect(written).toBe(whole.length);
      expect(out).toBe(whole.toString());
      continue;
    }
    // As many whole characters as leave room for the mark.
    const kept: string[] = [];
    for (const character of whole.toString()) {
      if (Buffer.byteLength([...kept, character].join("")) + 3 > capacity) break;
      kept.push(character);
    }
    expect(written).toBe(-(Buffer.byteLength(kept.join("")) + 3));
    expect(out).toBe(kept.join("") + cutMark);
  }
});

test("a cut text is marked as cut in its message as well, and the next one in its cell is whole again", () => {
  const memory = allocateLog({ cellCount: 4, cellBytes: 128, producerCount: 1 });
  const { log } = makeLog(memory);
  log.info("é".repeat(100));
  const fits = "é".repeat(32);
  for (let i = 0; i < 3; i++) log.info(fits);
  const first = readAll(memory);
  expect(first.map(({ isCut, text }) => [isCut, text])).toEqual([
    [true, `${"é".repeat(30)}${cutMark}`],
    [false, fits],
    [false, fits],
    [false, fits],
  ]);
  log.info("short");
  expect(readAll(memory)).toMatchObject([{ isCut: false, text: "short" }]);
});

test("a full ring says how many messages it dropped, and a producer that died how many were lost", () => {
  const memory = allocateLog({ cellCount: 4, cellBytes: 128, producerCount: 2 });
  const { log } = makeLog(memory, 1);
  const other = makeLog(memory, 2);
  const reader = new LogReader(memory, notes, clock);
  const pass = (): string[] => {
    const lines: string[] = [];
    reader.pass(100, ({ level, source, note, text, numbers }) =>
      lines.push(`${level} ${source} ${note} ${text} ${numbers}`),
    );
    return lines;
  };
  expect([1, 2, 3, 4, 5].map((one) => log.note(1, one))).toEqual([true, true, true, true, false]);
  expect(pass()).toEqual([
    ...[1, 2, 3, 4].map((one) => `warn 1 tick-late late ${one}`),
    "warn 1 messages-dropped 1 message was dropped because the ring was full 1",
  ]);
  expect(pass()).toEqual([]);
  expect([1, 2, 3, 4, 5, 6].filter((one) => log.note(1, one))).toEqual([1, 2, 3, 4]);
  expect(other.log.info("nobody hears this")).toBe(false);
  expect(pass().slice(4)).toEqual([
    "warn 1 messages-dropped 2 messages were dropped because the ring was full 2",
    "warn -1 messages-dropped 1 message was dropped because the ring was full 1",
  ]);
  other.log.info("heard");
  log.info("after it");
  new MessageRing(memory.ring).revoke(other.token);
  expect(pass()).toEqual(["info 2  heard ", "info 1  after it "]);
});

test("the flush thread is woken by an error, and by each quarter of the ring that fills; by nothing else", () => {
  const memory = allocateLog({ cellCount: 16, cellBytes: 128, producerCount: 1 });
  const { log } = makeLog(memory);
  const { consumer } = new LogReader(memory, notes, clock);
  const woken = (say: () => void): boolean => {
    const before = consumer.wakeCount;
    say();
    return consumer.wakeCount !== before;
  };
  expect(woken(() => log.error("e"))).toBe(true);
  expect(woken(() => log.warn("w"))).toBe(false);
  expect(woken(() => log.note(0))).toBe(false);
  expect(woken(() => log.info("the fourth"))).toBe(true);
  expect([5, 6, 7, 8].map(() => woken(() => log.info("i")))).toEqual([false, false, false, true]);
});

test("notes are checked when they are defined", () => {
  const refusal = (list: Parameters<typeof defineNotes>[0]): string => {
    try {
      defineNotes(list);
    } catch (thrown) {
      return faultText(faultOf(thrown));
    }
    return "accepted";
  };
  const note = { name: "a", level: "info", text: "" } as const;
  expect(refusal([note, note])).toBe('Two notes are named "a".');
  expect(refusal([{ ...note, text: "{4}" }])).toContain('"{4}" in its text stands for nothing');
  expect(refusal([{ ...note, text: "{x} {0}" }])).toContain('"{x}"');
  expect(refusal([{ ...note, text: "{0}{3} } {" }])).toBe("accepted");
});
