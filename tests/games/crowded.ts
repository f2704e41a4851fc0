/** Crowded: players who push a lever back and forth many times in one tick. Where all of them leave it up, the thread ends. */
import { axis, defineComponent, defineControls, defineGame, defineSystem, type Game, u32 } from "../../engine/index.ts";

/** Records of one player in the crowded tick; a note of them all has more than one part. */
const recordsEach = 45;
const playerCount = 8;
export const crowdedTick = 100;

const Levers = defineControls({ lever: axis("lever", { negative: ["KeyS"], positive: ["KeyW"] }) });
const Count = defineComponent("Count", { ticks: u32 });

const push = defineSystem({
  name: "push",
  phase: "gameplay",
  query: [Levers],
  queries: { counts: [Count] },
  reads: [Levers],
  writes: [Count],
  run({ entities, members, columns: { Controls, Count } }) {
    for (const entity of members.counts) Count.ticks[entity]! += 1;
    let up = 0;
    for (const entity of entities) up += Controls.lever[entity] === 1 ? 1 : 0;
    if (up === playerCount) process.exit(9);
  },
});

export const crowded: Game = defineGame({
  ...{ id: "crowded", tickRate: 60, limits: { entities: 64, players: playerCount } },
  ...{ controls: Levers, components: [Count], systems: [push] },
  setup({ commands }) {
    commands.spawn(Count);
  },
});

/** The lines of an input file: all join, and in the crowded tick each leaves the lever up at last. */
export function crowdedInput(): string {
  const players = Array.from({ length: playerCount }, (_, at) => at + 1);
  const lines: object[] = players.map((player) => ({ tick: 1, player, join: `player ${player}` }));
  for (let number = 1; number <= recordsEach; number++)
    for (const player of players)
      lines.push({ tick: crowdedTick, player, control: "lever", value: number === recordsEach ? 1 : number / 64 });
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}
