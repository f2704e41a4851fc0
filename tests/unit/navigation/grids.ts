/**
 * Grids for tests, and the same questions answered in the slowest and plainest way: prices by Bellman and Ford's
 * relaxation until nothing changes, sight by the geometry of one line and every cell, distances by every pair.
 */
import { type Grid, openGrid } from "../../../engine/navigation/grid.ts";
import {
  buildGrid,
  gridBlockBytes,
  gridBuildStateWords,
  stepGridBuild,
} from "../../../engine/navigation/grid-build.ts";
import { encodeGridInput, type GridInput, type GridShape } from "../../../engine/navigation/grid-input.ts";
import type { Draws } from "../seeds.ts";

export const place = { originX: -8, originZ: -4, cellSize: 0.5 } as const;

/** A grid drawn as text: # blocked, . price 1, digits their price. Cells are 0.5 m, so all their borders are exact. */
export function drawnGrid(...rows: readonly string[]): Grid {
  const shapes: GridShape[] = [];
  rows.forEach((row, z) => {
    for (const [x, mark] of [...row].entries()) {
      const effect = mark === "#" ? "blocked" : { cost: mark === "." ? 1 : Number(mark) };
      const middle = { x: place.originX + (x + 0.5) * 0.5, z: place.originZ + (z + 0.5) * 0.5 };
      // Blocked shapes grow by half a cell: a point would reach its neighbours' middles, not beyond.
      shapes.push({ form: "box", ...middle, halfX: 0.05, halfZ: 0.05, effect });
    }
  });
  const input: GridInput = { ...place, width: rows[0]!.length, height: rows.length, agentRadius: 0, tick: 0, shapes };
  return openGrid(buildGrid(encodeGridInput(input)));
}

export function randomInput(draws: Draws, sideMax: number): GridInput {
  const width = 1 + draws.below(sideMax);
  const height = 1 + draws.below(sideMax);
  const inX = () => draws.between(place.originX - 1, place.originX + width * 0.5 + 1);
  const inZ = () => draws.between(place.originZ - 1, place.originZ + height * 0.5 + 1);
  const shapes: GridShape[] = [];
  const count = draws.below(Math.ceil((width * height) / 12) + 1);
  for (let i = 0; i < count; i++) {
    const effect = draws.pick(["blocked", "blocked", { cost: 1 + draws.below(9) }] as const);
    if (draws.below(2) === 0) shapes.push({ form: "disc", x: inX(), z: inZ(), radius: draws.between(0, 1.2), effect });
    else
      shapes.push({
        form: "box",
        x: inX(),
        z: inZ(),
        halfX: draws.between(0, 3),
        halfZ: draws.between(0, 0.6),
        yaw: draws.between(-4, 4),
        effect,
      });
  }
  if (draws.below(3) === 0)
    for (let i = 0; i < 3; i++)
      shapes.push({
        form: "box",
        x: inX(),
        z: inZ(),
        halfX: draws.between(1, width / 2),
        halfZ: draws.between(1, height / 2),
        yaw: draws.below(2) * draws.between(-1, 1),
        effect: "ground",
      });
  return { ...place, width, height, agentRadius: draws.pick([0, 0.2, 0.6]), tick: draws.u32(), shapes };
}

export function randomGrid(draws: Draws, sideMax: number): Grid {
  return openGrid(buildGrid(encodeGridInput(randomInput(draws, sideMax))));
}

/** Built in slices of random length, through a copy of the state each time, as a hop between threads makes one. */
export function buildInSlices(input: Float32Array, draws: Draws): Uint8Array {
  let state = new Uint32Array(gridBuildStateWords(input[0]!, input[1]!));
  let block = new Uint8Array(gridBlockBytes(input)).fill(0xa5);
  for (;;) {
    const isDone = stepGridBuild(input, state, block, 1 + draws.below(5));
    if (isDone) return block;
    state = state.slice();
    block = block.slice();
  }
}

/** The middle of a cell in metres. */
export function middle(grid: Grid, cell: number): readonly [x: number, z: number] {
  const column = cell % grid.width;
  const row = Math.floor(cell / grid.width);
  return [grid.originX + (column + 0.5) * grid.cellSize, grid.originZ + (row + 0.5) * grid.cellSize];
}

export function randomPlace(grid: Grid, draws: Draws): readonly [x: number, z: number] {
  const over = draws.below(20) === 0 ? 0.7 : 0;
  const along = (origin: number, side: number) =>
    Math.fround(draws.between(origin - over, origin + side * grid.cellSize + over));
  return [along(grid.originX, grid.width), along(grid.originZ, grid.height)];
}

/** The least price from `start` to every cell, Infinity where no way leads. */
export function bruteForcePrices(grid: Grid, start: number, need: number): number[] {
  const { width, height, cost, clearance } = grid;
  const isOpen = (x: number, z: number) =>
    x >= 0 && z >= 0 && x < width && z < height && clearance[z * width + x]! >= need;
  const prices = new Array<number>(width * height).fill(Number.POSITIVE_INFINITY);
  prices[start] = 0;
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (let z = 0; z < height; z++)
      for (let x = 0; x < width; x++)
        for (let dz = -1; dz <= 1; dz++)
          for (let dx = -1; dx <= 1; dx++) {
            const from = z * width + x;
            const to = (z + dz) * width + x + dx;
            if (!isOpen(x, z) || !isOpen(x + dx, z + dz) || !isOpen(x + dx, z) || !isOpen(x, z + dz)) continue;
            const price = prices[from]! + (dx !== 0 && dz !== 0 ? 14 : 10) * cost[to]!;
            if (from === to || price >= prices[to]!) continue;
            prices[to] = price;
            isChanged = true;
          }
  }
  return prices;
}

/** Units of a coordinate as grid.ts defines them, written again. */
export function unit(metres: number, origin: number): number {
  const units = Math.floor((metres - origin) * 32);
  return units % 16 === 0 ? units + 1 : units;
}

/** Whether the line (units) touches a cell of less than `need`, by a separating axis: exact in whole numbers. */
export function isLineClear(grid: Grid, u0: number, v0: number, u1: number, v1: number, need: number): boolean {
  for (let z = 0; z < grid.height; z++)
    for (let x = 0; x < grid.width; x++) {
      if (grid.clearance[z * grid.width + x]! >= need) continue;
      const [west, east, north, south] = [x * 16, x * 16 + 16, z * 16, z * 16 + 16];
      if (Math.max(u0, u1) < west || Math.min(u0, u1) > east) continue;
      if (Math.max(v0, v1) < north || Math.min(v0, v1) > south) continue;
      const sides = [
        [west, north],
        [east, north],
        [west, south],
        [east, south],
      ].map(([u, v]) => (u! - u0) * (v1 - v0) - (v! - v0) * (u1 - u0));
      if (Math.max(...sides) >= 0 && Math.min(...sides) <= 0) return false;
    }
  return true;
}
