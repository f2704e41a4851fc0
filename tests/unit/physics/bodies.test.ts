/** Bodies: what they do is read back, sleep and kinds are as told, and none is forgotten or left behind. */
import { describe, expect, test } from "vitest";
import {
  BodyState,
  ballCollider,
  bodyKind,
  boxCollider,
  Collider,
  capsuleCollider,
  coneCollider,
  cylinderCollider,
  ExternalForce,
  ExternalImpulse,
  LinearVelocity,
  RigidBody,
} from "../../../engine/physics/components.ts";
import { Position, Rotation, WorldTransform } from "../../../engine/transform/components.ts";
import { earth, makeScene, space } from "./scene.ts";

/** One cubic metre of density 1: a mass of 1 kg. */
const box = boxCollider(0.5, 0.5, 0.5);
const fixed = RigidBody.of({ kind: bodyKind.fixed });
const kinematic = RigidBody.of({ kind: bodyKind.kinematic });
const six = (value: number): number => Math.round(value * 1e6) / 1e6;

describe("free bodies", () => {
  test("fall by gravity, scaled and damped as told", async () => {
    const { step, value, at } = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity);
      commands.spawn(RigidBody.of({ gravityScale: 0 }), box, LinearVelocity, Position.of({ x: 10 }));
      commands.spawn(RigidBody.of({ gravityScale: -2 }), box, LinearVelocity, Position.of({ x: 20 }));
      commands.spawn(RigidBody.of({ linearDamping: 3 }), box, LinearVelocity, Position.of({ x: 30 }));
    });
    step(30);
    expect([2, 3, 4].map((e) => value(LinearVelocity, "y", e))).toEqual(
      [-4.905, 0, 9.81].map((y) => expect.closeTo(y, 4)),
    );
    expect(value(LinearVelocity, "y", 5)).toBeGreaterThan(-3);
    expect(at(3)).toEqual([10, 0, 0]);
  });

  test("have a world of their own tick's length", async () => {
    const { step, at } = await makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity.of({ x: 6, y: -3 }));
    });
    step(10);
    expect(at(2)).toEqual([expect.closeTo(1, 5), expect.closeTo(-0.5, 5), 0]);
  });

  test("keep to their locks", async () => {
    const { step, write, at, turned } = await makeScene(earth, (commands) => {
      for (const locks of [8 + 16 + 32, 1 + 2 + 4, 8 + 32, 2])
        commands.spawn(RigidBody.of({ locks }), box, ExternalImpulse, Position.of({ x: locks * 10 }));
    });
    for (const e of [2, 3, 4, 5]) write(ExternalImpulse, { x: 5, z: 5, torqueX: 0.1, torqueY: 0.1 }, e);
    step(20);
    const moved = [2, 3, 4, 5].map((e) => [
      ...at(e).map((x, i) => x !== (i === 0 ? [560, 70, 400, 20][e - 2] : 0)),
      ...turned(e)
        .slice(0, 2)
        .map((x) => x !== 0),
    ]);
    expect(moved).toEqual([
      [false, false, false, true, true],
      [true, true, true, false, false],
      [false, true, false, true, true],
      [true, true, true, true, false],
    ]);
  });

  test("a rotation of all zeros counts as none", async () => {
    const { step, turned } = await makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, Rotation.of({ w: 0 }));
    });
    step(2);
    expect(turned(2)).toEqual([0, 0, 0, 1]);
  });
});

