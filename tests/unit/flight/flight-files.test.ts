/** Rolling files of a run: at every moment the older one is a journal that replays, however late keyframes come. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { codec, plainCompressor } from "../../../engine/ports/compressor.ts";
import { type BlockKind, blockKind, encodeBlock } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { journalHeaderOf } from "../../../engine/replay/journal-writer.ts";
import { encodeKeyframe } from "../../../engine/replay/keyframe.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import {
  encodeHeader,
  encodeKeyframePayload,
  encodeNote,
  encodeRewind,
  encodeSwap,
  type JournalHeader,
  type KeyframePayload,
} from "../../../engine/replay/wire.ts";
import type { SavedState } from "../../../engine/sim/saved-state.ts";
import { BlockStream } from "../../../runtime/flight/block-stream.ts";
import { FlightFiles } from "../../../runtime/flight/flight-files.ts";
import { codeOf } from "../../../runtime/hot/code.ts";
import { codeTopic } from "../../../runtime/hot/code-topic.ts";
import { firstCodeOf } from "../../../runtime/replay/journal-code.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";
import { smallWorld } from "../small-world.ts";

const seed = testSeed("flight-files");
const parent = mkdtempSync(join(tmpdir(), "orrery-flight-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let folderCount = 0;

/** A world whose journal goes to flight files, in pieces of any length; every keyframe begins a file if it is left so. */
async function flying(seconds = 1 / 60) {
  const draws = new Draws(seed + folderCount);
  const folder = join(parent, String(folderCount++));
  const files = new FlightFiles(folder, { seconds });
  const stream = new BlockStream();
  const append = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + draws.below(bytes.length);
      for (const block of stream.add(bytes.slice(at, at + length))) files.add(block);
      at += length;
    }
  };
  const recorder = recorderSubsystem({ append, flush() {} }, { ticksPerBlock: 15, notesInput: true });
  const engine = new Engine(tumble, { clock: new ManualClock() }, { seed: 7, subsystems: [recorder] });
  await engine.start();
  const make = (count: number): void => {
    for (let i = 0; i < count; i++) engine.step();
  };
  /** Saves now; the returned function hands the keyframe on. */
  const keyframe = (): (() => boolean) => {
    const saved: SavedState = engine.save();
    const { tick, hashHigh, hashLow } = saved;
    engine.of(recorder).awaitKeyframe();
    return () => {
      const compressor = plainCompressor();
      compressor.compress(encodeKeyframe(engine, saved));
      const payload: KeyframePayload = { tick, hashHigh, hashLow, ...compressor.poll()! };
      return engine.of(recorder).keyframe(payload);
    };
  };
  const ranges = (): string[] =>
    readdirSync(folder)
      .map((name) => readJournal(readFileSync(join(folder, name)), name))
      .map(({ startTick, lastTick }) => `${startTick}-${lastTick}`)
      .sort();
  return { folder, files, engine, make, keyframe, ranges };
}

async function verified(path: string): Promise<number> {
  const replay = verifyJournal(readJournal(readFileSync(path), path), tumble, { clock: new ManualClock() });
  for (;;) {
    const step = await replay.next();
    if (step.done === true) return step.value.tickCount;
  }
}

test("a keyframe begins a file behind its own tick, however late it comes, and the oldest goes", async () => {
  const { folder, files, engine, make, keyframe, ranges } = await flying();
  make(50);
  expect(ranges()).toEqual(["0-45"]);
  const late = keyframe();
  make(40);
  expect(late()).toBe(true);
  expect(ranges()).toEqual(["0-90", "50-90"]);
  make(7);
  const atOnce = keyframe();
  expect(atOnce()).toBe(true);
  make(30);
  expect(ranges()).toEqual(["50-127", "97-127"]);
  const box = files.box("box", { notes: [{ topic: "trace", text: "x".repeat(40_000) }] }, new Date(0))!;
  expect(box).toMatchObject({
    kind: "box",
    firstTick: 51,
    path: join(folder, `box-19700101T000000-${box.lastTick}.orb`),
  });
  // One thread has one physics world that is restored.
  engine.dispose();
  expect(await verified(box.path)).toBe(box.lastTick - 50);
  expect(readJournal(readFileSync(box.path), "box").notes.map(({ text }) => text.length)).toEqual([
    16_000, 16_000, 8_000,
  ]);
  expect(files.box("crash", { notes: [] }, new Date(0))).toBeUndefined();
  files.close();
  expect(readdirSync(folder)).toEqual([`box-19700101T000000-${box.lastTick}.orb`]);
});

