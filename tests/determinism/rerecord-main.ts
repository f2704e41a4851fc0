/** A process of its own that runs journals again: `rerecord-main.ts <game> <journal> <output> ...`, three words each. */
import { readFileSync, writeFileSync } from "node:fs";
import { type GameName, games } from "./games.ts";
import { rerecord } from "./rerecord.ts";

const words = process.argv.slice(2);
for (let at = 0; at < words.length; at += 3) {
  const [name, journal, output] = words.slice(at, at + 3) as [GameName, string, string];
  writeFileSync(output, await rerecord(readFileSync(journal), games[name]));
}