describe("sleep", () => {
  test("a body at rest sleeps, and wakes by a write, a force or a move of what it stands on", async () => {
    const { step, write, value, at } = await makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
      for (const x of [0, 5, 10, 15])
        commands.spawn(RigidBody, box, LinearVelocity, ExternalForce, Position.of({ x, y: 0.5 }));
      commands.spawn(RigidBody.of({ neverSleeps: true }), box, Position.of({ x: 20, y: 0.5 }));
    });
    step(200);
    const asleep = (): number[] => [3, 4, 5, 6, 7].map((e) => value(BodyState, "asleep", e));
    expect(asleep()).toEqual([1, 1, 1, 1, 0]);
    const rest = at(6);
    write(Position, { y: 3 }, 3);
    write(LinearVelocity, { y: 2 }, 4);
    write(ExternalForce, { x: 200 }, 5);
    step();
    expect(asleep()).toEqual([0, 0, 0, 1, 0]);
    expect([at(3)[1], at(4)[1], at(5)[0]]).toEqual([
      expect.closeTo(3, 1),
      expect.closeTo(0.53, 1),
      expect.closeTo(10.05, 1),
    ]);
    expect(at(6)).toEqual(rest);
    write(Position, { y: -10 }, 2);
    step(40);
    expect(at(6)[1]).toBeLessThan(0);
  });

  test("a kinematic body that has rested long moves when told, and pushes what sleeps", async () => {
    const { step, write, at } = await makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
      commands.spawn(kinematic, box, Position.of({ y: 0.5 }));
      commands.spawn(RigidBody, box, Position.of({ x: 1.5, y: 0.5 }));
    });
    step(300);
    for (let i = 1; i <= 60; i++) {
      write(Position, { x: i / 60 }, 3);
      step();
      expect(at(3)[0]).toBeCloseTo(i / 60, 5);
    }
    expect(at(4)[0]).toBeGreaterThan(1.8);
  });
});

describe("kinds", () => {
  test("a fixed body stays where it is put, and what stands on it falls when it is moved away", async () => {
    const { step, write, at, turned } = await makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(2, 0.5, 2), Position.of({ y: -0.5 }), Rotation);
      commands.spawn(RigidBody, box, Position.of({ y: 0.5 }));
    });
    step(60);
    expect([at(2), at(3)[1]]).toEqual([[0, -0.5, 0], expect.closeTo(0.5, 2)]);
    write(Position, { x: 30, y: -4 }, 2);
    write(Rotation, { x: 1, w: 0 }, 2);
    step(60);
    expect([at(2), turned(2)]).toEqual([
      [30, -4, 0],
      [1, 0, 0, 0],
    ]);
    expect(at(3)[1]).toBeLessThan(-3);
  });

  test("another kind given later makes another body", async () => {
    const scene = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody, box, Position.of({ y: 10 }));
    });
    const e = scene.engine.world.store.handleOf(2);
    scene.step(10);
    const [, y] = scene.at(2);
    scene.change((commands) => commands.add(e, fixed));
    scene.step(30);
    expect([scene.at(2)[1], scene.bodyCount, scene.colliderCount]).toEqual([y, 1, 1]);
    scene.change((commands) => commands.add(e, RigidBody.of({ kind: bodyKind.dynamic })));
    scene.step(30);
    expect(scene.at(2)[1]).toBeLessThan(y as number);
  });

  test("bodies of different layers pass through one another", async () => {
    const { step, at } = await makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(50, 0.5, 50, { layers: 2, mask: 4 }), Position.of({ y: -0.5 }));
      commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, { layers: 4, mask: 2 }), Position.of({ x: 0, y: 1 }));
      commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, { layers: 4, mask: 1 }), Position.of({ x: 5, y: 1 }));
      commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, { layers: 1, mask: 2 }), Position.of({ x: 10, y: 1 }));
    });
    step(120);
    expect(at(3)[1]).toBeCloseTo(0.5, 2);
    expect([at(4)[1], at(5)[1]].every((y) => (y as number) < -5)).toBe(true);
  });

  test("every shape rests on the floor at its own height", async () => {
    const { step, at } = await makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
      const shapes = [
        boxCollider(0.5, 0.25, 0.5),
        ballCollider(0.75),
        capsuleCollider(0.5, 0.25),
        cylinderCollider(0.5, 1),
        coneCollider(0.5, 1),
      ];
      for (const [i, shape] of shapes.entries())
        commands.spawn(RigidBody.of({ locks: 7 }), shape, Position.of({ x: i * 5, y: 2 }));
    });
    step(180);
    expect([3, 4, 5, 6, 7].map((e) => at(e)[1])).toEqual([0.25, 0.75, 0.75, 0.5, 0.5].map((y) => expect.closeTo(y, 1)));
  });
});

