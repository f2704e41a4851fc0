/** Pipelines on one thread: states, fallbacks, needs, priorities, budgets, retries, replay, the publish stage. */
import { describe, expect, test } from "vitest";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import type { AssetSource, SourceListener } from "../../../engine/asset/source.ts";
import { definePipeline, defineStage, keepBytes } from "../../../engine/asset/stage.ts";
import { faultText } from "../../../engine/base/faults.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { contentOf, makeBench } from "./bench.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Reads that the test answers itself. */
class HandSource implements AssetSource {
  readonly asked: { id: number; name: string; byteOffset: number; byteLength: number }[] = [];
  readonly cancelled: number[] = [];
  readonly answers: ((listener: SourceListener) => void)[] = [];
  read(id: number, name: string, _fileOffset: number, byteLength: number, byteOffset: number): boolean {
    this.asked.push({ id, name, byteLength, byteOffset });
    return true;
  }
  cancel(id: number): boolean {
    this.cancelled.push(id);
    return true;
  }
  poll(listener: SourceListener): void {
    while (this.answers.length > 0) this.answers.shift()!(listener);
  }
}

describe("from request to publication", () => {
  test("a file goes through its stages; the fallback stands in until then, behind one handle", () => {
    const file = bytes(10, 20, 30);
    const bench = makeBench(new Map([["a.bin", file]]));
    const { pipelines, poll, show, published } = bench;
    const raw = pipelines.register({ name: "a", kind: "raw", content: contentOf("a.bin", file) });
    const twice = pipelines.register({ name: "b", kind: "twice", content: contentOf("a.bin", file) });
    expect(show(raw)).toBeUndefined();
    poll();
    expect(show(raw)).toEqual({ state: "missing", version: 0, bytes: [1, 2, 3] });
    expect(show(twice)).toEqual({ state: "missing", version: 0, bytes: [] });
    pipelines.request(twice);
    pipelines.request(raw);
    expect(pipelines.stateOf(raw)).toBe("loading");
    poll();
    expect(show(raw)).toEqual({ state: "loading", version: 0, bytes: [1, 2, 3] });
    poll();
    expect(show(raw)).toEqual({ state: "ready", version: 1, bytes: [10, 20, 30] });
    expect(show(twice)).toEqual({ state: "ready", version: 1, bytes: [10, 20, 30, 10, 20, 30] });
    const hashed = (name: string, handle: number, value: Uint8Array, version = 1) => {
      const { low: hashLow, high: hashHigh } = hashBytes(value);
      return { handle, name, version, hashHigh, hashLow, byteLength: value.length };
    };
    // Handle order, though b was requested first.
    expect(published).toEqual([hashed("a", raw, file), hashed("b", twice, bytes(10, 20, 30, 10, 20, 30))]);
    pipelines.request(raw);
    poll(3);
    expect([published.length, pipelines.isIdle]).toEqual([2, true]);
    pipelines.heap.check();
  });

  test("input that is handed in makes version after version; of requests that wait the newest counts", () => {
    const { pipelines, poll, show, published } = makeBench();
    const grid = pipelines.register({ name: "grid", kind: "grid" });
    const input = bytes(1, 2);
    pipelines.requestWith(grid, input, [100]);
    input.fill(77);
    pipelines.requestWith(grid, bytes(5), [1]);
    pipelines.requestWith(grid, bytes(6), [1]);
    poll();
    expect(show(grid)).toEqual({ state: "loading", version: 1, bytes: [101, 102] });
    poll(2);
    expect(show(grid)).toEqual({ state: "ready", version: 2, bytes: [7] });
    expect(published.map(({ version }) => version)).toEqual([1, 2]);
    poll();
    pipelines.heap.check();
    expect(pipelines.isIdle).toBe(true);
  });

  test("a section is made from parameters alone", () => {
    const { pipelines, poll, show } = makeBench();
    const yard = pipelines.register({ name: "yard 4,2", kind: "yard" });
    pipelines.requestWith(yard, undefined, [3, 8]);
    poll();
    expect(show(yard)).toEqual({ state: "ready", version: 1, bytes: [8, 8, 8, 8, 8, 8] });
  });

  test("a named fallback stands in as soon as it is published, and is asked for first", () => {
    const files = new Map([
      ["x", bytes(50)],
      ["y", bytes(60)],
    ]);
    const { pipelines, poll, show, published } = makeBench(files, { readsInFlightMax: 1 });
    const first = pipelines.register({ name: "low", kind: "raw", content: contentOf("x", bytes(50)) });
    const second = pipelines.register({
      name: "high",
      kind: "raw",
      content: contentOf("y", bytes(60)),
      fallback: first,
    });
    pipelines.request(second);
    poll(2);
    expect(show(second)).toEqual({ state: "loading", version: 0, bytes: [50] });
    poll();
    expect(show(second)).toEqual({ state: "ready", version: 1, bytes: [60] });
    pipelines.evict(second);
    poll();
    expect(show(second)).toEqual({ state: "missing", version: 0, bytes: [50] });
    pipelines.release(first);
    poll();
    expect(show(second)).toEqual({ state: "missing", version: 0, bytes: [1, 2, 3] });
    pipelines.request(second);
    poll(2);
    expect(show(second)).toEqual({ state: "ready", version: 2, bytes: [60] });
    expect(published.map(({ name, version }) => [name, version])).toEqual([
      ["low", 1],
      ["high", 1],
      ["high", 2],
    ]);
  });
});

