/** Grids: what shapes make of them, clearance and regions against the plainest forms, slices, damaged blocks. */
import { describe, expect, test } from "vitest";
import { FaultError, faultText } from "../../../engine/base/faults.ts";
import { cellAt, clearanceFor, gridByteLength, metresOf, openGrid, unitOf } from "../../../engine/navigation/grid.ts";
import { buildGrid, gridBuildStateWords, stepGridBuild } from "../../../engine/navigation/grid-build.ts";
import { encodeGridInput, type GridInput, type GridShape } from "../../../engine/navigation/grid-input.ts";
import { Draws, testSeed } from "../seeds.ts";
import { bruteForcePrices, buildInSlices, drawnGrid, place, randomGrid, randomInput } from "./grids.ts";

const seed = testSeed("navigation grids");

/** The prices of a built grid as text, a row a line. */
function drawing(input: Partial<GridInput>): string[] {
  const whole: GridInput = {
    originX: 0,
    originZ: 0,
    cellSize: 1,
    width: 8,
    height: 6,
    agentRadius: 0,
    tick: 0,
    shapes: [],
    ...input,
  };
  const { cost, width } = openGrid(buildGrid(encodeGridInput(whole)));
  const marks = Array.from(cost, (price) => (price === 255 ? "#" : price === 1 ? "." : String(price)));
  return Array.from({ length: cost.length / width }, (_, row) => marks.slice(row * width, (row + 1) * width).join(""));
}

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return faultText(thrown.fault);
    throw thrown;
  }
  return "";
}

describe("shapes", () => {
  test("block, cost and carry; a blocked shape grows by half a cell, or by the agent", () => {
    const box: GridShape = { form: "box", x: 3.5, z: 2.5, halfX: 1, halfZ: 0, effect: "blocked" };
    const mud: GridShape = { form: "disc", x: 6.5, z: 4.5, radius: 1, effect: { cost: 7 } };
    expect(drawing({ shapes: [box, mud] })).toEqual([
      "........",
      "........",
      "..###...",
      "......7.",
      ".....777",
      "......7.",
    ]);
    expect(drawing({ shapes: [box], agentRadius: 1 })).toEqual([
      "........",
      "..###...",
      ".#####..",
      "..###...",
      "........",
      "........",
    ]);
  });

  test("turn as a Rotation about y turns them", () => {
    // A quarter turn takes the east end to the north.
    const turned: GridShape = {
      form: "box",
      x: 3.5,
      z: 2.5,
      halfX: 2,
      halfZ: 0.1,
      yaw: Math.PI / 4,
      effect: { cost: 2 },
    };
    expect(drawing({ shapes: [turned] })).toEqual([
      "........",
      "....2...",
      "...2....",
      "..2.....",
      "........",
      "........",
    ]);
  });

  test("of ground leave the rest blocked, join without a gap, and keep the agent from the edge", () => {
    const shapes: GridShape[] = [
      { form: "box", x: 2, z: 3, halfX: 2, halfZ: 3, effect: "ground" },
      { form: "box", x: 6, z: 2, halfX: 2, halfZ: 1, effect: "ground" },
    ];
    expect(drawing({ shapes })).toEqual(["....####", "........", "........", "....####", "....####", "....####"]);
    expect(drawing({ shapes, agentRadius: 0.6 })).toEqual([
      "########",
      "#...####",
      "#...####",
      "#..#####",
      "#..#####",
      "########",
    ]);
    expect(drawing({ shapes, agentRadius: 0.5 })).toEqual([
      "....####",
      "........",
      "........",
      "....####",
      "....####",
      "....####",
    ]);
  });

  test("mean the same in any order", () => {
    const draws = new Draws(seed);
    for (let round = 0; round < 30; round++) {
      const input = randomInput(draws, 30);
      const shuffled = [...input.shapes].sort(() => draws.below(3) - 1);
      expect(buildGrid(encodeGridInput({ ...input, shapes: shuffled }))).toEqual(buildGrid(encodeGridInput(input)));
    }
  });

  test("that are no shapes are refused", () => {
    const input: GridInput = { ...place, width: 4, height: 4, agentRadius: 0, tick: 0, shapes: [] };
    const disc: GridShape = { form: "disc", x: 0, z: 0, radius: 1, effect: "blocked" };
    const wrong: [Partial<GridInput>, string][] = [
      [{ width: 0 }, "a side has 0 cells, not 1 to 1,024"],
      [{ height: 1_025 }, "a side has 1025 cells, not 1 to 1,024"],
      [{ width: 2.5 }, "a side has 2.5 cells, not 1 to 1,024"],
      [{ cellSize: 0 }, "a cell is 0 m wide"],
      [{ cellSize: 1e-60 }, "a cell is 1e-60 m wide"],
      [{ originX: Number.NaN }, "its origin is (NaN, -4)"],
      [{ agentRadius: -1 }, "the agent's radius is -1 m"],
      [{ tick: -1 }, "its tick is -1"],
      [{ shapes: [disc, { ...disc, effect: { cost: 0 } }] }, "shape 1 has the cost NaN, not 1 to 254"],
      [{ shapes: [{ ...disc, effect: { cost: 255 } }] }, "shape 0 has the cost NaN, not 1 to 254"],
      [{ shapes: [{ ...disc, x: Number.POSITIVE_INFINITY }] }, "shape 0 is not made of finite numbers"],
    ];
    for (const [change, problem] of wrong)
      expect(problemOf(() => encodeGridInput({ ...input, ...change }))).toBe(
        `A navigation grid cannot be built: ${problem}.`,
      );
  });
});

