/**
 * A trace file as events again: what the validator, the comparison and the viewer start from. It takes
 * the two forms of Chrome's format, an object with `traceEvents` or the bare array, and events of any
 * program; what an event lacks it gets as an empty text or zero.
 */

import { jsonErrorOffset } from "./json-place.ts";

/** Phases of events that Orrery writes; others are kept and not understood. */
export interface ChromeEvent {
  readonly phase: string;
  readonly name: string;
  readonly category: string;
  readonly processId: number;
  readonly threadId: number;
  readonly startMicros: number;
  /** 0 where there is none. */
  readonly durationMicros: number;
  /** Of flows and lifetimes; empty where there is none. */
  readonly id: string;
  /** Of instants: "t" for one track, "p" or "g" for all. */
  readonly scope: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface ParsedTrace {
  readonly events: readonly ChromeEvent[];
  readonly otherData: Readonly<Record<string, unknown>>;
}

/** Why a text is no trace, for a sentence that begins with "it". */
export interface TraceTrouble {
  readonly problem: string;
  /** UTF-16 units from the beginning; undefined when no place is to blame. */
  readonly offset: number | undefined;
  readonly isCutShort: boolean;
}

/** Reads a trace, or says what is wrong with it and where. */
export function parseTrace(text: string): ParsedTrace | TraceTrouble {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return syntaxTrouble(text);
  }
  const list = Array.isArray(value) ? value : isObject(value) ? value["traceEvents"] : undefined;
  if (!Array.isArray(list)) return trouble('it has no list "traceEvents"');
  const events: ChromeEvent[] = [];
  for (let i = 0; i < list.length; i++) {
    const event = list[i] as unknown;
    if (!isObject(event) || typeof event["ph"] !== "string")
      return trouble(`entry ${i} of traceEvents is no event: it has no "ph"`);
    events.push(chromeEvent(event));
  }
  if (!events.some(({ phase }) => phase !== "M")) return trouble("it has no events");
  const other = isObject(value) ? value["otherData"] : undefined;
  return { events, otherData: isObject(other) ? other : {} };
}

export function isTrouble(parsed: ParsedTrace | TraceTrouble): parsed is TraceTrouble {
  return "problem" in parsed;
}

function chromeEvent(event: Readonly<Record<string, unknown>>): ChromeEvent {
  const { ph, name, cat, pid, tid, ts, dur, id, s, args } = event;
  return {
    phase: String(ph),
    name: textOf(name),
    category: textOf(cat),
    processId: numberOf(pid),
    threadId: numberOf(tid),
    startMicros: numberOf(ts),
    durationMicros: numberOf(dur),
    id: textOf(id),
    scope: textOf(s),
    args: isObject(args) ? args : {},
  };
}

function syntaxTrouble(text: string): TraceTrouble {
  const offset = jsonErrorOffset(text);
  // A text that is right as far as it goes is a file whose rest is missing, unless nothing of it is there.
  const isCutShort = offset === text.length && /^\s*[[{]/.test(text);
  return { problem: isCutShort ? "it is cut short" : "it is not JSON", offset, isCutShort };
}

function trouble(problem: string): TraceTrouble {
  return { problem, offset: undefined, isCutShort: false };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
