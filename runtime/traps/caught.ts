/**
 * Who runs, and what was caught: the state that all traps of a thread share. A trap asks `isWatched` and calls
 * `catchCall`, which names the world code, the tick and the place in the author's own file.
 *
 * Traps ask at every call of what they stand on, also outside ticks: the question must stay one comparison.
 */
import { FaultError, type FaultFields, makeFault, placeInStack } from "../../engine/base/faults.ts";
import { withSourcePlaces } from "../host/source-places.ts";

/** A piece of world code; its tick is set whenever it is entered. */
export interface WorldCode {
  readonly code: FaultFields<"banned-call">["code"];
  readonly name: string;
  tick: number;
}

let running: WorldCode | undefined;
let caught: FaultError | undefined;

/** Says that `code` runs from here on; returns what ran before. */
export function enter(code: WorldCode): WorldCode | undefined {
  const before = running;
  running = code;
  return before;
}

/** Says that `before` runs again; returns what was caught meanwhile. */
export function leave(before: WorldCode | undefined): FaultError | undefined {
  const found = caught;
  running = before;
  caught = undefined;
  return found;
}

/** Whether world code runs in this thread at this moment. */
export function isWatched(): boolean {
  return running !== undefined;
}

/**
 * Notes the use of `call` and returns its fault; undefined when the host itself made the call on the author's
 * behalf, as it does to print. `trap` is the function that caught it: places are looked for behind it.
 */
export function catchCall(call: string, instead: string, trap: (...given: never[]) => unknown): FaultError | undefined {
  const who = running;
  if (who === undefined) return undefined;
  // What follows may use what is trapped.
  running = undefined;
  try {
    const holder = { stack: "" };
    Error.captureStackTrace(holder, trap);
    if (isOfHost(holder.stack)) return undefined;
    const stack = withSourcePlaces(holder.stack);
    const fields = { call, code: who.code, name: who.name, tick: who.tick, place: placeInStack(stack, true), instead };
    const error = new FaultError(makeFault("banned-call", fields));
    error.stack = `${error.name}: ${error.message}\n${stack.split("\n").slice(1).join("\n")}`;
    caught ??= error;
    return error;
  } finally {
    running = who;
  }
}

/** Whether the first call of a stack that has a place is one of the host's own. */
function isOfHost(stack: string): boolean {
  const first = stack.split("\n").find((line) => /:\d+:\d+\)?\s*$/.test(line));
  return first !== undefined && /(?:\(|at )node:/.test(first);
}
