/** Ranks tugs by score; of equal ones the lower seat stands first but they share the rank. */
import { defineSystem } from "../../engine/index.ts";
import { Round } from "../components/round.ts";
import { Tug } from "../components/tug.ts";

export const rankTugs = defineSystem({
  name: "rank-tugs",
  phase: "gameplay",
  after: ["catch-fallen"],
  query: [Tug],
  queries: { rounds: [Round] },
  writes: [Tug, Round],
  run({ entities, members, columns: { Tug, Round }, world }) {
    let leader = 0;
    let bestCount = 0;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      let ahead = 0;
      for (let k = 0; k < entities.length; k++) if (Tug.score[entities[k]!]! > Tug.score[e]!) ahead++;
      Tug.rank[e] = ahead + 1;
      if (ahead > 0) continue;
      bestCount++;
      if (leader === 0 || Tug.seat[e]! < Tug.seat[leader]!) leader = e;
    }
    const round = members.rounds[0]!;
    const score = leader === 0 ? 0 : Tug.score[leader]!;
    Round.leader[round] = score === 0 ? 0 : world.handleOf(leader);
    Round.leaderScore[round] = score;
    Round.isTied[round] = bestCount > 1 ? 1 : 0;
  },
});
