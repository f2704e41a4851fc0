/** The main file of Tumble with an unsorted iteration in it: ORRERY_TEST_GAME names which, as unsorted.ts has them. */
import { launch } from "../../runtime/launch.ts";
import { unsortedByHistory, unsortedByHost } from "./unsorted.ts";

const games = {
  history: unsortedByHistory,
  host: () => unsortedByHost(false),
  hostReversed: () => unsortedByHost(true),
} as const;
export type UnsortedName = keyof typeof games;

launch(games[process.env["ORRERY_TEST_GAME"] as UnsortedName]());
