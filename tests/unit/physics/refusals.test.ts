/** What cannot be a body is a fault that names the entity, at the start of the physics phase. */
import { describe, expect, test } from "vitest";
import {
  ballCollider,
  bodyKind,
  boxCollider,
  Collider,
  capsuleCollider,
  coneCollider,
  cylinderCollider,
  RigidBody,
} from "../../../engine/physics/components.ts";
import { Position } from "../../../engine/transform/components.ts";
import { faultOf } from "../small-world.ts";
import { earth, makeScene } from "./scene.ts";

const box = boxCollider(0.5, 0.5, 0.5);
const fixed = RigidBody.of({ kind: bodyKind.fixed });

describe("refused", () => {
  test.each([
    ["a box without a size", boxCollider(0.5, 0, 0.5)],
    ["a box of a negative size", boxCollider(0.5, -1, 0.5)],
    ["a ball without a radius", ballCollider(0)],
    ["a capsule without a height", capsuleCollider(0, 1)],
    ["a cylinder without a radius", cylinderCollider(1, 0)],
    ["a cone of a negative height", coneCollider(-1, 1)],
    ["a shape that does not exist", Collider.of({ shape: 5, halfX: 1, halfY: 1, halfZ: 1, radius: 1 })],
    ["a shape with nothing said", Collider.of({})],
  ])("%s", async (_, collider) => {
    const { step } = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody, collider);
    });
    expect(faultOf(() => step())).toMatchObject({
      kind: "system-threw",
      fields: { system: "push-bodies", entity: 2, message: expect.stringContaining("E0308") },
    });
  });

  test("an infinite size", async () => {
    const { step } = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody, boxCollider(Number.POSITIVE_INFINITY, 1, 1));
    });
    expect(faultOf(() => step()).kind).toBe("system-threw");
  });

  test("a kind that does not exist", async () => {
    const { step } = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody.of({ kind: 3 }), box);
    });
    expect(faultOf(() => step())).toMatchObject({ kind: "system-threw", fields: { entity: 2 } });
  });

  test("a dynamic body below a parent", async () => {
    const { step } = await makeScene(earth, (commands) => {
      commands.spawnChild(commands.spawn(Position), RigidBody, box);
    });
    expect(faultOf(() => step())).toMatchObject({
      kind: "system-threw",
      fields: { entity: 3, message: expect.stringContaining("child of another") },
    });
  });

  test("more contacts in a tick than the limit", async () => {
    const { step } = await makeScene(
      earth,
      (commands) => {
        commands.spawn(fixed, boxCollider(50, 0.5, 50), Position.of({ y: -0.5 }));
        for (let i = 0; i < 5; i++)
          commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, { reports: true }), Position.of({ x: i * 2, y: 0.6 }));
      },
      { eventsPerTick: 4 },
    );
    expect(faultOf(() => step(60))).toMatchObject({
      kind: "system-threw",
      fields: { message: expect.stringContaining("eventsPerTick (Contact)") },
    });
  });
});
