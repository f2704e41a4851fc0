/** The moving window equals statistics made from scratch, frame by frame. */
import { expect, test } from "vitest";
import { FrameWindow } from "../../../engine/budget/window.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("budget window");

test("statistics of the window are those of its last frames, after every frame and every emptying", () => {
  const draws = new Draws(seed);
  for (const frameCount of [20, 30, 33]) {
    const window = new FrameWindow(frameCount);
    let kept: { load: number; idle: number; queue: number; isLate: boolean }[] = [];
    for (let frame = 0; frame < 500; frame++) {
      if (draws.below(150) === 0) {
        window.clear();
        kept = [];
      }
      // Few different values, so that equal ones are inserted and removed as well.
      const one = {
        load: draws.below(7) / 4,
        idle: draws.between(0, 1),
        queue: draws.below(9),
        isLate: draws.below(3) === 0,
      };
      window.add(one.load, one.idle, one.queue, one.isLate);
      kept = [...kept, one].slice(-frameCount);
      const mean = (pick: (one: (typeof kept)[number]) => number): number =>
        kept.reduce((sum, each) => sum + pick(each), 0) / kept.length;
      const sorted = kept.map((each) => each.load).sort((a, b) => a - b);
      expect(window.isFull).toBe(kept.length === frameCount);
      expect(window.loadP95).toBe(sorted[Math.ceil(kept.length * 0.95) - 1]);
      expect(window.loadMean).toBeCloseTo(
        mean((each) => each.load),
        12,
      );
      expect(window.idleMean).toBeCloseTo(
        mean((each) => each.idle),
        12,
      );
      expect(window.queueMean).toBeCloseTo(
        mean((each) => each.queue),
        12,
      );
      expect(window.lateShare).toBeCloseTo(
        mean((each) => (each.isLate ? 1 : 0)),
        12,
      );
    }
  }
});

test("in any full window one frame, however slow, is beyond the 95th percentile", () => {
  for (let frameCount = 20; frameCount <= 64; frameCount++) {
    const window = new FrameWindow(frameCount);
    for (let i = 0; i < frameCount; i++) window.add(i === 7 ? 100 : 0.5, 0, 0, false);
    expect(window.loadP95).toBe(0.5);
  }
});
