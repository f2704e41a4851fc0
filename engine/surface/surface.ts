/**
 * A surface: something that is drawn into and whose picture is shown or read by other surfaces: a window,
 * a shadow map, a reflection, an overlay. Its definition is what an author writes; `resolveSurface`
 * checks it and fills in what was left out.
 */
import { raise } from "../base/faults.ts";
import type { QueueName } from "../gpu/queues.ts";

export const surfaceKinds = ["window", "shadow", "reflection", "overlay"] as const;
export type SurfaceKind = (typeof surfaceKinds)[number];

/** Declared costs in micros, for simulations and benches. */
export interface SurfaceCosts {
  readonly recordMicros: number;
  readonly submitMicros: number;
  readonly presentMicros: number;
}

export interface SurfaceDefinition {
  /** A letter, then up to 62 letters, digits, dashes or underscores. */
  readonly name: string;
  readonly kind: SurfaceKind;
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
  /** Names of the surfaces whose pictures it reads; they are presented before it. */
  readonly reads?: readonly string[];
  /** Who comes first where dependencies leave it open: the higher, then the lower name. 0 if left out. */
  readonly priority?: number;
  /** It is drawn in every n-th frame and keeps its picture between. 1 if left out. */
  readonly everyFrames?: number;
  /** The queue that draws it. "graphics" if left out. */
  readonly queue?: Exclude<QueueName, "copy">;
  readonly costs?: SurfaceCosts;
}
export type Surface = Required<SurfaceDefinition>;

/** Surfaces that one may read: a row of surface-turns.ts has so many places. */
export const readCountMax = 8;
const sizeMax = 16_384;
const noCosts: SurfaceCosts = { recordMicros: 0, submitMicros: 0, presentMicros: 0 };

/** The definition with everything said. Raises "bad-definition". */
export function resolveSurface(definition: SurfaceDefinition): Surface {
  const surface: Surface = { reads: [], priority: 0, everyFrames: 1, queue: "graphics", costs: noCosts, ...definition };
  const { name, width, height, reads, priority, everyFrames, costs } = surface;
  const check = (holds: boolean, problem: string, remedy: string): void => {
    if (!holds) raise("bad-definition", { what: "surface", name, problem, remedy });
  };
  check(
    /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name),
    "its name is not a letter followed by up to 62 letters, digits, dashes or underscores",
    "Choose a name of that form.",
  );
  check(
    surfaceKinds.includes(surface.kind),
    `its kind is "${surface.kind}"`,
    `Use one of: ${surfaceKinds.join(", ")}.`,
  );
  for (const size of [width, height])
    check(
      isCount(size) && size <= sizeMax,
      `its size is ${width} x ${height}`,
      `Give whole pixels from 1 to ${sizeMax}.`,
    );
  check(Number.isSafeInteger(priority), `its priority is ${priority}`, "Give a whole number.");
  check(isCount(everyFrames), `it is drawn every ${everyFrames} frames`, "Give a whole number of at least 1.");
  check(["graphics", "compute"].includes(surface.queue), `its queue is "${surface.queue}"`, "Use graphics or compute.");
  check(reads.length <= readCountMax, `it reads ${reads.length} surfaces`, `Read at most ${readCountMax}.`);
  check(new Set(reads).size === reads.length, "it reads one surface twice", "Name each once.");
  for (const micros of [costs.recordMicros, costs.submitMicros, costs.presentMicros])
    check(Number.isSafeInteger(micros) && micros >= 0, `a cost is ${micros}`, "Give whole micros of at least 0.");
  return surface;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
