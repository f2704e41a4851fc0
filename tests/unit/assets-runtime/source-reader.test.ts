/** Real files through rings and reader: whole, slow, failing, truncated, stalling, gone; and an engine thread that blocks. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import { allocateSourceRings } from "../../../engine/asset/source-protocol.ts";
import { faultText } from "../../../engine/base/faults.ts";
import { disturbedFiles, parseByteRate, parseChance } from "../../../runtime/assets/disturbed-source.ts";
import { folderFiles, memoryFile } from "../../../runtime/assets/file-source.ts";
import { SourceReader } from "../../../runtime/assets/source-reader.ts";
import { contentOf } from "../asset/bench.ts";
import { testSeed } from "../seeds.ts";
import type { ReadingReport, ReadingTask } from "./engine-thread.ts";
import { makeFolder, makeReadingBench } from "./folder.ts";

const seed = testSeed("asset sources");

/** Whether a published resource holds these very bytes. */
function holds(bench: ReturnType<typeof makeReadingBench>["bench"], handle: number, bytes: Uint8Array): boolean {
  const view = makeResourceView();
  return (
    bench.pipelines.current(handle, view) &&
    view.version > 0 &&
    Buffer.compare(bench.pipelines.bytesOf(view), bytes) === 0
  );
}

describe("files", () => {
  test("of any length arrive whole: empty, of one part, of several", async () => {
    using folder = makeFolder({ "empty.bin": 0, "one.bin": 1, "part.bin": 262_144, "more.bin": 1_000_003 });
    const { bench, register, pollUntil, close, reader } = makeReadingBench(folder, { readsInFlightMax: 2 });
    const handles = [...folder.files.keys()].map((file) => register(file));
    for (const handle of handles) bench.pipelines.request(handle);
    expect(await pollUntil(() => bench.published.length === 4)).toBe(true);
    expect(handles.map((handle, i) => holds(bench, handle, [...folder.files.values()][i]!))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([bench.failed, reader.byteCount]).toEqual([[], 1_262_148]);
    expect(await pollUntil(() => bench.pipelines.isIdle)).toBe(true);
    bench.pipelines.heap.check();
    await close();
  });

  test("that were changed, cut short, lengthened or taken away since the manifest was written are told", async () => {
    using folder = makeFolder({ "changed.bin": 900, "short.bin": 800, "long.bin": 700, "gone.bin": 600 });
    const { bench, register, pollUntil, close } = makeReadingBench(folder, { retry: { attemptsMax: 1 } });
    const other = folder.files.get("changed.bin")!.slice();
    other[450]! ^= 1;
    writeFileSync(join(folder.path, "changed.bin"), other);
    writeFileSync(join(folder.path, "short.bin"), folder.files.get("short.bin")!.subarray(0, 799));
    writeFileSync(join(folder.path, "long.bin"), new Uint8Array(701));
    rmSync(join(folder.path, "gone.bin"));
    for (const file of folder.files.keys()) bench.pipelines.request(register(file));
    expect(await pollUntil(() => bench.failed.length === 4)).toBe(true);
    const texts = bench.failed.map(({ fault }) => faultText(fault)).toSorted();
    expect(texts[0]).toMatch(
      /^Asset "gone.bin" failed in stage "read", attempt 1 of 1: gone.bin cannot be opened: ENOENT/,
    );
    expect(texts[1]).toMatch(
      /^changed.bin \(asset "changed.bin", attempt 1 of 1\) is not what .* 900 bytes of hash .*, expected 900 /,
    );
    expect(texts[2]).toMatch(/^long.bin .*: 701 bytes of hash unknown, expected 700 bytes of hash [0-9a-f]{16}\.$/);
    expect(texts[3]).toMatch(
      /^short.bin .*: 799 bytes of hash [0-9a-f]{16}, expected 800 bytes of hash [0-9a-f]{16}\.$/,
    );
    expect([bench.published, await pollUntil(() => bench.pipelines.isIdle)]).toEqual([[], true]);
    bench.pipelines.heap.check();
    await close();
  });

  test("outside the folder are not opened", async () => {
    using folder = makeFolder({ "a.bin": 1 });
    const files = folderFiles(folder.path);
    for (const name of ["../a.bin", "/etc/hostname", "x/../../a", "", "a\\b", "c:a"])
      await expect(files.open(name)).rejects.toThrow("is no path within the folder of assets");
    await expect(files.open(".")).rejects.toThrow("is no path");
    const file = await files.open("a.bin");
    expect(file.byteLength).toBe(1);
    await file.close();
  });
});

describe("disturbed sources", () => {
  test("failing and truncated reads are tried again until the file is whole; the fallback stands in until then", async () => {
    using folder = makeFolder({ "a.bin": 400_000, "b.bin": 300_000, "c.bin": 200_000, "d.bin": 100_000 });
    const { bench, register, pollUntil, close } = makeReadingBench(
      folder,
      { retry: { attemptsMax: 60, pauseFrames: 1, pauseFramesMax: 2 } },
      (files) => disturbedFiles(files, { failureChance: 0.4, truncationChance: 0.3, seed }),
    );
    const handles = [...folder.files.keys()].map((file) => register(file));
    for (const handle of handles) bench.pipelines.request(handle);
    const isAsItShould = () =>
      handles.every((handle, i) => {
        const shown = bench.show(handle);
        return shown === undefined || shown.version === 0
          ? shown === undefined || shown.bytes.join() === "1,2,3"
          : holds(bench, handle, [...folder.files.values()][i]!);
      });
    let wasAlways = true;
    const isDone = await pollUntil(() => {
      if (bench.frame % 8 === 0) wasAlways &&= isAsItShould();
      return bench.published.length === 4;
    });
    expect([isDone, wasAlways, isAsItShould()]).toEqual([true, true, true]);
    for (const { fault } of bench.failed)
      expect(faultText(fault)).toMatch(/broke off after \d+ bytes\.$|is not what the manifest says: \d+ bytes/);
    expect(await pollUntil(() => bench.pipelines.isIdle)).toBe(true);
    bench.pipelines.heap.check();
    await close();
  });

  test("a stalling read is given up after its frames, lets go of its block at once, and does not hold up the end", async () => {
    using folder = makeFolder({ "a.bin": 50_000 });
    const { bench, register, pollUntil, close } = makeReadingBench(
      folder,
      { retry: { attemptsMax: 2, pauseFrames: 1, silenceFrames: 20 } },
      (files) => disturbedFiles(files, { stallChance: 1, seed }),
    );
    const handle = register("a.bin");
    bench.pipelines.request(handle);
    expect(await pollUntil(() => bench.failed.length === 2 && bench.pipelines.isIdle)).toBe(true);
    expect(faultText(bench.failed[1]!.fault)).toContain("attempt 2 of 2: the source was silent for 20 frames");
    expect(bench.show(handle)).toEqual({ state: "failed", version: 0, bytes: [1, 2, 3] });
    bench.pipelines.heap.check();
    await close();
  });

  test("a cancelled or released read lets go of its block", async () => {
    using folder = makeFolder({ "a.bin": 400_000, "b.bin": 400_000 });
    const { bench, register, pollUntil, close } = makeReadingBench(folder, {}, (files) =>
      disturbedFiles(files, { bytesPerSecond: 2_000_000, seed }),
    );
    const [a, b] = [register("a.bin"), register("b.bin")];
    bench.pipelines.request(a);
    bench.pipelines.request(b);
    expect(await pollUntil(() => bench.pipelines.status.readsInFlight === 2)).toBe(true);
    bench.pipelines.cancel(a);
    bench.pipelines.release(b);
    expect(await pollUntil(() => bench.pipelines.isIdle)).toBe(true);
    expect([bench.published, bench.pipelines.stateOf(a), bench.pipelines.heap.liveBlockCount]).toEqual([
      [],
      "missing",
      4,
    ]);
    bench.pipelines.heap.check();
    await close();
  });

  test("the rate is that of all files together, and fates follow from the seed", async () => {
    let nowMicros = 0;
    const clock = { nowMicros: () => nowMicros };
    const bytes = new Uint8Array(1_000);
    const files = { open: async () => memoryFile(bytes) };
    const fates = async (chosen: number): Promise<string> => {
      const disturbed = disturbedFiles(files, { failureChance: 0.3, truncationChance: 0.3, seed: chosen, clock });
      let text = "";
      for (let i = 0; i < 40; i++) {
        const file = await disturbed.open("x");
        let at = 0;
        try {
          for (let n = -1; n !== 0; at += n) n = await file.read(new Uint8Array(1_000), at);
          text += at === 1_000 ? "w" : "t";
        } catch {
          text += "f";
        }
      }
      return text;
    };
    const first = await fates(7);
    expect([await fates(7), (await fates(8)) === first]).toEqual([first, false]);
    for (const letter of "wtf") expect(first).toContain(letter);
    // 20 parts a second: 1,000 bytes at 2,000 a second come in parts of 100.
    const slow = await disturbedFiles(files, { bytesPerSecond: 2_000, seed, clock }).open("x");
    nowMicros = 1_000_000;
    expect(await slow.read(new Uint8Array(1_000), 0)).toBe(100);
    nowMicros = 9_000_000;
    expect(await slow.read(new Uint8Array(1_000), 950)).toBe(50);
  });
});

test("an engine thread that blocks between frames loads files that the main thread reads", async () => {
  using folder = makeFolder({ "a.bin": 3_000_000, "b.bin": 70_000 });
  const memory = allocateAssetMemory({ heapBytesMax: 64 * 1024 * 1024 });
  const rings = allocateSourceRings();
  const contents = [...folder.files].map(([file, bytes]) => contentOf(file, bytes));
  const workerData: ReadingTask = { memory, rings, contents, framesMax: 30_000 };
  const worker = new Worker(new URL("./engine-thread.ts", import.meta.url), { workerData });
  const files = disturbedFiles(folderFiles(folder.path), { failureChance: 0.3, seed });
  const reader = new SourceReader(rings, memory.buffer, files);
  const running = reader.run();
  try {
    const report = await new Promise<ReadingReport>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    expect(report).toEqual({ published: ["a.bin 1 3000000", "b.bin 1 70000"], isIdle: true, isWhole: true });
    // The engine closed its end; the reader ends by itself.
    await running;
  } finally {
    await worker.terminate();
    reader.stop();
  }
});

test.each([
  ["5MB", 5_000_000],
  ["512 KiB/s", 524_288],
  ["250000", 250_000],
  ["1.5mb", 1_500_000],
  ["2 GiB", 2_147_483_648],
  ["7B", 7],
  ["0", undefined],
  ["", undefined],
  ["fast", undefined],
  ["5 MB per hour", undefined],
  ["-3MB", undefined],
  ["5XB", undefined],
])("a rate of %j is %s", (text, rate) => {
  expect(parseByteRate(text)).toBe(rate);
});

test.each([
  ["0.2", 0.2],
  ["20%", 0.2],
  ["0", 0],
  ["1", 1],
  ["1.1", undefined],
  ["101%", undefined],
  ["-0.1", undefined],
  ["often", undefined],
])("a chance of %j is %s", (text, chance) => {
  expect(parseChance(text)).toBe(chance);
});
