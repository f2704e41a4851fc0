/** The four surfaces of the synthetic frame on a null device, as tests and their threads use them. */
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import type { SurfaceDefinition } from "../../../engine/surface/surface.ts";
import { type SurfaceFrame, SurfaceFrames } from "../../../engine/surface/surface-frames.ts";
import { SurfaceGraph } from "../../../engine/surface/surface-graph.ts";
import { type SurfaceLimits, SurfaceTurns, surfaceMemoryWords } from "../../../engine/surface/surface-turns.ts";

export const limits: SurfaceLimits = { surfaceCount: 8, commandWordCount: 64 };

const costs = (recordMicros: number, submitMicros: number, presentMicros: number) => ({
  recordMicros,
  submitMicros,
  presentMicros,
});

export const fourSurfaces: readonly SurfaceDefinition[] = [
  {
    name: "MainWindow",
    kind: "window",
    width: 64,
    height: 32,
    reads: ["ShadowMap", "ReflectionProbe"],
    costs: costs(800, 200, 300),
  },
  { name: "ShadowMap", kind: "shadow", width: 16, height: 16, costs: costs(400, 100, 50) },
  { name: "ReflectionProbe", kind: "reflection", width: 8, height: 8, costs: costs(600, 150, 100) },
  { name: "UI_Overlay", kind: "overlay", width: 64, height: 32, reads: ["MainWindow"], costs: costs(200, 50, 150) },
];

export class Screen {
  readonly clock = new ManualClock();
  readonly graph: SurfaceGraph;
  readonly turns: SurfaceTurns;
  readonly device: NullDevice;
  readonly frames: SurfaceFrames;

  constructor(
    surfaces: readonly SurfaceDefinition[] = fourSurfaces,
    words = new Int32Array(new SharedArrayBuffer(surfaceMemoryWords(limits) * 4)),
  ) {
    this.graph = new SurfaceGraph(surfaces);
    this.turns = new SurfaceTurns(words, 0, limits);
    this.device = new NullDevice({ clock: this.clock, commandMemory: this.turns.commandMemory });
    this.frames = new SurfaceFrames({ graph: this.graph, device: this.device, turns: this.turns });
  }

  present(frame: SurfaceFrame): void {
    for (const number of frame.order) this.frames.present(number);
  }
  /** Names by turn numbers. */
  names({ surfaces }: SurfaceFrame, numbers: readonly number[]): string[] {
    return numbers.map((number) => surfaces[number]?.name ?? "?");
  }
  spans(): string[] {
    const spans: string[] = [];
    this.device.drainTimeline(({ line, label, frame, startMicros, endMicros }) =>
      spans.push(`${frame} ${line} ${this.device.labelText(label)} ${startMicros}..${endMicros}`),
    );
    return spans;
  }
}
