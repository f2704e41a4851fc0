/** Bodies read in bulk give the numbers that Rapier's own methods give, and leave those methods as they were. */
import { World as RapierWorld, RigidBodyDesc } from "@dimforge/rapier3d-compat";
import { expect, test } from "vitest";
import { bodiesPerRead, bodyVector, openRapier } from "../../../engine/physics/body-reader.ts";
import { VectorCalls } from "../../../engine/physics/vector-calls.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("body-reader");

test("one thread opens Rapier once, however many ask", async () => {
  const instantiate = WebAssembly.instantiate;
  const [one, other] = await Promise.all([openRapier(), openRapier()]);
  expect(one).toBe(other);
  expect(WebAssembly.instantiate).toBe(instantiate);
});

test("reads what Rapier's methods read, of more bodies than one call takes", async () => {
  const reader = await openRapier();
  const draws = new Draws(seed);
  const vector = () => ({ x: draws.between(-9, 9), y: draws.between(-9, 9), z: draws.between(-9, 9) });
  const world = new RapierWorld({ x: 0, y: -9.81, z: 0 });
  const bodies = Array.from({ length: bodiesPerRead + 10 }, () => {
    const { x, y, z } = vector();
    const body = world.createRigidBody(RigidBodyDesc.dynamic().setTranslation(x, y, z).setAngvel(vector()));
    body.setLinvel(vector(), true);
    return body;
  });
  for (let gone = 0; gone < 20; gone++) world.removeRigidBody(bodies.splice(draws.below(bodies.length), 1)[0]!);
  for (let step = 0; step < 5; step++) world.step();

  for (const from of [0, bodies.length - 10]) {
    const part = bodies.slice(from, from + bodiesPerRead);
    part.forEach((body, i) => {
      reader.handles[i] = body.handle;
    });
    const read = (kind: number, i: number): number[] => {
      reader.read(kind, world, part.length);
      return [...reader.values.subarray(i * 4, i * 4 + (kind === bodyVector.rotation ? 4 : 3))];
    };
    for (const i of [0, 1, part.length - 1]) {
      const body = part[i]!;
      const { x, y, z, w } = body.rotation();
      expect(read(bodyVector.translation, i)).toEqual(Object.values(body.translation()));
      expect(read(bodyVector.rotation, i)).toEqual([x, y, z, w]);
      expect(read(bodyVector.linearVelocity, i)).toEqual(Object.values(body.linvel()));
      expect(read(bodyVector.angularVelocity, i)).toEqual(Object.values(body.angvel()));
    }
  }
  world.free();
});

test("vectors given by one that is used again arrive as by Rapier's methods", async () => {
  await openRapier();
  const world = new RapierWorld({ x: 0, y: 0, z: 0 });
  const calls = new VectorCalls(world);
  const [ours, theirs] = [0, 1].map(() => world.createRigidBody(RigidBodyDesc.dynamic().setAdditionalMass(2)));
  calls.setLinearVelocity(ours!.handle, 1, 2, 3);
  theirs!.setLinvel({ x: 1, y: 2, z: 3 }, true);
  calls.setAngularVelocity(ours!.handle, 0.1, 0.2, 0.3);
  theirs!.setAngvel({ x: 0.1, y: 0.2, z: 0.3 }, true);
  calls.addForce(ours!.handle, 5, 6, 7);
  theirs!.addForce({ x: 5, y: 6, z: 7 }, true);
  calls.applyImpulse(ours!.handle, -1, 0.5, 2);
  theirs!.applyImpulse({ x: -1, y: 0.5, z: 2 }, true);
  calls.addTorque(ours!.handle, 0.5, 0, 0);
  theirs!.addTorque({ x: 0.5, y: 0, z: 0 }, true);
  calls.applyTorqueImpulse(ours!.handle, 0, 0.25, 0);
  theirs!.applyTorqueImpulse({ x: 0, y: 0.25, z: 0 }, true);
  world.step();
  expect(ours!.translation()).toEqual(theirs!.translation());
  expect(ours!.linvel()).toEqual(theirs!.linvel());
  expect(ours!.angvel()).toEqual(theirs!.angvel());
  calls.free();
  world.free();
});
