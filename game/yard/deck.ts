/**
 * The deck: one fixed body with many colliders, the plates on it, rails, ramp and dock. X points
 * east, Z points south; the top of the deck is at y = 0 and the furnace stands beyond its north edge.
 */
import {
  boxCollider,
  type Commands,
  cylinderCollider,
  exact,
  type Handle,
  Light,
  Position,
} from "../../engine/index.ts";
import { Ground, Obstacle } from "../components/yard.ts";
import { aboutX, aboutY, aboutZ, type Quaternion } from "../orientation.ts";
import { plateShades } from "../palette.ts";
import { part, place, type Vector } from "../parts.ts";

/** Half the deck, east to west and north to south. */
export const deckHalfX = 22;
export const deckHalfZ = 16;

/** The dock: a raised part in the south, reached by a ramp from the north. */
export const dock = { halfX: 8, north: 10.5, south: 16, height: 1.2, rampNorth: 5.5 } as const;

const railHeight = 0.9;
/** Middle and half lengths of the rails, and the height that they stand on. */
const rails: readonly (readonly [x: number, z: number, halfX: number, halfZ: number, y: number])[] = [
  [-14, -15.85, 8, 0.12, 0],
  [14, -15.85, 8, 0.12, 0],
  [-15, 15.85, 7, 0.12, 0],
  [15, 15.85, 7, 0.12, 0],
  [0, 15.85, 8, 0.12, dock.height],
  [-21.85, -13.5, 0.12, 2.5, 0],
  [-21.85, 9.5, 0.12, 6.5, 0],
  [21.85, -14, 0.12, 2, 0],
  [21.85, 12, 0.12, 4, 0],
];

/** Containers: middle, yaw, colour, and whether another stands on top. */
const containers: readonly (readonly [x: number, z: number, yaw: number, color: number, stacked: boolean])[] = [
  [-18, -13.4, 0, 0x3f7f7a, true],
  [18, -13.4, 0, 0xb4582f, true],
  [-18.6, 13.6, 0.12, 0xb4582f, false],
  [19.6, 6.2, exact.PI / 2, 0x4c6a86, false],
];

const pillars: readonly (readonly [x: number, z: number])[] = [
  [-9.5, -10.5],
  [9.5, -10.5],
  [-17, 9.4],
  [16.6, 8.6],
];

export function buildDeck(commands: Commands, yard: Handle): void {
  const solid = (middle: Vector, half: Vector, rotation?: Quaternion): void => {
    commands.spawnChild(yard, ...place(middle, rotation), boxCollider(half[0], half[1], half[2], { friction: 0.6 }));
  };
  solid([0, -0.5, 0], [deckHalfX, 0.5, deckHalfZ]);
  buildPlates(commands, yard);
  buildDock(commands, yard, solid);
  for (const [x, z, halfX, halfZ, y] of rails) {
    solid([x, y + railHeight / 2, z], [halfX, railHeight / 2, halfZ]);
    const bar = (height: number): void => {
      commands.spawnChild(
        yard,
        ...part("box", height > 0.6 ? "hazard" : "steel", [x, y + height, z], {
          size: [halfX * 2, 0.12, halfZ * 2],
        }),
      );
    };
    bar(0.82);
    bar(0.42);
    for (const end of [-1, 0, 1]) {
      const post: Vector = [x + end * Math.max(0, halfX - 0.15), y + 0.45, z + end * Math.max(0, halfZ - 0.15)];
      commands.spawnChild(yard, ...part("box", "frame", post, { size: [0.26, 0.9, 0.26] }));
    }
  }
  for (const [x, z, yaw, color, stacked] of containers) {
    const rotation = aboutY(yaw);
    const levels = stacked ? 2 : 1;
    for (let level = 0; level < levels; level++) {
      const turned = level === 0 ? rotation : aboutY(yaw + 0.09);
      const middle: Vector = [x, 1.2 + level * 2.4, z];
      solid(middle, [3, 1.2, 1.2], turned);
      commands.spawnChild(
        yard,
        ...part("container", "matt", middle, { rotation: turned, color: color - level * 0x0a0a0a }),
      );
    }
    commands.spawn(...place([x, 0, z], rotation), Obstacle.of({ radius: 3.2, halfX: 3, halfZ: 1.2 }));
  }
  for (const [x, z] of pillars) {
    commands.spawnChild(
      yard,
      ...part("cylinder", "frame", [x, 1.5, z], { size: [1, 3, 1] }),
      cylinderCollider(1.5, 0.5, { friction: 0.3 }),
    );
    commands.spawnChild(yard, ...part("cylinder", "hazard", [x, 1.1, z], { size: [1.06, 0.5, 1.06] }));
    commands.spawnChild(yard, ...part("box", "steel", [x, 3.1, z], { size: [1.2, 0.2, 1.2] }));
    commands.spawnChild(
      yard,
      ...part("box", "warmLight", [x, 3.28, z], { size: [0.7, 0.16, 0.7] }),
      Light.of({ color: 0xffc98a, intensity: 2.4, radius: 10 }),
    );
    commands.spawn(...place([x, 0, z]), Obstacle.of({ radius: 0.6, halfX: 0.5 }));
  }
}

