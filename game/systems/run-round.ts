/** Moves the round from title to countdown, play, result and back. */
import { defineSystem, Player, SoundCue } from "../../engine/index.ts";
import { countdownTicks, Round, resultTicksMax, resultTicksMin, roundState } from "../components/round.ts";
import { Config } from "../config.ts";
import { Controls } from "../controls.ts";
import { look } from "../look.ts";
import { tickRate } from "../time.ts";

/** The last seconds of a round are counted aloud. */
const finalSeconds = 5;

export const runRound = defineSystem({
  name: "run-round",
  phase: "gameplay",
  query: [Round],
  queries: { players: [Player, Controls], config: [Config] },
  reads: [Config, Controls],
  writes: [Round],
  emits: [SoundCue],
  run({ entities, members, columns: { Config, Controls, Round }, events, tick }) {
    const round = entities[0]!;
    const sinceTicks = tick - Round.sinceTick[round]!;
    const roundSeconds = Config.roundSeconds[members.config[0]!]!;
    let isStartPressed = false;
    for (let i = 0; i < members.players.length; i++)
      if (Controls.start[members.players[i]!]! > 0) isStartPressed = true;

    const cue = (sound: number, pitch: number): void => events.SoundCue.emit({ sound, gain: 1, pitch, y: 4 });
    const enter = (state: number): void => {
      Round.state[round] = state;
      Round.sinceTick[round] = tick;
    };
    switch (Round.state[round]) {
      case roundState.title:
        Round.secondsLeft[round] = roundSeconds;
        if (isStartPressed) enter(roundState.countdown);
        return;
      case roundState.countdown:
        Round.secondsLeft[round] = roundSeconds;
        if (sinceTicks % tickRate === 1) cue(look.sound.countdown, 1);
        if (sinceTicks < countdownTicks) return;
        Round.number[round] = (Round.number[round]! + 1) % 65_536;
        enter(roundState.playing);
        cue(look.sound.go, 1);
        return;
      case roundState.playing: {
        const secondsLeft = Math.max(0, roundSeconds - sinceTicks / tickRate);
        Round.secondsLeft[round] = secondsLeft;
        if (secondsLeft > 0 && secondsLeft <= finalSeconds && sinceTicks % tickRate === 0)
          cue(look.sound.countdown, 1.5);
        if (secondsLeft > 0) return;
        enter(roundState.ended);
        cue(look.sound.win, 1);
        return;
      }
      case roundState.ended:
        if (isStartPressed && sinceTicks > resultTicksMin) enter(roundState.countdown);
        else if (sinceTicks > resultTicksMax) enter(roundState.title);
        return;
    }
  },
});
