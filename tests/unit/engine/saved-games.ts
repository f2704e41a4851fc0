/** Games and their records for tests of saves: a world can be run to any tick, and what it is then can be compared whole. */
import { readFileSync } from "node:fs";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { PastOptions } from "../../../engine/sim/past.ts";
import { scrapyard } from "../../../game/game.ts";
import { parseInput } from "../../../runtime/input/input-file.ts";
import type { ScriptedRecord } from "../../../runtime/world/engine-thread.ts";
import { tumbleInput } from "../../data/tumble-input.ts";
import { swarm } from "../../games/swarm.ts";
import { makeTide } from "../../games/tide.ts";
import { tumble } from "../../games/tumble.ts";

export interface SavedGame {
  readonly name: string;
  readonly game: Game;
  readonly script: readonly ScriptedRecord[];
}

const round = readFileSync(new URL("../../data/round.jsonl", import.meta.url), "utf8");

/** Bodies, spawns and despawns, tick jobs, world resources, players: between them all that a save has. */
export const savedGames: readonly SavedGame[] = [
  { name: "scrapyard", game: scrapyard, script: parseInput(round, "round.jsonl", scrapyard) },
  { name: "tumble", game: tumble, script: parseInput(tumbleInput(600), "tumble.jsonl", tumble) },
  { name: "swarm", game: swarm, script: [] },
  { name: "tide", game: makeTide(), script: [] },
];

export async function startSaved({ game }: SavedGame, past?: PastOptions): Promise<Engine> {
  const options = { seed: 7, ...(past === undefined ? {} : { past }) };
  const engine = new Engine(game, { clock: new ManualClock() }, options);
  await engine.start();
  return engine;
}

/** Makes ticks with the game's records until `tick`; the hash of each. */
export function runTo(engine: Engine, { script }: SavedGame, tick: number): string[] {
  const hashes: string[] = [];
  while (engine.world.tickCount < tick) {
    const next = engine.world.tickCount + 1;
    for (const scripted of script) if (scripted.tick === next) engine.world.door.admit(scripted.record);
    engine.step();
    hashes.push(hashHex(engine.world.hash.high, engine.world.hash.low));
  }
  return hashes;
}

/** What must be the same of two worlds at one tick, beside their hash: the next ids, the members of every query. */
export function shapeOf(engine: Engine): unknown {
  const { store, preparedQueries } = engine.world;
  const dense = store.arena.regions.find(({ name }) => name === "Entities.dense")!;
  return {
    free: [...store.arena.u32(dense).subarray(store.aliveCount, store.aliveCount + 50)],
    queries: preparedQueries.map(([terms, query]) => [terms, [...query.entities]]),
  };
}
