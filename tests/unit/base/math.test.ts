/**
 * engine/base/math: accuracy against independent references, golden bits here and on other engines,
 * special cases, and a bundle that can reach nothing inexact. The reference makes the golden honest.
 */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import * as math from "../../../engine/base/math.ts";
import { type Binary, references, ulpError } from "./math-reference.ts";
import { functions, hardAngles, powerOfTwo, randomDoubles, seed, toHex, vectorText } from "./math-vectors.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const goldenPath = path("../../goldens/math.txt");
const vectorsPath = path("./math-vectors.ts");
const facePath = path("../../../engine/base/math.ts");
const binPath = (name: string) => path(`../../../node_modules/.bin/${name}`);

type FunctionName =
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "atan2"
  | "exp"
  | "log"
  | "log2"
  | "log10"
  | "pow"
  | "cbrt"
  | "hypot"
  | "sinh"
  | "cosh"
  | "tanh";
type Draw = () => number[];

const { between, integer, spread } = randomDoubles(seed);
const signed =
  (low: number, high: number): Draw =>
  () => [spread(low, high)];
const even =
  (low: number, high: number): Draw =>
  () => [between(low, high)];
const positive =
  (low: number, high: number): Draw =>
  () => [Math.abs(spread(low, high))];
const nearOne: Draw = () => [1 + spread(-45, -2)];
const nearQuarterTurn: Draw = () => [integer(1, 4_000_000) * (math.PI / 4)];
const hardAngle: Draw = () => [hardAngles[integer(0, hardAngles.length - 1)]! * (integer(0, 1) * 2 - 1)];
const circular = [even(-8, 8), signed(-40, 20), signed(20, 1022), nearQuarterTurn, hardAngle];
const arcs = [even(-1, 1), signed(-40, -1), () => [1 - between(0, 0.001)], even(-0.55, -0.5)];
const logarithms = [even(0.5, 2), positive(-1022, 1022), nearOne, () => [integer(1, 2_000_000) * 5e-324]];
const hyperbolics = [even(-2, 2), even(-22, 22), even(-711, 711), signed(-30, 0)];

/** The error each docstring states, in ulp, and where to look for a greater one. */
const claims: Record<FunctionName, { ulpMax: number; draws: Draw[] }> = {
  sin: { ulpMax: 0.8, draws: circular },
  cos: { ulpMax: 0.8, draws: circular },
  tan: { ulpMax: 0.8, draws: circular },
  asin: { ulpMax: 0.9, draws: arcs },
  acos: { ulpMax: 0.9, draws: arcs },
  atan: { ulpMax: 0.8, draws: [even(-3, 3), signed(-40, 60), signed(-1022, 1022)] },
  atan2: {
    ulpMax: 0.8,
    draws: [
      () => [between(-3, 3), between(-3, 3)],
      () => [spread(-40, 40), spread(-40, 40)],
      () => [spread(-1022, 1023), spread(-1022, 1023)],
      () => [integer(1, 1000) * 5e-324, integer(-1000, -1) * 5e-324],
      () => [between(0.5, 1) * 1.7e308, between(-1, 1) * 1.7e308],
    ],
  },
  exp: { ulpMax: 0.9, draws: [even(-1, 1), even(-708, 709.7), even(-745, -708), signed(-60, -1)] },
  log: { ulpMax: 0.9, draws: logarithms },
  log2: { ulpMax: 0.9, draws: logarithms },
  log10: { ulpMax: 0.8, draws: logarithms },
  pow: {
    ulpMax: 0.9,
    draws: [
      () => [between(0, 4), between(-20, 20)],
      () => [Math.abs(spread(-30, 30)), between(-20, 20)],
      () => [1 + spread(-30, -5), between(-100_000, 100_000)],
      () => [Math.abs(spread(-1022, -300)), between(0.5, 2.5)],
      () => [-Math.abs(spread(0, 20)), integer(-30, 30)],
    ],
  },
  cbrt: { ulpMax: 0.7, draws: [even(-10, 10), signed(-1022, 1022), () => [integer(-1000, 1000) * 5e-324]] },
  hypot: {
    ulpMax: 1,
    draws: [
      () => [between(-3, 3), between(-3, 3)],
      () => [spread(-20, 20), spread(-20, 20)],
      () => [spread(-1022, 1021), spread(-1022, 1021)],
      () => [integer(1, 1000) * 5e-324, integer(1, 1000) * 5e-324],
      () => [between(0.5, 1) * 1e308, between(0.5, 1) * 1e308],
    ],
  },
  sinh: { ulpMax: 0.8, draws: hyperbolics },
  cosh: { ulpMax: 0.7, draws: hyperbolics },
  tanh: { ulpMax: 0.7, draws: hyperbolics },
};

