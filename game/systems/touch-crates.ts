/**
 * What tugs run into: a pushed crate belongs to who pushed it, a rammed tug loses its crate when the
 * other one was boosting, and hard bumps are heard and seen.
 */
import { Contact, defineSystem, exact, LinearVelocity, Position, SoundCue } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Beam, Motion, Tug } from "../components/tug.ts";
import { Burst, burstKind, Touched } from "../events.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";

/** Changes of speed within a tick, m/s. */
const bumpSpeed = 2.2;
const hardSpeed = 9;
const dazedTicks = ticksOf(0.8);

export const touchCrates = defineSystem({
  name: "touch-crates",
  phase: "gameplay",
  after: ["bring-crates"],
  reads: [Tug, Motion, Position, LinearVelocity],
  writes: [Crate, Beam],
  hears: [Contact],
  emits: [Burst, SoundCue, Touched],
  run({ columns, events, tick, world }) {
    const { Motion, Position, LinearVelocity, Beam } = columns;
    const { count, columns: contact } = events.Contact;
    const loseCrate = (tug: number, by: number): void => {
      const crate = world.indexOf(Beam.crate[tug]!);
      if (crate === 0 || columns.Tug.boosting[by] === 0) return;
      columns.Crate.holder[crate] = 0;
      Beam.crate[tug] = 0;
      Beam.readyTick[tug] = tick + dazedTicks;
    };
    for (let i = 0; i < count; i++) {
      if (contact.started[i] === 0 || contact.sensor[i] === 1) continue;
      const a = world.indexOf(contact.a[i]!);
      const b = world.indexOf(contact.b[i]!);
      if (a === 0 || b === 0) continue;
      const tug = world.has(a, Tug) ? a : world.has(b, Tug) ? b : 0;
      if (tug === 0) continue;
      const other = tug === a ? b : a;
      if (world.has(other, Crate) && columns.Crate.holder[other] === 0)
        events.Touched.emit({ crate: world.handleOf(other), tug: world.handleOf(tug) });
      const speed = exact.hypot(LinearVelocity.x[tug]! - Motion.x[tug]!, LinearVelocity.z[tug]! - Motion.z[tug]!);
      if (speed < bumpSpeed) continue;
      if (world.has(other, Tug)) {
        loseCrate(tug, other);
        loseCrate(other, tug);
      }
      const strength = Math.min(1, speed / hardSpeed);
      const x = Position.x[tug]! + Motion.x[tug]! * 0.08;
      const y = Position.y[tug]!;
      const z = Position.z[tug]! + Motion.z[tug]! * 0.08;
      events.Burst.emit({
        x,
        y,
        z,
        amount: Math.round(2 + strength * 8),
        kind: burstKind.hot,
        power: 3 + strength * 5,
      });
      if (strength > 0.45)
        events.Burst.emit({ x, y: y - 0.7, z, amount: Math.round(strength * 6), kind: burstKind.dust, power: 3 });
      events.SoundCue.emit({ sound: look.sound.bump, gain: strength, pitch: 1.2 - strength * 0.4, x, y, z });
    }
  },
});
