/** Who touches whom, read from Rapier: what events tell, also of bodies that report nothing, and reading leaves no trace. */
import { describe, expect, test } from "vitest";
import { bodyKind, boxCollider, Contact, RigidBody } from "../../../engine/physics/components.ts";
import { type PhysicsSubsystem, physicsOf } from "../../../engine/physics/subsystem.ts";
import { encodeKeyframe } from "../../../engine/replay/keyframe.ts";
import { Position } from "../../../engine/transform/components.ts";
import { Draws, testSeed } from "../seeds.ts";
import { earth, makeScene, type Scene } from "./scene.ts";

const seed = testSeed("touching");
const crateCount = 24;
const lastEntity = crateCount + 2;

/** A heap of crates on a floor (2); entity 1 is the configuration. */
async function heap(
  reports: boolean,
  { of = seed, hasSensor = false } = {},
): Promise<{ scene: Scene; physics: PhysicsSubsystem }> {
  const draws = new Draws(of);
  const scene = await makeScene(earth, (commands) => {
    const fixed = RigidBody.of({ kind: bodyKind.fixed });
    commands.spawn(fixed, boxCollider(9, 0.5, 9, { reports }), Position.of({ y: -0.5 }));
    for (let i = 0; i < crateCount; i++)
      commands.spawn(
        RigidBody,
        boxCollider(0.5, 0.5, 0.5, { reports }),
        Position.of({ x: draws.between(-1.5, 1.5), y: 1 + i * 0.6, z: draws.between(-1.5, 1.5) }),
      );
    if (hasSensor) commands.spawn(fixed, boxCollider(1, 1, 1, { sensor: true }), Position.of({ y: 1 }));
  });
  return { scene, physics: physicsOf(scene.engine.program)! };
}

const everyone = (physics: PhysicsSubsystem): string[] =>
  Array.from({ length: lastEntity }, (_, at) => at + 1).flatMap((entity) =>
    physics.touchedBy(entity).map((other) => `${entity}-${other.entity}${other.isSensor ? " (sensor)" : ""}`),
  );

describe("reading", () => {
  test("gives what events of reporting colliders add up to, at every tick", async () => {
    const { scene, physics } = await heap(true);
    const open = new Set<string>();
    let most = 0;
    for (let tick = 0; tick < 200; tick++) {
      scene.step();
      for (const text of scene.contacts()) {
        const [, a, b, what] = /^(\d+)-(\d+) (began|ceased)$/.exec(text)!;
        for (const pair of [`${a}-${b}`, `${b}-${a}`])
          if (what === "began") open.add(pair);
          else open.delete(pair);
      }
      expect([tick, everyone(physics).sort()]).toEqual([tick, [...open].sort()]);
      most = Math.max(most, open.size);
    }
    // Each crate that rests has a way of touches to the floor, told from both ends.
    expect(most).toBeGreaterThan(crateCount);
    scene.engine.dispose();
  });

  test("of a pair that begins and ceases more than once in a step, events add up to what is so at its end", async () => {
    let more = 0;
    for (const of of [5, seed]) {
      const { scene } = await heap(true, { of, hasSensor: true });
      const open = new Set<string>();
      for (let tick = 0; tick < 160; tick++) {
        scene.step();
        const told = scene.contacts().map((text) => /^(\d+-\d+) (began|ceased)/.exec(text)!);
        for (const [text, pair, what] of told) {
          // Each is the other of what was before.
          expect([of, tick, text, open.has(pair!)]).toEqual([of, tick, text, what === "ceased"]);
          if (what === "began") open.add(pair!);
          else open.delete(pair!);
        }
        more += told.length - new Set(told.map(([, pair]) => pair)).size;
      }
      scene.engine.dispose();
    }
    expect(more).toBeGreaterThan(0);
  });

  test("gives the same of colliders that report nothing, and leaves hash, save and what follows as they were", async () => {
    const keyframe = ({ engine }: Scene): Uint8Array => encodeKeyframe(engine, engine.save());
    const read: string[][] = [];
    const hashes: (readonly number[])[][] = [];
    for (const isRead of [true, false]) {
      const { scene, physics } = await heap(false);
      const { hash, events } = scene.engine.world;
      const line: (readonly number[])[] = [];
      for (let tick = 0; tick < 160; tick++) {
        scene.step();
        line.push([hash.high, hash.low]);
        if (!isRead) continue;
        // The whole state, Rapier's memory included.
        const before = tick % 40 === 39 ? keyframe(scene) : undefined;
        read.push(everyone(physics));
        if (before !== undefined) expect(Buffer.compare(keyframe(scene), before)).toBe(0);
        expect(events.tableOf(Contact).count).toBe(0);
      }
      hashes.push(line);
      scene.engine.dispose();
    }
    // At some tick: at a given one some of the crates may be in the air.
    expect(Math.max(...read.map(({ length }) => length))).toBeGreaterThan(crateCount);
    expect(hashes[0]).toEqual(hashes[1]);
  });

  test("marks a sensor, for as long as a body is within it", async () => {
    const scene = await makeScene(earth, (commands) => {
      commands.spawn(RigidBody.of({ kind: bodyKind.fixed }), boxCollider(1, 1, 1, { sensor: true }));
      commands.spawn(RigidBody, boxCollider(0.5, 0.5, 0.5), Position.of({ y: 4 }));
    });
    const physics = physicsOf(scene.engine.program)!;
    const within: string[] = [];
    for (let tick = 1; tick <= 120; tick++) {
      scene.step();
      for (const text of scene.contacts()) within.push(`${tick}: ${text}`);
      const isWithin = within.at(-1)?.includes("began") === true;
      expect([tick, physics.touchedBy(3)]).toEqual([tick, isWithin ? [{ entity: 2, isSensor: true }] : []]);
      expect([tick, physics.touchedBy(2)]).toEqual([tick, isWithin ? [{ entity: 3, isSensor: true }] : []]);
    }
    expect(within.map((text) => text.replace(/^\d+: /, ""))).toEqual(["2-3 began (sensor)", "2-3 ceased (sensor)"]);
    scene.engine.dispose();
  });

  test("gives nothing of who has no body", async () => {
    const { scene, physics } = await heap(true);
    scene.step();
    expect([physics.touchedBy(1), physics.touchedBy(lastEntity + 1)]).toEqual([[], []]);
    scene.engine.dispose();
  });
});
