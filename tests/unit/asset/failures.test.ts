/** Pipelines on one thread, where things go wrong or must wait: failures, replay, the publish stage, bad descriptions. */
import { describe, expect, test } from "vitest";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import { definePipeline, keepBytes } from "../../../engine/asset/stage.ts";
import { faultText } from "../../../engine/base/faults.ts";
import { contentOf, HandSource, makeBench } from "./bench.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("failures", () => {
  test("a stage that throws is tried again after 1, 2, 4... pauses of frames, then the resource has failed", () => {
    const { pipelines, poll, failed, show } = makeBench(new Map(), {
      retry: { attemptsMax: 4, pauseFrames: 2, pauseFramesMax: 5 },
    });
    const grid = pipelines.register({ name: "grid", kind: "grid" });
    pipelines.requestWith(grid, bytes(255));
    const frames: number[] = [];
    for (let frame = 1; frame <= 20; frame++) {
      const before = failed.length;
      poll();
      if (failed.length > before) frames.push(frame);
    }
    // Pauses of 2, 4 and 5 (8, cut to the longest).
    expect(frames).toEqual([1, 3, 7, 12]);
    expect(failed.map(({ attempt, isFinal }) => [attempt, isFinal])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
    expect(faultText(failed[3]!.fault)).toBe(
      'Asset "grid" failed in stage "add", attempt 4 of 4: the first byte is 255.',
    );
    expect(show(grid)).toEqual({ state: "failed", version: 0, bytes: [9] });
    expect([pipelines.isIdle, pipelines.heap.liveBlockCount]).toEqual([true, 4]);
    pipelines.requestWith(grid, bytes(1));
    poll();
    expect(show(grid)).toEqual({ state: "ready", version: 1, bytes: [1] });
  });

  test("bytes that are not what the manifest says never reach a stage: short, long and changed files", () => {
    const whole = bytes(1, 2, 3, 4);
    const files = new Map([
      ["short", bytes(1, 2, 3)],
      ["long", bytes(1, 2, 3, 4, 5)],
      ["other", bytes(1, 2, 3, 5)],
    ]);
    const { pipelines, poll, failed } = makeBench(files, { retry: { attemptsMax: 1 } });
    for (const file of files.keys())
      pipelines.request(pipelines.register({ name: file, kind: "twice", content: contentOf(file, whole) }));
    poll(3);
    const expected = { expectedBytes: 4, expectedHash: "", attempt: 1, attemptsMax: 1 };
    expect(failed.map(({ fault }) => ({ ...fault.fields, expectedHash: "", actualHash: "" }))).toEqual([
      { ...expected, name: "long", file: "long", actualBytes: 5, actualHash: "" },
      { ...expected, name: "short", file: "short", actualBytes: 3, actualHash: "" },
      { ...expected, name: "other", file: "other", actualBytes: 4, actualHash: "" },
    ]);
    expect(failed.map(({ fault }) => fault.kind)).toEqual(["asset-content", "asset-content", "asset-content"]);
    expect(faultText(failed[2]!.fault)).toMatch(/4 bytes of hash [0-9a-f]{16}, expected 4 bytes of hash [0-9a-f]{16}/);
    expect(pipelines.heap.liveBlockCount).toBe(4);
    pipelines.heap.check();
  });

  test("a source that is silent for too long has failed; its block comes back when the host lets go", () => {
    const source = new HandSource();
    const { pipelines, poll, failed } = makeBench(new Map(), { source, retry: { silenceFrames: 10, attemptsMax: 1 } });
    const handle = pipelines.register({ name: "a", kind: "raw", content: contentOf("f", bytes(1)) });
    pipelines.request(handle);
    poll(8);
    source.answers.push((listener) => listener.progressed(source.asked[0]!.id, 0));
    poll(10);
    expect(failed).toEqual([]);
    poll();
    expect(faultText(failed[0]!.fault)).toContain("the source was silent for 10 frames");
    expect([source.cancelled, pipelines.isIdle]).toEqual([[source.asked[0]!.id], false]);
    source.answers.push((listener) => listener.cancelled(source.asked[0]!.id));
    poll();
    expect([pipelines.isIdle, pipelines.heap.liveBlockCount]).toEqual([true, 4]);
  });

  test("a heap whose top is reached has stages run again in spans that were freed, or fails", () => {
    const bench = makeBench(new Map(), { limits: { heapBytes: 1, heapBytesMax: 1 }, retry: { attemptsMax: 1 } });
    const { pipelines, poll, show, failed } = bench;
    const big = (name: string) => pipelines.register({ name, kind: "yard" });
    const [a, b, c] = [big("a"), big("b"), big("c")];
    pipelines.requestWith(a, undefined, [10_000, 1]);
    poll(2);
    pipelines.requestWith(b, undefined, [10_000, 2]);
    poll(2);
    expect([show(a)?.version, show(b)?.version]).toEqual([1, 1]);
    pipelines.evict(a);
    poll(2);
    pipelines.requestWith(c, undefined, [9_000, 3]);
    poll(4);
    expect([show(c)?.version, show(c)?.bytes.length, failed]).toEqual([1, 18_000, []]);
    pipelines.requestWith(a, undefined, [60_000, 3]);
    poll(4);
    expect(faultText(failed[0]!.fault)).toContain("the asset heap has no room for 60000 bytes");
    pipelines.heap.check();
  });
});

