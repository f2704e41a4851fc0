/**
 * The model of histories: a line is what was ever said at the door and which program ran from when on, and each tick of it
 * has one hash, whatever was saved, restored or rewound on the way. Records are said by names, for numbers are a
 * program's own; who has joined is followed here too, so what a door lets in is known without asking one.
 */
import { expect } from "vitest";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { recordNamesOf } from "../../../engine/replay/record-names.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { recastPrograms } from "./recast.ts";

/** A record by names; a button's value is 1 or 0. */
export type Saying =
  | { readonly kind: "join" | "leave"; readonly player: number }
  | { readonly kind: "axis" | "button"; readonly player: number; readonly control: string; readonly value: number }
  | { readonly kind: "config"; readonly setting: string; readonly value: number };

export interface Line {
  /** Swaps behind ticks, in their order. */
  readonly swaps: readonly { readonly tick: number; readonly program: number }[];
  /** What enters at ticks, in its order. */
  readonly said: readonly { readonly tick: number; readonly saying: Saying }[];
}

const clock = new ManualClock();
const past = { everyTicks: 7, slotCount: 4 } as const;
const names = recastPrograms.map(({ controls, config }) => [
  ...Object.keys(controls?.controls ?? {}),
  ...Object.keys(config?.settings ?? {}),
]);

/** The line without what no door would let in: of players who are not there, of controls that a program has not. */
export function settled({ swaps, said }: Line): Line {
  const joined = new Set<number>();
  const isLetIn = ({ tick, saying }: Line["said"][number]): boolean => {
    const known = names[swaps.findLast((swap) => swap.tick < tick)?.program ?? 0]!;
    switch (saying.kind) {
      case "join":
        return !joined.has(saying.player) && joined.add(saying.player) !== undefined;
      case "leave":
        return joined.delete(saying.player);
      case "config":
        return known.includes(saying.setting);
      default:
        return known.includes(saying.control) && joined.has(saying.player);
    }
  };
  return { swaps, said: said.filter(isLetIn) };
}

/** What of a line makes its ticks up to `tick`. */
export function upTo({ swaps, said }: Line, tick: number): Line {
  return { swaps: swaps.filter((swap) => swap.tick < tick), said: said.filter((one) => one.tick <= tick) };
}

export function recordOf(saying: Saying, { program }: Engine): WorldRecord {
  const { controls, settings } = recordNamesOf(program);
  switch (saying.kind) {
    case "join":
      return { kind: "join", player: saying.player, name: `player ${saying.player}` };
    case "leave":
      return { kind: "leave", player: saying.player };
    case "axis":
      return { kind: "axis", player: saying.player, control: controls.indexOf(saying.control), value: saying.value };
    case "button":
      return {
        ...{ kind: "button", player: saying.player, control: controls.indexOf(saying.control) },
        down: saying.value === 1,
      };
    case "config":
      return { kind: "config", setting: settings.indexOf(saying.setting), value: saying.value };
  }
}

export function hashOf({ world: { hash } }: Engine): string {
  return hashHex(hash.high, hash.low);
}

/** Engines of one test, of which some are swapped away. */
export class Engines {
  #running: Engine[] = [];

  async start(game: Game = recastPrograms[0]!): Promise<Engine> {
    const engine = new Engine(game, { clock }, { seed: 7, past });
    this.#running.push(engine);
    await engine.start();
    return engine;
  }

  /** The engine that goes on where `before` was; that one is gone. */
  async swap(before: Engine, program: number): Promise<Engine> {
    const game = recastPrograms[program]!;
    const after = new Engine(game, successorPorts(before, { clock }), { seed: 7, past, isSuccessor: true });
    this.#running.push(after);
    const swap = new Swap(before, after, game);
    await swap.allocate();
    swap.commit();
    this.end(before);
    return after;
  }

  end(engine: Engine): void {
    engine.dispose();
    this.#running = this.#running.filter((other) => other !== engine);
  }

  endAll(): void {
    for (const engine of this.#running.splice(0)) engine.dispose();
  }

  /** The hash of each tick of a line, by a world that does nothing but make its ticks and swaps. */
  async hashesOf({ swaps, said }: Line, lastTick: number): Promise<readonly string[]> {
    let engine = await this.start();
    const hashes = [hashOf(engine)];
    for (let tick = 1; tick <= lastTick; tick++) {
      for (const swap of swaps) if (swap.tick === tick - 1) engine = await this.swap(engine, swap.program);
      for (const { tick: at, saying } of said)
        if (at === tick) expect(engine.world.door.admit(recordOf(saying, engine)), JSON.stringify(saying)).toBe(true);
      engine.step();
      hashes.push(hashOf(engine));
    }
    this.end(engine);
    return hashes;
  }
}