describe("cancel and release", () => {
  test("what was cancelled or released publishes nothing, in whatever step it was", () => {
    for (const how of ["cancel", "release", "evict"] as const)
      for (let polls = 0; polls < 3; polls++) {
        const source = new HandSource();
        const { pipelines, poll, published } = makeBench(new Map(), { source });
        pipelines.runsStages = false;
        const handle = pipelines.register({ name: "a", kind: "raw", content: contentOf("f", bytes(4)) });
        pipelines.request(handle);
        if (polls > 0) poll();
        const { id, byteOffset } = source.asked[0] ?? { id: 0, byteOffset: 0 };
        const finish = (listener: SourceListener): void => {
          new Uint8Array(pipelines.heap.memory.buffer, byteOffset, 1).fill(4);
          listener.finished(id, 1, 1);
        };
        if (polls > 1) {
          source.answers.push(finish);
          poll();
          expect(pipelines.hasStages).toBe(true);
        }
        pipelines[how](handle);
        poll();
        if (polls === 1) {
          expect([source.cancelled, pipelines.isIdle]).toEqual([[id], false]);
          source.answers.push(finish);
        }
        while (pipelines.runOne(1));
        poll(2);
        expect([published, pipelines.isIdle, pipelines.isAlive(handle)]).toEqual([[], true, how !== "release"]);
        expect([pipelines.heap.liveBlockCount, pipelines.buildingRowsTaken]).toEqual([4, 0]);
        pipelines.heap.check();
      }
  });

  test("a slot that is used again answers to the new handle only", () => {
    const { pipelines, poll, show } = makeBench();
    const old = pipelines.register({ name: "a", kind: "yard" });
    pipelines.requestWith(old, undefined, [1, 1]);
    poll();
    pipelines.release(old);
    const young = pipelines.register({ name: "a", kind: "yard" });
    expect([young & 0xffff, young === old, pipelines.isAlive(old)]).toEqual([old & 0xffff, false, false]);
    poll();
    expect([show(old), show(young)]).toEqual([undefined, { state: "missing", version: 0, bytes: [] }]);
    expect(() => pipelines.request(old)).toThrow("E0806");
    expect(() => pipelines.cancel(old)).toThrow("`cancel` was given resource 1 of generation 1");
  });

  test("cancelling a new version leaves the old one published", () => {
    const { pipelines, poll, show } = makeBench();
    const grid = pipelines.register({ name: "grid", kind: "grid" });
    pipelines.requestWith(grid, bytes(1), [1]);
    poll();
    pipelines.requestWith(grid, bytes(2), [1]);
    pipelines.requestWith(grid, bytes(3), [1]);
    pipelines.cancel(grid);
    poll(3);
    expect(show(grid)).toEqual({ state: "ready", version: 1, bytes: [2] });
    expect(pipelines.isIdle).toBe(true);
    pipelines.heap.check();
  });
});