test("a large input is checked in parts, so that no call takes long; it may be cancelled in between", () => {
  const file = new Uint8Array(2_500_000).map((_, i) => i % 251);
  const { pipelines, poll, published } = makeBench(new Map([["f", file]]));
  pipelines.runsStages = false;
  const [a, b] = ["a", "b"].map((name) => pipelines.register({ name, kind: "raw", content: contentOf("f", file) })) as [
    number,
    number,
  ];
  pipelines.request(a);
  poll(2);
  expect([pipelines.runOne(1), pipelines.runOne(2)]).toEqual([true, true]);
  poll();
  expect([published.length, pipelines.hasStages]).toEqual([0, true]);
  expect([pipelines.runOne(1), pipelines.runOne(1)]).toEqual([true, false]);
  poll();
  expect(published.map(({ name, byteLength }) => [name, byteLength])).toEqual([["a", 2_500_000]]);
  pipelines.request(b);
  poll(2);
  pipelines.runOne(1);
  pipelines.cancel(b);
  poll(2);
  expect([published.length, pipelines.isIdle, pipelines.hasStages]).toEqual([1, true, false]);
  pipelines.heap.check();
});

describe("replay", () => {
  test("a held resource is published exactly when told, whatever the budget", () => {
    const { pipelines, poll, published } = makeBench(new Map(), { publicationsMax: 1, frameMicrosMax: 1_000 });
    const [a, b] = ["a", "b"].map((name) => pipelines.register({ name, kind: "yard" })) as [number, number];
    for (const handle of [a, b]) {
      pipelines.holdPublications(handle);
      pipelines.requestWith(handle, undefined, [1, 1]);
    }
    poll(5);
    expect([published, pipelines.status.finished]).toEqual([[], 2]);
    pipelines.publishOnly(b, 2);
    poll();
    expect(published).toEqual([]);
    pipelines.publishOnly(b, 1);
    pipelines.publishOnly(a, 1);
    poll();
    expect(published.map(({ name }) => name)).toEqual(["a", "b"]);
    pipelines.requestWith(a, undefined, [2, 1]);
    poll(3);
    expect(published.length).toBe(2);
    pipelines.publishOnly(a, 2);
    poll();
    expect(published[2]).toMatchObject({ name: "a", version: 2 });
  });

  test("one that is told before it is finished is published as soon as it is", () => {
    const { pipelines, poll, published } = makeBench();
    const handle = pipelines.register({ name: "a", kind: "yard" });
    pipelines.publishOnly(handle, 1);
    pipelines.runsStages = false;
    pipelines.requestWith(handle, undefined, [1, 1]);
    poll(2);
    expect(published).toEqual([]);
    pipelines.runsStages = true;
    poll();
    expect(published.length).toBe(1);
  });
});