describe("structure", () => {
  test("bodies and colliders come and go with their components and entities", async () => {
    const scene = await makeScene(earth, (commands) => {
      for (let i = 0; i < 5; i++) commands.spawn(RigidBody, box, Position.of({ x: i * 3 }));
    });
    const { store } = scene.engine.world;
    const counts = (): number[] => [scene.bodyCount, scene.colliderCount];
    scene.step();
    expect(counts()).toEqual([5, 5]);
    scene.change((commands) => commands.remove(store.handleOf(2), Collider));
    expect(counts()).toEqual([5, 4]);
    scene.change((commands) => commands.remove(store.handleOf(3), RigidBody));
    expect(counts()).toEqual([4, 3]);
    scene.change((commands) => commands.despawn(store.handleOf(4)));
    expect(counts()).toEqual([3, 2]);
    scene.change((commands) => [commands.add(store.handleOf(2), box), commands.add(store.handleOf(3), RigidBody)]);
    scene.step();
    expect(counts()).toEqual([4, 4]);
    scene.change((commands) => [2, 3, 5, 6].map((e) => commands.despawn(store.handleOf(e))));
    scene.step();
    expect(counts()).toEqual([0, 0]);
  });

  test("removed and added again in one tick, bodies and colliders are made anew, once", async () => {
    const scene = await makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity.of({ x: 6 }));
      commands.spawn(RigidBody, box, LinearVelocity.of({ x: 6 }), Position.of({ y: 5 }));
    });
    const { store } = scene.engine.world;
    scene.step(10);
    scene.change((commands) => {
      commands.remove(store.handleOf(2), RigidBody);
      commands.add(store.handleOf(2), RigidBody);
      commands.remove(store.handleOf(3), Collider);
      commands.add(store.handleOf(3), ballCollider(1));
      commands.remove(store.handleOf(3), Collider);
      commands.add(store.handleOf(3), box);
      commands.add(store.handleOf(3), boxCollider(1, 1, 1));
    });
    scene.step(10);
    expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 2]);
    expect([scene.at(2)[0], scene.at(3)[0]]).toEqual([2, 2].map((x) => expect.closeTo(x, 4)));
    // An entity that comes and goes within one structure phase leaves no body behind.
    scene.change((commands) => commands.despawn(commands.spawn(RigidBody, box)));
    scene.change((commands) => {
      commands.despawn(store.handleOf(2));
      commands.spawn(RigidBody, box);
    });
    scene.step();
    expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 2]);
  });

  test("an index that is used again gets a body of its own, at its own place", async () => {
    const scene = await makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity.of({ x: 6 }));
    });
    scene.step(10);
    scene.change((commands) => commands.despawn(scene.engine.world.store.handleOf(2)));
    scene.change((commands) => commands.spawn(RigidBody, box, Position.of({ y: 3 })));
    scene.step(10);
    expect(scene.at(2)).toEqual([0, 3, 0]);
  });

  test("bodies of one tick are made in ascending index, whatever the order of commands", async () => {
    const scene = await makeScene(space, (commands) => {
      for (let i = 0; i < 5; i++) commands.spawn(Position.of({ x: i }));
    });
    const { store } = scene.engine.world;
    scene.change((commands) => {
      for (const e of [5, 2, 6, 4, 3]) commands.add(store.handleOf(e), RigidBody);
    });
    scene.step();
    expect(scene.bodyOrder).toEqual([0, 1, 2, 3, 4]);
  });

  test("the same history of commands gives the same hashes", async () => {
    const run = async (): Promise<string[]> => {
      const scene = await makeScene(earth, (commands) => {
        commands.spawn(fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
      });
      const { world } = scene.engine;
      const hashes: string[] = [];
      for (let i = 0; i < 40; i++) {
        scene.change((commands) => {
          if (i % 3 === 2) commands.despawn(world.store.handleOf(world.query([RigidBody]).entities.at(-2) as number));
          commands.spawn(RigidBody, box, Position.of({ x: (i % 5) / 8, y: 4 + (i % 3) }));
        });
        scene.step(5);
        hashes.push(`${world.hash.high} ${world.hash.low}`);
      }
      return hashes;
    };
    expect(await run()).toEqual(await run());
  });
});

test("bodies that are not drawn need no WorldTransform, and those that are have theirs in the same tick", async () => {
  const { step, at, engine } = await makeScene(earth, (commands) => {
    commands.spawn(RigidBody, box);
    commands.spawn(RigidBody, box, WorldTransform, Position.of({ x: 9 }));
  });
  step(7);
  const matrix = engine.world.store.columnsOf(WorldTransform)["matrix"] as Float32Array;
  expect([...matrix.slice(3 * 16 + 12, 3 * 16 + 15)].map(six)).toEqual(at(3));
  expect(at(2)[1]).toBe(at(3)[1]);
});