/** Plates of four metres in shades of graphite, and the dark frame that shows between them. */
function buildPlates(commands: Commands, yard: Handle): void {
  commands.spawnChild(
    yard,
    ...part("box", "frame", [0, -0.95, 0], { size: [deckHalfX * 2 - 0.3, 1.4, deckHalfZ * 2 - 0.3] }),
  );
  for (let column = 0; column < deckHalfX / 2; column++)
    for (let row = 0; row < deckHalfZ / 2; row++) {
      const shade = plateShades[(column * 7 + row * 3 + ((column * row) >> 1)) % plateShades.length]!;
      const at: Vector = [column * 4 - deckHalfX + 2, -0.25, row * 4 - deckHalfZ + 2];
      commands.spawnChild(yard, ...part("plate", "deck", at, { color: shade }));
    }
  // The lane to the furnace, and warnings along the open edges.
  for (let mark = 0; mark < 5; mark++)
    for (const side of [-1, 1])
      commands.spawnChild(
        yard,
        ...part("box", "orangeLight", [side * 3.5, 0.012, -14.6 + mark * 2.2], { size: [0.16, 0.03, 1.2] }),
      );
  for (const [x, z, length] of [
    [-21.6, -4, 14],
    [21.6, -2, 20],
  ] as const)
    commands.spawnChild(yard, ...part("box", "hazard", [x, 0.01, z], { size: [0.5, 0.04, length] }));
  ground(commands, [0, 0, 0], deckHalfX, deckHalfZ);
}

function buildDock(
  commands: Commands,
  yard: Handle,
  solid: (middle: Vector, half: Vector, rotation?: Quaternion) => void,
): void {
  const { halfX, north, south, height, rampNorth } = dock;
  const depth = south - north;
  const middleZ = (south + north) / 2;
  solid([0, height / 2, middleZ], [halfX, height / 2, depth / 2]);
  commands.spawnChild(
    yard,
    ...part("box", "deck", [0, height / 2, middleZ], { size: [halfX * 2, height, depth], color: 0xd8dde0 }),
  );
  for (const side of [-1, 1])
    commands.spawnChild(
      yard,
      ...part("box", "hazard", [side * (halfX - 0.15), height - 0.08, middleZ], { size: [0.34, 0.2, depth] }),
    );
  ground(commands, [0, height, middleZ], halfX, depth / 2);

  const run = north - rampNorth;
  const slope = exact.atan2(height, run);
  const length = exact.hypot(height, run);
  const thickness = 0.4;
  const tilt = aboutX(-slope);
  const middle: Vector = [
    0,
    height / 2 - (thickness / 2) * exact.cos(slope),
    (north + rampNorth) / 2 + (thickness / 2) * exact.sin(slope),
  ];
  solid(middle, [halfX, thickness / 2, length / 2], tilt);
  commands.spawnChild(yard, ...part("box", "deck", middle, { size: [halfX * 2, thickness, length], rotation: tilt }));
  for (const x of [-6, -3, 0, 3, 6])
    commands.spawnChild(
      yard,
      ...part("box", "hazard", [x, height / 2 + 0.02, (north + rampNorth) / 2], {
        size: [0.3, 0.02, length * 0.8],
        rotation: tilt,
      }),
    );
  commands.spawn(
    Position.of({ x: 0, y: height / 2, z: (north + rampNorth) / 2 }),
    Ground.of({ halfX, halfZ: run / 2, riseZ: height / run }),
  );
  // Struts below, seen from the side.
  for (const x of [-18, -6, 6, 18])
    commands.spawnChild(yard, ...part("box", "frame", [x, -2.2, 0], { size: [0.8, 1.6, 26], rotation: aboutZ(0) }));
}

export function ground(commands: Commands, [x, y, z]: Vector, halfX: number, halfZ: number): void {
  commands.spawn(Position.of({ x, y, z }), Ground.of({ halfX, halfZ }));
}
