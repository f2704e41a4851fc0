/** The conveyors that bring crates from outside and let them fall onto the yard. */
import { boxCollider, type Commands, exact, type Handle, Light, WorldTransform } from "../../engine/index.ts";
import { Conveyor, Lamp, Roller } from "../components/yard.ts";
import { look } from "../look.ts";
import { aboutY, aboutZ, upsideDown } from "../orientation.ts";
import { orange, teal } from "../palette.ts";
import { part, place } from "../parts.ts";

/** Middle of the belt, yaw of its run (0 runs east), half its length. */
const belts: readonly (readonly [x: number, y: number, z: number, yaw: number, halfLength: number])[] = [
  [-27, 3.6, -7, 0, 9],
  [26, 4.4, 12, exact.PI, 9],
  [0, 5, 24, exact.PI / 2, 9],
];
const halfWidth = 1.15;
const rollerCount = 9;

export function buildConveyors(commands: Commands, yard: Handle): void {
  for (const [number, [x, y, z, yaw, halfLength]] of belts.entries()) {
    // Everything is laid out for a run to the east and turned as a whole.
    const belt = commands.spawnChild(
      yard,
      ...place([x, y, z], aboutY(yaw)),
      WorldTransform,
      Conveyor.of({
        axisX: number === 0 ? 1 : number === 1 ? -1 : 0,
        axisZ: number === 2 ? -1 : 0,
        halfLength,
        halfWidth,
        speed: 4,
        nextTick: 30 + number * 50,
      }),
    );
    commands.spawnChild(belt, ...place([0, -0.25, 0]), boxCollider(halfLength, 0.25, halfWidth, { friction: 0.2 }));
    commands.spawnChild(belt, ...part("box", "frame", [0, -0.3, 0], { size: [halfLength * 2, 0.3, 1.9] }));
    for (const side of [-1, 1]) {
      const z = side * (halfWidth + 0.1);
      commands.spawnChild(
        belt,
        ...part("box", "steel", [0, 0, z], { size: [halfLength * 2 + 0.3, 0.7, 0.16] }),
        boxCollider(halfLength, 0.6, 0.08, { friction: 0.1 }),
      );
      commands.spawnChild(
        belt,
        ...part("box", "tealLight", [0, 0.1, z + side * 0.09], { size: [halfLength * 2, 0.08, 0.03] }),
      );
      commands.spawnChild(
        belt,
        ...part("ball", "orangeLight", [halfLength, 0.5, z], { size: [0.32, 0.32, 0.32] }),
        Lamp.of({
          onMaterial: look.material.orangeLight,
          offMaterial: look.material.darkLight,
          periodTicks: 40,
          onTicks: 20,
          phaseTicks: number * 13,
          intensity: 3,
        }),
        Light.of({ color: orange, radius: 6 }),
      );
    }
    for (const along of [-0.5, 0.6])
      commands.spawnChild(
        belt,
        ...place([along * halfLength, 0.6, 0]),
        Light.of({ color: teal, intensity: 1.8, radius: 5 }),
      );
    for (let roller = 0; roller < rollerCount; roller++) {
      const along = ((roller + 0.5) / rollerCount) * 2 - 1;
      const turning = commands.spawnChild(
        belt,
        ...place([along * halfLength, -0.22, 0], aboutZ(0)),
        WorldTransform,
        Roller.of({ speed: -4 / 0.22, phase: roller }),
      );
      // A bar of square section, so that its turning is seen.
      commands.spawnChild(turning, ...part("box", "steel", [0, 0, 0], { size: [0.34, 0.34, halfWidth * 2 - 0.1] }));
    }
    // What holds the far end up.
    commands.spawnChild(belt, ...part("box", "frame", [-halfLength + 1.5, -1.3, 0], { size: [1.6, 1.8, 1.6] }));
    commands.spawnChild(
      belt,
      ...part("cone", "flame", [-halfLength + 1.5, -2.7, 0], { size: [0.9, 1.2, 0.9], rotation: upsideDown }),
    );
    commands.spawnChild(
      belt,
      ...part("box", "frame", [halfLength - 3, -(y - 0.4) / 2 - 0.4, 0], { size: [0.5, y - 0.4, 0.5] }),
    );
  }
}
