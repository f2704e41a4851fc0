/** Journals with keyframes, steps back, swaps, and beginnings in the middle: what was recorded is what is read. */
import { describe, expect, test } from "vitest";
import { type Fault, faultText } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { type Compressed, plainCompressor, plainDecompressor } from "../../../engine/ports/compressor.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { journalParts, type ReplayPart, verifyJournal } from "../../../engine/replay/player.ts";
import { Replay, type ReplayHost, type SwapHost } from "../../../engine/replay/replay.ts";
import { encodeKeyframePayload, encodeRewind, type JournalTick } from "../../../engine/replay/wire.ts";
import { framed, type JournalPart, partsOf } from "../../data/journals.ts";
import { faultOf, faultOfAsync } from "../small-world.ts";
import { RecordedTicker, richJournal } from "./rich-journal.ts";
import { prefixDifference } from "./same-ticks.ts";
import { recordTicker, ticker } from "./ticker.ts";

const bytes = await richJournal();
const journal = readJournal(bytes, "x.orj");
/** The same ticks, recorded at one go. */
const plain = readJournal(await recordTicker(400), "plain");
const host: ReplayHost = { clock: new ManualClock() };
/** A swap to the program that is running changes nothing. */
const sameProgram: SwapHost = {
  engineOf: async () => (await RecordedTicker.start()).engine,
  apply: async (engine) => engine,
};

async function verified(of: Journal, part?: ReplayPart, using = host): Promise<number> {
  const run = verifyJournal(of, ticker, { ...using, swaps: sameProgram }, part);
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value.tickCount;
  }
}
const kindsOf = (parts: readonly JournalPart[]): number[] => parts.map(({ kind }) => kind);
const withoutFull = ({ tick, records, hashHigh, hashLow }: JournalTick): unknown => [tick, records, hashHigh, hashLow];

describe("what was recorded", () => {
  test("blocks stand in the order in which things happened", () => {
    expect(kindsOf(partsOf(bytes))).toEqual([
      ...[1, 2, 5, 2, 5, 2, 5, 2, 4],
      // The step back from 180 to 120.
      ...[6, 2, 5, 2, 5, 2],
      ...[8, 7, 2, 5, 2, 5, 2, 5, 3],
    ]);
  });

  test("ticks that were taken back are gone, the others are those of a run at one go", () => {
    expect(journal.ticks.map(withoutFull)).toEqual(plain.ticks.map(withoutFull));
    expect([journal.startTick, journal.lastTick, journal.rewindCount]).toEqual([0, 400, 1]);
    expect(journal.end).toMatchObject({ reason: "stopped", tick: 400 });
    expect(journal.swaps.map(({ tick, code }) => [tick, code?.hash])).toEqual([[250, "c0de"]]);
  });

  test("keyframes are listed by tick, each with the hash of its tick", () => {
    expect(journal.keyframes.map(({ tick, swapCount }) => [tick, swapCount])).toEqual([
      [50, 0],
      [100, 0],
      [150, 0],
      [200, 0],
      [300, 1],
      [350, 1],
      [400, 1],
    ]);
    for (const { tick, hashHigh, hashLow } of journal.keyframes)
      expect(journal.hashOf(tick)).toEqual({ high: hashHigh, low: hashLow });
  });

  test("the hashes of all spans are known at every tick, wherever reading begins", () => {
    const hashes = new Uint32Array(plain.header.spans.length);
    for (const { tick, changed } of plain.eachTick()) {
      for (let i = 0; i < changed.length; i += 2) hashes[changed[i]!] = changed[i + 1]!;
      expect(journal.spanHashes(tick), `tick ${tick}`).toEqual(hashes);
    }
  });

  test("any tick is given by itself, others are not there", () => {
    for (const tick of [400, 1, 251, 250, 121, 120, 60, 61])
      expect(withoutFull(journal.tick(tick)!)).toEqual(withoutFull(plain.tick(tick)!));
    expect([journal.tick(0), journal.tick(401), journal.tick(-1)]).toEqual([undefined, undefined, undefined]);
    expect([...journal.eachTick(119, 122)].map(({ tick }) => tick)).toEqual([119, 120, 121, 122]);
  });
});

