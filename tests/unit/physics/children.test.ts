/** Children: colliders on the body of an ancestor, kinematic bodies that follow their parents. */
import { describe, expect, test } from "vitest";
import { bodyKind, boxCollider, LinearVelocity, RigidBody } from "../../../engine/physics/components.ts";
import { Position, Rotation, WorldTransform } from "../../../engine/transform/components.ts";
import { faultOf } from "../small-world.ts";
import { earth, makeScene, space } from "./scene.ts";

const half = Math.SQRT1_2;
const fixed = RigidBody.of({ kind: bodyKind.fixed });
const kinematic = RigidBody.of({ kind: bodyKind.kinematic });
const cube = boxCollider(0.5, 0.5, 0.5);
const floor = [fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 })] as const;

describe("colliders of children", () => {
  test("belong to the nearest ancestor with a body, at their place in it", async () => {
    const scene = await makeScene(earth, (commands) => {
      commands.spawn(...floor);
      const table = commands.spawn(RigidBody.of({ locks: 7 }), Position.of({ y: 5 }));
      // A leg 2 m below the table, through an entity that has no body and is turned upside down.
      const upside = commands.spawnChild(table, Position, Rotation.of({ z: 1, w: 0 }));
      commands.spawnChild(upside, cube, Position.of({ y: 2 }));
    });
    scene.step();
    expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 2]);
    scene.step(180);
    expect(scene.at(3)).toEqual([expect.closeTo(0, 3), expect.closeTo(2.5, 1), expect.closeTo(0, 3)]);
  });

  test("report contacts as the child", async () => {
    const scene = await makeScene(earth, (commands) => {
      commands.spawn(...floor);
      const body = commands.spawn(RigidBody, Position.of({ y: 1 }));
      commands.spawnChild(body, boxCollider(0.5, 0.5, 0.5, { reports: true }));
    });
    const seen: string[] = [];
    for (let i = 0; i < 60; i++) {
      scene.step();
      seen.push(...scene.contacts());
    }
    expect(seen[0]).toBe("2-4 began");
  });

  test("wait for a body, go with their entity, and go with the body", async () => {
    const scene = await makeScene(space, (commands) => {
      const top = commands.spawn(Position);
      commands.spawnChild(top, cube);
      commands.spawnChild(top, cube, Position.of({ x: 3 }));
    });
    const { store } = scene.engine.world;
    const counts = (): number[] => [scene.bodyCount, scene.colliderCount];
    scene.step();
    expect(counts()).toEqual([0, 0]);
    scene.change((commands) => commands.add(store.handleOf(2), RigidBody));
    scene.step();
    expect(counts()).toEqual([1, 2]);
    scene.change((commands) => commands.despawn(store.handleOf(3)));
    scene.step();
    expect(counts()).toEqual([1, 1]);
    scene.change((commands) => commands.remove(store.handleOf(2), RigidBody));
    scene.step();
    expect(counts()).toEqual([0, 0]);
    scene.change((commands) => commands.add(store.handleOf(2), RigidBody));
    scene.step();
    expect(counts()).toEqual([1, 1]);
    scene.change((commands) => commands.despawn(store.handleOf(2)));
    scene.step();
    expect([counts(), store.aliveCount]).toEqual([[0, 0], 1]);
  });

  /** Two bodies at 3 m of which only the left has a collider: without one a body has no mass and does not fall. */
  const heights = async (disturb: (scene: Awaited<ReturnType<typeof makeScene>>) => void): Promise<number[]> => {
    const scene = await makeScene(earth, (commands) => {
      commands.spawn(...floor);
      const left = commands.spawn(RigidBody, Position.of({ x: -5, y: 3 }));
      commands.spawn(RigidBody, Position.of({ x: 5, y: 3 }));
      commands.spawnChild(left, cube);
    });
    scene.step();
    disturb(scene);
    scene.step(120);
    return [3, 4].map((e) => Math.round((scene.at(e)[1] as number) * 10) / 10);
  };

  test("give their body its mass", async () => {
    expect(await heights(() => {})).toEqual([0.5, 3]);
  });

  test("go over to the new body when they are reparented", async () => {
    const [, right] = await heights((scene) => {
      const { store } = scene.engine.world;
      scene.change((commands) => commands.reparent(store.handleOf(5), store.handleOf(4)));
    });
    expect(right).toBe(0.5);
  });

  test("go over to the ancestor's body when their own is removed", async () => {
    const scene = await makeScene(space, (commands) => {
      const top = commands.spawn(RigidBody);
      commands.spawnChild(top, kinematic, cube, WorldTransform, Position.of({ x: 2 }));
    });
    scene.step();
    expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 1]);
    scene.change((commands) => commands.remove(scene.engine.world.store.handleOf(3), RigidBody));
    scene.step();
    expect([scene.bodyCount, scene.colliderCount]).toEqual([1, 1]);
  });
});

