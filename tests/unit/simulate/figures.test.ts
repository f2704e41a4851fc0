/** Figures and the picture of a frame, from spans that are written down here. */
import { describe, expect, test } from "vitest";
import { figuresOf, overlappingSurfaces } from "../../../runtime/simulate/figures.ts";
import { framePicture } from "../../../runtime/simulate/frame-picture.ts";
import type { Span } from "../../../runtime/simulate/span-log.ts";

const span = (track: string, name: string, category: string, startMicros: number, endMicros: number, a = 1): Span => ({
  track,
  name,
  category,
  startMicros,
  endMicros,
  a,
});

/** One frame of 1,000 us: two surfaces at once, then in sequence what is left of them. */
const frame: readonly Span[] = [
  span("engine", "tick", "frame", 0, 200),
  span("engine", "animation", "frame job", 200, 300),
  span("worker 0", "animation", "frame job", 200, 250),
  span("engine", "Main record", "surface record", 400, 600),
  span("engine", "Main submit", "surface submit", 600, 650),
  span("engine", "surfaces", "frame job", 400, 650),
  span("worker 0", "Shadow record", "surface record", 410, 500),
  span("worker 0", "Shadow submit", "surface submit", 500, 560),
  span("worker 0", "surfaces", "frame job", 410, 560),
  span("engine", "submit", "stage", 390, 660),
  span("engine", "Main present", "surface present", 700, 800),
  span("gpu graphics", "Shadow", "device", 660, 720),
  span("gpu compute", "Main", "device", 700, 780),
  span("engine", "frame", "frame", 0, 1_000, 7),
];

describe("figures", () => {
  test("say how much ran at the same time", () => {
    const figures = figuresOf(frame);
    expect(figures.jobs).toEqual({ workMicros: 550, anyMicros: 350, overlapMicros: 200 });
    expect(figures.surfaces).toEqual({ workMicros: 400, anyMicros: 250, overlapMicros: 150 });
    expect(figures.device).toEqual({ workMicros: 140, anyMicros: 120, overlapMicros: 20 });
    expect([figures.frameCount, figures.surfacesOnWorkers, figures.surfaceSpanCount]).toEqual([1, 2, 4]);
    expect(overlappingSurfaces(frame).map((pair) => pair.map(({ name }) => name))).toEqual([
      ["Main record", "Shadow record"],
    ]);
  });

  test("of stages have mean, p95 and maximum", () => {
    const frames = Array.from({ length: 100 }, (_, i) =>
      span("engine", "frame", "frame", i * 1_000, i * 1_000 + i + 1),
    );
    const [whole, tick] = figuresOf(frames).stages;
    // The first ten frames do not count.
    expect(whole).toEqual({ name: "frame", count: 90, meanMicros: 55.5, p95Micros: 96, maxMicros: 100 });
    expect(tick).toEqual({ name: "tick", count: 0, meanMicros: 0, p95Micros: 0, maxMicros: 0 });
    expect(figuresOf([]).frameCount).toBe(0);
  });
});

test("the picture has a row for each thread, surface and line", () => {
  expect(framePicture(frame, 56)).toEqual([
    "frame 7, 1000 us, a column is 25 us",
    "engine       |ttttttttaaaa....rrrrrrrrss..PPPP........|",
    "worker 0     |........aa......rrrrsss.................|",
    "Main         |................rrrrrrrrss..PPPP........|",
    "Shadow       |................rrrrsss.................|",
    "gpu graphics |..........................###...........|",
    "gpu compute  |............................###.........|",
    "gpu copy     |........................................|",
    "gpu present  |........................................|",
    "a animation   r record   s submit   P present   t tick",
    "# device   . idle or waiting",
  ]);
  expect(framePicture([], 80)).toEqual([]);
});
