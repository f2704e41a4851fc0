/** A small game for tests of the engine: crates by physics, a system that draws, spawns and despawns. */
import { Engine, type EngineOptions } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { boxCollider, LinearVelocity, RigidBody } from "../../../engine/physics/components.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { Position, WorldTransform } from "../../../engine/transform/components.ts";

const limits = { entities: 128, players: 4, commandsPerTick: 256, eventsPerTick: 256, recordsPerTick: 64 };

const rain = defineSystem({
  name: "rain",
  phase: "gameplay",
  query: [LinearVelocity],
  writes: [LinearVelocity],
  run({ entities, columns, tick, random, commands, world }) {
    if (tick % 10 !== 0) return;
    if (entities.length > 20) commands.despawn(world.handleOf(entities[random.below(entities.length)] as number));
    for (const e of entities) columns.LinearVelocity.x[e] = random.between(-1, 1);
    commands.spawn(...crate(random.between(-2, 2), 5));
  },
});

const crate = (x: number, y: number) =>
  [RigidBody, boxCollider(0.5, 0.5, 0.5), LinearVelocity, WorldTransform, Position.of({ x, y, z: 0 })] as const;

export const smallGame: Game = defineGame({
  id: "small",
  tickRate: 60,
  limits,
  physics: { gravity: [0, -9.81, 0] },
  components: [],
  systems: [rain],
  setup({ commands, random }) {
    const floor = RigidBody.of({ kind: 1 });
    commands.spawn(floor, boxCollider(10, 0.5, 10), Position.of({ y: -0.5 }));
    for (let i = 0; i < 12; i++) commands.spawn(...crate(random.between(-2, 2), 1 + i));
  },
});

/** A game without physics and without anything else. */
export const emptyGame: Game = defineGame({
  id: "empty",
  tickRate: 60,
  limits,
  components: [],
  systems: [],
  setup: () => {},
});

export function makeEngine(game: Game = emptyGame, options: Partial<EngineOptions> = {}): Engine {
  return new Engine(game, { clock: new ManualClock() }, { seed: 1, ...options });
}

/** The hashes of the next `count` ticks. */
export function stepHashes(engine: Engine, count: number): string[] {
  return Array.from({ length: count }, () => {
    engine.step();
    return `${engine.world.hash.high}:${engine.world.hash.low}`;
  });
}
