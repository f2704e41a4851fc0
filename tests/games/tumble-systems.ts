/** Tumble's systems. Each stands for something that a world may do and that a replay must do again. */
import {
  ballCollider,
  bodyKind,
  boxCollider,
  Collider,
  type Commands,
  Contact,
  defineSystem,
  ExternalForce,
  exact,
  type Game,
  type Handle,
  LinearVelocity,
  not,
  Parent,
  Player,
  Position,
  type RandomStream,
  Renderable,
  RigidBody,
  Rotation,
} from "../../engine/index.ts";
import { Arm, Craft, Crate, CrateGone, config, controls, Ledger, Pusher } from "./tumble-parts.ts";

/** Stages a crate above the pile; its shape, place and life are drawn. */
function dropCrate(commands: Commands, random: RandomStream, tick: number, x: number, owner: Handle): void {
  const size = random.between(0.2, 0.5);
  const collider = { reports: true, friction: 0.6, density: random.between(0.5, 3) };
  commands.spawn(
    Crate.of({ bornTick: tick, lifeTicks: 120 + random.below(240), owner }),
    RigidBody.of({ linearDamping: 0.05 }),
    random.chance(0.4) ? ballCollider(size, collider) : boxCollider(size, size * 0.8, size, collider),
    Position.of({ x: Math.fround(x), y: Math.fround(random.between(5, 8)), z: Math.fround(random.between(-1, 1)) }),
    LinearVelocity.of({ y: -1 }),
    ExternalForce,
    Renderable.of({ mesh: 0, tint: (0xff000000 | random.u32()) >>> 0 }),
  );
}

/** Input: what players hold becomes force, each press becomes a crate. */
const driveCraft = defineSystem({
  name: "drive-craft",
  phase: "input",
  query: [Craft, controls, Position],
  reads: [controls, Position],
  writes: [Craft, ExternalForce],
  run({ entities, columns: { Controls, Craft, ExternalForce, Position }, commands, random, tick, world }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      ExternalForce.x[e] = ExternalForce.x[e]! + Controls.drive[e]! * 40;
      Craft.lifted[e] = Controls.lift[e]!;
      if (Controls.lift[e] === 1) ExternalForce.y[e] = ExternalForce.y[e]! + 60;
      for (let drop = 0; drop < Controls.drop[e]!; drop++) {
        dropCrate(commands, random, tick, Position.x[e]!, world.handleOf(e));
        Craft.drops[e] = Craft.drops[e]! + 1;
      }
    }
  },
});

/** Gameplay: a player without a body gets one. */
const seatCraft = defineSystem({
  name: "seat-craft",
  phase: "gameplay",
  query: [Player, not(Craft)],
  run({ entities, commands, random, world }) {
    for (let i = 0; i < entities.length; i++) {
      const player = world.handleOf(entities[i]!);
      commands.add(player, Craft);
      commands.add(player, Position.of({ x: Math.fround(random.between(-3, 3)), y: 4 }));
      commands.add(player, boxCollider(0.5, 0.3, 0.5, { density: 2, reports: true }));
      commands.add(player, RigidBody.of({ angularDamping: 1, neverSleeps: true }));
      commands.add(player, ExternalForce);
      commands.add(player, Renderable.of({ mesh: 1 }));
    }
  },
});

const slidePusher = defineSystem({
  name: "slide-pusher",
  phase: "gameplay",
  query: [Pusher, Position],
  reads: [Pusher],
  writes: [Position],
  run({ entities, columns: { Position, Pusher }, tick }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Position.x[e] = Pusher.reach[e]! * exact.sin((tick / Pusher.periodTicks[e]!) * exact.TAU);
    }
  },
});

const rainCrates = defineSystem({
  name: "rain-crates",
  phase: "gameplay",
  query: [config],
  queries: { crates: [Crate, ExternalForce] },
  reads: [config],
  writes: [ExternalForce],
  run({ entities, members, columns: { Config, ExternalForce }, commands, random, tick }) {
    const settings = entities[0]!;
    if (tick % Config.spawnEvery[settings]! === 0) dropCrate(commands, random, tick, random.between(-2, 2), 0);
    const wind = Config.wind[settings]!;
    if (wind !== 0)
      for (let i = 0; i < members.crates.length; i++) ExternalForce.x[members.crates[i]!] = Math.fround(wind);
  },
});

