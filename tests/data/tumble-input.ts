/**
 * An input file for Tumble, as text: players come, go and come back, drive, lift and drop, and the
 * settings change. Made from a seed, so that it may be as long as a test likes and is always the same.
 */
import { Draws } from "../unit/seeds.ts";

/** Lines for `tickCount` ticks. The first quarter of it already holds one of every kind. */
export function tumbleInput(tickCount: number, seed = 20_261): string {
  const draws = new Draws(seed);
  const lines: { readonly tick: number }[] = [
    { tick: 1, player: 1, join: "ada" },
    { tick: 1, set: "wind", value: 2.5 },
    { tick: 12, player: 1, press: "drop" },
    { tick: 20, player: 2, join: "björn ☃" },
    { tick: 25, player: 2, leave: true },
    { tick: 25, player: 2, join: "again, in the same tick" },
    { tick: 30, set: "spawnEvery", value: 3 },
  ].filter(({ tick }) => tick <= tickCount);
  for (let tick = 31; tick <= tickCount; tick++) {
    if (draws.below(4) === 0)
      lines.push({ tick, player: 1, control: "drive", value: draws.between(-1, 1) } as { tick: number });
    if (draws.below(9) === 0)
      lines.push({ tick, player: 1 + draws.below(2), control: "lift", value: draws.below(2) } as { tick: number });
    if (draws.below(25) === 0) lines.push({ tick, player: 2, press: "drop" } as { tick: number });
    if (draws.below(120) === 0) lines.push({ tick, set: "wind", value: draws.between(-9, 9) } as { tick: number });
    if (tick % 200 === 0) lines.push({ tick, player: 2, leave: true } as { tick: number });
    if (tick % 200 === 3 && tick > 200) lines.push({ tick, player: 2, join: "back" } as { tick: number });
  }
  return `# Tumble, ${tickCount} ticks\n${lines.map((line) => `${JSON.stringify(line)}\n`).join("")}`;
}
