/** Runs Scrapyard headless: an engine, its door by names, and the columns by name. */
import { readFileSync } from "node:fs";
import { type Component, Engine, ManualClock } from "../../../engine/index.ts";
import { settingNames } from "../../../engine/input/config.ts";
import { controlNames } from "../../../engine/input/controls.ts";
import { Round } from "../../../game/components/round.ts";
import { Tug } from "../../../game/components/tug.ts";
import { Delivered } from "../../../game/events.ts";
import { scrapyard } from "../../../game/game.ts";
import { type Keys, noKeys } from "./scripted-player.ts";

export interface InputLine {
  readonly tick: number;
  readonly player?: number;
  readonly join?: string;
  readonly leave?: boolean;
  readonly control?: string;
  readonly set?: string;
  readonly value?: number;
}

export class Game {
  readonly engine: Engine;
  deliveryCount = 0;
  readonly #held = new Map<number, Keys>();

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async start(seed = 7): Promise<Game> {
    const engine = new Engine(scrapyard, { clock: new ManualClock() }, { seed });
    await engine.start();
    return new Game(engine);
  }

  get world() {
    return this.engine.world;
  }

  /** The hash of the last tick as text. */
  get hash(): string {
    return `${this.world.hash.high}:${this.world.hash.low}`;
  }

  step(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.engine.step();
      this.deliveryCount += this.world.events.tableOf(Delivered).count;
    }
  }

  /** Steps until `done`, at most `ticksMax` ticks; returns whether it came true. */
  stepUntil(ticksMax: number, done: () => boolean): boolean {
    for (let i = 0; i < ticksMax; i++) {
      if (done()) return true;
      this.step();
    }
    return done();
  }

  columns(component: Component): Record<string, Record<number, number>> {
    return this.world.store.columnsOf(component) as unknown as Record<string, Record<number, number>>;
  }

  indices(component: Component): readonly number[] {
    return [...this.world.query([component]).entities];
  }

  get state(): number {
    return this.columns(Round)["state"]![this.indices(Round)[0]!]!;
  }

  get scores(): readonly number[] {
    return this.indices(Tug).map((tug) => this.columns(Tug)["score"]![tug]!);
  }

  enter(line: InputLine): void {
    const { door, program } = this.world;
    const { player = 0, value = 0 } = line;
    if (line.join !== undefined) door.admit({ kind: "join", player, name: line.join });
    else if (line.leave === true) door.admit({ kind: "leave", player });
    else if (line.set !== undefined)
      door.admit({ kind: "config", setting: settingNames(program.config).indexOf(line.set), value });
    else if (line.control !== undefined) {
      const control = controlNames(program.controls.controls).indexOf(line.control);
      if (program.controls.controls[line.control]!.kind === "axis")
        door.admit({ kind: "axis", player, control, value });
      else door.admit({ kind: "button", player, control, down: value === 1 });
    }
  }

  join(player: number): void {
    this.enter({ tick: 0, player, join: `player ${player}` });
  }

  leave(player: number): void {
    this.enter({ tick: 0, player, leave: true });
  }

  set(name: string, value: number): void {
    this.enter({ tick: 0, set: name, value });
  }

  hold(player: number, keys: Keys): void {
    const before = this.#held.get(player) ?? noKeys;
    for (const name of ["thrust", "turn", "beam", "boost"] as const)
      if (keys[name] !== before[name]) this.enter({ tick: 0, player, control: name, value: keys[name] });
    this.#held.set(player, keys);
  }

  /** Presses and releases Enter within one tick. */
  pressStart(player: number): void {
    this.enter({ tick: 0, player, control: "start", value: 1 });
    this.enter({ tick: 0, player, control: "start", value: 0 });
    this.step();
  }
}

/** The lines of tests/data/round.jsonl. */
export function roundLines(): readonly InputLine[] {
  const text = readFileSync(new URL("../../data/round.jsonl", import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as InputLine);
}
