/** The belt of debris that drifts past the yard on both sides, out of everybody's reach. */
import { type Commands, type RandomStream, Rotation } from "../../engine/index.ts";
import { Velocity } from "../components/yard.ts";
import { aboutY } from "../orientation.ts";
import { part } from "../parts.ts";

/** Half the length of the belt: what leaves it at one end comes in again at the other. */
export const beltReach = 130;
const pieceCount = 96;
const colors: readonly number[] = [0x4a5258, 0x6e4f3a, 0x55636a, 0x3d454b, 0x7d5a40, 0x49686a];

export function buildDebris(commands: Commands, random: RandomStream): void {
  for (let piece = 0; piece < pieceCount; piece++) {
    const side = piece % 2 === 0 ? -1 : 1;
    const size = random.between(0.4, 1.8);
    commands.spawn(
      ...part(
        "crate",
        "matt",
        [side * random.between(70, 120), random.between(-30, 14), random.between(-beltReach, beltReach)],
        {
          size: [size, size * random.between(0.4, 1), size * random.between(0.5, 1.6)],
          color: colors[random.below(6)]!,
        },
      ),
      Rotation.of(aboutY(random.between(-3, 3))),
      Velocity.of({ x: random.between(-0.05, 0.05), y: 0, z: side * random.between(0.4, 1.6) }),
    );
  }
}
