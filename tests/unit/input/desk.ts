/**
 * A desk: a small world with controls and settings, and a system that writes down in every tick what
 * each player's columns say. `ticks` makes ticks, as a frame of that many does.
 */
import { defineConfig, numberSetting, wholeSetting } from "../../../engine/input/config.ts";
import { axis, defineControls, held, pressed } from "../../../engine/input/controls.ts";
import { Player } from "../../../engine/input/door.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { type SmallWorldOptions, smallWorld } from "../small-world.ts";

/** Numbered by name: aim 0, fire 1, go 2. */
export const controls = defineControls({
  go: held("Go", "KeyW"),
  fire: pressed("Fire", "Space"),
  aim: axis("Aim", { negative: ["KeyA"], positive: ["KeyD"] }),
});
export const aim = 0;
export const fire = 1;
export const go = 2;
/** Numbered by name: gravity 0, rounds 1. */
export const config = defineConfig({
  rounds: wholeSetting("rounds", 3, 1, 9),
  gravity: numberSetting("m/s2", -9.81, -20, 0),
});

export interface Seen {
  readonly tick: number;
  readonly player: number;
  readonly aim: number;
  readonly fire: number;
  readonly go: number;
}

export interface Desk {
  readonly world: World;
  readonly seen: Seen[];
  admit(...records: readonly WorldRecord[]): boolean[];
  ticks(count: number): void;
}

export function makeDesk(options: SmallWorldOptions = {}): Desk {
  const seen: Seen[] = [];
  const watch = defineSystem({
    name: "watch",
    phase: "input",
    query: [Player, controls],
    reads: [Player, controls],
    run: ({ entities, columns, tick }) => {
      const { aim, fire, go } = columns.Controls;
      for (const e of entities)
        seen.push({
          tick,
          player: columns.Player.key[e] as number,
          aim: aim[e] as number,
          fire: fire[e] as number,
          go: go[e] as number,
        });
    },
  });
  const world = smallWorld({
    controls,
    config,
    systems: [watch],
    ...options,
  });
  return {
    world,
    seen,
    admit: (...records) => records.map((record) => world.door.admit(record)),
    ticks: (count) => {
      for (let i = 0; i < count; i++) world.tick();
    },
  };
}

export const join = (player: number): WorldRecord => ({ kind: "join", player, name: `p${player}` });
export const leave = (player: number): WorldRecord => ({ kind: "leave", player });
export const button = (player: number, control: number, down: boolean): WorldRecord => ({
  kind: "button",
  player,
  control,
  down,
});
export const move = (player: number, control: number, value: number): WorldRecord => ({
  kind: "axis",
  player,
  control,
  value,
});
export const set = (setting: number, value: number): WorldRecord => ({ kind: "config", setting, value });
