/** Rolling files of a run: at every moment the older one is a journal that replays, however late keyframes come. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { plainCompressor } from "../../../engine/ports/compressor.ts";
import { blockKind, encodeBlock } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { encodeKeyframe } from "../../../engine/replay/keyframe.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import type { KeyframePayload } from "../../../engine/replay/wire.ts";
import type { SavedState } from "../../../engine/sim/saved-state.ts";
import { BlockStream } from "../../../runtime/flight/block-stream.ts";
import { FlightFiles } from "../../../runtime/flight/flight-files.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("flight-files");
const parent = mkdtempSync(join(tmpdir(), "orrery-flight-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let folderCount = 0;

/** A world whose journal goes to flight files, in pieces of any length. */
async function flying() {
  const draws = new Draws(seed + folderCount);
  const folder = join(parent, String(folderCount++));
  // Every keyframe begins a file here.
  const files = new FlightFiles(folder, { seconds: 1 / 60 });
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