describe("replaying", () => {
  test("all of it, and part by part", async () => {
    expect(await verified(journal)).toBe(400);
    const parts = journalParts(journal);
    expect(parts.map(({ from, to }) => [from?.tick, to?.tick])).toEqual([
      [undefined, 50],
      [50, 100],
      [100, 150],
      [150, 200],
      [200, 300],
      [300, 350],
      [350, 400],
    ]);
    const counts = [];
    for (const part of parts) counts.push(await verified(journal, part));
    expect(counts).toEqual([50, 50, 50, 50, 100, 50, 50]);
  });

  test("to any tick from the nearest keyframe", async () => {
    for (const tick of [0, 1, 49, 50, 51, 249, 250, 251, 399, 400]) {
      using replay = await Replay.at(journal, ticker, { ...host, swaps: sameProgram }, tick);
      expect(replay.tick).toBe(tick);
      expect(hashHex(replay.world.hash.high, replay.world.hash.low)).toBe(
        tick === 0 ? hashHex(0, 0) : hashHex(plain.tick(tick)!.hashHigh, plain.tick(tick)!.hashLow),
      );
      if (tick < 400) expect(await replay.advance()).toBeUndefined();
    }
  });

  test("a swap without somebody to go through it is refused at its tick", async () => {
    const swaps: Fault = await faultOfAsync(async () => {
      using replay = await Replay.at(journal, ticker, host, 251);
      return replay;
    });
    expect(faultText(swaps)).toMatchInlineSnapshot(
      `"x.orj goes on with another program behind tick 250 (c0de), which is not at hand."`,
    );
  });

  test("a part that ends in other bytes than the next keyframe is a desync", async () => {
    const parts = partsOf(bytes);
    const [first, second] = parts.filter(({ kind }) => kind === blockKind.keyframe) as [JournalPart, JournalPart];
    // The keyframe of tick 100 with the contents of that of tick 50, under its own name: every checksum holds.
    const mixed = first.payload.slice();
    mixed.set(second.payload.subarray(0, 12));
    const changed = framed(parts.map((part) => (part === second ? { ...part, payload: mixed } : part)));
    const read = readJournal(changed, "x.orj");
    const [, , part] = journalParts(read);
    expect(await faultOfAsync(() => verified(read, { to: read.keyframes[1] }))).toMatchObject({
      kind: "desync",
      fields: { tick: 100, column: 'section "world" of a keyframe' },
    });
    // A part that begins there begins with another world.
    const other = faultText(await faultOfAsync(() => verified(read, part)));
    expect(other.replace(/byte \d+/, "byte N").replace(/\b[0-9a-f]{16}\b/g, "HASH")).toMatchInlineSnapshot(
      `"x.orj is damaged in block 4, at byte N: its keyframe is said to be of tick 100, hash HASH, and holds tick 50, hash HASH."`,
    );
  });
});

describe("a journal that begins at a keyframe", () => {
  const parts = partsOf(bytes);
  const header = parts[0]!;
  const at = (index: number): JournalPart => parts[index]!;
  const firstTick = ({ payload }: JournalPart): number => new DataView(payload.slice().buffer).getUint32(0, true);
  const ticksFrom = (tick: number): JournalPart[] =>
    parts.slice(parts.findLastIndex((part) => part.kind === blockKind.ticks && firstTick(part) <= tick));

  test("skips what lies before it and is replayed to the end", async () => {
    const keyframe = parts.filter(({ kind }) => kind === blockKind.keyframe).at(-2)!;
    const box = readJournal(framed([header, keyframe, ...ticksFrom(340).filter((part) => part !== keyframe)]), "box");
    expect([box.startTick, box.firstTick, box.lastTick, box.tickCount]).toEqual([350, 351, 400, 50]);
    expect(box.ticks.map(withoutFull)).toEqual(plain.ticks.slice(350).map(withoutFull));
    expect(box.hashOf(350)).toEqual(journal.hashOf(350));
    expect(await verified(box)).toBe(50);
    for (const tick of [351, 360, 400]) expect(box.spanHashes(tick)).toEqual(journal.spanHashes(tick));
  });

  test("without a tick is that keyframe and nothing else", async () => {
    const keyframe = at(2);
    const box = readJournal(framed([header, keyframe]), "box");
    expect([box.startTick, box.lastTick, box.ticks, box.end]).toEqual([50, 50, [], undefined]);
    expect(await verified(box)).toBe(0);
  });

  test("is refused when its ticks begin behind it, or say otherwise", () => {
    const keyframe = at(2);
    const late = parts.findIndex((part) => part.kind === blockKind.ticks && firstTick(part) > 60);
    const refusal = (list: Parameters<typeof framed>[0]): string =>
      faultText(faultOf(() => readJournal(framed(list), "box")))
        .replace(/byte \d+/, "byte N")
        .replace(/\b[0-9a-f]{16}\b/g, "HASH");
    expect(refusal([header, keyframe, at(late)])).toMatch(
      /is damaged in block 2, at byte N: tick \d+ follows tick 50\.$/,
    );
    const wrong = keyframe.payload.slice();
    wrong[4]! ^= 1;
    expect(refusal([header, { kind: blockKind.keyframe, payload: wrong }, at(1)])).toMatchInlineSnapshot(
      `"box is damaged in block 2, at byte N: a keyframe of tick 50 has hash HASH, the tick has HASH."`,
    );
  });
});