describe("the publish stage", () => {
  test("a poll elsewhere is a fault, and so is one within a poll", () => {
    let stage = "gameplay";
    const listener = { published: () => bench.pipelines.poll(9) };
    const bench = makeBench(new Map(), { place: () => stage, listener });
    expect(() => bench.poll()).toThrow(
      "E0805 The resource table was changed in gameplay, where nothing may change it.",
    );
    stage = "publish";
    bench.pipelines.requestWith(bench.pipelines.register({ name: "a", kind: "yard" }), undefined, [1, 1]);
    expect(() => bench.poll()).toThrow("`poll` was called from inside the poll of the pipelines");
  });

  test("readers keep the version they hold: its bytes stay, and a table that is held everywhere waits", () => {
    const { pipelines, poll, memory, published } = makeBench();
    const handle = pipelines.register({ name: "a", kind: "grid" });
    const { table } = pipelines;
    const view = makeResourceView();
    const seen: number[][] = [];
    const copies: number[] = [];
    for (let reader = 1; reader <= 3; reader++) {
      pipelines.requestWith(handle, bytes(reader));
      poll();
      copies.push(table.versions.pin(reader));
    }
    expect(new Set(copies).size).toBe(3);
    // The table is published a fourth time, over the one copy that nobody holds; a fifth has none.
    for (const value of [4, 5]) {
      pipelines.requestWith(handle, bytes(value));
      poll(3);
    }
    expect([published.length, pipelines.stateOf(handle)]).toEqual([4, "loading"]);
    expect(pipelines.status.blockedSwaps).toBeGreaterThan(0);
    for (const copy of copies) {
      expect(table.find(copy, handle, view)).toBe(true);
      seen.push([view.version, ...new Uint8Array(memory.buffer, view.byteOffset, view.byteLength)]);
    }
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    table.versions.unpin(1);
    pipelines.workerEnded(2);
    table.versions.unpin(3);
    poll(2);
    expect([published.length, pipelines.heap.liveBlockCount, pipelines.isIdle]).toEqual([5, 5, true]);
    expect(() => table.versions.unpin(2)).toThrow("let go once for each pin");
  });
});

describe("descriptions that cannot be", () => {
  test.each([
    [{ name: "a", kind: "none" }, 'E0102 Resource "a" names the pipeline "none"'],
    [{ name: "a", kind: "raw" }, 'its pipeline "raw" reads a file'],
    [{ name: "a", kind: "yard", content: contentOf("f", bytes()) }, 'its pipeline "yard" reads no file'],
    [{ name: "a", kind: "yard", needs: [77] }, "E0806 `register` was given resource 77"],
    [{ name: "a", kind: "yard", fallback: 77 }, "E0806"],
    [{ name: "taken", kind: "yard" }, 'E0101 Two resources are named "taken".'],
  ])("%j", (description, problem) => {
    const { pipelines } = makeBench();
    pipelines.register({ name: "taken", kind: "yard" });
    expect(() => pipelines.register(description)).toThrow(problem);
    // A description that was refused took no slot.
    expect(pipelines.register({ name: "next", kind: "yard" }) & 0xffff).toBe(2);
  });

  test("too many resources, two pipelines or stages of one name, no stages, limits out of range", () => {
    const { pipelines } = makeBench();
    for (let i = 0; i < 16; i++) pipelines.register({ name: `r${i}`, kind: "yard" });
    expect(() => pipelines.register({ name: "one more", kind: "yard" })).toThrow('E0301 The limit "resources" of 16');
    const twin = { ...keepBytes };
    const pipeline = (name: string, stages = [keepBytes]) => definePipeline({ name, host: true, stages });
    const make = (...list: ReturnType<typeof pipeline>[]) => makeBench(new Map(), { pipelines: list });
    expect(() => make(pipeline("a"), pipeline("a"))).toThrow('Two pipelines are named "a"');
    expect(() => make(pipeline("a"), pipeline("b", [twin]))).toThrow('Two stages are named "keep-bytes"');
    expect(() => make(pipeline("a", []))).toThrow("it has no stages");
    expect(() => makeBench(new Map(), { limits: { threads: 256 } })).toThrow(
      'The asset limit "threads" is not valid: it is 256',
    );
    expect(() => pipelines.requestWith(1, undefined, new Array(17).fill(0))).toThrow("E0806");
    expect(() => pipelines.requestWith(pipelines.find("r0")!, undefined, new Array(17).fill(0))).toThrow(
      "17 parameters",
    );
  });
});
