/** In the tick in which a new yard is called for, every tug and crate goes. */
import { defineSystem } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Round, roundState } from "../components/round.ts";
import { Tug } from "../components/tug.ts";

/** True in the tick in which the yard is cleared: what is spawned then would stand among the old. */
export function isClearing(state: number, sinceTick: number, tick: number): boolean {
  return sinceTick === tick && (state === roundState.countdown || state === roundState.title);
}

export const clearYard = defineSystem({
  name: "clear-yard",
  phase: "gameplay",
  after: ["run-round"],
  query: [Tug],
  queries: { rounds: [Round], crates: [Crate] },
  reads: [Round],
  run({ entities, members, columns: { Round }, tick, commands, world }) {
    const round = members.rounds[0]!;
    if (!isClearing(Round.state[round]!, Round.sinceTick[round]!, tick)) return;
    for (let i = 0; i < entities.length; i++) commands.despawn(world.handleOf(entities[i]!));
    for (let i = 0; i < members.crates.length; i++) commands.despawn(world.handleOf(members.crates[i]!));
  },
});
