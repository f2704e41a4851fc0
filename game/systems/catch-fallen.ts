/** What falls off the yard: crates are gone, tugs come back after a moment at their start. Neglected crates go too. */
import { AngularVelocity, defineSystem, LinearVelocity, Position, Rotation, SoundCue } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Tug } from "../components/tug.ts";
import { neglectTicks } from "../crates.ts";
import { Burst, burstKind } from "../events.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";
import { startOf } from "../tugs.ts";

/** Below this a tug is lost, and a crate is out of sight. */
const tugDepth = -4;
const crateDepth = -16;
const returnTicks = ticksOf(1.4);
const returnHeight = 4;

export const catchFallen = defineSystem({
  name: "catch-fallen",
  phase: "gameplay",
  after: ["count-points"],
  query: [Tug, Position, Rotation],
  queries: { crates: [Crate, Position] },
  reads: [Crate],
  writes: [Tug, Position, Rotation, LinearVelocity, AngularVelocity],
  emits: [Burst, SoundCue],
  run({ entities, members, columns, events, tick, commands, world }) {
    const { Crate, Tug, Position, Rotation, LinearVelocity, AngularVelocity } = columns;
    for (let i = 0; i < members.crates.length; i++) {
      const crate = members.crates[i]!;
      const isNeglected = tick - Crate.touchTick[crate]! > neglectTicks;
      if (Position.y[crate]! > crateDepth && !isNeglected) continue;
      const at = { x: Position.x[crate]!, y: Position.y[crate]!, z: Position.z[crate]! };
      if (isNeglected) events.Burst.emit({ ...at, amount: 6, kind: burstKind.smoke, power: 2 });
      commands.despawn(world.handleOf(crate));
    }
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (Tug.returnTick[e] === 0) {
        if (Position.y[e]! > tugDepth) continue;
        Tug.returnTick[e] = tick + returnTicks;
        Tug.chain[e] = 0;
        events.SoundCue.emit({ sound: look.sound.fall, gain: 1, pitch: 1, x: Position.x[e]!, z: Position.z[e]! });
        continue;
      }
      if (tick < Tug.returnTick[e]!) continue;
      const [x, y, z] = startOf(Tug.seat[e]!);
      Tug.returnTick[e] = 0;
      Tug.energy[e] = 1;
      Position.x[e] = x;
      Position.y[e] = y + returnHeight;
      Position.z[e] = z;
      Rotation.y[e] = 0;
      Rotation.w[e] = 1;
      LinearVelocity.x[e] = LinearVelocity.y[e] = LinearVelocity.z[e] = 0;
      AngularVelocity.y[e] = 0;
      events.Burst.emit({ x, y: y + returnHeight, z, amount: 12, kind: burstKind.cold, power: 5 });
      events.SoundCue.emit({ sound: look.sound.return, gain: 1, pitch: 1, x, y, z });
    }
  },
});
