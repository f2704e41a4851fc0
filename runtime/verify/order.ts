/**
 * Other orders of registration: the same game with its lists of definitions reversed or shuffled. The plan, the layout
 * of the state and every tick must be those of the game as its author wrote it.
 */
import { RandomStream, randomStateWords, seedStream } from "../../engine/base/random.ts";
import type { Game } from "../../engine/game.ts";

/** "written", "reversed", or the seed of a shuffle. */
export type RegistrationOrder = "written" | "reversed" | number;

export function withOrder(game: Game, order: RegistrationOrder): Game {
  if (order === "written") return game;
  const arranged =
    order === "reversed"
      ? <T>(list: readonly T[]): readonly T[] => [...list].reverse()
      : <T>(list: readonly T[]): readonly T[] => shuffled(list, order);
  return {
    ...game,
    components: arranged(game.components),
    systems: arranged(game.systems),
    ...(game.events === undefined ? {} : { events: arranged(game.events) }),
    ...(game.jobs === undefined ? {} : { jobs: arranged(game.jobs) }),
  };
}

function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const words = new Uint32Array(randomStateWords);
  seedStream(words, 0, seed, "registration");
  const random = new RandomStream(words, 0);
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.u32() % (at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
