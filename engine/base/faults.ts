/**
 * Faults: operating errors as data. A fault is a member of a closed union with fields; its text is
 * made at the edge (command line, page, log) and nowhere else.
 *
 * Bugs are not faults: they are assertions (assertions.ts). Raise with `raise(kind, fields)`.
 */
import { AssertionFailure } from "./assertions.ts";
import { type FaultFields, type FaultKind, faultCatalog } from "./fault-catalog.ts";

export type { FaultFields, FaultKind } from "./fault-catalog.ts";

/** An operating error: its kind and the fields of that kind. Plain data, safe to clone and to send. */
export type Fault = { readonly [K in FaultKind]: { readonly kind: K; readonly fields: FaultFields<K> } }[FaultKind];

/** Carries a fault through `throw`. Its message is the fault's text, for stack traces only. */
export class FaultError extends Error {
  override readonly name = "FaultError";
  readonly fault: Fault;
  constructor(fault: Fault, cause?: unknown) {
    super(`${faultId(fault)} ${faultText(fault)}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

export function makeFault<K extends FaultKind>(kind: K, fields: FaultFields<K>): Fault {
  return { kind, fields } as unknown as Fault;
}

/** Throws a FaultError of this kind. */
export function raise<K extends FaultKind>(kind: K, fields: FaultFields<K>, cause?: unknown): never {
  throw new FaultError(makeFault(kind, fields), cause);
}

/** The stable id, such as "E0302". */
export function faultId(fault: Fault): string {
  return faultCatalog[fault.kind].id;
}

/** What happened, in one sentence. */
export function faultText(fault: Fault): string {
  return (faultCatalog[fault.kind].text as (fields: unknown) => string)(fault.fields);
}

/** What to do about it, in one sentence. */
export function faultMend(fault: Fault): string {
  return (faultCatalog[fault.kind].mend as (fields: unknown) => string)(fault.fields);
}

/** The fault that an unknown thrown value stands for; a bug becomes "unexpected" with its place. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const label = thrown instanceof AssertionFailure ? `assertion failed: ${message}` : message;
  return makeFault("unexpected", { message: label, place: placeOf(thrown) });
}

/**
 * Where a thrown error comes from, as "file:line:column"; empty when unknown. For a fault it is the
 * first place outside the engine, because whoever called the engine made the mistake.
 */
export function placeOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.stack !== undefined
    ? placeInStack(thrown.stack, thrown instanceof FaultError)
    : "";
}

/**
 * The first place in a stack's text that is not of the assertion or fault machinery, nor, with
 * `skipEngine`, of the engine. Reads V8, JavaScriptCore and SpiderMonkey stacks.
 */
export function placeInStack(stack: string, skipEngine: boolean): string {
  for (const line of stack.split("\n")) {
    const found = /(?:\(|@|at\s)((?:[a-z]+:\/\/|[A-Za-z]:\\|\/)?[^\s()@]+?:\d+:\d+)\)?\s*$/.exec(line);
    if (found === null) continue;
    const place = found[1] as string;
    if (/engine\/base\/(assertions|faults)\.ts/.test(place) || place.startsWith("node:")) continue;
    if (skipEngine && /(^|\/)engine\/[^:]+\.ts:/.test(place)) continue;
    return place;
  }
  return "";
}