test("a step back keeps the files that reach back far enough, and drops the one that does not", async () => {
  const { files, engine, make, keyframe, ranges } = await flying();
  make(20);
  const early = engine.save();
  make(10);
  const later = engine.save();
  keyframe()();
  make(30);
  expect(ranges()).toEqual(["0-60", "30-60"]);
  engine.restore(later);
  make(15);
  expect(ranges()).toEqual(["0-45", "30-45"]);
  engine.restore(early);
  make(15);
  expect(ranges()).toEqual(["0-35"]);
  const box = files.box("crash", { notes: [] }, new Date(0), { text: "E0605 lost", tick: 41 })!;
  engine.dispose();
  expect(await verified(box.path)).toBe(35);
  const { end, notes } = readJournal(readFileSync(box.path), "box");
  expect(end).toMatchObject({ reason: "faulted", tick: 35, text: "E0605 lost", records: [] });
  expect(notes).toMatchObject([{ topic: "lost", text: '{"tick":41}' }]);
});

test("blocks come out of pieces of any length as they went in", () => {
  const draws = new Draws(seed);
  const payloads = Array.from({ length: 40 }, () => new Uint8Array(draws.below(300)).map(() => draws.below(256)));
  const bytes = Buffer.concat(payloads.map((payload, number) => encodeBlock(blockKind.note, number, 0, payload)));
  for (const most of [1, 7, 29, 1_000, bytes.length]) {
    const stream = new BlockStream();
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + draws.below(most);
      for (const { payload } of stream.add(new Uint8Array(bytes.subarray(at, at + length))))
        found.push(payload.slice());
      at += length;
    }
    expect(found.map((payload) => [...payload])).toEqual(payloads.map((payload) => [...payload]));
  }
});

