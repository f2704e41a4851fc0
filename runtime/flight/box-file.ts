/**
 * Names of what a flight recorder leaves: rolling files of a process that is alive, and black boxes of what has happened.
 *
 *     flight-4711-a.orb  flight-4711-b.orb      of process 4711; a run that ends well deletes them
 *     flight-4711-a.trace                       its newest trace events
 *     crash-20260131T120000-5412.orb            a run that did not, at tick 5412
 *     box-20260131T120000-5412.orb              asked for, the run went on
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BoxFacts, type BoxKind, boxName } from "./box-facts.ts";

/** Where black boxes go when nobody says. */
export const usualFolder = ".orrery";

/** A black box that was written. */
export interface BlackBox extends BoxFacts {
  readonly path: string;
}

export function flightFileName(processId: number, letters: string): string {
  return `flight-${processId}-${letters}.orb`;
}

/** The file of the newest trace events beside flight files, the first of which is called so. */
export function traceFileName(fileName: string): string {
  return fileName.replace(/\.orb$/, ".trace");
}

/** What a flight file is of. */
export interface FlightFileName {
  readonly processId: number;
  /** Which of the worlds of the process, from 0. */
  readonly world: number;
  /** "rest" is what was left unfinished. */
  readonly kind: "journal" | "trace" | "rest";
}

/** Reads a file's name; undefined for files that are none of a flight recorder. */
export function flightFileOf(fileName: string): FlightFileName | undefined {
  const [, processId, letters, ending] = /^flight-(\d+)-([a-z]{1,4})\.(orb|trace|trace\.part)$/.exec(fileName) ?? [];
  if (processId === undefined || letters === undefined) return undefined;
  const kind = ending === "orb" ? "journal" : ending === "trace" ? "trace" : "rest";
  return { processId: Number(processId), world: Math.floor(numberOf(letters) / filesPerWorld), kind };
}

/** How many names a world has for its files: two are in use, and for a moment three. */
export const filesPerWorld = 3;

/** The letters of a file of a process: 0 is a, 25 is z, 26 is aa. */
export function lettersOf(number: number): string {
  const last = String.fromCharCode(97 + (number % 26));
  return number < 26 ? last : lettersOf(Math.floor(number / 26) - 1) + last;
}

function numberOf(letters: string): number {
  return [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 96, 0) - 1;
}

/** Whether a file is a black box of a run that did not end well. */
export function isCrashBox(fileName: string): boolean {
  return /^crash-\d{8}T\d{6}-\d+(-\d+)?\.orb$/.test(fileName);
}

/** A path for a black box that nothing has yet. */
export function boxPath(folder: string, kind: BoxKind, moment: Date, tick: number): string {
  for (let copy = 1; ; copy++) {
    const path = join(folder, boxName(kind, moment, tick, copy));
    if (!existsSync(path)) return path;
  }
}

/** What to tell somebody about a black box. */
export function boxText({ path, firstTick, lastTick, seconds }: BlackBox): string {
  return lastTick < firstTick
    ? `black box ${path}: no tick was made`
    : `black box ${path}: ticks ${firstTick} to ${lastTick}, ${seconds.toFixed(1)} s`;
}
