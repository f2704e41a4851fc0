/** The null device: time, order, fences, uploads, retirement, and every mistake that it must tell. */
import { describe, expect, test } from "vitest";
import type { CommandRecorder } from "../../../engine/gpu/commands.ts";
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import { type Fence, passedFence } from "../../../engine/gpu/queues.ts";
import { measureOverlap } from "../../../engine/gpu/timeline.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { Bench, readIt, upload, work } from "./device-bench.ts";
import { raised } from "./faults.ts";

describe("time", () => {
  test("queues run at the same time, each in order, and wait for one another's fences", () => {
    const bench = new Bench();
    bench.clock.advance(1_000);
    const a = bench.submit("graphics", "a", work(100));
    const b = bench.submit("compute", "b", work(250));
    bench.submit("graphics", "c", work(50), [b]);
    bench.submit("compute", "d", work(10), [a]);
    bench.submit("graphics", "e", work(5));
    bench.device.seal();
    const spans = bench.rawSpans();
    expect(
      spans.map(({ label, startMicros, endMicros }) => [bench.device.labelText(label), startMicros, endMicros]),
    ).toEqual([
      ["a", 1_000, 1_100],
      ["b", 1_000, 1_250],
      ["d", 1_250, 1_260],
      ["c", 1_250, 1_300],
      ["e", 1_300, 1_305],
    ]);
    expect(measureOverlap(spans)).toEqual({
      busyMicros: { graphics: 155, compute: 260, copy: 0, present: 0 },
      anyMicros: 305,
      overlapMicros: 110,
      spanMicros: 305,
    });
  });

  test("a fence passes when the clock has reached the end, and a skipped value with the next", () => {
    const bench = new Bench();
    const skipped = bench.device.reserve("copy");
    const fence = bench.submit("copy", "late", upload(bench.resource("r"), 40));
    bench.device.seal();
    const passes: boolean[] = [];
    for (let micros = 0; micros <= 40; micros += 20) {
      passes.push(bench.device.completed(skipped), bench.device.completed(fence));
      bench.clock.advance(20);
    }
    expect(passes).toEqual([false, false, false, false, true, true]);
    expect([bench.device.completedValue("copy"), bench.device.completedValue("graphics")]).toEqual([2, 0]);
  });

  test("nothing starts before its seal, nor before the clock", () => {
    const bench = new Bench();
    bench.submit("compute", "a", work(10));
    bench.clock.advance(500);
    bench.device.seal();
    bench.clock.advance(5);
    bench.submit("compute", "b", work(10));
    bench.device.seal();
    bench.clock.advance(100);
    bench.submit("compute", "c", work(10));
    bench.device.seal();
    expect(bench.spans()).toEqual(["compute a 500..510", "compute b 510..520", "compute c 605..615"]);
    expect(bench.device.idleMicros).toBe(615);
  });

  test("pictures are shown in sequence, each after what drew it", () => {
    const bench = new Bench();
    const [a, b] = [bench.resource("a", "target"), bench.resource("b", "target")];
    const draw = (target: number, micros: number) => (to: CommandRecorder) => {
      to.beginPass(target);
      to.draw(3, 1, micros);
      to.endPass();
    };
    const drawnA = bench.submit("graphics", "draw a", draw(a, 100));
    const drawnB = bench.submit("graphics", "draw b", draw(b, 10));
    bench.device.seal();
    const shown = [
      bench.device.present(1, bench.device.label("show a"), a, [drawnA], 50),
      bench.device.present(1, bench.device.label("show b"), b, [drawnB], 20),
    ];
    expect(shown).toEqual([
      { line: "present", value: 1 },
      { line: "present", value: 2 },
    ]);
    expect(bench.spans()).toEqual([
      "graphics draw a 0..100",
      "graphics draw b 100..110",
      "present show a 100..150",
      "present show b 150..170",
    ]);
  });

  test("a timeline that nobody drains drops its oldest and counts them", () => {
    const device = new NullDevice({ clock: new ManualClock(), timelineCapacity: 3 });
    for (let i = 0; i < 5; i++)
      device.submit({
        queue: "compute",
        frame: i,
        order: 0,
        sequence: 0,
        label: 0,
        commands: new Uint32Array(0),
        waits: [],
        signal: device.reserve("compute"),
      });
    device.seal();
    const frames: number[] = [];
    device.drainTimeline(({ frame }) => frames.push(frame));
    expect([device.droppedSpanCount, ...frames]).toEqual([2, 2, 3, 4]);
  });
});

