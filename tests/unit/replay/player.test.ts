/** The player: every tick again, and the first one that differs with the first column in it. */
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import type { Fault } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { type ReplayProgress, type ReplayResult, verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { encodeRecords } from "../../../engine/replay/wire.ts";
import { framed, partsOf, record, withHeader } from "../../data/journals.ts";
import { tumbleInput } from "../../data/tumble-input.ts";
import { tumble } from "../../games/tumble.ts";
import { brokenTick, variants } from "../../games/variants.ts";
import { faultOfAsync } from "../small-world.ts";
import { recordTicker, ticker } from "./ticker.ts";

const tickCount = brokenTick + 60;
const bytes = await record({ game: tumble, tickCount, input: tumbleInput(tickCount) });

const host = { clock: new ManualClock() };

async function verify(
  journal: Uint8Array,
  game: Game,
  sliceTicks?: number,
): Promise<{ readonly result: ReplayResult; readonly progress: readonly ReplayProgress[] }> {
  const replay = verifyJournal(readJournal(journal, "x.orj"), game, host, {}, sliceTicks);
  const progress: ReplayProgress[] = [];
  let step = await replay.next();
  for (; step.done !== true; step = await replay.next()) progress.push(step.value);
  return { result: step.value, progress };
}
const desync = (journal: Uint8Array, game: Game): Promise<Fault> => faultOfAsync(() => verify(journal, game));

describe("a journal that fits", () => {
  test("is verified to its last tick and hash, with progress on the way", async () => {
    const { end } = readJournal(bytes, "x");
    const { result, progress } = await verify(bytes, tumble, 100);
    expect(result).toEqual({ tickCount, hash: hashHex(end!.hashHigh, end!.hashLow), looseCount: 0 });
    expect(progress).toEqual([
      { tick: 100, tickCount },
      { tick: 200, tickCount },
    ]);
  });

  test("of nothing but a header, or with the end cut off, is verified as far as it goes", async () => {
    const parts = partsOf(bytes);
    expect((await verify(framed(parts.slice(0, 1)), tumble)).result).toEqual({
      ...{ tickCount: 0, hash: hashHex(0, 0), looseCount: 0 },
    });
    expect((await verify(framed(parts.slice(0, 3)), tumble)).result.tickCount).toBe(120);
  });

  test("may be left before its end", async () => {
    for (let round = 0; round < 20; round++) {
      const replay = verifyJournal(readJournal(bytes, "x"), tumble, host, {}, 10);
      await replay.next();
      await replay.return({ tickCount: 0, hash: "", looseCount: 0 });
    }
  });

  test("is the same beside others that are verified at the same time", async () => {
    const journal = await recordTicker(300);
    const results = await Promise.all([verify(journal, ticker), verify(bytes, tumble), verify(journal, ticker)]);
    expect(results[0]!.result).toEqual(results[2]!.result);
  });
});

describe("records at their edges", () => {
  test("a full tick, a tick with more than fits, a seat taken and left in one tick", async () => {
    const line = (text: string): string => `{"tick":2,"player":${text}}\n`;
    const input = [
      '{"tick":1,"player":1,"join":"a"}\n',
      line('2,"join":"gone at once"'),
      line('2,"leave":true'),
      line('2,"join":"back at once"'),
      line('1,"press":"fire"').repeat(40),
      '{"tick":3,"player":1,"leave":true}\n{"tick":3,"player":2,"leave":true}\n{"tick":4,"player":1,"join":"a"}\n',
    ].join("");
    const journal = await record({ game: ticker, tickCount: 6, input });
    const { ticks } = readJournal(journal, "x");
    expect(ticks.map(({ records }) => records.length)).toEqual([1, 3 + 16, 2, 1, 0, 0]);
    expect((await verify(journal, ticker)).result.tickCount).toBe(6);
  });

  test("an axis at minus zero", async () => {
    const sink = new MemorySink();
    const options = { seed: 1, subsystems: [recorderSubsystem(sink)] };
    const engine = new Engine(ticker, { clock: new ManualClock() }, options);
    await engine.start();
    engine.world.door.admit({ kind: "join", player: 1, name: "a" });
    engine.world.door.admit({ kind: "axis", player: 1, control: 0, value: -0 });
    engine.step();
    engine.dispose();
    await verify(sink.bytes(), ticker);
  });
});

describe("a journal that does not fit", () => {
  test("the smallest difference is found at its first tick and column", async () => {
    expect(await desync(bytes, variants.diverges())).toMatchObject({
      kind: "desync",
      fields: { path: "x.orj", tick: brokenTick, column: "Arm.angle" },
    });
    expect(await desync(bytes, variants.drawsMore())).toMatchObject({
      kind: "desync",
      fields: { tick: brokenTick, column: "Random.streams" },
    });
  });

  test("both hashes of the column are told", async () => {
    const fault = await desync(bytes, variants.diverges());
    if (fault.kind !== "desync") throw new Error("it is a desync");
    expect(fault.fields.recorded).toMatch(/^[0-9a-f]{8}$/);
    expect(fault.fields.replayed).toMatch(/^[0-9a-f]{8}$/);
    expect(fault.fields.recorded).not.toBe(fault.fields.replayed);
  });

  test("it is found wherever the ticks are cut into blocks", async () => {
    const journal = await record({ game: variants.diverges(), tickCount, input: tumbleInput(tickCount) });
    expect(await desync(journal, tumble)).toMatchObject({ fields: { tick: brokenTick, column: "Arm.angle" } });
  });

  test("another seed, or one record more, less or elsewhere, differs from its tick on", async () => {
    const seeded = withHeader(bytes, (header) => ({ ...header, seed: 8 }));
    expect(await desync(seeded, tumble)).toMatchObject({ kind: "desync", fields: { tick: 1 } });
    const input = tumbleInput(tickCount);
    for (const [changed, tick] of [
      [input.replace('{"tick":12,"player":1,"press":"drop"}\n', ""), 12],
      [input.replace('"wind","value":2.5', '"wind","value":2.75'), 1],
      [input.replace('{"tick":12,"player":1', '{"tick":11,"player":1'), 11],
    ] as const) {
      expect(changed).not.toBe(input);
      const other = partsOf(await record({ game: tumble, tickCount, input: changed }));
      // The hashes of one run with the records of another: only the block of ticks is exchanged.
      const mixed = mixRecords(bytes, framed(other));
      expect(await desync(mixed, tumble)).toMatchObject({ kind: "desync", fields: { tick } });
    }
  });

  test("a chain that was broken before shows although every span is equal", async () => {
    const parts = partsOf(framed(partsOf(bytes).slice(0, 2)));
    const payload = parts[1]!.payload.slice();
    // The last tick's hash stands before its list of changed spans; the first tick's behind its records.
    const view = new DataView(payload.buffer);
    const recordBytes = 2 + 1 + 2 + 2 + 3 + (1 + 2 + 8);
    view.setUint32(8 + recordBytes, view.getUint32(8 + recordBytes, true) ^ 1, true);
    const broken = framed([parts[0]!, { kind: blockKind.ticks, payload }]);
    expect(await desync(broken, tumble)).toMatchObject({ fields: { tick: 1, column: "the chain of earlier ticks" } });
  });
});

/** Ticks of `hashes` with the records of `records`; both runs have the same length. */
function mixRecords(hashes: Uint8Array, records: Uint8Array): Uint8Array {
  const own = readJournal(hashes, "x");
  const theirs = readJournal(records, "x");
  const writer = new ByteWriter(1_000_000).u32(1).u32(own.ticks.length);
  for (const [at, { hashHigh, hashLow, changed }] of own.ticks.entries()) {
    encodeRecords(writer, theirs.ticks[at]!.records);
    writer
      .u32(hashHigh)
      .u32(hashLow)
      .u16(changed.length / 2);
    for (let i = 0; i < changed.length; i += 2) writer.u16(changed[i]!).u32(changed[i + 1]!);
  }
  return framed([partsOf(hashes)[0]!, { kind: blockKind.ticks, payload: writer.take() }]);
}
