/**
 * The peer of the navigation rows: the same answers in the straightforward form, as one writes it first. A cell and
 * a node are objects, the open list is a binary heap of nodes, seen nodes lie in a map, a line is a list of cells.
 */
import { type Grid, unitOf } from "../../engine/navigation/grid.ts";

interface Cell {
  readonly x: number;
  readonly z: number;
}

interface PathNode extends Cell {
  readonly price: number;
  readonly total: number;
  readonly parent: PathNode | undefined;
}

const isOpen = ({ width, height, cost }: Grid, { x, z }: Cell): boolean =>
  x >= 0 && z >= 0 && x < width && z < height && cost[z * width + x] !== 255;

function* neighboursOf(grid: Grid, { x, z }: Cell): Generator<Cell & { readonly length: number }> {
  for (let dz = -1; dz <= 1; dz++)
    for (let dx = -1; dx <= 1; dx++) {
      if (dx === 0 && dz === 0) continue;
      const sides = [
        { x: x + dx, z: z + dz },
        { x: x + dx, z },
        { x, z: z + dz },
      ];
      if (sides.every((cell) => isOpen(grid, cell)))
        yield { x: x + dx, z: z + dz, length: dx !== 0 && dz !== 0 ? 14 : 10 };
    }
}

class NodeHeap {
  readonly nodes: PathNode[] = [];

  push(node: PathNode): void {
    const { nodes } = this;
    nodes.push(node);
    for (let at = nodes.length - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (nodes[above]!.total <= nodes[at]!.total) break;
      [nodes[above], nodes[at]] = [nodes[at]!, nodes[above]!];
      at = above;
    }
  }

  pop(): PathNode | undefined {
    const { nodes } = this;
    const first = nodes[0];
    const last = nodes.pop();
    if (nodes.length === 0 || last === undefined) return first;
    nodes[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [at * 2 + 1, at * 2 + 2])
        if (below < nodes.length && nodes[below]!.total < nodes[least]!.total) least = below;
      if (least === at) return first;
      [nodes[least], nodes[at]] = [nodes[at]!, nodes[least]!];
      at = least;
    }
  }
}

/** The price of a cheapest way between two cells, -1 for none. */
export function priceByObjects(grid: Grid, start: number, goal: number): number {
  const { width, cost } = grid;
  const goalCell: Cell = { x: goal % width, z: Math.floor(goal / width) };
  const estimate = ({ x, z }: Cell): number => {
    const [dx, dz] = [Math.abs(x - goalCell.x), Math.abs(z - goalCell.z)];
    return 10 * Math.max(dx, dz) + 4 * Math.min(dx, dz);
  };
  const first: Cell = { x: start % width, z: Math.floor(start / width) };
  const heap = new NodeHeap();
  heap.push({ ...first, price: 0, total: estimate(first), parent: undefined });
  const prices = new Map<number, number>([[start, 0]]);
  const closed = new Set<number>();
  for (let node = heap.pop(); node !== undefined; node = heap.pop()) {
    if (node.x === goalCell.x && node.z === goalCell.z) return node.price;
    const key = node.z * width + node.x;
    if (closed.has(key)) continue;
    closed.add(key);
    for (const { x, z, length } of neighboursOf(grid, node)) {
      const next = z * width + x;
      const price = node.price + length * cost[next]!;
      if (closed.has(next) || price >= (prices.get(next) ?? Number.POSITIVE_INFINITY)) continue;
      prices.set(next, price);
      heap.push({ x, z, price, total: price + estimate({ x, z }), parent: node });
    }
  }
  return -1;
}

/** Whether the ends of a line, x0 z0 x1 z1 in metres, see each other. */
export function seesByObjects(grid: Grid, line: ArrayLike<number>): boolean {
  const u = [0, 2].map((at) => unitOf(line[at]!, grid.originX, grid.cellSize, grid.width));
  const v = [1, 3].map((at) => unitOf(line[at]!, grid.originZ, grid.cellSize, grid.height));
  return cellsOfLine(u[0]!, v[0]!, u[1]!, v[1]!).every((cell) => isOpen(grid, cell));
}

/** All cells that a line touches, units. */
function cellsOfLine(u0: number, v0: number, u1: number, v1: number): Cell[] {
  const [dx, dz] = [Math.sign(u1 - u0), Math.sign(v1 - v0)];
  const [lengthX, lengthZ] = [Math.abs(u1 - u0), Math.abs(v1 - v0)];
  const end: Cell = { x: u1 >> 4, z: v1 >> 4 };
  let at: Cell = { x: u0 >> 4, z: v0 >> 4 };
  const cells = [at];
  while (at.x !== end.x || at.z !== end.z) {
    const borderX = Math.abs((at.x + (dx > 0 ? 1 : 0)) * 16 - u0) * lengthZ;
    const borderZ = Math.abs((at.z + (dz > 0 ? 1 : 0)) * 16 - v0) * lengthX;
    const stepsX = dx !== 0 && (dz === 0 || borderX <= borderZ);
    const stepsZ = dz !== 0 && (dx === 0 || borderZ <= borderX);
    if (stepsX && stepsZ) cells.push({ x: at.x + dx, z: at.z }, { x: at.x, z: at.z + dz });
    at = { x: at.x + (stepsX ? dx : 0), z: at.z + (stepsZ ? dz : 0) };
    cells.push(at);
  }
  return cells;
}