describe("accuracy against 300-bit references", () => {
  console.log(`math accuracy seed ${seed}`);
  for (const [name, { ulpMax, draws }] of Object.entries(claims)) {
    test(`${name} is within ${ulpMax} ulp`, () => {
      let worst = { error: 0, at: [] as number[] };
      for (const draw of draws) {
        for (let i = 0; i < 250; i++) {
          const at = draw();
          const want = references[name as FunctionName](at[0]!, at[1]!);
          if (want.units === 0n) continue;
          const error = ulpError(functions[name as FunctionName](at[0]!, at[1]!), want);
          if (error > worst.error) worst = { error, at };
        }
      }
      expect(worst.error, `${name}(${worst.at.join(", ")})`).toBeLessThanOrEqual(ulpMax);
    });
  }

  test("the reference agrees with constants known to 50 digits", () => {
    const digits = (value: Binary) => (value.units * 10n ** 49n) >> BigInt(value.scale);
    expect(digits(references.acos(-1))).toBe(31415926535897932384626433832795028841971693993751n);
    expect(digits(references.exp(1))).toBe(27182818284590452353602874713526624977572470936999n);
    expect(digits(references.log(2))).toBe(6931471805599453094172321214581765680755001343602n);
    expect(digits(references.hypot(1, 1))).toBe(14142135623730950488016887242096980785696718753769n);
    expect(digits(references.sin(1))).toBe(8414709848078965066525023216302989996225630607983n);
  });

  test("a result one place off is seen as wrong", () => {
    const one = references.exp(1);
    expect(ulpError(Math.E, one)).toBeLessThan(0.5);
    expect(ulpError(Math.E * (1 + 2 ** -52), one)).toBeGreaterThan(0.5);
    expect(ulpError(Math.E * (1 + 2 ** -50), one)).toBeGreaterThan(1);
    expect(ulpError(Number.POSITIVE_INFINITY, one)).toBe(Number.POSITIVE_INFINITY);
    expect(ulpError(Number.NaN, one)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("golden bits", () => {
  test("match tests/goldens/math.txt in this process", async () => {
    if (process.env["UPDATE_GOLDENS"] === "1") await writeFile(goldenPath, vectorText());
    expect(vectorText()).toBe(await readFile(goldenPath, "utf8"));
  });

  const engines: [string, string, string[]][] = [
    ["Bun (JavaScriptCore)", "bun", []],
    ["Node, interpreter only", "node", ["--no-opt", "--no-maglev", "--no-sparkplug"]],
    [
      "Node, compiled early by every tier",
      "node",
      [
        "--always-sparkplug",
        "--invocation-count-for-maglev=4",
        "--invocation-count-for-turbofan=16",
        "--no-concurrent-recompilation",
      ],
    ],
  ];
  for (const [label, program, flags] of engines) {
    test(`match under ${label}`, async () => {
      const { stdout } = await promisify(execFile)(binPath(program), [...flags, vectorsPath], { maxBuffer: 4_000_000 });
      expect(stdout === (await readFile(goldenPath, "utf8")), "bits differ from the golden text").toBe(true);
    });
  }
});

describe("special cases", () => {
  // The specification fixes signs, zeros, infinities and NaN of Math.*; only the digits between are open.
  const cases = [
    0,
    1,
    2,
    3,
    0.5,
    1.5,
    5e-324,
    1e-310,
    1e308,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 52 + 0.5,
  ]
    .flatMap((x) => [x, -x])
    .concat(Number.NaN);
  const isClose = (got: number, want: number) => Object.is(got, want) || Math.abs(got - want) <= Math.abs(want) * 1e-15;
  for (const name of Object.keys(claims) as FunctionName[]) {
    test(`${name} agrees in kind with Math.${name}`, () => {
      const others = ["atan2", "pow", "hypot"].includes(name) ? cases : [0];
      const wrong: string[] = [];
      for (const x of cases) {
        for (const y of others) {
          const got = functions[name](x, y);
          const want = others.length > 1 ? Math[name](x, y) : (Math[name] as (x: number) => number)(x);
          if (!isClose(got, want)) wrong.push(`${name}(${x}, ${y}) is ${got}, not ${want}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }

  test("powers of two and ten are exact", () => {
    const wrong: number[] = [];
    for (let k = -1022; k < 1024; k++) {
      const x = powerOfTwo(k);
      if (math.log2(x) !== k || math.pow(2, k) !== x || math.pow(x, 0.5) !== Math.sqrt(x)) wrong.push(k);
    }
    for (let k = 0; k <= 22; k++)
      if (math.log10(Number(`1e${k}`)) !== k || math.pow(10, k) !== Number(`1e${k}`)) wrong.push(k);
    for (let k = 0; k < 1000; k++) if (math.cbrt(k * k * k) !== k || math.pow(k, 2) !== k * k) wrong.push(k);
    expect(wrong).toEqual([]);
  });

  test("sine and tangent are odd and cosine is even to the bit", () => {
    const wrong: number[] = [];
    const { spread: draw } = randomDoubles(seed + 2);
    for (let i = 0; i < 3000; i++) {
      const x = i < 1000 ? i * (math.PI / 4) : draw(-30, i < 2000 ? 20 : 1022);
      if (math.sin(-x) !== -math.sin(x) || math.tan(-x) !== -math.tan(x) || math.cos(-x) !== math.cos(x)) wrong.push(x);
    }
    expect(wrong).toEqual([]);
  });

  test("logarithms and powers cross into the subnormals without a step", () => {
    const wrong: number[] = [];
    for (let k = -1074; k < -1000; k++) {
      const x = powerOfTwo(-537 - (k & 1)) * powerOfTwo(k + 537 + (k & 1));
      if (math.log2(x) !== k || math.pow(2, k) !== x || math.pow(x, 1) !== x) wrong.push(k);
    }
    expect(wrong).toEqual([]);
    expect([math.exp(-745.14), math.exp(-745.13), math.pow(2, -1074.99), math.pow(2, -1075)]).toEqual([
      0, 5e-324, 5e-324, 0,
    ]);
    expect([math.exp(709.79), math.pow(2, 1024), math.pow(1 - 2 ** -53, 1e300), math.pow(1 + 2 ** -52, 1e300)]).toEqual(
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY],
    );
  });

  test("an angle keeps its sign when the quotient underflows", () => {
    expect(math.atan2(-1e-300, -1e300)).toBe(-math.PI);
    expect(math.atan2(1e-300, -1e300)).toBe(math.PI);
    expect(toHex(math.atan2(-1e-300, 1e300))).toBe(toHex(-0));
  });
});

describe("small helpers", () => {
  test("clamp, lerp and smoothstep meet their ends exactly", () => {
    expect([math.clamp(-1, 0, 2), math.clamp(3, 0, 2), math.clamp(1.5, 0, 2), math.clamp(Number.NaN, 0, 2)]).toEqual([
      0,
      2,
      1.5,
      Number.NaN,
    ]);
    expect([math.lerp(0.1, 0.7, 0), math.lerp(0.1, 0.7, 1), math.lerp(2, 4, 0.25), math.lerp(2, 4, 2)]).toEqual([
      0.1, 0.7, 2.5, 6,
    ]);
    expect([-1, 0, 0.25, 0.5, 1, 9].map((x) => math.smoothstep(0, 1, x))).toEqual([0, 0, 0.15625, 0.5, 1, 1]);
  });

  test("wrapAngle stays in [-PI, PI) and differs by whole turns", () => {
    expect([0, math.PI, -math.PI, math.TAU, 3, -3, math.PI + 1].map(math.wrapAngle)).toEqual([
      0,
      -math.PI,
      -math.PI,
      0,
      3,
      -3,
      math.PI + 1 - math.TAU,
    ]);
    const { spread: draw } = randomDoubles(seed + 1);
    for (let i = 0; i < 1000; i++) {
      const x = draw(-20, 100);
      const wrapped = math.wrapAngle(x);
      expect(wrapped >= -math.PI && wrapped < math.PI, `wrapAngle(${x})`).toBe(true);
      expect(math.wrapAngle(wrapped)).toBe(wrapped);
    }
    expect(math.wrapAngle(Number.POSITIVE_INFINITY)).toBeNaN();
  });
});

describe("the bundle", () => {
  const ownFolder = "engine/base/";
  const exactNames = ["abs", "ceil", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"];

  test("reaches nothing inexact, no host module, no native code, no evaluation of text", async () => {
    // Neutral platform: a `node:` or built-in import that stays reachable fails the build.
    const result = await build({
      entryPoints: [facePath],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "neutral",
      absWorkingDir: path("../../../"),
      mainFields: ["browser", "module", "main"],
      minifyWhitespace: true,
      legalComments: "none",
      logLevel: "silent",
    });
    const text = result.outputFiles[0]!.text;
    const used = new Set([...text.matchAll(/\bMath\b(?:\.(\w+))?/g)].map((match) => match[1] ?? "Math itself"));
    expect([...used].filter((name) => !exactNames.includes(name))).toEqual([]);
    expect(text).not.toContain("**");
    expect(text).not.toMatch(/\beval\(|new Function|\bFunction\(|\bprocess\b|\.node["']|Date\.now|Math\.random/);
    const inputs = Object.values(result.metafile.inputs);
    expect(inputs.flatMap((input) => input.imports).filter((entry) => entry.external)).toEqual([]);
    const foreign = Object.keys(result.metafile.inputs).filter((file) => !file.startsWith(ownFolder));
    expect(foreign, "exact mathematics takes no package: write a port beside the others").toEqual([]);
    console.log(`math bundle: ${text.length} bytes, ${inputs.length} files`);
  });
});
