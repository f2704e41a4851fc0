/** Misuse of the null device: what a seal refuses, in words, and that it loses the device. */
import { describe, expect, test } from "vitest";
import { Bench, upload, work } from "./device-bench.ts";
import { raised } from "./faults.ts";

describe("misuse", () => {
  const target = (bench: Bench): number => bench.resource("t", "target");
  const cases: [string, (bench: Bench) => void, string][] = [
    ["draw outside a pass", (b) => b.submit("graphics", "x", (to) => to.draw(3, 1, 1)), "draw came outside a pass"],
    ["end without begin", (b) => b.submit("graphics", "x", (to) => to.endPass()), "end-pass came outside a pass"],
    [
      "pass in a pass",
      (b) => {
        const t = target(b);
        b.submit("graphics", "x", (to) => [to.beginPass(t), to.beginPass(t)]);
      },
      "begin-pass came within a pass",
    ],
    ["open pass", (b) => b.submit("graphics", "x", (to) => to.beginPass(target(b))), "its last pass is not ended"],
    [
      "pass into a buffer",
      (b) => b.submit("graphics", "x", (to) => to.beginPass(b.resource("r"))),
      'buffer "r" is no target of a pass',
    ],
    ["draw on compute", (b) => b.submit("compute", "x", (to) => to.draw(3, 1, 1)), "queue compute takes no draw"],
    ["upload on graphics", (b) => b.submit("graphics", "x", upload(1, 1)), "queue graphics takes no upload"],
    [
      "too long an upload",
      (b) => b.submit("copy", "x", (to) => to.upload(b.resource("r"), 0, 65, 1)),
      '65 bytes do not fit buffer "r" of 64',
    ],
    [
      "read after write without a barrier",
      (b) => {
        const r = b.resource("r");
        b.submit("compute", "x", (to) => [to.bind(0, r, 1), to.dispatch(1, 1, 1, 1), to.bind(0, r)]);
      },
      'it reads buffer "r" after writing it, without a barrier',
    ],
    [
      "signal twice",
      (b) => b.submitAt(5, "compute", "x", work(1), [], b.submit("compute", "first", work(1))),
      "it signals 1, which is not between 2 and 1",
    ],
    [
      "signal what is not reserved",
      (b) => b.submitAt(0, "compute", "x", work(1), [], { line: "compute", value: 7 }),
      "it signals 7, which is not between 1 and 0",
    ],
    [
      "two in one place",
      (b) => {
        b.submitAt(0, "compute", "x", work(1), [], b.device.reserve("compute"));
        b.submitAt(0, "compute", "x", work(2), [], b.device.reserve("compute"));
      },
      "another submission has its place",
    ],
    [
      "a place that is over",
      (b) => {
        b.submitAt(4, "compute", "x", work(1), [], b.device.reserve("compute"));
        b.device.seal();
        b.submitAt(3, "compute", "x", work(1), [], b.device.reserve("compute"));
      },
      "its place lies before 1.0.4, taken already",
    ],
  ];
  test.each(cases)("%s", (_name, hand, problem) => {
    const bench = new Bench();
    hand(bench);
    expect(raised(() => bench.device.seal())).toContain(`is refused by the graphics device: ${problem}`);
    expect(raised(() => bench.device.seal())).toBe(
      "gpu-misuse: `seal` is refused by the graphics device: a fault while sealing lost the device.",
    );
  });

  test("a barrier makes what was written readable in one submission", () => {
    const bench = new Bench();
    const resource = bench.resource("r");
    bench.submit("compute", "x", (to) => {
      to.bind(0, resource, 1);
      to.dispatch(1, 1, 1, 1);
      to.barrier(resource);
      to.bind(0, resource);
    });
    expect(raised(() => bench.device.seal())).toBe("nothing");
  });

  test("a fence of another queue is refused at once, and the device goes on", () => {
    const bench = new Bench();
    expect(raised(() => bench.submitAt(0, "copy", "x", () => {}, [], bench.device.reserve("compute")))).toContain(
      "it signals a fence of compute",
    );
    expect(raised(() => bench.device.seal())).toBe("nothing");
  });
});
