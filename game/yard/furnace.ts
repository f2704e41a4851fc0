/** The furnace beyond the north edge: walls, a pit with a sensor in it, chimneys and the score board. */
import { boxCollider, type Commands, type Handle, Light, untinted, WorldTransform } from "../../engine/index.ts";
import { Furnace, FurnaceFlame, FurnaceMouth, Glow, Lamp, ScoreBar } from "../components/yard.ts";
import { look } from "../look.ts";
import { seatColors } from "../palette.ts";
import { part, place, type Vector } from "../parts.ts";
import { layer } from "../physics.ts";
import { seatCount } from "../tugs.ts";
import { deckHalfZ } from "./deck.ts";

/** Half the width of the mouth. */
export const mouthHalfX = 3.6;
/** Where crates are aimed at. */
export const mouth: Vector = [0, 1.2, -deckHalfZ - 2];
const front = -deckHalfZ;
const depth = 6;
const middleZ = front - depth / 2;

export function buildFurnace(commands: Commands, yard: Handle): void {
  const wall = (middle: Vector, size: Vector): void => {
    commands.spawnChild(yard, ...place(middle), boxCollider(size[0] / 2, size[1] / 2, size[2] / 2, { friction: 0.4 }));
    commands.spawnChild(yard, ...part("box", "brick", middle, { size }));
  };
  wall([-4.9, 2.2, middleZ], [2.6, 6.4, depth]);
  wall([4.9, 2.2, middleZ], [2.6, 6.4, depth]);
  wall([0, 4.4, middleZ], [7.2, 2, depth]);
  wall([0, 1, front - depth + 0.2], [7.2, 6, 0.4]);
  wall([0, -1.6, middleZ], [7.2, 0.6, depth]);

  const furnace = commands.spawnChild(yard, ...place([0, 0, middleZ]), WorldTransform, Furnace);
  commands.spawnChild(
    yard,
    ...place([0, 0.8, front - 3.2]),
    boxCollider(3.4, 2.2, 2.2, { sensor: true, layers: layer.sensor, mask: layer.crate }),
    FurnaceMouth,
  );
  // The heat keeps tugs out.
  commands.spawnChild(
    yard,
    ...place([0, 1.5, front - 0.3]),
    boxCollider(mouthHalfX, 1.5, 0.2, { layers: layer.heat, mask: layer.tug }),
  );

  const seen = (...args: Parameters<typeof part>): Handle => commands.spawnChild(furnace, ...part(...args));
  seen("box", "lava", [0, -1.05, 0], { size: [7.2, 0.5, depth - 0.4] });
  seen("box", "lava", [0, 1.1, -2.55], { size: [7.2, 4.4, 0.1] });
  // The frame of the mouth.
  seen("box", "orangeLight", [-3.52, 1.7, 3.02], { size: [0.16, 3.4, 0.12] });
  seen("box", "orangeLight", [3.52, 1.7, 3.02], { size: [0.16, 3.4, 0.12] });
  seen("box", "orangeLight", [0, 3.36, 3.02], { size: [7.2, 0.16, 0.12] });
  seen("box", "hazard", [0, 5.2, 3.05], { size: [12, 0.3, 0.2] });
  for (const side of [-1, 1]) {
    seen("box", "frame", [side * 6, 1.4, 2.7], { size: [0.6, 5, 0.7] });
    seen("cylinder", "brick", [side * 3.6, 8, -1], { size: [2, 6, 2] });
    seen("cylinder", "frame", [side * 3.6, 11.1, -1], { size: [2.4, 0.5, 2.4] });
    seen("cylinder", "lava", [side * 3.6, 11.4, -1], { size: [1.5, 0.12, 1.5] });
    seen("cylinder", "hazard", [side * 3.6, 7, -1], { size: [2.1, 0.4, 2.1] });
    commands.spawnChild(
      furnace,
      ...part("box", "redLight", [side * 3.6, 11.7, -1], { size: [0.3, 0.5, 0.3] }),
      Lamp.of({
        onMaterial: look.material.redLight,
        offMaterial: look.material.darkLight,
        periodTicks: 90,
        onTicks: 30,
        phaseTicks: side > 0 ? 45 : 0,
        intensity: 4,
      }),
      Light.of({ color: 0xff3b30, radius: 9 }),
    );
  }
  for (const side of [-1, 1]) seen("box", "lava", [side * 3.57, 0.9, -0.2], { size: [0.06, 4, depth - 0.8] });
  for (let tongue = 0; tongue < 9; tongue++)
    commands.spawnChild(
      furnace,
      ...part("cone", "blaze", [(tongue - 4) * 0.8, -0.9, (tongue % 3) * 1.1 - 1.4], { size: [2, 1, 2] }),
      FurnaceFlame.of({ base: 0.5, reach: 4.2 - (tongue % 3) * 0.7, phase: tongue * 0.9 }),
    );
  for (const [number, [x, y, z, radius, intensity]] of glows.entries())
    commands.spawnChild(
      furnace,
      ...place([x, y, z]),
      Light.of({ color: 0xff6a1e, radius }),
      Glow.of({ intensity, reach: intensity * 1.2, phase: number * 2.1 }),
    );
  buildScoreBoard(commands, furnace);
}

/** Place, radius and intensity of the furnace's lights: before the mouth and over the chimneys. */
const glows: readonly (readonly [x: number, y: number, z: number, radius: number, intensity: number])[] = [
  [0, 2.4, 6.2, 18, 2.4],
  [-3.6, 12.2, -1, 7, 3],
  [3.6, 12.2, -1, 7, 3],
];

/** A column for each seat above the mouth; its height is the score. */
function buildScoreBoard(commands: Commands, furnace: Handle): void {
  commands.spawnChild(furnace, ...part("box", "frame", [0, 5.5, 2.4], { size: [7.6, 0.3, 0.8] }));
  for (let seat = 0; seat < seatCount; seat++) {
    const y = 5.65;
    commands.spawnChild(
      furnace,
      ...part("box", "paint", [(seat - (seatCount - 1) / 2) * 0.46, y, 2.4], {
        size: [0, 0, 0],
        color: seatColors[seat] ?? untinted,
      }),
      ScoreBar.of({ seat, y }),
    );
  }
}
