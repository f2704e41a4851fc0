/**
 * A player made of a few rules, for tests and for making input files: it looks at the world after a
 * tick and says which keys it holds in the next one. It presses keys, so its axes are -1, 0 or 1.
 */
import { exact, handleIndex, LinearVelocity, Position, Rotation } from "../../../engine/index.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Crate, crateKind } from "../../../game/components/crate.ts";
import { Beam, Tug } from "../../../game/components/tug.ts";
import { Obstacle } from "../../../game/components/yard.ts";
import { forwardX, forwardZ } from "../../../game/orientation.ts";
import { carryGoal } from "../../../game/pilot/route.ts";
import { steer } from "../../../game/pilot/steering.ts";
import { overRamp } from "./dock-gate.ts";

export interface Keys {
  readonly thrust: number;
  readonly turn: number;
  readonly beam: number;
  readonly boost: number;
}

export const noKeys: Keys = { thrust: 0, turn: 0, beam: 0, boost: 0 };

/** Index of the tug that the player with this key drives, 0 for none. */
export function tugOfPlayer(world: World, key: number): number {
  const { key: keys } = world.store.columnsOf(playerComponent(world)) as { key: Uint16Array };
  const { player } = world.store.columnsOf(Tug) as unknown as { player: Uint32Array };
  for (const tug of world.query([Tug]).entities)
    if (player[tug] !== 0 && world.store.isAlive(player[tug]!) && keys[handleIndex(player[tug]!)] === key) return tug;
  return 0;
}

function playerComponent(world: World) {
  return world.program.schema.components.find(({ name }) => name === "Player")!;
}

/** Keys that drive the player's tug towards (x, z), with the beam on. */
export function driveTo(world: World, key: number, x: number, z: number): Keys {
  const { Position, Rotation, Obstacle, obstacles } = columnsOf(world);
  const tug = tugOfPlayer(world, key);
  const ahead = { x: forwardX(Rotation.y[tug]!, Rotation.w[tug]!), z: forwardZ(Rotation.y[tug]!) };
  const { error } = steer(Position.x[tug]!, Position.z[tug]!, ahead, { x, z }, obstacles, Obstacle, Position);
  const turn = Math.abs(error) < 0.1 ? 0 : error > 0 ? -1 : 1;
  return { thrust: Math.abs(error) < 0.8 ? 1 : 0, turn, beam: 1, boost: 0 };
}

/** What the player holds down next. */
export function play(world: World, key: number): Keys {
  const columns = columnsOf(world);
  const { Beam, Crate, Position, Rotation, LinearVelocity } = columns;
  const tug = tugOfPlayer(world, key);
  if (tug === 0) return noKeys;
  const x = Position.x[tug]!;
  const z = Position.z[tug]!;
  const ahead = { x: forwardX(Rotation.y[tug]!, Rotation.w[tug]!), z: forwardZ(Rotation.y[tug]!) };
  const held = world.store.indexOf(Beam.crate[tug]!);
  let target = held;
  if (held === 0) {
    let nearest = Number.POSITIVE_INFINITY;
    for (const crate of world.query([CrateComponent]).entities) {
      const away = exact.hypot(Position.x[crate]! - x, Position.z[crate]! - z);
      const isOnDeck =
        Position.y[crate]! < 1 &&
        Position.y[crate]! > 0 &&
        Math.abs(Position.x[crate]!) < 20 &&
        Math.abs(Position.z[crate]!) < 14;
      if (away >= nearest || !isOnDeck || Crate.holder[crate] !== 0 || Crate.kind[crate] === crateKind.heavy) continue;
      nearest = away;
      target = crate;
    }
  }
  if (target === 0) return noKeys;
  const goal = overRamp(x, z, held === 0 ? { x: Position.x[target]!, z: Position.z[target]! } : carryGoal(x, z, 0));
  const { obstacles, Obstacle } = columns;
  const course = steer(x, z, ahead, goal, obstacles, Obstacle, Position);
  const turn = Math.abs(course.error) < 0.1 ? 0 : course.error > 0 ? -1 : 1;
  const speed = exact.hypot(LinearVelocity.x[tug]!, LinearVelocity.z[tug]!);
  let thrust = Math.abs(course.error) < 0.8 ? 1 : 0;
  if (held === 0 && course.distance < 5) thrust = Math.abs(course.error) > 0.6 ? -1 : speed > 3 ? 0 : 1;
  const isAimed = held !== 0 && z < -10 && Math.abs(x) < 2.5 && ahead.z < -0.95;
  return { thrust, turn, beam: isAimed ? 0 : 1, boost: held !== 0 && course.distance > 12 ? 1 : 0 };
}

const CrateComponent = Crate;
const components = { Beam, Crate, Position, Rotation, LinearVelocity, Obstacle };
type Columns = {
  readonly [K in keyof typeof components]: {
    readonly [F in keyof (typeof components)[K]["fields"]]: {
      readonly length: number;
      readonly [index: number]: number;
    };
  };
};

function columnsOf(world: World): Columns & { readonly obstacles: Uint32Array } {
  const columns = Object.fromEntries(
    Object.entries(components).map(([name, component]) => [name, world.store.columnsOf(component)]),
  );
  return { ...(columns as unknown as Columns), obstacles: world.query([Obstacle]).entities };
}
