/**
 * What a grid is built from: shapes on the ground as one flat Float32Array, so that a snapshot's shapes can be
 * handed to a worker, or to the stages of a pipeline, as bytes.
 *
 *    0  ┌───────────────────────────────────────────────────┐ 12 numbers
 *       │ width height cellSize originX originZ agentRadius │
 *       │ tickLow16 tickHigh16 shapeCount groundCount 0 0   │
 *   12  ├───────────────────────────────────────────────────┤ 8 numbers a shape, ground first
 *       │ form price x z halfX halfZ cosine sine            │ price: 0 ground, 1..254 price, 255 blocked
 *       └───────────────────────────────────────────────────┘
 *
 * The one rule: the order of shapes means nothing (the dearest shape over a cell counts), so that lists in the
 * order of entities, of archetypes or of arrival make the same grid.
 */
import { raise } from "../base/faults.ts";
import { cos, sin } from "../base/math.ts";
import { blockedCost, gridSideMax } from "./grid.ts";

export const inputHeaderCount = 12;
export const shapeNumberCount = 8;
export const inputNumber = {
  width: 0,
  height: 1,
  cellSize: 2,
  originX: 3,
  originZ: 4,
  agentRadius: 5,
  tickLow: 6,
  tickHigh: 7,
  shapeCount: 8,
  groundCount: 9,
} as const;
export const shapeForm = { box: 0, disc: 1 } as const;
export const groundPrice = 0;

/** Where the grid lies. Metres; the origin is the corner with the least x and z. */
export interface GridPlace {
  /** Cells from west to east, 1 to 1,024. */
  readonly width: number;
  /** Cells from north to south, 1 to 1,024. */
  readonly height: number;
  readonly cellSize: number;
  readonly originX: number;
  readonly originZ: number;
}

/** What a shape does to the cells that it covers. If any shape is ground, what is not ground is blocked. */
export type ShapeEffect = "blocked" | "ground" | { readonly cost: number };

/** A box turned about y by `yaw` radians, as a Rotation of (0, sin(yaw/2), 0, cos(yaw/2)) turns it, or a disc. */
export type GridShape =
  | {
      readonly form: "box";
      readonly x: number;
      readonly z: number;
      readonly halfX: number;
      readonly halfZ: number;
      readonly yaw?: number;
      readonly effect: ShapeEffect;
    }
  | {
      readonly form: "disc";
      readonly x: number;
      readonly z: number;
      readonly radius: number;
      readonly effect: ShapeEffect;
    };

export interface GridInput extends GridPlace {
  /**
   * Metres: the middle of an agent keeps this far from blocked shapes and from the edges of the ground. Blocked
   * shapes grow by at least half a cell whatever it is, so that no wall is so thin that it falls between cells.
   */
  readonly agentRadius: number;
  /** The tick whose state the shapes are; kept in the grid. */
  readonly tick: number;
  readonly shapes: readonly GridShape[];
}

/** The numbers of `input`; raises "grid-invalid" with the first thing that is wrong. */
export function encodeGridInput(input: GridInput): Float32Array {
  const { width, height, cellSize, originX, originZ, agentRadius, tick, shapes } = input;
  const demand = (condition: boolean, problem: string): void => {
    if (!condition) raise("grid-invalid", { problem });
  };
  for (const side of [width, height])
    demand(Number.isInteger(side) && side >= 1 && side <= gridSideMax, `a side has ${side} cells, not 1 to 1,024`);
  demand(Number.isFinite(cellSize) && Math.fround(cellSize) > 0, `a cell is ${cellSize} m wide`);
  demand(Number.isFinite(originX) && Number.isFinite(originZ), `its origin is (${originX}, ${originZ})`);
  demand(Number.isFinite(agentRadius) && agentRadius >= 0, `the agent's radius is ${agentRadius} m`);
  demand(Number.isInteger(tick) && tick >= 0 && tick <= 0xffff_ffff, `its tick is ${tick}`);
  const numbers = new Float32Array(inputHeaderCount + shapes.length * shapeNumberCount);
  const prices = shapes.map(({ effect }) => priceOf(effect));
  const groundCount = prices.filter((price) => price === groundPrice).length;
  let groundAt = inputHeaderCount;
  let otherAt = inputHeaderCount + groundCount * shapeNumberCount;
  for (let i = 0; i < shapes.length; i++) {
    const price = prices[i]!;
    demand(Number.isInteger(price), `shape ${i} has the cost ${price}, not 1 to 254`);
    const at = price === groundPrice ? groundAt : otherAt;
    writeShape(numbers, at, shapes[i]!, price);
    for (let k = 0; k < shapeNumberCount; k++)
      demand(Number.isFinite(numbers[at + k]!), `shape ${i} is not made of finite numbers`);
    if (price === groundPrice) groundAt += shapeNumberCount;
    else otherAt += shapeNumberCount;
  }
  numbers.set([width, height, cellSize, originX, originZ, agentRadius]);
  numbers.set([tick & 0xffff, tick >>> 16, shapes.length, groundCount], inputNumber.tickLow);
  return numbers;
}

function writeShape(numbers: Float32Array, at: number, shape: GridShape, price: number): void {
  const isBox = shape.form === "box";
  numbers[at] = isBox ? shapeForm.box : shapeForm.disc;
  numbers[at + 1] = price;
  numbers[at + 2] = shape.x;
  numbers[at + 3] = shape.z;
  numbers[at + 4] = isBox ? shape.halfX : shape.radius;
  numbers[at + 5] = isBox ? shape.halfZ : shape.radius;
  numbers[at + 6] = isBox ? cos(shape.yaw ?? 0) : 1;
  numbers[at + 7] = isBox ? sin(shape.yaw ?? 0) : 0;
}

function priceOf(effect: ShapeEffect): number {
  if (effect === "blocked") return blockedCost;
  if (effect === "ground") return groundPrice;
  // Neither end may be had by a number: 0 would be ground and 255 blocked without the growth's being asked for.
  return effect.cost >= 1 && effect.cost <= blockedCost - 1 ? effect.cost : Number.NaN;
}
