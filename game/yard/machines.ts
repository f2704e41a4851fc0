/** Bodies that the world moves: the arm that sweeps the middle of the yard, and the section that drifts. */
import {
  bodyKind,
  boxCollider,
  type Commands,
  cylinderCollider,
  type Handle,
  Light,
  RigidBody,
  WorldTransform,
} from "../../engine/index.ts";
import { DriftSection, Ground, Lamp, Obstacle, SweepArm } from "../components/yard.ts";
import { look } from "../look.ts";
import { aboutY, upsideDown } from "../orientation.ts";
import { orange, plateShades, teal } from "../palette.ts";
import { part, place } from "../parts.ts";

const armHeight = 0.95;
/** Half the drifting section. */
export const sectionHalfX = 4;
export const sectionHalfZ = 5;

export function buildSweepArm(commands: Commands, yard: Handle): void {
  commands.spawnChild(
    yard,
    ...part("cylinder", "frame", [0, 2.5, 0], { size: [1.7, 5, 1.7] }),
    cylinderCollider(2.5, 0.85, { friction: 0.2 }),
  );
  commands.spawnChild(yard, ...part("cylinder", "hazard", [0, 0.12, 0], { size: [2.6, 0.24, 2.6] }));
  commands.spawnChild(yard, ...part("cylinder", "steel", [0, 5.1, 0], { size: [2, 0.4, 2] }));
  commands.spawn(...place([0, 0, 0]), Obstacle.of({ radius: 1.6, halfX: 0.85 }));

  const arm = commands.spawn(
    ...place([0, armHeight, 0], aboutY(0)),
    WorldTransform,
    RigidBody.of({ kind: bodyKind.kinematic, neverSleeps: true }),
    SweepArm.of({ speed: 0.5 }),
  );
  commands.spawnChild(arm, ...place([3.75, 0, 0]), boxCollider(2.85, 0.26, 0.28, { friction: 0.1 }));
  commands.spawnChild(arm, ...part("cylinder", "steel", [0, 0, 0], { size: [2.1, 0.8, 2.1] }));
  for (let piece = 0; piece < 5; piece++)
    commands.spawnChild(
      arm,
      ...part("box", piece % 2 === 0 ? "hazard" : "frame", [1.46 + piece * 1.14, 0, 0], { size: [1.14, 0.5, 0.54] }),
    );
  commands.spawnChild(
    arm,
    ...part("ball", "redLight", [6.5, 0.32, 0], { size: [0.4, 0.4, 0.4] }),
    Lamp.of({
      onMaterial: look.material.redLight,
      offMaterial: look.material.darkLight,
      periodTicks: 30,
      onTicks: 15,
      phaseTicks: 0,
      intensity: 4,
    }),
    Light.of({ color: 0xff3b30, radius: 7 }),
  );
  // The cabin of the crane and its jib turn with the arm, high above.
  commands.spawnChild(arm, ...part("crate", "paint", [0, 4.95, 0], { size: [1.5, 1, 1.4], color: orange }));
  commands.spawnChild(arm, ...part("box", "glass", [0.8, 5.1, 0], { size: [0.3, 0.55, 1.3] }));
  commands.spawnChild(arm, ...part("box", "steel", [3.4, 5.6, 0], { size: [7, 0.24, 0.34] }));
  commands.spawnChild(arm, ...part("box", "frame", [-1.7, 5, 0], { size: [2, 0.7, 1] }));
  commands.spawnChild(arm, ...part("box", "frame", [6.4, 2.95, 0], { size: [0.07, 5.3, 0.07] }));
}

export function buildDriftSection(commands: Commands): void {
  const section = commands.spawn(
    ...place([27, -0.4, -2]),
    WorldTransform,
    RigidBody.of({ kind: bodyKind.kinematic, neverSleeps: true }),
    boxCollider(sectionHalfX, 0.4, sectionHalfZ, { friction: 0.9 }),
    DriftSection.of({ z: -2 }),
    Ground.of({ halfX: sectionHalfX, halfZ: sectionHalfZ, top: 0.4 }),
  );
  for (const x of [-2, 2])
    for (const z of [-3.33, 0, 3.33])
      commands.spawnChild(
        section,
        ...part("plate", "deck", [x, 0.15, z], { size: [1, 1, 0.83], color: plateShades[(x + z + 8) & 3]! }),
      );
  commands.spawnChild(section, ...part("box", "frame", [0, -0.3, 0], { size: [7.6, 0.9, 9.6] }));
  for (const side of [-1, 1])
    commands.spawnChild(
      section,
      ...part("box", "tealLight", [0, -0.1, side * 5.02], { size: [7.4, 0.1, 0.06] }),
      Light.of({ color: teal, intensity: 2.4, radius: 7 }),
    );
  // A wall on the far side keeps the cargo on board.
  commands.spawnChild(section, ...place([3.85, 0.9, 0]), boxCollider(0.12, 0.5, sectionHalfZ, { friction: 0.3 }));
  commands.spawnChild(section, ...part("box", "hazard", [3.85, 1.1, 0], { size: [0.16, 0.2, 10] }));
  commands.spawnChild(section, ...part("box", "steel", [3.85, 0.7, 0], { size: [0.12, 0.16, 10] }));
  for (const x of [-2.6, 2.6])
    for (const z of [-3.4, 3.4]) {
      commands.spawnChild(section, ...part("cylinder", "steel", [x, -1.1, z], { size: [1.3, 0.9, 1.3] }));
      commands.spawnChild(
        section,
        ...part("cone", "flame", [x, -2.4, z], { size: [0.9, 1.7, 0.9], rotation: upsideDown }),
      );
    }
}