describe("the block", () => {
  test("is the same whole and in slices, and bears tick and hash", () => {
    const draws = new Draws(seed + 1);
    for (let round = 0; round < 60; round++) {
      const input = encodeGridInput(randomInput(draws, 40));
      const whole = buildGrid(input);
      expect(buildInSlices(input, draws)).toEqual(whole);
      expect(openGrid(whole, true).tick).toBe(input[6]! + input[7]! * 65_536);
    }
  });

  test("has a hash of its content alone: another tick, the same hash; another cell, another", () => {
    const draws = new Draws(seed + 2);
    const input = { ...randomInput(draws, 40), tick: 7 };
    const grid = openGrid(buildGrid(encodeGridInput(input)));
    const later = openGrid(buildGrid(encodeGridInput({ ...input, tick: 8 })));
    const other = openGrid(buildGrid(encodeGridInput({ ...input, originX: input.originX + 1 })));
    expect([later.tick, later.hashLow, later.hashHigh]).toEqual([8, grid.hashLow, grid.hashHigh]);
    expect([other.hashLow, other.hashHigh]).not.toEqual([grid.hashLow, grid.hashHigh]);
  });

  test("stays as it is when a finished build is stepped again", () => {
    const input = encodeGridInput({ ...place, width: 3, height: 3, agentRadius: 0, tick: 1, shapes: [] });
    const state = new Uint32Array(gridBuildStateWords(3, 3));
    const block = new Uint8Array(gridByteLength(3, 3));
    let callCount = 1;
    while (!stepGridBuild(input, state, block, 1)) callCount++;
    expect(callCount).toBe(15);
    const before = block.slice();
    expect(stepGridBuild(input, state, block, 9)).toBe(true);
    expect(block).toEqual(before);
  });

  test("that is damaged or cut short is refused", () => {
    const block = buildGrid(encodeGridInput({ ...place, width: 5, height: 4, agentRadius: 0, tick: 1, shapes: [] }));
    const changed = (at: number, value: number) => {
      const copy = block.slice();
      copy[at] = value;
      return copy;
    };
    const text = (bytes: Uint8Array) => problemOf(() => openGrid(bytes, true));
    expect(text(block)).toBe("");
    expect(text(block.slice(0, 32))).toContain("it has 32 bytes, a header has 64");
    expect(text(block.slice(0, 128))).toContain("128 bytes are given, the header says 192, its size 192");
    expect(text(changed(0, 1))).toContain("does not begin with the mark of a grid");
    expect(text(changed(4, 9))).toContain("its version is 9, not 1");
    expect(text(changed(12, 0))).toContain("it is 0 x 4 cells");
    expect(text(changed(12, 50))).toContain("192 bytes are given, the header says 192, its size");
    expect(text(changed(70, 3))).toContain("do not have the hash");
    expect(openGrid(changed(70, 3)).cost[6]).toBe(3);
  });
});