describe("contents that no recorder writes", () => {
  const parts = partsOf(bytes);
  const end = parts.findIndex(({ kind }) => kind === blockKind.rewind);
  const before = parts.slice(0, end);
  const keyframe = parts[2]!;
  const refusal = (...more: Parameters<typeof framed>[0][number][]): string =>
    faultText(faultOf(() => readJournal(framed([...before, ...more]), "x.orj")))
      .replace(/byte \d+/, "byte N")
      .replace(/block \d+/, "block N")
      .replace(/\b[0-9a-f]{16}\b/g, "HASH");
  const swapOf = (change: object): { kind: 7; payload: Uint8Array } => ({
    kind: blockKind.swap,
    payload: Buffer.from(JSON.stringify({ ...journal.swaps[0], tick: 180, ...change })),
  });
  const payloadOf = (change: Partial<Compressed & { tick: number }>): { kind: 5; payload: Uint8Array } => {
    const { tick, hashHigh, hashLow } = journal.keyframes[0]!;
    const raw = { codec: 0, rawLength: 3, crc: 0, bytes: Uint8Array.of(1, 2, 3) } as const;
    return { kind: blockKind.keyframe, payload: encodeKeyframePayload({ tick, hashHigh, hashLow, ...raw, ...change }) };
  };

  test("rewinds to ticks that are not there", () => {
    expect(
      refusal({ kind: blockKind.rewind, payload: encodeRewind({ tick: 181, undoneSwaps: 0 }) }),
    ).toMatchInlineSnapshot(`"x.orj is damaged in block N, at byte N: a rewind to tick 181, the ticks are 0 to 180."`);
    expect(
      refusal({ kind: blockKind.rewind, payload: encodeRewind({ tick: 60, undoneSwaps: 3 }) }),
    ).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a rewind takes 3 swaps behind tick 60 back, there are 0."`,
    );
    expect(refusal({ kind: blockKind.rewind, payload: new Uint8Array(9) })).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: 1 bytes too many."`,
    );
    expect(refusal({ kind: blockKind.rewind, payload: new Uint8Array(7) })).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: wanted 4 bytes at offset 4, 3 remain."`,
    );
  });

  test("swaps at another tick, without code, program or spans, or that are no JSON", () => {
    expect(refusal(swapOf({ tick: 179 }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a swap behind tick 179, the blocks end with tick 180."`,
    );
    expect(refusal(swapOf({ code: 4 }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a swap without code."`,
    );
    expect(refusal(swapOf({ program: null }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a swap without program or spans."`,
    );
    expect(refusal(swapOf({ spans: [1] }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a swap without program or spans."`,
    );
    expect(refusal({ kind: blockKind.swap, payload: Buffer.from("{") })).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a swap is not JSON."`,
    );
  });

  test("keyframes of ticks that are not there, repeated, of an unknown codec, of another hash", () => {
    expect(refusal(payloadOf({ tick: 181 }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a keyframe of tick 181, the ticks are 0 to 180."`,
    );
    expect(refusal(keyframe)).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a second keyframe of tick 50."`,
    );
    expect(refusal(payloadOf({ codec: 3 as 2, tick: 180 }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a keyframe with codec 3."`,
    );
    expect(refusal(payloadOf({ tick: 180 }))).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: a keyframe of tick 180 has hash HASH, the tick has HASH."`,
    );
    expect(refusal({ kind: blockKind.keyframe, payload: new Uint8Array(20) })).toMatchInlineSnapshot(
      `"x.orj is damaged in block N, at byte N: wanted 4 bytes at offset 20, 0 remain."`,
    );
  });

  test("the bytes of a keyframe that are fewer, more or others than were written", () => {
    const box = (change: Partial<Compressed>): string => {
      const read = readJournal(framed([parts[0]!, payloadOf(change)]), "x.orj");
      return faultText(faultOf(() => read.keyframeBytes(read.keyframes[0]!, plainDecompressor))).replace(
        /byte \d+/,
        "byte N",
      );
    };
    expect(box({ rawLength: 4 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its keyframe has 3 bytes, 4 were written."`,
    );
    expect(box({ crc: 7 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its keyframe has checksum 0x55bc801d, 0x00000007 was written."`,
    );
    expect(box({ codec: 2 })).toMatchInlineSnapshot(
      `"x.orj is damaged in block 1, at byte N: its keyframe cannot be read: codec 2 is not known here."`,
    );
  });
});

describe("the recorder", () => {
  test("drops a keyframe of a line that the world has left", async () => {
    const inner = plainCompressor();
    // Gives nothing before it is told to.
    let isOpen = false;
    const compressor = { ...inner, poll: () => (isOpen ? inner.poll() : undefined) };
    const run = await RecordedTicker.start(50, compressor);
    run.runTo(40);
    const saved = run.engine.save();
    run.runTo(60);
    run.engine.restore(saved);
    isOpen = true;
    run.runTo(130);
    const read = readJournal(run.end(), "x");

    expect(read.keyframes.map(({ tick }) => tick)).toEqual([50, 100]);
    expect(prefixDifference(read.ticks.slice(60), plain.ticks.slice(60, 60))).toBeDefined();
    expect(await verified(read)).toBe(130);
  });

  test("a step back to the tick of a swap keeps it, and takes those behind it along", async () => {
    const run = await RecordedTicker.start();
    run.runTo(70);
    run.swap();
    const saved = run.engine.save();
    run.runTo(80);
    run.swap();
    run.runTo(85);
    run.engine.restore(saved);
    run.runTo(90);
    const read = readJournal(run.end(), "x");
    expect([read.swaps.map(({ tick }) => tick), read.rewindCount, read.lastTick]).toEqual([[70], 1, 90]);
  });

  test("a swap that is taken back is gone, another behind the same tick is not", async () => {
    const run = await RecordedTicker.start();
    run.runTo(70);
    run.swap();
    const other = run.definition.create();
    await other.start!({ world: run.engine.world, isSuccessor: true } as never);
    other.takeOver!(run.recorder);
    run.swap(other);
    run.recorder.takeOver!(other);
    run.recorder.restored!(run.engine.world);
    run.runTo(90);
    const read = readJournal(run.end(), "x");
    expect([read.swaps.map(({ tick }) => tick), read.rewindCount, read.lastTick]).toEqual([[70], 1, 90]);
  });

  test("goes back over several blocks, several times", async () => {
    const run = await RecordedTicker.start(1_000);
    const early = run.engine.save();
    run.runTo(10);
    const ten = run.engine.save();
    for (const [to, saved] of [
      [200, ten],
      [130, ten],
      [61, early],
      [150, ten],
    ] as const) {
      run.runTo(to);
      run.engine.restore(saved);
    }
    run.runTo(75);
    const read = readJournal(run.end(), "x");
    expect(read.ticks.map(withoutFull)).toEqual(plain.ticks.slice(0, 75).map(withoutFull));
    expect(read.rewindCount).toBe(4);
  });

  test("a journal that another recorder has taken over goes on where it was when it is taken back", async () => {
    const run = await RecordedTicker.start(1_000);
    run.runTo(20);
    const other = run.definition.create();
    await other.start!({ world: run.engine.world, isSuccessor: true } as never);
    other.takeOver!(run.recorder);
    run.engine.step();
    run.recorder.note("test", "nobody writes this");
    run.recorder.takeOver!(other);
    const read = readJournal(run.sink.bytes(), "x");
    expect([read.lastTick, read.notes, read.end]).toEqual([20, [], undefined]);
    run.engine.dispose();
  });
});
