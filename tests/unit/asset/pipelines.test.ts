/** Pipelines on one thread: states, fallbacks, needs, priorities, budgets. */
import { describe, expect, test } from "vitest";
import type { SourceListener } from "../../../engine/asset/source.ts";
import { definePipeline, defineStage } from "../../../engine/asset/stage.ts";
import { faultText } from "../../../engine/base/faults.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { contentOf, HandSource, makeBench } from "./bench.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

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
    // The fallback's slot has a new owner by now, which stands in for nobody.
    const stranger = pipelines.register({ name: "stranger", kind: "raw", content: contentOf("x", bytes(50)) });
    pipelines.request(stranger);
    poll(2);
    expect([stranger & 0xffff, show(stranger)?.bytes, show(second)?.bytes]).toEqual([first & 0xffff, [50], [1, 2, 3]]);
    pipelines.release(stranger);
    pipelines.request(second);
    poll(2);
    expect(show(second)).toEqual({ state: "ready", version: 2, bytes: [60] });
    expect(published.map(({ name, version }) => [name, version])).toEqual([
      ["low", 1],
      ["high", 1],
      ["stranger", 1],
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