describe("kinematic children", () => {
  test("follow their parent's transform and push what is in their way", async () => {
    const scene = await makeScene(space, (commands) => {
      const cart = commands.spawn(Position, Rotation, WorldTransform);
      commands.spawnChild(cart, kinematic, cube, WorldTransform, Position.of({ x: 2 }));
      commands.spawn(RigidBody, cube, LinearVelocity, Position.of({ x: 5 }));
    });
    scene.step();
    for (let i = 1; i <= 90; i++) {
      scene.write(Position, { x: i / 30 }, 2);
      scene.step();
    }
    expect(scene.at(3)).toEqual([2, 0, 0]);
    expect(scene.at(4)[0]).toBeGreaterThan(5.9);
  });

  test("turn about their parent", async () => {
    const scene = await makeScene(space, (commands) => {
      const hub = commands.spawn(Position, Rotation, WorldTransform);
      commands.spawnChild(hub, kinematic, cube, WorldTransform, Position.of({ x: 2 }));
      commands.spawn(fixed, boxCollider(0.1, 0.1, 0.1, { sensor: true }), Position.of({ z: -2 }));
    });
    const seen: string[] = [];
    // A quarter turn about y brings (2, 0, 0) to (0, 0, -2), where the sensor waits.
    for (let i = 0; i <= 20; i++) {
      const [y, w] = i === 20 ? [half, half] : [(half * i) / 20, Math.sqrt(1 - ((half * i) / 20) ** 2)];
      scene.write(Rotation, { y: y as number, w: w as number }, 2);
      scene.step();
      seen.push(...scene.contacts());
    }
    scene.step(3);
    seen.push(...scene.contacts());
    expect(seen).toEqual(["3-4 began (sensor)"]);
  });

  test("of the world's first entities begin at their place, not at the origin", async () => {
    const scene = await makeScene(space, (commands) => {
      const cart = commands.spawn(Position.of({ x: 20 }), WorldTransform);
      commands.spawnChild(cart, kinematic, cube, WorldTransform);
      commands.spawn(fixed, boxCollider(0.4, 0.4, 0.4, { sensor: true }));
    });
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      scene.step();
      seen.push(...scene.contacts());
    }
    expect(seen).toEqual([]);
  });

  test("without a WorldTransform are refused: they would have no place", async () => {
    const scene = await makeScene(space, (commands) => {
      commands.spawnChild(commands.spawn(Position), WorldTransform, cube);
    });
    const child = scene.engine.world.store.handleOf(3);
    scene.step();
    scene.change((commands) => commands.remove(child, WorldTransform));
    scene.change((commands) => commands.add(child, kinematic));
    expect(faultOf(() => scene.step())).toMatchObject({
      kind: "system-threw",
      fields: { entity: 3, message: expect.stringContaining("needs a WorldTransform") },
    });
  });
});

test("a dynamic body does not become a child later either", async () => {
  const scene = await makeScene(space, (commands) => [commands.spawn(Position), commands.spawn(RigidBody, cube)]);
  const { store } = scene.engine.world;
  scene.step();
  expect(
    faultOf(() => scene.change((commands) => commands.reparent(store.handleOf(3), store.handleOf(2)))),
  ).toMatchObject({
    kind: "physics-invalid",
    fields: { entity: 3 },
  });
});

test("a subtree of colliders that is despawned, or changes hands and is despawned, leaves none behind", async () => {
  const scene = await makeScene(space, (commands) => {
    const left = commands.spawn(RigidBody);
    commands.spawn(RigidBody);
    const arm = commands.spawnChild(left, cube);
    commands.spawnChild(commands.spawnChild(arm, Position), cube);
  });
  const { store } = scene.engine.world;
  scene.step();
  expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 2]);
  scene.change((commands) => commands.reparent(store.handleOf(4), store.handleOf(3)));
  scene.step();
  expect([scene.bodyCount, scene.colliderCount]).toEqual([2, 2]);
  scene.change((commands) => {
    commands.reparent(store.handleOf(4), store.handleOf(2));
    commands.despawn(store.handleOf(4));
  });
  // The indices of what went are used again at once, by bodies without colliders.
  scene.change((commands) => [commands.spawn(RigidBody), commands.spawn(RigidBody), commands.spawn(RigidBody)]);
  scene.step();
  expect([scene.bodyCount, scene.colliderCount]).toEqual([5, 0]);
});
