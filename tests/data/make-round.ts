/**
 * Makes round.jsonl: plays 3,600 ticks with two scripted players and writes down every key that they
 * press. Run it when rules or yard have changed so much that the old file plays no real round:
 *
 *   node tests/data/make-round.ts > tests/data/round.jsonl
 */
import { Engine, ManualClock } from "../../engine/index.ts";
import { settingNames } from "../../engine/input/config.ts";
import { controlNames } from "../../engine/input/controls.ts";
import { scrapyard } from "../../game/game.ts";
import { type Keys, noKeys, play } from "../unit/game/scripted-player.ts";

const tickCount = 3_600;
const seed = 7;
/** How often a player looks up, ticks. */
const reactionTicks = 5;

type Line = Readonly<Record<string, number | string | boolean>>;

const engine = new Engine(scrapyard, { clock: new ManualClock() }, { seed });
await engine.start();
const { world } = engine;
const controls = controlNames(world.program.controls.controls);
const settings = settingNames(world.program.config);
const lines: Line[] = [];

function join(tick: number, player: number, name: string): void {
  lines.push({ tick, player, join: name });
  world.door.admit({ kind: "join", player, name });
}
function leave(tick: number, player: number): void {
  lines.push({ tick, player, leave: true });
  world.door.admit({ kind: "leave", player });
}
function set(tick: number, name: string, value: number): void {
  lines.push({ tick, set: name, value });
  world.door.admit({ kind: "config", setting: settings.indexOf(name), value });
}
function control(tick: number, player: number, name: string, value: number): void {
  lines.push({ tick, player, control: name, value });
  const number = controls.indexOf(name);
  if (world.program.controls.controls[name]!.kind === "axis")
    world.door.admit({ kind: "axis", player, control: number, value });
  else world.door.admit({ kind: "button", player, control: number, down: value === 1 });
}

const holding = new Map<number, Keys>();
function hold(tick: number, player: number, keys: Keys): void {
  const before = holding.get(player) ?? noKeys;
  for (const name of ["thrust", "turn", "beam", "boost"] as const)
    if (keys[name] !== before[name]) control(tick, player, name, keys[name]);
  holding.set(player, keys);
}

for (let tick = 1; tick <= tickCount; tick++) {
  if (tick === 1) join(tick, 1, "ada");
  if (tick === 30) {
    set(tick, "bots", 3);
    set(tick, "roundSeconds", 45);
  }
  if (tick === 120 || tick === 3_200) control(tick, 1, "start", 1);
  if (tick === 124 || tick === 3_204) control(tick, 1, "start", 0);
  if (tick === 900) join(tick, 2, "grace");
  if (tick === 2_500) leave(tick, 2);
  if (tick > 310 && tick % reactionTicks === 0) hold(tick, 1, play(world, 1));
  if (tick > 910 && tick < 2_500 && tick % reactionTicks === 2) hold(tick, 2, play(world, 2));
  engine.step();
}
engine.stop();
for (const line of lines) console.log(JSON.stringify(line));
