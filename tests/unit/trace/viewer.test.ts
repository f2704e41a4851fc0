/** The viewer without a page: lanes, time and what is pointed at. */
import { describe, expect, test } from "vitest";
import { isTrouble, type ParsedTrace, parseTrace } from "../../../engine/trace/parsed.ts";
import { firstAfter, type Lane, nestedLanes, spanAt } from "../../../runtime/trace/viewer/lane.ts";
import { buildModel } from "../../../runtime/trace/viewer/model.ts";
import { pointedAt } from "../../../runtime/trace/viewer/pointer.ts";
import { labelWidth, layOutRows, rulerHeight } from "../../../runtime/trace/viewer/rows.ts";
import { rulerStep, timeText, Viewport } from "../../../runtime/trace/viewer/viewport.ts";
import { Draws, testSeed } from "../seeds.ts";
import { sampleRun } from "./sample-run.ts";

const seed = testSeed("trace-viewer");

function parsed(text: string): ParsedTrace {
  const trace = parseTrace(text);
  if (isTrouble(trace)) throw new Error(trace.problem);
  return trace;
}

describe("lanes", () => {
  test("hold spans by their depth", () => {
    const spans = [
      [0, 10],
      [0, 4],
      [1, 2],
      [4, 9],
      [12, 13],
    ].map(([start = 0, end = 0], event) => ({ start, end, name: 0, event }));
    expect(nestedLanes(spans).map(({ events }) => [...events])).toEqual([[0, 4], [1, 3], [2]]);
  });

  test("are searched as a walk along them would", () => {
    const draws = new Draws(seed);
    for (let round = 0; round < 200; round++) {
      const edges = Array.from({ length: 2 * draws.below(20) }, () => draws.below(60)).sort((a, b) => a - b);
      const starts = Float64Array.from(edges.filter((_, i) => i % 2 === 0));
      const ends = Float64Array.from(edges.filter((_, i) => i % 2 === 1));
      const lane: Lane = {
        starts,
        ends,
        names: new Uint32Array(starts.length),
        events: new Uint32Array(starts.length),
      };
      const at = draws.below(62) - 1;
      const after = ends.findIndex((end) => end > at);
      expect(firstAfter(ends, at)).toBe(after < 0 ? ends.length : after);
      const distance = (i: number): number => Math.max(0, starts[i]! - at, at - ends[i]!);
      const nearest = Math.min(...[...starts].map((_, i) => distance(i)));
      const found = spanAt(lane, at, 3);
      if (found < 0) expect(nearest, `seed ${seed}`).toBeGreaterThan(3);
      else expect(distance(found), `seed ${seed}`).toBe(nearest);
    }
  });
});

describe("time", () => {
  test("is written in the unit that suits it", () => {
    const texts = [timeText(0.25), timeText(12.3456), timeText(1_500, 100), timeText(2_000_000, 1), timeText(-5, 1)];
    expect(texts).toEqual(["250.0 ns", "12.35 \u00b5s", "1.5 ms", "2.000000 s", "-5 \u00b5s"]);
    expect([rulerStep(1, 90), rulerStep(0.001, 90), rulerStep(30, 100)]).toEqual([100, 0.1, 5_000]);
  });

  test("stays where the pointer is while zooming, and within the trace", () => {
    const view = new Viewport(0, 1_000);
    view.widthPixels = 500;
    view.zoom(0.1, 200);
    const fixed = view.microsAt(200);
    view.zoom(0.01, 200);
    expect(view.microsAt(200)).toBeCloseTo(fixed, 9);
    expect(view.xOf(view.microsAt(123))).toBeCloseTo(123, 6);
    view.pan(-1e9);
    expect(view.fromMicros).toBe(-10);
    view.zoom(1e9, 0);
    expect([view.fromMicros, view.toMicros]).toEqual([-10, 1_010]);
    view.zoom(1e-12, 250);
    expect(view.widthMicros).toBe(0.02);
  });
});

test("the model of a run has its rows, and each span is found where it is drawn", () => {
  const model = buildModel(parsed(sampleRun(30)));
  expect(model.tracks.map(({ label, lanes }) => [label, lanes.length])).toEqual([
    ["engine", 2],
    ["main", 1],
    ["worker 0", 2],
    ["worker 1", 2],
    ["worker 2", 2],
    ["gpu graphics", 1],
  ]);
  expect(model.counters.map(({ label, times }) => [label, times.length])).toEqual([
    ["idle share", 30],
    ["entities", 30],
  ]);
  expect([model.marks.times.length, model.arcs.length, model.lifetimes.length]).toEqual([30, 90, 1]);
  expect(model.names[0]!.totalMicros).toBeGreaterThanOrEqual(model.names[1]!.totalMicros);
  const { rows } = layOutRows(model);
  const view = new Viewport(model.startMicros, model.endMicros);
  view.widthPixels = 1_000;
  const { lanes } = model.tracks[0]!;
  for (let i = 0; i < lanes[0]!.starts.length; i++) {
    const event = lanes[0]!.events[i]!;
    const middle = (lanes[0]!.starts[i]! + lanes[0]!.ends[i]!) / 2;
    const pointed = pointedAt(model, rows, view, labelWidth + view.xOf(middle), rulerHeight + rows[0]!.top + 3);
    expect(pointed?.event).toBe(event);
    expect(pointed?.lines[0]).toBe("frame");
  }
  expect(pointedAt(model, rows, view, 5, 100)).toBeUndefined();
});
