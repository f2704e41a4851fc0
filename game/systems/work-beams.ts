/** Beams take the best crate ahead while they are held on, and throw it when they are let go. */
import {
  defineSystem,
  ExternalImpulse,
  exact,
  LinearVelocity,
  Position,
  Rotation,
  SoundCue,
} from "../../engine/index.ts";
import { Crate, crateKind } from "../components/crate.ts";
import { Round, roundState } from "../components/round.ts";
import { Beam, Intent, Tug } from "../components/tug.ts";
import { crateKinds, fuseTicks } from "../crates.ts";
import { Burst, burstKind, Touched } from "../events.ts";
import { look } from "../look.ts";
import { forwardX, forwardZ } from "../orientation.ts";
import { ticksOf } from "../time.ts";

const reachMetres = 8.5;
/** A crate farther away than this tears loose. */
const tearMetres = 10;
/** Cosine of the widest angle off the nose, and where the cone begins, behind the nose. */
const coneCosine = 0.55;
const coneBack = 1.2;
const readyTicks = ticksOf(0.3);

/** Speeds that a throw adds, m/s; heavy crates get less from the same impulse, kg m/s. */
const throwSpeed = 10;
const throwImpulse = 1200;
const throwLift = 0.32;

export const workBeams = defineSystem({
  name: "work-beams",
  phase: "gameplay",
  after: ["touch-crates"],
  query: [Tug, Beam, Intent],
  queries: { rounds: [Round], crates: [Crate, Position] },
  reads: [Intent, Round, Position, Rotation, LinearVelocity],
  writes: [Tug, Beam, Crate, ExternalImpulse],
  emits: [Burst, SoundCue, Touched],
  run({ entities, members, columns, events, tick, world }) {
    const { Intent, Round, Position, Rotation, LinearVelocity, Tug, Beam, Crate, ExternalImpulse } = columns;
    const { crates } = members;
    const state = Round.state[members.rounds[0]!]!;
    const isOn = state === roundState.title || state === roundState.playing;

    const cue = (sound: number, pitch: number, at: number): void =>
      events.SoundCue.emit({ sound, gain: 0.7, pitch, x: Position.x[at]!, y: Position.y[at]!, z: Position.z[at]! });

    /** The crate that a beam along (noseX, noseZ) would take, 0 for none. */
    const findCrate = (e: number, noseX: number, noseZ: number): number => {
      let best = 0;
      let bestCost = Number.POSITIVE_INFINITY;
      for (let i = 0; i < crates.length; i++) {
        const crate = crates[i]!;
        if (Crate.holder[crate] !== 0) continue;
        const x = Position.x[crate]! - Position.x[e]! + noseX * coneBack;
        const y = Position.y[crate]! - Position.y[e]!;
        const z = Position.z[crate]! - Position.z[e]! + noseZ * coneBack;
        const distance = Math.sqrt(x * x + y * y + z * z);
        if (distance > reachMetres + coneBack || distance < 0.1) continue;
        const cosine = (x * noseX + z * noseZ) / distance;
        if (cosine < coneCosine) continue;
        const cost = distance * (1.5 - cosine);
        if (cost >= bestCost) continue;
        best = crate;
        bestCost = cost;
      }
      return best;
    };

    for (let i = 0; i < crates.length; i++) {
      const crate = crates[i]!;
      if (!world.isAlive(Crate.holder[crate]!)) Crate.holder[crate] = 0;
    }
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const noseX = forwardX(Rotation.y[e]!, Rotation.w[e]!);
      const noseZ = forwardZ(Rotation.y[e]!);
      const held = world.indexOf(Beam.crate[e]!);
      if (held === 0) {
        if (Beam.crate[e] !== 0) {
          Beam.crate[e] = 0;
          Beam.readyTick[e] = tick + readyTicks;
        }
        Tug.cargo[e] = 0;
        if (!isOn || Intent.beam[e] === 0 || tick < Beam.readyTick[e]! || Tug.returnTick[e] !== 0) continue;
        const crate = findCrate(e, noseX, noseZ);
        if (crate === 0) continue;
        Beam.crate[e] = world.handleOf(crate);
        Crate.holder[crate] = world.handleOf(e);
        events.Touched.emit({ crate: Beam.crate[e]!, tug: world.handleOf(e) });
        Tug.cargo[e] = Crate.kind[crate]! + 1;
        cue(look.sound.grab, 1.3 - crateKinds[Crate.kind[crate]!]!.mass / 250, crate);
        if (Crate.kind[crate] !== crateKind.drum || Crate.fuseTick[crate] !== 0) continue;
        Crate.fuseTick[crate] = tick + fuseTicks;
        cue(look.sound.fuse, 1, crate);
        continue;
      }
      events.Touched.emit({ crate: Beam.crate[e]!, tug: world.handleOf(e) });
      const isTorn =
        exact.hypot(Position.x[held]! - Position.x[e]!, Position.z[held]! - Position.z[e]!) > tearMetres ||
        Math.abs(Position.y[held]! - Position.y[e]!) > tearMetres / 2;
      const isThrown = isOn && Intent.beam[e] === 0 && Tug.returnTick[e] === 0;
      if (!isThrown && !isTorn && isOn && Tug.returnTick[e] === 0) continue;
      Beam.crate[e] = 0;
      Beam.readyTick[e] = tick + readyTicks;
      Crate.holder[held] = 0;
      Tug.cargo[e] = 0;
      cue(isThrown ? look.sound.throw : look.sound.drop, 1, held);
      if (!isThrown || isTorn) continue;
      const { mass } = crateKinds[Crate.kind[held]!]!;
      const impulse = Math.min(throwSpeed * mass, throwImpulse);
      ExternalImpulse.x[held] = ExternalImpulse.x[held]! + noseX * impulse;
      ExternalImpulse.y[held] = ExternalImpulse.y[held]! + throwLift * impulse;
      ExternalImpulse.z[held] = ExternalImpulse.z[held]! + noseZ * impulse;
      events.Burst.emit({
        x: Position.x[held]! - noseX * 0.5,
        y: Position.y[held]!,
        z: Position.z[held]! - noseZ * 0.5,
        amount: 6,
        kind: burstKind.cold,
        power: 3 + Math.abs(LinearVelocity.x[e]! + LinearVelocity.z[e]!) * 0.1,
      });
    }
  },
});
