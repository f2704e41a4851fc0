/** What world code gives to bodies: poses, velocities, forces and impulses. */
import { describe, expect, test } from "vitest";
import {
  AngularVelocity,
  boxCollider,
  ExternalForce,
  ExternalImpulse,
  LinearVelocity,
  RigidBody,
} from "../../../engine/physics/components.ts";
import { Position, Rotation } from "../../../engine/transform/components.ts";
import { makeScene, space } from "./scene.ts";

/** One cubic metre of density 1: a mass of 1 kg. */
const box = boxCollider(0.5, 0.5, 0.5);
const dt = 1 / 60;

describe("what world code writes", () => {
  const drifting = () =>
    makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity.of({ x: 3 }), AngularVelocity);
    });

  test("to Position is a jump that keeps the velocity", async () => {
    const { step, write, at, value } = await drifting();
    step(10);
    write(Position, { x: 100, y: 50, z: -2 }, 2);
    step();
    expect(at(2)).toEqual([100 + 3 * dt, 50, -2].map((x) => expect.closeTo(x, 4)));
    expect(value(LinearVelocity, "x", 2)).toBe(3);
    step(60);
    expect(at(2)[0]).toBeCloseTo(103 + 3 * dt, 2);
  });

  test("to Rotation is a turn", async () => {
    const { step, write, turned } = await drifting();
    step();
    write(Rotation, { y: 0.6, w: 0.8 }, 2);
    step(5);
    expect(turned(2)).toEqual([0, expect.closeTo(0.6, 5), 0, expect.closeTo(0.8, 5)]);
  });

  test("to the velocities is their new value", async () => {
    const { step, write, at, value } = await drifting();
    step(6);
    write(LinearVelocity, { x: 0, y: 6 }, 2);
    write(AngularVelocity, { z: 1 }, 2);
    step(60);
    expect(at(2)).toEqual([expect.closeTo(0.3, 4), expect.closeTo(6, 3), 0]);
    expect(value(AngularVelocity, "z", 2)).toBeCloseTo(1, 4);
  });

  test("in the tick in which a velocity is added is given as well", async () => {
    const { step, change, at, engine } = await makeScene(space, (commands) => {
      commands.spawn(RigidBody, box);
    });
    step(2);
    change((commands) => commands.add(engine.world.store.handleOf(2), LinearVelocity.of({ y: 6 })));
    step(10);
    expect(at(2)).toEqual([0, expect.closeTo(1, 5), 0]);
  });

  test("and nothing else: a velocity added bare to a moving body is read, not written, also the second time", async () => {
    const { step, change, value, engine } = await drifting();
    const e = engine.world.store.handleOf(2);
    step();
    change((commands) => commands.remove(e, LinearVelocity));
    step();
    change((commands) => commands.add(e, LinearVelocity));
    step();
    expect(value(LinearVelocity, "x", 2)).toBe(3);
  });
});

describe("forces and impulses", () => {
  const floating = () =>
    makeScene(space, (commands) => {
      commands.spawn(RigidBody, box, LinearVelocity, AngularVelocity, ExternalForce, ExternalImpulse);
    });
  const loads = ["x", "y", "z", "torqueX", "torqueY", "torqueZ"];

  test("a force acts for one tick and is zeroed", async () => {
    const { step, write, value } = await floating();
    write(ExternalForce, { x: 60, y: -30, z: 6 }, 2);
    step();
    const velocity = (): number[] => ["x", "y", "z"].map((field) => value(LinearVelocity, field, 2));
    expect(velocity()).toEqual([1, -0.5, 0.1].map((v) => expect.closeTo(v, 5)));
    expect(loads.map((field) => value(ExternalForce, field, 2))).toEqual([0, 0, 0, 0, 0, 0]);
    step(20);
    expect(velocity()).toEqual([1, -0.5, 0.1].map((v) => expect.closeTo(v, 5)));
  });

  test("added in every tick it keeps on", async () => {
    const { step, write, value } = await floating();
    for (let i = 0; i < 60; i++) {
      write(ExternalForce, { x: 2 }, 2);
      step();
    }
    expect(value(LinearVelocity, "x", 2)).toBeCloseTo(2, 4);
  });

  test("a torque turns; an impulse and an angular impulse act at once; all are zeroed", async () => {
    const { step, write, value } = await floating();
    // The cube's moment of inertia is 1/6.
    write(ExternalForce, { torqueY: 10 }, 2);
    step();
    expect(value(AngularVelocity, "y", 2)).toBeCloseTo(1, 4);
    write(ExternalImpulse, { z: 2, torqueX: 0.5 }, 2);
    step();
    expect([value(LinearVelocity, "z", 2), value(AngularVelocity, "x", 2)]).toEqual(
      [2, 3].map((v) => expect.closeTo(v, 3)),
    );
    expect(
      [ExternalForce, ExternalImpulse].map((component) => loads.map((field) => value(component, field, 2))),
    ).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test("a force whose component is removed leaves nothing behind in the body", async () => {
    const { step, write, value, change, engine } = await floating();
    write(ExternalForce, { x: 60 }, 2);
    step();
    change((commands) => commands.remove(engine.world.store.handleOf(2), ExternalForce));
    step(10);
    expect(value(LinearVelocity, "x", 2)).toBeCloseTo(1, 5);
  });
});