describe("clearance and regions", () => {
  test("clearance is the cheapest way of 3 a straight and 4 a diagonal step to a blocked cell or outside", () => {
    const draws = new Draws(seed + 3);
    for (let round = 0; round < 20; round++) {
      const { width, height, cost, clearance } = randomGrid(draws, 20);
      const wanted = Array.from(cost, (price, cell) => {
        const [x, z] = [cell % width, Math.floor(cell / width)];
        let nearest = price === 255 ? 0 : 255;
        for (let toZ = -1; toZ <= height; toZ++)
          for (let toX = -1; toX <= width; toX++) {
            const isIn = toX >= 0 && toZ >= 0 && toX < width && toZ < height;
            if (isIn && cost[toZ * width + toX] !== 255) continue;
            const [a, b] = [Math.abs(toX - x), Math.abs(toZ - z)];
            nearest = Math.min(nearest, 3 * Math.max(a, b) + Math.min(a, b));
          }
        return nearest;
      });
      expect(Array.from(clearance)).toEqual(wanted);
    }
  });

  test("clearance stays at 255 in a wide field", () => {
    const { clearance } = openGrid(
      buildGrid(encodeGridInput({ ...place, width: 200, height: 200, agentRadius: 0, tick: 0, shapes: [] })),
    );
    expect([clearance[100 * 200 + 100], clearance[100 * 200 + 83], clearance[0]]).toEqual([255, 252, 3]);
  });

  test("cells have one region exactly when a way leads from one to the other", () => {
    const draws = new Draws(seed + 4);
    for (let round = 0; round < 25; round++) {
      const { width, height, regions, cost, ...rest } = randomGrid(draws, 14);
      const grid = { width, height, regions, cost, ...rest };
      const start = draws.below(width * height);
      if (cost[start] === 255) {
        expect(regions[start]).toBe(0);
        continue;
      }
      const prices = bruteForcePrices(grid, start, 1);
      expect(Array.from(regions, (region) => region === regions[start])).toEqual(prices.map(Number.isFinite));
    }
  });

  test("regions are numbered by their first cells, also where two arms meet below", () => {
    const { regions, regionCount } = drawnGrid("..#.#..", ".##.#.#", "....###", "###...#", ".##.#.#");
    expect(regionCount).toBe(3);
    expect(Array.from(regions).join("")).toBe(["1101022", "1001020", "1111000", "0001110", "3001010"].join(""));
  });

  test("more regions than labels share the last one", () => {
    const shapes: GridShape[] = [];
    for (let line = 0; line < 540; line++) {
      const at = line + 0.5;
      if (line % 2 === 1) shapes.push({ form: "box", x: at, z: 270, halfX: 0.1, halfZ: 271, effect: "blocked" });
      if (line % 2 === 1) shapes.push({ form: "box", x: 270, z: at, halfX: 271, halfZ: 0.1, effect: "blocked" });
    }
    const { regions, regionCount } = openGrid(
      buildGrid(
        encodeGridInput({
          originX: 0,
          originZ: 0,
          cellSize: 1,
          width: 540,
          height: 540,
          agentRadius: 0,
          tick: 0,
          shapes,
        }),
      ),
    );
    expect(regionCount).toBe(270 * 270);
    const labels = Array.from(regions).filter((region) => region !== 0);
    expect(labels).toEqual(Array.from({ length: 270 * 270 }, (_, i) => Math.min(i + 1, 65_535)));
  });
});

describe("the clearance for a disc", () => {
  test("keeps it off every blocked cell, and is the least that does", () => {
    expect([0, 0.2, 0.25, 0.36, 0.5, 1].map((radius) => clearanceFor(radius, 0.5))).toEqual([1, 1, 4, 5, 5, 8]);
    expect(clearanceFor(1e9, 0.5)).toBe(256);
    const draws = new Draws(seed + 5);
    for (let round = 0; round < 40; round++) {
      const radius = draws.between(0, 6);
      const need = clearanceFor(radius, 1);
      let touchedMost = 0;
      for (let x = -9; x <= 9; x++)
        for (let z = -9; z <= 9; z++) {
          const [a, b] = [Math.abs(x), Math.abs(z)];
          const chamfer = 3 * Math.max(a, b) + Math.min(a, b);
          const isTouched = Math.hypot(Math.max(0, a - 0.5), Math.max(0, b - 0.5)) <= radius;
          if (isTouched) touchedMost = Math.max(touchedMost, chamfer);
        }
      expect(need).toBe(touchedMost + 1);
    }
  });
});

describe("units", () => {
  test("lie in exactly one cell, never on a border, and outside is outside", () => {
    const at = (metres: number) => unitOf(metres, -8, 0.5, 4);
    expect([-8, -7.999, -7.96875, -7.5, -7.47, -6.001, -6, -8.001, Number.NaN].map(at)).toEqual([
      1, 1, 1, 17, 17, 63, -1, -1, -1,
    ]);
    expect(metresOf(8, -8, 0.5)).toBe(-7.75);
    const grid = drawnGrid("...", "...");
    expect(
      [
        [-8, -4],
        [-6.6, -3.1],
        [-6.5, -3.1],
        [-8.1, -3.1],
        [-8, -3],
      ].map(([x, z]) => cellAt(grid, x!, z!)),
    ).toEqual([0, 5, -1, -1, -1]);
  });
});
