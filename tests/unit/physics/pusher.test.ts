/**
 * The physics golden: stacks of crates and a kinematic pusher that ploughs through them. The hash of
 * every thirtieth tick is written down, so any change of Rapier's build, of the bridge or of the order
 * in which bodies are made shows here first.
 */
import { expect, test } from "vitest";
import { hashHex } from "../../../engine/base/hash.ts";
import type { Engine } from "../../../engine/engine.ts";
import { physicsBuild } from "../../../engine/physics/build.ts";
import { RigidBody } from "../../../engine/physics/components.ts";
import { Position } from "../../../engine/transform/components.ts";
import { Pusher, push, setUpRamming } from "../../games/pusher.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { expectGolden } from "../golden.ts";

async function start(): Promise<Engine> {
  const engine = makeEngine({
    ...emptyGame,
    physics: { gravity: [0, -9.81, 0] },
    components: [Pusher],
    systems: [push],
    setup: ({ commands }) => setUpRamming(commands),
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
