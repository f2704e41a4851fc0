/** Contacts: each beginning and end once, in ascending order, sensors marked and without effect. */
import { describe, expect, test } from "vitest";
import { ballCollider, bodyKind, boxCollider, LinearVelocity, RigidBody } from "../../../engine/physics/components.ts";
import { Position } from "../../../engine/transform/components.ts";
import { Draws, testSeed } from "../seeds.ts";
import { earth, makeScene, type Scene, space } from "./scene.ts";

const seed = testSeed("contacts");
const reports = { reports: true };
const fixed = RigidBody.of({ kind: bodyKind.fixed });

/** Steps and gives the contacts of each tick that had any, as "tick: a-b began". */
function follow(scene: Scene, ticks: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < ticks; i++) {
    scene.step();
    lines.push(...scene.contacts().map((text) => `${scene.engine.world.tickCount}: ${text}`));
  }
  return lines;
}

test("a heap of crates: ascending, each pair begins before it ceases, never twice", async () => {
  const draws = new Draws(seed);
  const scene = await makeScene(earth, (commands) => {
    commands.spawn(fixed, boxCollider(20, 0.5, 20), Position.of({ y: -0.5 }));
    for (let i = 0; i < 60; i++)
      commands.spawn(
        RigidBody,
        boxCollider(0.5, 0.5, 0.5, reports),
        Position.of({ x: draws.between(-2, 2), y: 1 + i * 0.4, z: draws.between(-2, 2) }),
      );
  });
  const touching = new Set<string>();
  let most = 0;
  let total = 0;
  for (let tick = 0; tick < 300; tick++) {
    scene.step();
    const contacts = scene.contacts();
    const pairs = contacts.map((text) => (text.split(" ")[0] as string).split("-").map(Number) as [number, number]);
    const sorted = [...pairs].sort(([a, b], [c, d]) => a - c || b - d);
    expect(pairs).toEqual(sorted);
    expect(pairs.every(([a, b]) => a < b && b <= 62)).toBe(true);
    for (const text of contacts) {
      const [pair, what] = text.split(" ") as [string, string];
      expect([text, touching.has(pair)]).toEqual([text, what === "ceased"]);
      if (what === "began") touching.add(pair);
      else touching.delete(pair);
    }
    most = Math.max(most, contacts.length);
    total += contacts.length;
  }
  expect([most > 3, total > 100, touching.size > 30]).toEqual([true, true, true]);
});

describe("sensors", () => {
  const gate = (
    commands: Parameters<Parameters<typeof makeScene>[1]>[0],
    sensor: boolean,
    kind: number = bodyKind.fixed,
  ): void => {
    commands.spawn(RigidBody, ballCollider(0.25), LinearVelocity.of({ x: 6 }));
    if (sensor) commands.spawn(RigidBody.of({ kind }), boxCollider(0.5, 2, 2, { sensor: true }), Position.of({ x: 3 }));
  };

  test.each([
    ["fixed", bodyKind.fixed],
    ["kinematic", bodyKind.kinematic],
    ["dynamic", bodyKind.dynamic],
  ])("that are %s tell of the coming and going, and push nothing", async (_, kind) => {
    const scene = await makeScene(space, (commands) => gate(commands, true, kind));
    const free = await makeScene(space, (commands) => gate(commands, false));
    const lines = follow(scene, 60);
    free.step(60);
    expect(lines.map((line) => line.split(": ")[1])).toEqual(["2-3 began (sensor)", "2-3 ceased (sensor)"]);
    // The ball's edge reaches x = 2.5 after 2.25 m and leaves 3.5 after 3.75 m, at a tenth of a metre a tick.
    expect(lines.map((line) => Number(line.split(":")[0]))).toEqual([23, 38].map((tick) => expect.closeTo(tick, -1)));
    expect(scene.at(2)).toEqual(free.at(2));
  });

  test("that are fixed see kinematic bodies as well, which a plain collider does not; Rapier never pairs two fixed ones", async () => {
    const scene = await makeScene(space, (commands) => {
      commands.spawn(fixed, boxCollider(1, 1, 1, { sensor: true }));
      commands.spawn(fixed, boxCollider(1, 1, 1), Position.of({ x: 0.5 }));
      commands.spawn(RigidBody.of({ kind: bodyKind.kinematic }), boxCollider(1, 1, 1), Position.of({ y: 0.5 }));
    });
    expect(follow(scene, 3)).toEqual(["1: 2-4 began (sensor)"]);
  });
});

describe("reports", () => {
  const drop = (a: object, b: object) =>
    makeScene(earth, (commands) => {
      commands.spawn(fixed, boxCollider(5, 0.5, 5, a), Position.of({ y: -0.5 }));
      commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, b), Position.of({ y: 1 }));
    });

  test.each([
    [{}, {}, 0],
    [reports, {}, 1],
    [{}, reports, 1],
    [reports, reports, 1],
  ])("of %j and %j give %i beginning", async (a, b, count) => {
    const lines = follow(await drop(a, b), 60).filter((line) => line.endsWith("began"));
    expect(lines.length > 0 ? 1 : 0).toBe(count);
  });

  test("name no entity that is gone", async () => {
    const scene = await drop(reports, reports);
    scene.step(60);
    scene.change((commands) => commands.despawn(scene.engine.world.store.handleOf(3)));
    expect(follow(scene, 10)).toEqual([]);
    scene.change((commands) => commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5, reports), Position.of({ y: 0.5 })));
    expect(follow(scene, 3)).toEqual([`${scene.engine.world.tickCount - 2}: 2-3 began`]);
  });
});
