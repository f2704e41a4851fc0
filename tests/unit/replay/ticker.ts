/**
 * Ticker: the smallest game with a journal worth reading. Without physics, so that a hundred thousand
 * journals of it can be read in seconds; with a player, settings, spawns and despawns all the same.
 */
import {
  axis,
  defineComponent,
  defineConfig,
  defineControls,
  defineGame,
  defineSystem,
  f32,
  type Game,
  held,
  pressed,
  u32,
  wholeSetting,
} from "../../../engine/index.ts";
import { record } from "../../data/journals.ts";
import { Draws } from "../seeds.ts";

const controls = defineControls({ aim: axis("Aim", {}), fire: pressed("Fire", "Space"), hold: held("Hold", "KeyH") });
const config = defineConfig({ every: wholeSetting("ticks", 7, 1, 100) });
export const Step = defineComponent("Step", { count: u32, drift: f32 });

export const ticker: Game = defineGame({
  id: "ticker",
  tickRate: 60,
  limits: { entities: 64, commandsPerTick: 64, eventsPerTick: 16, players: 3, recordsPerTick: 16 },
  components: [Step],
  controls,
  config,
  systems: [
    defineSystem({
      name: "count-steps",
      phase: "gameplay",
      query: [Step],
      queries: { players: [controls], settings: [config] },
      reads: [controls, config],
      writes: [Step],
      run({ entities, members, columns: { Config, Controls, Step: steps }, commands, random, tick, world }) {
        let aim = 0;
        for (let i = 0; i < members.players.length; i++) aim += Controls.aim[members.players[i]!]!;
        for (let i = 0; i < entities.length; i++) {
          const e = entities[i]!;
          steps.count[e] = steps.count[e]! + 1;
          steps.drift[e] = steps.drift[e]! + aim;
          if (steps.count[e]! > 90) commands.despawn(world.handleOf(e));
        }
        if (tick % Config.every[members.settings[0]!]! === 0) commands.spawn(Step.of({ drift: random.between(-1, 1) }));
      },
    }),
  ],
  setup({ commands }) {
    commands.spawn(Step);
  },
});

/** Lines of an input file with every kind of record. */
export function tickerInput(tickCount: number): string {
  const draws = new Draws(5);
  let text = '{"tick":1,"player":1,"join":"ada"}\n{"tick":2,"player":3,"join":"ü"}\n';
  for (let tick = 3; tick <= tickCount; tick++) {
    const kind = draws.below(12);
    const player = draws.pick([1, 3]);
    if (kind === 0) text += `{"tick":${tick},"player":${player},"control":"aim","value":${draws.between(-1, 1)}}\n`;
    if (kind === 1) text += `{"tick":${tick},"player":${player},"press":"fire"}\n`;
    if (kind === 2) text += `{"tick":${tick},"player":${player},"control":"hold","value":${draws.below(2)}}\n`;
    if (kind === 3) text += `{"tick":${tick},"set":"every","value":${1 + draws.below(20)}}\n`;
    if (tick % 100 === 0) text += `{"tick":${tick},"player":3,"leave":true}\n{"tick":${tick},"player":3,"join":"ü"}\n`;
  }
  return text;
}

/** A journal of `ticker` with its records. */
export function recordTicker(tickCount: number, seed = 3): Promise<Uint8Array> {
  return record({ game: ticker, tickCount, seed, input: tickerInput(tickCount) });
}
