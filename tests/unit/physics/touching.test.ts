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
const lastEntity = crateCount + 3;

/** A heap of crates on a floor (2) with a sensor (3) in it; entity 1 is the configuration. */
async function heap(reports: boolean): Promise<{ scene: Scene; physics: PhysicsSubsystem }> {
  const draws = new Draws(seed);
  const scene = await makeScene(earth, (commands) => {
    const fixed = RigidBody.of({ kind: bodyKind.fixed });
    commands.spawn(fixed, boxCollider(9, 0.5, 9, { reports }), Position.of({ y: -0.5 }));
    commands.spawn(fixed, boxCollider(1, 1, 1, { sensor: true }), Position.of({ y: 1 }));
    for (let i = 0; i < crateCount; i++)
      commands.spawn(
        RigidBody,
        boxCollider(0.5, 0.5, 0.5, { reports }),
        Position.of({ x: draws.between(-1.5, 1.5), y: 1 + i * 0.6, z: draws.between(-1.5, 1.5) }),
      );
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
        const [, a, b, what, sensor = ""] = /^(\d+)-(\d+) (began|ceased)( \(sensor\))?$/.exec(text)!;
        for (const pair of [`${a}-${b}${sensor}`, `${b}-${a}${sensor}`])
          if (what === "began") open.add(pair);
          else open.delete(pair);
      }
      expect([tick, everyone(physics).sort()]).toEqual([tick, [...open].sort()]);
      most = Math.max(most, open.size);
    }
    expect(most).toBeGreaterThan(60);
    scene.engine.dispose();
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
        // Of solid bodies nothing is reported here.
        expect(events.tableOf(Contact).columns["sensor"]!.subarray(0, events.tableOf(Contact).count)).not.toContain(0);
      }
      hashes.push(line);
      scene.engine.dispose();
    }
    expect(read.at(-1)!.length).toBeGreaterThan(60);
    expect(hashes[0]).toEqual(hashes[1]);
  });

  test("gives nothing of who has no body", async () => {
    const { scene, physics } = await heap(true);
    scene.step();
    expect([physics.touchedBy(1), physics.touchedBy(lastEntity + 1)]).toEqual([[], []]);
    scene.engine.dispose();
  });
});
