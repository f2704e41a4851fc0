/** Keeps a tug for each player and as many rivals as the settings ask for; seats are the colours. */
import { defineSystem, Player, Position, SoundCue } from "../../engine/index.ts";
import { Round } from "../components/round.ts";
import { Tug } from "../components/tug.ts";
import { Config } from "../config.ts";
import { Burst, burstKind } from "../events.ts";
import { look } from "../look.ts";
import { seatCount, spawnTug, startOf } from "../tugs.ts";
import { isClearing } from "./clear-yard.ts";

/** Whoever joins a running round comes from above. */
const dropMetres = 5;

export const seatTugs = defineSystem({
  name: "seat-tugs",
  phase: "gameplay",
  after: ["clear-yard"],
  query: [Tug],
  queries: { rounds: [Round], players: [Player], config: [Config] },
  reads: [Tug, Round, Config, Position],
  emits: [Burst, SoundCue],
  run({ entities, members, columns: { Tug, Round, Config, Position }, events, tick, commands, world }) {
    const round = members.rounds[0]!;
    const sinceTick = Round.sinceTick[round]!;
    if (isClearing(Round.state[round]!, sinceTick, tick)) return;
    const { players } = members;
    const drop = tick <= sinceTick + 1 ? 0 : dropMetres;

    let taken = 0;
    let botCount = 0;
    let lastBot = 0;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (Tug.player[e] !== 0 && !world.isAlive(Tug.player[e]!)) {
        events.Burst.emit({
          x: Position.x[e]!,
          y: Position.y[e]!,
          z: Position.z[e]!,
          amount: 14,
          kind: burstKind.smoke,
          power: 4,
        });
        commands.despawn(world.handleOf(e));
        continue;
      }
      taken |= 1 << Tug.seat[e]!;
      if (Tug.player[e] !== 0) continue;
      botCount++;
      if (lastBot === 0 || Tug.seat[e]! > Tug.seat[lastBot]!) lastBot = e;
    }

    const take = (player: number): boolean => {
      let seat = 0;
      while (seat < seatCount && (taken & (1 << seat)) !== 0) seat++;
      if (seat === seatCount) return false;
      taken |= 1 << seat;
      const [x, y, z] = startOf(seat);
      spawnTug(commands, seat, player, drop);
      if (drop === 0) return true;
      events.Burst.emit({ x, y: y + drop, z, amount: 12, kind: burstKind.cold, power: 5 });
      events.SoundCue.emit({ sound: look.sound.join, gain: 0.8, pitch: 1, x, y, z });
      return true;
    };
    for (let i = 0; i < players.length; i++) {
      const player = world.handleOf(players[i]!);
      let isSeated = false;
      for (let k = 0; k < entities.length; k++) if (Tug.player[entities[k]!] === player) isSeated = true;
      if (!isSeated) take(player);
    }
    const botsWanted = Math.min(Config.bots[members.config[0]!]!, seatCount - players.length);
    if (botCount > botsWanted) commands.despawn(world.handleOf(lastBot));
    for (; botCount < botsWanted; botCount++) if (!take(0)) return;
  },
});
