/** The games whose journals must be the same everywhere, by the names that children and pages are told. */
import type { Game } from "../../engine/game.ts";
import { scrapyard } from "../../game/game.ts";
import { tumble } from "../games/tumble.ts";

export const games: Readonly<Record<"scrapyard" | "tumble", Game>> = { scrapyard, tumble };
export type GameName = keyof typeof games;
