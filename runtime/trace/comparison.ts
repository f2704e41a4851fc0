/**
 * The comparison of two traces: for each name of a span how often it was and how long it took, side by
 * side. Lifetimes over frames count under their name with " (lifetime)".
 *
 * A percentile is the smallest duration that is at least as long as that share of all (nearest rank),
 * so every figure is one that was really measured.
 */
import type { ChromeEvent, ParsedTrace } from "../../engine/trace/parsed.ts";

/** Durations of one name; in microseconds. */
export interface SpanFigures {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly total: number;
}
export const figureNames = ["count", "p50", "p95", "p99", "max", "total"] as const;

/** B / A of each figure; left out where one of them has none or A's is zero. */
export type FigureRatios = { readonly [K in keyof SpanFigures]?: number };

/** One name in both traces; undefined where the name does not occur. */
export interface SpanComparison {
  readonly name: string;
  readonly a: SpanFigures | undefined;
  readonly b: SpanFigures | undefined;
  readonly ratios: FigureRatios;
}

/** All names of either trace, those that took most time in the two together first. */
export function compareTraces(a: ParsedTrace, b: ParsedTrace): readonly SpanComparison[] {
  const inA = spanFigures(a.events);
  const inB = spanFigures(b.events);
  const names = [...new Set([...inA.keys(), ...inB.keys()])];
  const totalOf = (name: string): number => (inA.get(name)?.total ?? 0) + (inB.get(name)?.total ?? 0);
  names.sort((one, other) => totalOf(other) - totalOf(one) || (one < other ? -1 : 1));
  return names.map((name) => {
    const figuresA = inA.get(name);
    const figuresB = inB.get(name);
    return { name, a: figuresA, b: figuresB, ratios: ratiosOf(figuresA, figuresB) };
  });
}

/** The figures of each name of one trace. */
export function spanFigures(events: readonly ChromeEvent[]): Map<string, SpanFigures> {
  const durations = new Map<string, number[]>();
  const add = (name: string, micros: number): void => {
    const list = durations.get(name);
    if (list === undefined) durations.set(name, [micros]);
    else list.push(micros);
  };
  const lifetimes = events.filter(({ phase }) => phase === "b" || phase === "e");
  // The two ends may stand in any order in the file, for they are written by different threads.
  lifetimes.sort((one, other) => one.startMicros - other.startMicros || (one.phase < other.phase ? -1 : 1));
  const open = new Map<string, number[]>();
  for (const event of lifetimes) {
    const key = `${event.category}\u0000${event.name}\u0000${event.id}`;
    if (event.phase === "b") open.set(key, [...(open.get(key) ?? []), event.startMicros]);
    else {
      const start = open.get(key)?.shift();
      if (start !== undefined && event.args["open"] !== 1)
        add(`${event.name} (lifetime)`, exactMicros(event.startMicros - start));
    }
  }
  for (const event of events) if (event.phase === "X") add(event.name, event.durationMicros);
  return new Map([...durations].map(([name, list]) => [name, figuresOf(list)]));
}

function figuresOf(durations: number[]): SpanFigures {
  durations.sort((a, b) => a - b);
  const count = durations.length;
  const at = (share: number): number => durations[Math.ceil((share * count) / 100) - 1]!;
  const total = exactMicros(durations.reduce((sum, micros) => sum + micros, 0));
  return { count, p50: at(50), p95: at(95), p99: at(99), max: durations[count - 1]!, total };
}

function ratiosOf(a: SpanFigures | undefined, b: SpanFigures | undefined): FigureRatios {
  const ratios: { -readonly [K in keyof FigureRatios]: FigureRatios[K] } = {};
  if (a === undefined || b === undefined) return ratios;
  for (const figure of figureNames) if (a[figure] !== 0) ratios[figure] = b[figure] / a[figure];
  return ratios;
}

/** Files hold whole nanoseconds; a sum is one as well. */
function exactMicros(micros: number): number {
  return Math.round(micros * 1_000) / 1_000;
}