const countTouches = defineSystem({
  name: "count-touches",
  phase: "gameplay",
  hears: [Contact],
  writes: [Crate],
  run({ columns: { Crate: crates }, events: { Contact }, world }) {
    const { a, b, started } = Contact.columns;
    for (let row = 0; row < Contact.count; row++) {
      if (started[row] === 0) continue;
      for (const handle of [a[row]!, b[row]!]) {
        const index = world.indexOf(handle);
        if (index > 0 && world.has(index, Crate)) crates.touches[index] = crates.touches[index]! + 1;
      }
    }
  },
});

const retireCrates = defineSystem({
  name: "retire-crates",
  phase: "gameplay",
  after: ["count-touches", "slide-pusher"],
  query: [Crate, Position],
  reads: [Crate, Position],
  emits: [CrateGone],
  run({ entities, columns: { Crate, Position }, commands, events: { CrateGone }, tick, world }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      if (tick - Crate.bornTick[e]! < Crate.lifeTicks[e]! && Position.y[e]! > -8) continue;
      const crate = world.handleOf(e);
      CrateGone.emit({ crate, touches: Crate.touches[e]!, height: Position.y[e]! });
      commands.despawn(crate);
    }
  },
});

/** Turns the chain; now and then its tip changes its parent, and one crate rides on it for a while. */
const swingArms = defineSystem({
  name: "swing-arms",
  phase: "gameplay",
  query: [Arm, Rotation],
  queries: { links: [Arm], tips: [Parent, Collider] },
  writes: [Arm, Rotation],
  run({ entities, members, columns: { Arm, Rotation }, commands, random, tick, world }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      Arm.angle[e] = exact.wrapAngle(Arm.angle[e]! + Arm.speed[e]!);
      Rotation.z[e] = exact.sin(Arm.angle[e]! / 2);
      Rotation.w[e] = exact.cos(Arm.angle[e]! / 2);
    }
    const { links, tips } = members;
    if (tick % 45 !== 0 || tips.length === 0) return;
    const link = links[random.below(links.length)]!;
    commands.reparent(world.handleOf(tips[0]!), world.handleOf(link));
  },
});

/** Sums over everything through the exact functions, in doubles: one wrong bit anywhere shows here. */
const keepLedger = defineSystem({
  name: "keep-ledger",
  phase: "gameplay",
  after: ["retire-crates", "slide-pusher"],
  query: [Ledger],
  queries: { bodies: [RigidBody, Position] },
  hears: [CrateGone],
  reads: [Position, RigidBody],
  writes: [Ledger],
  run({ entities, members, columns: { Ledger, Position, RigidBody }, events: { CrateGone }, random, tick }) {
    const e = entities[0]!;
    const { sums, counts } = Ledger;
    let lowest = 0;
    for (let i = 0; i < members.bodies.length; i++) {
      const body = members.bodies[i]!;
      if (RigidBody.kind[body] !== bodyKind.dynamic) continue;
      const y = Position.y[body]!;
      lowest = Math.min(lowest, y);
      const x = Position.x[body]!;
      sums[e * 8] = sums[e * 8]! + exact.sin(x) * exact.cos(y);
      sums[e * 8 + 1] = sums[e * 8 + 1]! + exact.atan2(y, x);
      sums[e * 8 + 2] = exact.exp(-exact.hypot(x, y)) + sums[e * 8 + 2]! * 0.5;
      sums[e * 8 + 3] = exact.log(1 + x * x) + sums[e * 8 + 3]! * 0.5;
    }
    for (let row = 0; row < CrateGone.count; row++) {
      counts[e * 4] = counts[e * 4]! + 1;
      counts[e * 4 + 1] = counts[e * 4 + 1]! - CrateGone.columns.touches[row]!;
      sums[e * 8 + 4] = sums[e * 8 + 4]! + exact.pow(1.01, CrateGone.columns.height[row]!);
    }
    sums[e * 8 + 5] = exact.tan(tick * 0.01) * random.unit();
    sums[e * 8 + 6] = exact.cbrt(tick) + exact.tanh(random.between(-2, 2));
    counts[e * 4 + 2] = members.bodies.length;
    Ledger.lowest[e] = Math.floor(lowest * 100);
    Ledger.phase[e] = (tick % 256) - 128;
  },
});

export const tumbleSystems: Game["systems"] = [
  driveCraft,
  seatCraft,
  slidePusher,
  rainCrates,
  countTouches,
  retireCrates,
  swingArms,
  keepLedger,
];
