/**
 * Physics over a restart: the image of Rapier's memory is of the program before, so what the program after asks of it
 * otherwise is asked again, and a body that came with the code is made.
 */
import { afterEach, expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import type { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { boxCollider, LinearVelocity, RigidBody } from "../../../engine/physics/components.ts";
import { physicsOf } from "../../../engine/physics/subsystem.ts";
import { Arrival, handoverOf } from "../../../engine/swap/handover.ts";
import { Position } from "../../../engine/transform/components.ts";
import { engineOf } from "./harbour.ts";
import { disposeAll, engines, swappedTo } from "./line.ts";

afterEach(disposeAll);

async function startedGame(game: Game): Promise<Engine> {
  const engine = engineOf(game);
  engines.push(engine);
  await engine.start();
  for (let i = 0; i < 5; i++) engine.step();
  return engine;
}

/** The world of `before` in an engine of another thread, as far as one thread can have it. */
async function restarted(before: Engine, game: Game): Promise<Engine> {
  const handover = structuredClone(handoverOf(before));
  disposeAll();
  const after = engineOf(game, { isSuccessor: true });
  engines.push(after);
  await after.start();
  new Arrival(after, handover, game).enter();
  return after;
}

const goesOn = [
  ["a restart", restarted],
  ["a swap", async (before: Engine, game: Game): Promise<Engine> => (await swappedTo(before, game)).after],
] as const;

const limits = { entities: 32, players: 1 };

/** A buoy at index 2, which falls from the moment on that it requires a body. */
function buoys(hasBody: boolean): Game {
  const Buoy = defineComponent("Buoy", {}, hasBody ? { requires: [RigidBody] } : {});
  return defineGame({
    ...{ id: "buoys", tickRate: 60, limits, systems: [], components: [Buoy], physics: { gravity: [0, -10, 0] } },
    setup({ commands }) {
      commands.spawn(Buoy, boxCollider(1, 1, 1), Position.of({ y: 5 }));
      commands.spawn(RigidBody, boxCollider(1, 1, 1), Position.of({ x: 9 }));
    },
  });
}

test.each(goesOn)("a body that a component requires since %s is made", async (_what, go) => {
  const after = await go(await startedGame(buoys(false)), buoys(true));
  const heightAt = (): number => after.world.store.columnsOf(Position)["y"]![2]!;
  expect(heightAt()).toBe(5);
  for (let i = 0; i < 5; i++) after.step();
  expect(heightAt()).toBeLessThan(5);
});

/** A stone at index 2 that falls. */
function stones(tickRate: number, gravity: number, solverIterations: number): Game {
  return defineGame({
    ...{ id: "stones", tickRate, limits, systems: [], components: [] },
    physics: { gravity: [0, gravity, 0], solverIterations },
    setup({ commands }) {
      commands.spawn(RigidBody, boxCollider(1, 1, 1), LinearVelocity, Position.of({ y: 50 }));
    },
  });
}

test.each(goesOn)("tick rate, gravity and iterations are those of the code after %s", async (_what, go) => {
  const after = await go(await startedGame(stones(60, -12, 4)), stones(20, -4, 9));
  const rapier = physicsOf(after.program)!.rapier!;
  expect([rapier.timestep, rapier.gravity.y, rapier.numSolverIterations]).toEqual([Math.fround(1 / 20), -4, 9]);
  const velocities = after.world.store.columnsOf(LinearVelocity)["y"]!;
  const before = velocities[2]!;
  after.step();
  expect(velocities[2]! - before).toBeCloseTo(-4 / 20, 5);
  const saved = after.save();
  after.step();
  after.restore(saved);
  expect([rapier.timestep, rapier.numSolverIterations]).toEqual([Math.fround(1 / 20), 9]);
});
