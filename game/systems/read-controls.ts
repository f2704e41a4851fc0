/** What players do becomes the intent of their tugs, while the round lets them drive. */
import { defineSystem } from "../../engine/index.ts";
import { Round, roundState } from "../components/round.ts";
import { Intent, Tug } from "../components/tug.ts";
import { Controls } from "../controls.ts";

export const readControls = defineSystem({
  name: "read-controls",
  phase: "input",
  query: [Tug, Intent],
  queries: { rounds: [Round] },
  reads: [Tug, Round, Controls],
  writes: [Intent],
  run({ entities, members, columns: { Tug, Round, Controls, Intent }, world }) {
    const isPlaying = Round.state[members.rounds[0]!] === roundState.playing;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const player = world.indexOf(Tug.player[e]!);
      const drives = isPlaying && player !== 0 && Tug.returnTick[e] === 0;
      Intent.thrust[e] = drives ? Controls.thrust[player]! : 0;
      Intent.turn[e] = drives ? Controls.turn[player]! : 0;
      Intent.beam[e] = drives ? Controls.beam[player]! : 0;
      Intent.boost[e] = drives ? Controls.boost[player]! : 0;
    }
  },
});
