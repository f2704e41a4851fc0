/** Answers of tick jobs that are on their way at a swap: those that mean the same go over, the others are told as lost. */
import { afterEach, describe, expect, test } from "vitest";
import type { Engine } from "../../../engine/engine.ts";
import { jobsOf } from "../../../engine/jobs/subsystem.ts";
import { disposeAll, hashesOf, started, swapped } from "./line.ts";

afterEach(disposeAll);

describe("answers of tick jobs on their way", () => {
  const sounding = { latency: 2, answer: "Depth" } as const;
  const flightsOf = (engine: Engine): number => jobsOf(engine).flightsOutstanding;

  test.each([
    ["go over", { sounding }, [], 2],
    [
      "are lost, and that is said, when their job is gone",
      {},
      ["Depth is gone", "answers of job sound-depth that were on their way are lost, because it is gone"],
      0,
    ],
    [
      "or answers otherwise",
      { sounding: { latency: 2, answer: "Echo" } },
      [
        "Echo is new",
        "Depth is gone",
        "answers of job sound-depth that were on their way are lost, because it answers otherwise now",
      ],
      0,
    ],
    [
      "or has fewer on their way",
      { sounding: { ...sounding, latency: 1 } },
      ["answers of job sound-depth that were on their way are lost but for 1, its most now"],
      1,
    ],
  ] as const)("%s", async (_what, options, report, count) => {
    const before = await started({ sounding });
    const { plan, after } = await swapped(before, options);
    expect([plan.report, flightsOf(after)]).toEqual([report, count]);
    hashesOf(after, 10);
  });
});
