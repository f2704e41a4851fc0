/**
 * The physics golden: stacks of crates and a kinematic pusher that ploughs through them. The hash of
 * every thirtieth tick is written down, so any change of Rapier's build, of the bridge or of the order
 * in which bodies are made shows here first.
 */
import { expect, test } from "vitest";
import { hashHex } from "../../../engine/base/hash.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { u32 } from "../../../engine/ecs/field.ts";
import type { Engine } from "../../../engine/engine.ts";
import { physicsBuild } from "../../../engine/physics/build.ts";
import { bodyKind, boxCollider, Contact, RigidBody } from "../../../engine/physics/components.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { Position, WorldTransform } from "../../../engine/transform/components.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { expectGolden } from "../golden.ts";

const Pusher = defineComponent("Pusher", { touches: u32 });

const push = defineSystem({
  name: "push",
  phase: "gameplay",
  query: [Pusher, Position],
  hears: [Contact],
  writes: [Pusher, Position],
  run: ({ entities, columns, tick, events }) => {
    for (const e of entities) {
      // There and back in 600 ticks, in steps that f32 holds exactly.
      columns.Position.x[e] = -8 + (tick <= 300 ? tick : 600 - tick) / 16;
      columns.Pusher.touches[e] = (columns.Pusher.touches[e] as number) + events.Contact.count;
    }
  },
});

async function start(): Promise<Engine> {
  const engine = makeEngine({
    ...emptyGame,
    physics: { gravity: [0, -9.81, 0] },
    components: [Pusher],
    systems: [push],
    setup: ({ commands }) => {
      commands.spawn(RigidBody.of({ kind: bodyKind.fixed }), boxCollider(20, 0.5, 20), Position.of({ y: -0.5 }));
      commands.spawn(
        Pusher,
        RigidBody.of({ kind: bodyKind.kinematic }),
        boxCollider(0.5, 1, 3),
        Position.of({ x: -8, y: 1 }),
        WorldTransform,
      );
      for (let stack = 0; stack < 6; stack++)
        for (let level = 0; level < 8; level++)
          commands.spawn(
            RigidBody,
            boxCollider(0.5, 0.5, 0.5, { reports: true, restitution: 0.1 }),
            Position.of({ x: (stack % 3) * 1.5 - 2 + level / 64, y: 0.5 + level, z: Math.floor(stack / 3) * 2 - 1 }),
            WorldTransform,
          );
    },
  });
  await engine.start();
  return engine;
}

const hashOf = (engine: Engine): string => hashHex(engine.world.hash.high, engine.world.hash.low);

test("600 ticks of crates and a pusher have these hashes", async () => {
  const engine = await start();
  const lines = [physicsBuild];
  for (let tick = 1; tick <= 600; tick++) {
    engine.step();
    if (tick % 30 === 0) lines.push(`${tick} ${hashOf(engine)}`);
  }
  const { store } = engine.world;
  const heights = [...engine.world.query([RigidBody]).entities]
    .slice(2)
    .map((e) => store.columnsOf(Position)["y"]?.[e] as number);
  // The pusher has done its work: some crates lie on the floor that began higher up.
  expect(heights.filter((y) => y < 0.6).length).toBeGreaterThan(10);
  expect(store.columnsOf(Pusher)["touches"]?.[3]).toBeGreaterThan(100);
  expectGolden("physics-pusher.txt", `${lines.join("\n")}\n`);
  engine.dispose();
});

test("two of them in turns, and one begun 50 ticks late, have the hashes of one alone", async () => {
  const alone = await start();
  const expected = Array.from({ length: 150 }, () => {
    alone.step();
    return hashOf(alone);
  });
  alone.dispose();
  const [first, second] = [await start(), await start()];
  const found: string[][] = [[], [], []];
  let late: Engine | undefined;
  for (let tick = 0; tick < 200; tick++) {
    if (tick === 50) late = await start();
    for (const [i, engine] of [first, second, late].entries()) {
      if (engine === undefined) continue;
      engine.step();
      found[i]?.push(hashOf(engine));
    }
  }
  expect(found.map((hashes) => hashes.slice(0, 150))).toEqual([expected, expected, expected]);
  for (const engine of [first, second, late]) engine?.dispose();
});
