/**
 * Pusher: stacks of crates and a kinematic block that rams them again and again, for heavy mode. Every second a crate falls
 * from above and every other second the oldest fallen one goes, so bodies, contacts and ids come and go in dense contact.
 */
import {
  bodyKind,
  boxCollider,
  type Commands,
  Contact,
  defineComponent,
  defineGame,
  defineSystem,
  Position,
  RigidBody,
  u32,
  WorldTransform,
} from "../../engine/index.ts";

export const Pusher = defineComponent("Pusher", { touches: u32 });
const Fallen = defineComponent("Fallen", { tick: u32 });

/** There and back in so many ticks, in steps that f32 holds exactly. */
const periodTicks = 600;
const fallEvery = 60;
const clearEvery = 120;

export const push = defineSystem({
  name: "push",
  phase: "gameplay",
  query: [Pusher, Position],
  hears: [Contact],
  writes: [Pusher, Position],
  run({ entities, columns, tick, events }) {
    const within = tick % periodTicks;
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      columns.Position.x[e] = -8 + Math.min(within, periodTicks - within) / 16;
      columns.Pusher.touches[e] = columns.Pusher.touches[e]! + events.Contact.count;
    }
  },
});

const crate = boxCollider(0.5, 0.5, 0.5, { reports: true, restitution: 0.1 });

/** A floor, the block and six stacks of eight crates. */
export function setUpRamming(commands: Commands): void {
  commands.spawn(RigidBody.of({ kind: bodyKind.fixed }), boxCollider(20, 0.5, 20), Position.of({ y: -0.5 }));
  commands.spawn(
    ...[Pusher, RigidBody.of({ kind: bodyKind.kinematic }), boxCollider(0.5, 1, 3), Position.of({ x: -8, y: 1 })],
    WorldTransform,
  );
  for (let stack = 0; stack < 6; stack++)
    for (let level = 0; level < 8; level++)
      commands.spawn(
        ...[RigidBody, crate, WorldTransform],
        Position.of({ x: (stack % 3) * 1.5 - 2 + level / 64, y: 0.5 + level, z: Math.floor(stack / 3) * 2 - 1 }),
      );
}

const rain = defineSystem({
  name: "rain",
  phase: "gameplay",
  query: [Fallen],
  reads: [Fallen],
  run({ entities, columns, tick, commands, random, world }) {
    if (tick % fallEvery === 0)
      commands.spawn(
        Fallen.of({ tick }),
        RigidBody,
        crate,
        Position.of({ x: (random.u32() % 64) / 16 - 2, y: 10, z: (random.u32() % 32) / 16 - 1 }),
        WorldTransform,
      );
    if (tick % clearEvery !== 0 || entities.length === 0) return;
    let oldest = entities[0]!;
    for (let i = 1; i < entities.length; i++)
      if (columns.Fallen.tick[entities[i]!]! < columns.Fallen.tick[oldest]!) oldest = entities[i]!;
    commands.despawn(world.handleOf(oldest));
  },
});

export const pusher = defineGame({
  id: "pusher",
  tickRate: 60,
  limits: { entities: 1_024 },
  components: [Pusher, Fallen],
  systems: [push, rain],
  physics: { gravity: [0, -9.81, 0] },
  setup({ commands }) {
    setUpRamming(commands);
  },
});
