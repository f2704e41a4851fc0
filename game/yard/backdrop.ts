/** What floats around and below the yard: lift engines, and scrap in the distance. Nothing touches it. */
import { type Commands, type Handle, Light, Rotation } from "../../engine/index.ts";
import { Floater } from "../components/yard.ts";
import { aboutY, upsideDown } from "../orientation.ts";
import { teal } from "../palette.ts";
import { part, type Vector } from "../parts.ts";

/** Middle, size, yaw and colour of each piece of scrap. */
const scrap: readonly (readonly [at: Vector, size: Vector, yaw: number, color: number])[] = [
  [[-52, -6, -38], [16, 5, 12], 0.4, 0x4a5258],
  [[-48, -1, -40], [6, 6, 5], 0.9, 0x8a5a3c],
  [[58, -10, -46], [20, 6, 14], -0.3, 0x424a50],
  [[62, -4, -44], [5, 8, 5], 0.2, 0x4f6f6d],
  [[0, 6, -84], [26, 7, 12], 0.1, 0x3d454b],
  [[-8, 13, -82], [4, 9, 4], 0.3, 0x7a4a34],
  [[9, 12, -86], [7, 5, 6], 0.6, 0x55636a],
  [[-74, 4, 12], [14, 6, 18], 0.7, 0x474f55],
  [[78, -2, 30], [18, 5, 13], -0.8, 0x454d53],
  [[74, 3, 27], [5, 5, 5], 0.2, 0x94603c],
  [[-40, -16, 52], [15, 5, 15], 0.5, 0x40484e],
  [[38, -12, 58], [13, 6, 11], 1.1, 0x4b5359],
  [[-28, 16, -66], [3, 3, 3], 0.8, 0x9a6a44],
  [[34, 20, -62], [4, 2.4, 6], 0.3, 0x58676e],
  [[46, 9, -14], [2.4, 2.4, 6], 0.9, 0x49787a],
  [[-44, 8, 2], [3, 3, 3], 0.4, 0xa5673e],
];

export function buildBackdrop(commands: Commands, yard: Handle): void {
  for (const [number, [at, size, yaw, color]] of scrap.entries()) {
    commands.spawn(
      ...part("crate", "matt", at, { size: [size[0] / 1.2, size[1] / 1.2, size[2] / 1.2], color }),
      Rotation.of(aboutY(yaw)),
      Floater.of({ y: at[1], height: 0.5 + (number % 3) * 0.4, phase: number * 1.7 }),
    );
  }
  for (const x of [-16, 16])
    for (const z of [-11, 11]) {
      commands.spawnChild(yard, ...part("cylinder", "frame", [x, -2.6, z], { size: [4.4, 2.2, 4.4] }));
      commands.spawnChild(
        yard,
        ...part("cylinder", "tealLight", [x, -3.4, z], { size: [4.5, 0.16, 4.5] }),
        Light.of({ color: teal, intensity: 2.6, radius: 10 }),
      );
      commands.spawnChild(yard, ...part("cone", "flame", [x, -6.2, z], { size: [3, 5, 3], rotation: upsideDown }));
    }
}
