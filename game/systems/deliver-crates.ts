/** Crates that reach the furnace's sensor burn; who last had them gets the points. */
import { Contact, defineSystem, Position, SoundCue } from "../../engine/index.ts";
import { Crate } from "../components/crate.ts";
import { Round, roundState } from "../components/round.ts";
import { Tug } from "../components/tug.ts";
import { FurnaceMouth } from "../components/yard.ts";
import { crateKinds } from "../crates.ts";
import { Burst, burstKind, Delivered } from "../events.ts";
import { look } from "../look.ts";
import { ticksOf } from "../time.ts";

/** A push or throw longer ago than this earns nothing. */
const creditTicks = ticksOf(8);
/** Deliveries closer together than this make a chain, worth a point more each, up to three links. */
const chainTicks = ticksOf(9);
const chainMax = 3;

export const deliverCrates = defineSystem({
  name: "deliver-crates",
  phase: "gameplay",
  after: ["burn-fuses"],
  query: [Tug],
  queries: { rounds: [Round] },
  reads: [Crate, Round, Position],
  writes: [Tug],
  hears: [Contact],
  emits: [Burst, Delivered, SoundCue],
  run({ entities, members, columns, events, tick, commands, world }) {
    const { Round, Position, Tug } = columns;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (tick - Tug.chainTick[e]! > chainTicks) Tug.chain[e] = 0;
    }
    const isCounted = Round.state[members.rounds[0]!] !== roundState.ended;
    const { count, columns: contact } = events.Contact;
    for (let i = 0; i < count; i++) {
      if (contact.started[i] === 0 || contact.sensor[i] === 0) continue;
      const a = world.indexOf(contact.a[i]!);
      const b = world.indexOf(contact.b[i]!);
      const crate = world.has(a, Crate) ? a : world.has(b, Crate) ? b : 0;
      if (crate === 0 || !world.has(crate === a ? b : a, FurnaceMouth)) continue;
      const kind = columns.Crate.kind[crate]!;
      const at = { x: Position.x[crate]!, y: Position.y[crate]!, z: Position.z[crate]! };
      const tug =
        tick - columns.Crate.touchTick[crate]! <= creditTicks ? world.indexOf(columns.Crate.lastTug[crate]!) : 0;
      let points = 0;
      if (tug !== 0 && isCounted) {
        Tug.chain[tug] = Math.min(chainMax, Tug.chain[tug]! + 1);
        Tug.chainTick[tug] = tick;
        points = crateKinds[kind]!.points + Tug.chain[tug]! - 1;
        // The points fly to whoever earned them.
        events.Burst.emit({ ...at, amount: 3 + points, kind: burstKind.gold, power: 7, target: world.handleOf(tug) });
      }
      events.Burst.emit({ ...at, amount: 12, kind: burstKind.hot, power: 8 });
      events.Burst.emit({ ...at, amount: 14, kind: burstKind.ember, power: 4 });
      events.Burst.emit({ ...at, amount: 3, kind: burstKind.smoke, power: 1.5 });
      events.Delivered.emit({ tug: tug === 0 ? 0 : world.handleOf(tug), kind, points });
      events.SoundCue.emit({ sound: look.sound.deliver, gain: 1, pitch: 0.9 + points * 0.08, ...at });
      commands.despawn(world.handleOf(crate));
    }
  },
});