describe("programs behind swaps", () => {
  const header: JournalHeader = journalHeaderOf(smallWorld({}));
  const codes = Object.fromEntries(["first", "second", "third"].map((text) => [text, codeOf(text, "")]));
  const nameOf = (hash: string | undefined): string => Object.keys(codes).find((name) => codes[name]!.hash === hash)!;

  /** Flight files of a made-up run, by blocks without states. */
  function madeUp() {
    const folder = join(parent, String(folderCount++));
    const files = new FlightFiles(folder, {
      seconds: 1 / 60,
      codeOf: (hash) => Object.values(codes).find((code) => code.hash === hash),
    });
    const add = (kind: BlockKind, payload: Uint8Array): void => files.add({ kind, payload });
    const rated = (tickRate: number) => ({ ...header.program, tickRate });
    add(blockKind.header, encodeHeader({ ...header, program: rated(60) }));
    add(blockKind.note, encodeNote({ tick: 0, topic: codeTopic, text: codes["first"]!.hash }));
    return {
      files,
      ticks(from: number, to: number): void {
        const writer = new ByteWriter().u32(from).u32(to - from + 1);
        for (let tick = from; tick <= to; tick++) writer.u16(0).u32(0).u32(tick).u16(0);
        add(blockKind.ticks, writer.take());
      },
      keyframe: (tick: number): void =>
        add(
          blockKind.keyframe,
          encodeKeyframePayload({
            ...{ tick, hashHigh: 0, hashLow: tick, codec: codec.none, rawLength: 0, crc: 0 },
            bytes: new Uint8Array(0),
          }),
        ),
      swap: (tick: number, code: string | null, tickRate = 60): void =>
        add(
          blockKind.swap,
          encodeSwap({
            ...{ tick, code: code === null ? null : { hash: codes[code]!.hash }, settings: {}, moved: [] },
            ...{ program: rated(tickRate), spans: header.spans },
          }),
        ),
      rewind: (tick: number, undoneSwaps = 0): void => add(blockKind.rewind, encodeRewind({ tick, undoneSwaps })),
      /** Each file: where it begins and ends, at which rate and with which code, its swaps, and the code that it carries. */
      found: (): string[] =>
        readdirSync(folder)
          .map((name) => readJournal(readFileSync(join(folder, name)), name))
          .sort((a, b) => a.startTick - b.startTick)
          .map((journal) => {
            const swaps = journal.swaps.map(({ tick, code }) => `${nameOf(code?.hash) ?? "settings"}@${tick}`);
            const carried = journal.attachments.flatMap(({ topic, name }) =>
              topic === codeTopic ? [nameOf(name)] : [],
            );
            const { startTick, lastTick, header } = journal;
            const begins = `${startTick}-${lastTick} ${header.program.tickRate} ${nameOf(firstCodeOf(journal))}`;
            return [begins, swaps.join(), carried.join()].join(" | ");
          }),
    };
  }

  test("a file begins under the program of its tick, with that code and those of the swaps behind it", () => {
    const { ticks, keyframe, swap, found } = madeUp();
    ticks(1, 10);
    swap(10, "second");
    ticks(11, 30);
    keyframe(20);
    expect(found()).toEqual(["0-30 60 first | second@10 | first,second", "20-30 60 second |  | second"]);
    swap(30, null, 30);
    ticks(31, 40);
    swap(40, "third", 30);
    ticks(41, 50);
    // Late: a swap lies behind the tick of the keyframe, and another before it.
    keyframe(35);
    expect(found()).toEqual([
      "20-50 60 second | settings@30,third@40 | second,third",
      "35-50 30 second | third@40 | second,third",
    ]);
  });

  test("a keyframe of the swap's own tick, written behind it, is of the program behind it", () => {
    const { ticks, keyframe, swap, found } = madeUp();
    ticks(1, 20);
    swap(20, "second", 50);
    keyframe(20);
    ticks(21, 25);
    expect(found()).toEqual(["0-25 60 first | second@20 | first,second", "20-25 50 second |  | second"]);
  });

  test("a swap that was taken back leaves no trace in files that begin later, and takes one that began behind it along", () => {
    const { files, ticks, keyframe, swap, rewind, found } = madeUp();
    ticks(1, 10);
    swap(10, "second", 50);
    ticks(11, 15);
    keyframe(12);
    rewind(10, 1);
    ticks(11, 30);
    expect(found()).toEqual(["0-30 60 first |  | first,second"]);
    const box = files.box("box", { notes: [] }, new Date(0))!;
    const copy = readJournal(readFileSync(box.path), box.path);
    expect([copy.lastTick, copy.attachments.map(({ name }) => nameOf(name))]).toEqual([30, ["first"]]);
    rmSync(box.path);
    keyframe(25);
    expect(found()).toEqual(["0-30 60 first |  | first,second", "25-30 60 first |  | first"]);
  });

  test("of two swaps behind one tick only the one that was taken back is gone, and a step back to it leaves both", () => {
    const { ticks, keyframe, swap, rewind, found } = madeUp();
    ticks(1, 10);
    swap(10, "second", 50);
    swap(10, "third", 30);
    ticks(11, 15);
    rewind(10, 1);
    ticks(11, 30);
    keyframe(20);
    expect(found()).toEqual(["0-30 60 first | second@10 | first,second,third", "20-30 50 second |  | second"]);
    swap(30, "third", 30);
    ticks(31, 35);
    rewind(30);
    ticks(31, 50);
    keyframe(40);
    expect(found()).toEqual(["20-50 50 second | third@30 | second,third", "40-50 30 third |  | third"]);
  });

  test("a box lasts as long as its ticks did, at the rates at which they were made", () => {
    const { files, ticks, swap } = madeUp();
    ticks(1, 60);
    swap(60, null, 30);
    ticks(61, 90);
    swap(90, "second", 10);
    ticks(91, 110);
    expect(files.box("box", { notes: [] }, new Date(0))).toMatchObject({ firstTick: 1, lastTick: 110, seconds: 4 });
  });
});

test("keyframes of a journal that wants more of them begin no file", async () => {
  const { files, make, keyframe, ranges, engine } = await flying(1);
  for (let tick = 0; tick < 4; tick++) {
    make(25);
    keyframe()();
  }
  // The first one behind a whole second.
  expect(ranges()).toEqual(["0-100", "75-100"]);
  files.close();
  engine.dispose();
});
