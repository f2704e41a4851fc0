/** A drum whose fuse has burnt down explodes: it throws what is near and breaks beams. */
import { defineSystem, ExternalImpulse, Position, SoundCue } from "../../engine/index.ts";
import { Crate, crateKind } from "../components/crate.ts";
import { Beam, Tug } from "../components/tug.ts";
import { crateKinds } from "../crates.ts";
import { Burst, burstKind } from "../events.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";
import { tugMass } from "../tugs.ts";

const blastMetres = 8;
/** Speed that the blast gives at its middle, m/s. */
const blastSpeed = 17;
const dazedTicks = ticksOf(1);

export const burnFuses = defineSystem({
  name: "burn-fuses",
  phase: "gameplay",
  after: ["spend-energy"],
  query: [Crate, Position],
  queries: { tugs: [Tug, Position] },
  reads: [Position],
  writes: [Crate, Beam, ExternalImpulse],
  emits: [Burst, SoundCue],
  run({ entities, members, columns: { Position, Crate, Beam, ExternalImpulse }, events, tick, commands, world }) {
    /** Pushes body `e` away from `from`; returns whether it was in reach. */
    const push = (e: number, from: number, mass: number): boolean => {
      const x = Position.x[e]! - Position.x[from]!;
      const y = Position.y[e]! - Position.y[from]!;
      const z = Position.z[e]! - Position.z[from]!;
      const distance = Math.max(0.5, Math.sqrt(x * x + y * y + z * z));
      if (distance > blastMetres) return false;
      const impulse = (1 - distance / blastMetres) * blastSpeed * mass;
      ExternalImpulse.x[e] = ExternalImpulse.x[e]! + (x / distance) * impulse;
      ExternalImpulse.y[e] = ExternalImpulse.y[e]! + (y / distance + 0.4) * impulse;
      ExternalImpulse.z[e] = ExternalImpulse.z[e]! + (z / distance) * impulse;
      return true;
    };
    for (let i = 0; i < entities.length; i++) {
      const drum = entities[i]!;
      if (Crate.kind[drum] !== crateKind.drum || Crate.fuseTick[drum] === 0 || tick < Crate.fuseTick[drum]!) continue;
      for (let k = 0; k < entities.length; k++) {
        const crate = entities[k]!;
        if (crate !== drum) push(crate, drum, crateKinds[Crate.kind[crate]!]!.mass);
      }
      for (let k = 0; k < members.tugs.length; k++) {
        const tug = members.tugs[k]!;
        if (!push(tug, drum, tugMass)) continue;
        const crate = world.indexOf(Beam.crate[tug]!);
        if (crate !== 0) Crate.holder[crate] = 0;
        Beam.crate[tug] = 0;
        Beam.readyTick[tug] = tick + dazedTicks;
      }
      const at = { x: Position.x[drum]!, y: Position.y[drum]!, z: Position.z[drum]! };
      events.Burst.emit({ ...at, amount: 48, kind: burstKind.hot, power: 13 });
      events.Burst.emit({ ...at, amount: 26, kind: burstKind.ember, power: 5 });
      events.Burst.emit({ ...at, amount: 14, kind: burstKind.smoke, power: 4 });
      events.Burst.emit({ ...at, amount: 16, kind: burstKind.dust, power: 9 });
      events.SoundCue.emit({ sound: look.sound.boom, gain: 1, pitch: 1, ...at });
      commands.despawn(world.handleOf(drum));
    }
  },
});
