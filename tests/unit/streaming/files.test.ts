/**
 * Files in a world that is shown: their publications are records, so a journal with them replays to the same hash in a
 * world that has no files at all; and beside them world resources come at their ticks.
 */
import { expect, test } from "vitest";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { type AssetSource, MemorySource } from "../../../engine/asset/source.ts";
import type { Fault } from "../../../engine/base/faults.ts";
import { hashBytes, hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { ResourceReader } from "../../../engine/streaming/resource-reader.ts";
import { streamingOf } from "../../../engine/streaming/subsystem.ts";
import { chartEvery, chartLatency, makeTide } from "../../games/tide.ts";
import { HandSource } from "../asset/bench.ts";
import { patternBytes } from "../assets-runtime/folder.ts";
import { fileManifest } from "./files.ts";

const tide = makeTide();
const files = new Map([
  ["small.bin", patternBytes(100, 1)],
  ["large.bin", patternBytes(70_000, 2)],
]);

/** Plays Tide with the files for 60 ticks; `before` is called before each. */
async function play(
  makeSource: (buffer: SharedArrayBuffer) => AssetSource,
  before: (tick: number, engine: Engine) => void = () => {},
) {
  const memory = allocateAssetMemory();
  const failed: Fault[] = [];
  const sink = new MemorySink();
  const engine = new Engine(
    tide,
    {
      clock: new ManualClock(),
      assets: {
        memory,
        manifest: fileManifest(files),
        source: makeSource(memory.buffer),
        presents: true,
        onFailed: (fault) => failed.push(fault),
      },
    },
    { seed: 3, subsystems: [recorderSubsystem(sink)] },
  );
  await engine.start();
  for (let tick = 1; tick <= 60; tick++) {
    before(tick, engine);
    engine.step();
  }
  const hash = hashHex(engine.world.hash.high, engine.world.hash.low);
  const reader = new ResourceReader(memory, memory.limits.threads - 1);
  const { handles, rows } = streamingOf(engine);
  const shown = handles.map((handle, i) => reader.read(handle, rows[i * 4 + 1]!));
  engine.dispose();
  return { journal: readJournal(sink.bytes(), "files.orj"), hash, failed, shown, rows: rows.slice() };
}

/** Publications by tick: [tick, number of the resource, version]. */
function published(journal: Journal): [number, number, number][] {
  return journal.ticks.flatMap(({ tick, records }) =>
    records.flatMap((one): [number, number, number][] =>
      one.kind === "publish" ? [[tick, one.resource, one.version]] : [],
    ),
  );
}

async function replay(journal: Journal): Promise<string> {
  const run = verifyJournal(journal, tide, { clock: new ManualClock() });
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value.hash;
  }
}

/** Numbers: chart 0, large 1, small 2. */
const charts = Array.from({ length: 5 }, (_, i) => [(i + 1) * chartEvery + chartLatency, 0, i + 1]);

test("files are published when they are there, by records, and their bytes are those of the folder", async () => {
  const { journal, hash, shown, rows, failed } = await play((buffer) => new MemorySource(buffer, files));
  const ofFiles = published(journal).filter(([, resource]) => resource > 0);
  expect(ofFiles.map(([, ...rest]) => rest).sort()).toEqual([
    [1, 1],
    [2, 1],
  ]);
  expect(published(journal).filter(([, resource]) => resource === 0)).toEqual(charts);
  expect(shown[1]).toEqual(files.get("large.bin"));
  expect(shown[2]).toEqual(files.get("small.bin"));
  expect([...rows.subarray(4, 8)]).toEqual([1, 1, 70_000, 2]);
  expect(failed).toEqual([]);
  for (const { records } of journal.ticks)
    for (const one of records) {
      if (one.kind !== "publish" || one.resource === 0) continue;
      const { high, low } = hashBytes(files.get(one.resource === 1 ? "large.bin" : "small.bin")!);
      expect([one.hashHigh, one.hashLow]).toEqual([high, low]);
    }
  expect(await replay(journal)).toBe(hash);
});

test("the tick of a publication is in the journal and not in the program: two runs differ and each replays", async () => {
  const runs = [];
  for (const arrival of [7, 31]) {
    const source = new HandSource();
    runs.push(
      await play(
        () => source,
        (tick, engine) => {
          if (tick !== arrival) return;
          const { buffer } = streamingOf(engine).memory;
          for (const { id, name, byteOffset } of source.asked) {
            const bytes = files.get(name)!;
            new Uint8Array(buffer, byteOffset, bytes.length).set(bytes);
            source.answers.push((listener) => listener.finished(id, bytes.length, bytes.length));
          }
        },
      ),
    );
  }
  const [early, late] = runs as [(typeof runs)[0], (typeof runs)[0]];
  const firstOf = ({ journal }: typeof early): number =>
    Math.min(...published(journal).flatMap(([tick, resource]) => (resource > 0 ? [tick] : [])));
  // Taken in at the end of the frame in which it arrived, so it enters with the tick after it at the soonest.
  expect(firstOf(early)).toBeGreaterThan(7);
  expect(firstOf(early)).toBeLessThan(31);
  expect(firstOf(late)).toBeGreaterThan(31);
  for (const run of runs) {
    expect(published(run.journal).filter(([, resource]) => resource === 0)).toEqual(charts);
    expect(await replay(run.journal)).toBe(run.hash);
  }
});

test("a file that never comes stays what it was, each attempt is told, and nothing else waits for it", async () => {
  const { journal, hash, shown, rows, failed } = await play(
    (buffer) => new MemorySource(buffer, new Map([["small.bin", files.get("small.bin")!]])),
  );
  expect(published(journal).filter(([, resource]) => resource === 1)).toEqual([]);
  expect(published(journal).filter(([, resource]) => resource === 2).length).toBe(1);
  expect(published(journal).filter(([, resource]) => resource === 0)).toEqual(charts);
  expect([rows[5], shown[1]]).toEqual([0, undefined]);
  expect(failed.length).toBeGreaterThan(1);
  expect(failed.map((fault, i) => [fault, i + 1])).toEqual(
    failed.map((_, i) => [
      {
        kind: "asset-failed",
        fields: { name: "large", stage: "read", attempt: i + 1, attemptsMax: 5, problem: "there is no file large.bin" },
      },
      i + 1,
    ]),
  );
  expect(await replay(journal)).toBe(hash);
});

test("a reader of another thread gets a version whole or not at all", async () => {
  const memory = allocateAssetMemory();
  const engine = new Engine(
    tide,
    {
      clock: new ManualClock(),
      assets: { memory, manifest: fileManifest(files), source: new MemorySource(memory.buffer, files), presents: true },
    },
    { seed: 3 },
  );
  await engine.start();
  const reader = new ResourceReader(memory, memory.limits.threads - 1);
  const chart = streamingOf(engine).handles[0]!;
  expect(reader.read(chart, 0)).toBeUndefined();
  expect(reader.read(chart, 1)).toBeUndefined();
  const seen: (number | undefined)[] = [];
  for (let tick = 1; tick <= 40; tick++) {
    engine.step();
    for (const version of [1, 2, 3]) {
      const bytes = reader.read(chart, version);
      if (bytes !== undefined) seen.push(new Uint32Array(bytes.buffer, 0, 1)[0]! * 10 + version);
    }
  }
  // Version n was launched at tick 10 n, and is current for ten ticks.
  expect(seen).toEqual([...Array(10).fill(101), ...Array(10).fill(202), ...Array(5).fill(303)]);
  // The handle of another time is nothing.
  expect(reader.read(chart + 0x100000, 3)).toBeUndefined();
  engine.dispose();
});