describe("uploads", () => {
  test("a resource is uploaded only after the fence of the copy queue", () => {
    const bench = new Bench();
    const resource = bench.resource("rock");
    const answers = [bench.device.isUploaded(resource)];
    bench.submit("copy", "up", upload(resource, 30));
    answers.push(bench.device.isUploaded(resource));
    bench.device.seal();
    bench.clock.advance(29);
    answers.push(bench.device.isUploaded(resource));
    bench.clock.advance(1);
    answers.push(bench.device.isUploaded(resource));
    expect(answers).toEqual([false, false, false, true]);
  });

  test("use without waiting is a fault, however long ago the upload ended; a wait or a look mends it", () => {
    const run = (mend: (bench: Bench, resource: number, done: Fence) => Fence[]): string => {
      const bench = new Bench();
      const resource = bench.resource("rock");
      const done = bench.submit("copy", "up", upload(resource, 30));
      bench.device.seal();
      bench.clock.advance(1_000);
      bench.submit("graphics", "draw rock", readIt(resource, 5), mend(bench, resource, done));
      return raised(() => bench.device.seal());
    };
    expect(run(() => [])).toBe(
      'resource-not-ready: Submission "draw rock" to graphics at 1.0.1 uses buffer "rock", but it does not wait for copy fence 1, which ends its upload.',
    );
    expect(run((_bench, _resource, done) => [done])).toBe("nothing");
    expect(run((bench, resource) => (bench.device.isUploaded(resource) ? [] : [passedFence]))).toBe("nothing");
    expect(run((bench, _resource, done) => (bench.device.completed(done) ? [] : [passedFence]))).toBe("nothing");
    // Through another queue: compute waits for the upload, graphics for compute.
    expect(run((bench, _resource, done) => [bench.submit("compute", "between", work(1), [done])])).toBe("nothing");
  });

  test("what was never written cannot be read, and what is read cannot be written over", () => {
    const bench = new Bench();
    const resource = bench.resource("rock");
    const done = bench.submit("copy", "up", upload(resource, 1));
    bench.submit("graphics", "draw", readIt(resource, 100), [done]);
    bench.device.seal();
    bench.submit("copy", "again", upload(resource, 1));
    expect(raised(() => bench.device.seal())).toBe(
      'resource-not-ready: Submission "again" to copy at 1.0.2 uses buffer "rock", but it writes it and does not wait for graphics fence 1, which uses it.',
    );
    const other = new Bench();
    other.submit("compute", "early", readIt(other.resource("empty"), 1));
    expect(raised(() => other.device.seal())).toBe(
      'resource-not-ready: Submission "early" to compute at 1.0.0 uses buffer "empty", but nothing has been written into it yet.',
    );
  });
});

