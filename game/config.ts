/** The settings of Scrapyard. They are changed by records, so a journal holds every change. */
import { defineConfig, wholeSetting } from "../engine/index.ts";

/** How well rivals drive: they think faster, boost and throw from farther away. */
export const rivalSkill = { easy: 0, normal: 1, hard: 2 } as const;

export const Config = defineConfig({
  bots: wholeSetting("rival tugs beside the players", 3, 0, 15),
  roundSeconds: wholeSetting("length of a round in seconds", 120, 10, 600),
  crates: wholeSetting("crates in the yard at once, before one is added for each tug", 24, 0, 48),
  difficulty: wholeSetting("skill of the rivals: 0 easy, 1 normal, 2 hard", 1, rivalSkill.easy, rivalSkill.hard),
});
