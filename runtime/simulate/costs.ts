/**
 * What the synthetic frame consists of, as data: systems, jobs, surfaces and loads with what each costs.
 * The other files of this folder make a game of it; the numbers are here and nowhere else.
 */
import type { PhaseName } from "../../engine/base/phases.ts";
import type { SurfaceDefinition } from "../../engine/surface/surface.ts";

export interface SimulatedSystem {
  readonly name: string;
  readonly phase: PhaseName;
  readonly micros: number;
  readonly after?: string;
}

export const simulatedSystems: readonly SimulatedSystem[] = [
  { name: "read-controls", phase: "input", micros: 40 },
  { name: "gather-forces", phase: "physics", micros: 60 },
  { name: "step-bodies", phase: "physics", micros: 250, after: "gather-forces" },
  { name: "steer-actors", phase: "gameplay", micros: 160 },
  { name: "keep-score", phase: "gameplay", micros: 40, after: "steer-actors" },
  { name: "place-actors", phase: "transforms", micros: 50 },
];

/** Items of a job and what a chunk of them costs. */
export interface SimulatedJob {
  readonly itemCount: number;
  readonly chunkItems: number;
  readonly chunkMicros: number;
}

export const simulatedJobs = {
  animation: { itemCount: 1_024, chunkItems: 64, chunkMicros: 50 },
  particles: { itemCount: 3_072, chunkItems: 256, chunkMicros: 40 },
  culling: { itemCount: 1_024, chunkItems: 128, chunkMicros: 35 },
  levels: { itemCount: 1_024, chunkItems: 128, chunkMicros: 25 },
  routes: { itemCount: 64, chunkItems: 16, chunkMicros: 60 },
} as const satisfies Readonly<Record<string, SimulatedJob>>;

/** How often routes are asked for, and after how many ticks the answers enter. */
export const routeEvery = 4;
export const routeLatency = 3;

const costs = (recordMicros: number, submitMicros: number, presentMicros: number) => ({
  recordMicros,
  submitMicros,
  presentMicros,
});

export const simulatedSurfaces: readonly SurfaceDefinition[] = [
  {
    name: "MainWindow",
    kind: "window",
    width: 1_280,
    height: 720,
    reads: ["ShadowMap", "ReflectionProbe"],
    costs: costs(800, 200, 300),
  },
  { name: "ShadowMap", kind: "shadow", width: 1_024, height: 1_024, costs: costs(400, 100, 50) },
  {
    name: "ReflectionProbe",
    kind: "reflection",
    width: 256,
    height: 256,
    queue: "compute",
    costs: costs(600, 150, 100),
  },
  {
    name: "UI_Overlay",
    kind: "overlay",
    width: 1_280,
    height: 720,
    reads: ["MainWindow"],
    costs: costs(200, 50, 150),
  },
];

/** Comes half-way, when `leavingSurface` goes. */
export const comingSurface: SurfaceDefinition = {
  name: "RearView",
  kind: "window",
  width: 320,
  height: 180,
  reads: ["ShadowMap"],
  costs: costs(300, 80, 80),
};
export const leavingSurface = "UI_Overlay";
/** Drawn in every second frame in the last quarter, as a budget would have it. */
export const rareSurface = "ReflectionProbe";

/** A file that is loaded over many frames, or a shader that is compiled. */
export interface SimulatedLoad {
  readonly name: string;
  readonly kind: "picture" | "material" | "mesh" | "shader";
  readonly byteLength: number;
  /** The frame in whose stage `publish` it is published. A run that has not come so far is still loading it. */
  readonly dueFrame: number;
  readonly needs?: readonly string[];
  /** The first attempt fails half-way. */
  readonly failsOnce?: boolean;
}

export const simulatedLoads: readonly SimulatedLoad[] = [
  { name: "mesh/furnace", kind: "mesh", byteLength: 48_000, dueFrame: 20 },
  { name: "shader/hull", kind: "shader", byteLength: 24_000, dueFrame: 26 },
  { name: "shader/sky", kind: "shader", byteLength: 16_000, dueFrame: 32 },
  { name: "texture/yard", kind: "picture", byteLength: 200_000, dueFrame: 44 },
  { name: "material/yard", kind: "material", byteLength: 2_000, dueFrame: 46, needs: ["texture/yard"] },
  { name: "texture/tug", kind: "picture", byteLength: 120_000, dueFrame: 64, failsOnce: true },
  { name: "texture/sky", kind: "picture", byteLength: 320_000, dueFrame: 80 },
];

/** Bytes that the slow source gives to each read in a frame. */
export const sourceBytesPerFrame = 8_000;
/** What the stages of a load cost: decoding a file per 1,000 bytes, and compiling a shader. */
export const decodeMicrosPerKilobyte = 8;
export const compileMicros = 1_500;
/** Bytes that the copy queue uploads in a microsecond. */
export const uploadBytesPerMicro = 200;