describe("retirement", () => {
  test("nothing is freed before the fence it is retired after and its own last use on every line", () => {
    const bench = new Bench();
    const resource = bench.resource("rock");
    const done = bench.submit("copy", "up", upload(resource, 10));
    bench.submit("graphics", "draw", readIt(resource, 20), [done]);
    const long = bench.submit("compute", "long", work(100));
    bench.device.seal();
    bench.device.retire(resource, long);
    const freed: number[] = [];
    for (const micros of [0, 30, 69, 1]) {
      bench.clock.advance(micros);
      freed.push(bench.device.collect());
    }
    expect(freed).toEqual([0, 0, 0, 64]);
    expect([bench.device.memory(), bench.device.leaks()]).toEqual([
      { resourceCount: 0, residentBytes: 0, retiredBytes: 0, residentBytesMax: 64, createdBytes: 64, freedBytes: 64 },
      [],
    ]);
  });

  test("retired after a fence that passes early, it is still held by its last use", () => {
    const bench = new Bench();
    const resource = bench.resource("rock");
    bench.submit("copy", "up", upload(resource, 10));
    bench.device.seal();
    bench.device.retire(resource, passedFence);
    expect([bench.device.collect(), bench.device.memory().retiredBytes]).toEqual([0, 64]);
    expect(bench.device.leaks()).toEqual(['buffer "rock", retired after graphics fence 0']);
    bench.clock.advance(10);
    expect(bench.device.collect()).toBe(64);
  });

  test("use, retirement and destruction of what is gone, and destruction of what is used, are faults", () => {
    const bench = new Bench();
    const resource = bench.resource("rock");
    bench.submit("copy", "up", upload(resource, 10));
    bench.device.seal();
    expect(raised(() => bench.device.destroy(resource))).toBe(
      'resource-in-use: buffer "rock" cannot be destroyed: copy fence 1 still uses it.',
    );
    bench.clock.advance(10);
    bench.device.destroy(resource);
    expect(raised(() => bench.device.destroy(resource))).toBe(
      "resource-retired: Destroying uses resource 1, which is retired or freed.",
    );
    expect(raised(() => bench.device.retire(2, passedFence))).toBe(
      "gpu-misuse: Retiring is refused by the graphics device: resource 2 was never created.",
    );
    const second = bench.resource("leaf");
    bench.device.retire(second, passedFence);
    expect(raised(() => bench.device.isUploaded(second))).toBe(
      'resource-retired: Asking for the upload uses buffer "leaf", which is retired or freed.',
    );
    bench.submit("copy", "late", upload(second, 1));
    expect(raised(() => bench.device.seal())).toBe(
      'resource-retired: Submission "late" to copy at 1.0.1 uses buffer "leaf", which is retired or freed.',
    );
  });
});

describe("deadlocks", () => {
  test("a fence that nobody signals is told at the seal, with who waits", () => {
    const bench = new Bench();
    const never = bench.device.reserve("copy");
    bench.submit("graphics", "a", work(1), [never]);
    bench.submit("compute", "b", work(1));
    expect(raised(() => bench.device.seal())).toBe(
      'queue-deadlock: Waits that nobody will signal: Submission "a" to graphics at 1.0.0 waits for copy fence 1.',
    );
  });

  test("two queues that wait for each other", () => {
    const bench = new Bench();
    const [g, c] = [bench.device.reserve("graphics"), bench.device.reserve("compute")];
    bench.submitAt(0, "graphics", "a", work(1), [c], g);
    bench.submitAt(0, "compute", "b", work(1), [g], c);
    expect(raised(() => bench.device.seal())).toBe(
      'queue-deadlock: Waits that nobody will signal: Submission "a" to graphics at 1.0.0 waits for compute fence 1; Submission "b" to compute at 1.0.0 waits for graphics fence 1.',
    );
  });

  test("waiting for what is handed in later in the same seal is none", () => {
    const bench = new Bench();
    const later = bench.device.reserve("compute");
    bench.submit("graphics", "a", work(1), [later]);
    bench.submitAt(9, "compute", "b", work(5), [], later);
    bench.device.seal();
    expect(bench.spans()).toEqual(["compute b 0..5", "graphics a 5..6"]);
  });

  test("presenting behind, and retiring after, what is not there", () => {
    const bench = new Bench();
    const image = bench.resource("image", "target");
    const fence = bench.device.reserve("graphics");
    expect(raised(() => bench.device.present(1, bench.device.label("show"), image, [fence], 1))).toBe(
      'queue-deadlock: Waits that nobody will signal: Presenting "show" waits for graphics fence 1, which is not sealed.',
    );
    expect(raised(() => bench.device.retire(image, { line: "graphics", value: 2 }))).toBe(
      "queue-deadlock: Waits that nobody will signal: Retiring waits for graphics fence 2, which nobody reserved.",
    );
  });
});
