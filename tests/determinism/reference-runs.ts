/** The journals that the determinism tests run again, recorded in the process that asks for them. */
import { readFileSync } from "node:fs";
import { record } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { type GameName, games } from "./games.ts";

const tickCounts: Readonly<Record<GameName, number>> = { tumble: 900, scrapyard: 1_800 };

/** The journal of a game's reference run. */
export function referenceJournal(name: GameName): Promise<Uint8Array> {
  const tickCount = tickCounts[name];
  const input =
    name === "tumble" ? tumbleInput(tickCount) : readFileSync(new URL("../data/round.jsonl", import.meta.url), "utf8");
  return record({ game: games[name], tickCount, seed: 7, input });
}
