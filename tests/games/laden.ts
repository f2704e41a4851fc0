/**
 * Laden: Scrapyard with a frame job that costs a few milliseconds at full quality, and a ladder that lowers it early. A
 * machine that is busy with other things makes its frames slow where Scrapyard alone would not notice.
 */
import type { Game } from "../../engine/index.ts";
import { defineJob } from "../../engine/jobs/definition.ts";
import { defineOutput } from "../../engine/jobs/output.ts";
import { budget } from "../../game/budget.ts";
import { scrapyard } from "../../game/game.ts";

const chunkCount = 16;
const roundsPerChunk = 40_000;

const glare = defineJob({
  name: "glare",
  params: { rounds: { scalar: "u32", length: 1 } },
  output: defineOutput("Glare", { x: { scalar: "f32", length: 1 } }),
  chunkItems: 1,
  itemsMax: () => chunkCount,
  begin({ quality, params }) {
    params.rounds[0] = Math.round(roundsPerChunk * quality);
    return chunkCount;
  },
  run({ count, params, output, number }) {
    let x = number;
    for (let i = params.rounds[0]!; i > 0; i--) x = Math.sqrt(x * x + i);
    output.x[0] = x;
    return count;
  },
});

export const laden: Game = {
  ...scrapyard,
  id: "laden",
  jobs: [...scrapyard.jobs!, glare],
  budget: {
    rungs: [
      { name: "less glare", kind: "lower", target: "glare", level: 0.7 },
      ...budget.rungs,
      { name: "hardly any glare", kind: "lower", target: "glare", level: 0.2 },
    ],
    settings: { highLoad: 0.8, lowLoad: 0.4, windowFrames: 20, degradeDwellFrames: 5 },
  },
};
