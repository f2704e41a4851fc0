/** The script of a page that runs a journal again; bytes come and go as base64. */
import { type GameName, games } from "./games.ts";
import { rerecord } from "./rerecord.ts";

declare global {
  interface Window {
    rerecordHere(game: GameName, journal: string): Promise<string>;
  }
}

window.rerecordHere = async (game, journal) => {
  const bytes = Uint8Array.from(atob(journal), (character) => character.charCodeAt(0));
  const again = await rerecord(bytes, games[game]);
  let text = "";
  for (const byte of again) text += String.fromCharCode(byte);
  return btoa(text);
};