describe("needs", () => {
  test("a resource is published after what it needs, and one request asks for all of it", () => {
    const source = new HandSource();
    const { pipelines, poll, published } = makeBench(new Map(), { source });
    const yard = pipelines.register({ name: "material", kind: "yard" });
    const texture = pipelines.register({ name: "texture", kind: "raw", content: contentOf("t", bytes(7)) });
    pipelines.addNeed(yard, texture);
    pipelines.requestWith(yard, undefined, [1, 1]);
    poll(5);
    expect([published, pipelines.status.finished, source.asked.length]).toEqual([[], 1, 1]);
    source.answers.push((listener) => {
      new Uint8Array(pipelines.heap.memory.buffer, source.asked[0]!.byteOffset, 1).fill(7);
      listener.finished(source.asked[0]!.id, 1, 1);
    });
    poll(2);
    expect(published.map(({ name }) => name)).toEqual(["texture", "material"]);
  });

  test("a circle is a fault that names it", () => {
    const { pipelines } = makeBench();
    const [a, b, c] = ["a", "b", "c"].map((name) => pipelines.register({ name, kind: "yard" })) as [
      number,
      number,
      number,
    ];
    pipelines.addNeed(a, b);
    pipelines.addNeed(b, c);
    expect(() => pipelines.addNeed(c, a)).toThrow("E0804 Assets wait for one another in a circle: c -> a -> b -> c.");
    expect(() => pipelines.addNeed(a, a)).toThrow("a -> a");
  });

  test("a need that has failed or is gone fails what waits for it", () => {
    const { pipelines, poll, failed, published } = makeBench(new Map(), { retry: { attemptsMax: 1 } });
    const texture = pipelines.register({ name: "texture", kind: "raw", content: contentOf("none", bytes(7)) });
    const other = pipelines.register({ name: "other", kind: "yard" });
    const material = pipelines.register({ name: "material", kind: "yard", needs: [texture] });
    const second = pipelines.register({ name: "second", kind: "yard", needs: [other] });
    pipelines.requestWith(material, undefined, [1, 1]);
    poll(3);
    pipelines.requestWith(second, undefined, [1, 1]);
    pipelines.release(other);
    poll();
    expect(failed.map(({ fault }) => faultText(fault))).toEqual([
      'Asset "texture" failed in stage "read", attempt 1 of 1: there is no file none.',
      'Asset "material" failed in stage "publish", attempt 1 of 1: it needs "texture", which failed.',
      'Asset "second" failed in stage "publish", attempt 1 of 1: a resource that it needs was released.',
    ]);
    expect([published, pipelines.stateOf(material), pipelines.heap.liveBlockCount]).toEqual([[], "failed", 4]);
  });
});

describe("priorities and budgets", () => {
  test("the most urgent goes first, then the one requested first", () => {
    const order: number[] = [];
    const note = defineStage({ name: "note", run: ({ parameters }) => void order.push(parameters[0]!) });
    const { pipelines, poll } = makeBench(new Map(), {
      pipelines: [definePipeline({ name: "note", host: false, stages: [note] })],
      limits: { tickets: 3 },
    });
    pipelines.runsStages = false;
    const handles = [3, 1, 4, 1, 5].map((_, i) => pipelines.register({ name: `n${i}`, kind: "note" }));
    [0, 5, -1, 5, 2].forEach((priority, i) => {
      pipelines.requestWith(handles[i]!, undefined, [i], priority);
    });
    for (let round = 0; round < 3; round++) {
      poll();
      while (pipelines.runOne(0));
    }
    expect(order).toEqual([1, 3, 4, 0, 2]);
  });

  test("at most so many results are published in a frame, in handle order; own stages keep to the time", () => {
    const { pipelines, poll, published, clock } = makeBench(new Map(), { publicationsMax: 2 });
    for (let i = 0; i < 5; i++)
      pipelines.requestWith(pipelines.register({ name: `y${i}`, kind: "yard" }), undefined, [1, i]);
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      poll();
      counts.push(published.length);
    }
    expect([counts, published.map(({ name }) => name)]).toEqual([
      [2, 4, 5, 5],
      ["y0", "y1", "y2", "y3", "y4"],
    ]);
    const slow = makeBench(new Map(), {
      frameMicrosMax: 100,
      clock,
      pipelines: [
        definePipeline({
          name: "slow",
          host: false,
          stages: [defineStage({ name: "s", run: () => clock.advance(60) })],
        }),
      ],
    });
    for (let i = 0; i < 5; i++)
      slow.pipelines.requestWith(slow.pipelines.register({ name: `s${i}`, kind: "slow" }), undefined);
    slow.poll();
    // Two stages begin before 100 micros are over; one result goes although they are.
    expect([slow.published.length, slow.pipelines.status.finished, slow.pipelines.status.stagesOut]).toEqual([1, 1, 3]);
  });
});

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
