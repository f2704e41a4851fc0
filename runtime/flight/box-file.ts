/**
 * Names of what a flight recorder leaves: rolling files of a process that is alive, and black boxes of what has happened.
 *
 *     flight-4711-a.orb  flight-4711-b.orb      of process 4711; a run that ends well deletes them
 *     crash-20260131T120000-5412.orb            a run that did not, at tick 5412
 *     box-20260131T120000-5412.orb              asked for, the run went on
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where black boxes go when nobody says. */
export const usualFolder = ".orrery";

export type BoxKind = "crash" | "box";

/** A black box that was written. */
export interface BlackBox {
  readonly path: string;
  readonly kind: BoxKind;
  /** The ticks that it can make again. */
  readonly firstTick: number;
  readonly lastTick: number;
}

export function flightFileName(processId: number, letters: string): string {
  return `flight-${processId}-${letters}.orb`;
}

/** The process that a flight file is of; undefined for other files. */
export function processOf(fileName: string): number | undefined {
  const found = /^flight-(\d+)-[a-z]+\.orb$/.exec(fileName);
  return found === null ? undefined : Number(found[1]);
}

/** A path for a black box that nothing has yet. */
export function boxPath(folder: string, kind: BoxKind, moment: Date, tick: number): string {
  const date = moment.toISOString().replace(/[-:]/g, "").slice(0, 15);
  for (let copy = 1; ; copy++) {
    const path = join(folder, `${kind}-${date}-${tick}${copy === 1 ? "" : `-${copy}`}.orb`);
    if (!existsSync(path)) return path;
  }
}

/** What to tell somebody about a black box. */
export function boxText({ path, firstTick, lastTick }: BlackBox, tickRate: number): string {
  const seconds = Math.max(0, (lastTick - firstTick + 1) / tickRate).toFixed(1);
  return lastTick < firstTick
    ? `black box ${path}: no tick was made`
    : `black box ${path}: ticks ${firstTick} to ${lastTick}, ${seconds} s`;
}
