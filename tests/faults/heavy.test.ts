/**
 * Heavy mode over whole games: each tick is saved, restored into a fresh world in another thread, run on there for 1 to 8
 * ticks, made to spawn and despawn, and held against the line that went on. Here each tick of a short run and every 25th
 * of 10,000; each of 10,000 with ORRERY_TEST_SOAK=1.
 */
import { describe, expect, test } from "vitest";
import { hashHex } from "../../engine/base/hash.ts";
import { heavyTicks, isLookedAt, isSaved } from "../../engine/replay/heavy.ts";
import { scrapyard } from "../../game/game.ts";
import { setEntry } from "../../runtime/host/project.ts";
import { readInputFile } from "../../runtime/input/input-file.ts";
import { firstDifference } from "../../runtime/verify/comparison.ts";
import { heavyRun } from "../../runtime/verify/heavy-run.ts";
import { witnessedRun } from "../../runtime/verify/witnessed-run.ts";
import { pusher } from "../games/pusher.ts";

const isSoak = process.env["ORRERY_TEST_SOAK"] === "1";
const rounds = isSoak
  ? [{ tickCount: 10_000, every: 1 }]
  : [
      { tickCount: 300, every: 1 },
      { tickCount: 10_000, every: 25 },
    ];
const input = new URL("../data/round.jsonl", import.meta.url).pathname;
const games = {
  scrapyard: { game: scrapyard, main: "../../game/main.ts", script: readInputFile(input, scrapyard) },
  pusher: { game: pusher, main: "../games/pusher-main.ts", script: [] },
} as const;

describe.each(rounds)("$tickCount ticks, every $every", ({ tickCount, every }) => {
  test.each(["scrapyard", "pusher"] as const)(
    "%s",
    async (name) => {
      const { game, main, script } = games[name];
      setEntry(new URL(main, import.meta.url));
      const { signal } = new AbortController();
      const common = { seed: 11, tickCount, script, signal };
      const [heavy, plain] = await Promise.all([
        heavyRun({ ...common, every }),
        witnessedRun({
          ...{ ...common, game, frames: false },
          ...{ workerCount: 0, guard: false, shuffleSeed: 0, race: undefined },
        }),
      ]);
      expect(heavy).toMatchObject({ kind: "ended", comparedCount: tickCount / every });
      if (heavy.kind !== "ended" || plain.kind !== "ended") throw new Error("a run did not end");
      expect(plain.testimony.hash).not.toBe(hashHex(0, 0));
      expect(firstDifference("heavy against plain", plain.testimony, heavy.testimony)).toBeUndefined();
    },
    isSoak ? 3_600_000 : 240_000,
  );
});

test("twins run 1 to 8 ticks, each as often, and the live line looks where one ends and nowhere else", () => {
  const saves = 8 * 64;
  const counts = new Array<number>(8).fill(0);
  for (const every of [1, 3]) {
    const ends = new Set<number>();
    for (let tick = 0; tick < saves; tick++) {
      if (every === 1) counts[heavyTicks(tick) - 1]!++;
      if (isSaved(tick, every)) ends.add(tick + heavyTicks(tick));
    }
    for (let tick = 0; tick < saves; tick++) expect(isLookedAt(tick, every), `tick ${tick}`).toBe(ends.has(tick));
  }
  expect(counts).toEqual(new Array(8).fill(saves / 8));
});
