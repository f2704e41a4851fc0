/**
 * The model: a parsed trace as the viewer draws it. Pure, so it is tested without a page.
 *
 *   tracks      a row each, in the file's order: lanes of nested spans, instants
 *   counters    a row each: values over time
 *   lifetimes   a row a category: lanes of what spans many frames
 *   arcs        messages from one track to another
 *   marks       moments that concern all rows, such as the starts of ticks
 */
import type { ChromeEvent, ParsedTrace } from "../../../engine/trace/parsed.ts";
import { type Lane, type LaneSpan, nestedLanes, packedLanes } from "./lane.ts";

export interface Moments {
  readonly times: Float64Array;
  readonly events: Uint32Array;
}
export interface SpanRow {
  readonly label: string;
  readonly lanes: readonly Lane[];
  readonly instants: Moments;
}
export interface CounterRow {
  readonly label: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly min: number;
  readonly max: number;
}
export interface Arc {
  /** Indices into the model's tracks. */
  readonly from: number;
  readonly to: number;
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly event: number;
}
/** What a name's spans and lifetimes took. */
export interface NameTotal {
  readonly name: string;
  readonly count: number;
  readonly totalMicros: number;
}

export interface TraceModel {
  readonly events: readonly ChromeEvent[];
  readonly otherData: Readonly<Record<string, unknown>>;
  readonly tracks: readonly SpanRow[];
  readonly counters: readonly CounterRow[];
  readonly lifetimes: readonly SpanRow[];
  readonly arcs: readonly Arc[];
  readonly marks: Moments;
  /** Those that took most time first; spans name them by index. */
  readonly names: readonly NameTotal[];
  readonly startMicros: number;
  readonly endMicros: number;
}

export function buildModel({ events, otherData }: ParsedTrace): TraceModel {
  const pairs = pairsOf(events);
  const names = namesOf(events, pairs.lifetimes);
  const numbers = new Map(names.map(({ name }, number) => [name, number]));
  const labels = trackLabels(events);
  const trackNumbers = new Map([...labels.keys()].map((key, number) => [key, number]));
  const spans: LaneSpan[][] = [...labels].map(() => []);
  const instants: number[][] = [...labels].map(() => []);
  const counters = new Map<string, number[]>();
  const marks: number[] = [];
  let startMicros = Number.POSITIVE_INFINITY;
  let endMicros = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event.phase === "M") continue;
    // Files count whole nanoseconds; a sum of two that is off by less would put a neighbour a lane lower.
    const end = Math.round((event.startMicros + event.durationMicros) * 1_000) / 1_000;
    startMicros = Math.min(startMicros, event.startMicros);
    endMicros = Math.max(endMicros, end);
    const track = trackNumbers.get(trackKey(event))!;
    if (event.phase === "X")
      spans[track]!.push({ start: event.startMicros, end, name: numbers.get(event.name)!, event: i });
    else if (event.phase === "i" || event.phase === "I") (isMark(event) ? marks : instants[track]!).push(i);
    else if (event.phase === "C") {
      const list = counters.get(event.name);
      if (list === undefined) counters.set(event.name, [i]);
      else list.push(i);
    }
  }
  const tracks = [...labels.values()].map((label, track) => ({
    label,
    lanes: nestedLanes(spans[track]!.sort((a, b) => a.start - b.start || b.end - a.end || b.event - a.event)),
    instants: momentsOf(events, instants[track]!),
  }));
  return {
    events,
    otherData,
    tracks,
    counters: [...counters].map(([label, list]) => counterRow(label, momentsOf(events, list), events)),
    lifetimes: lifetimeRows(events, pairs.lifetimes, numbers, endMicros),
    arcs: pairs.flows.map(({ begin, end }) => ({
      from: trackNumbers.get(trackKey(events[begin]!))!,
      to: trackNumbers.get(trackKey(events[end]!))!,
      fromMicros: events[begin]!.startMicros,
      toMicros: events[end]!.startMicros,
      event: begin,
    })),
    marks: momentsOf(events, marks),
    names,
    startMicros: Number.isFinite(startMicros) ? startMicros : 0,
    endMicros: Number.isFinite(endMicros) ? endMicros : 1,
  };
}

/** Keys of tracks that have events, with their labels, in the order that the file asks for. */
function trackLabels(events: readonly ChromeEvent[]): Map<string, string> {
  const found = new Map<string, { label: string; order: number; isUsed: boolean }>();
  for (const event of events) {
    const key = trackKey(event);
    let track = found.get(key);
    if (track === undefined) {
      track = { label: `thread ${event.threadId}`, order: found.size, isUsed: false };
      found.set(key, track);
    }
    if (event.phase !== "M") track.isUsed = true;
    else if (event.name === "thread_name") track.label = String(event.args["name"]);
    else if (event.name === "thread_sort_index") track.order = Number(event.args["sort_index"]);
  }
  const tracks = [...found].filter(([, { isUsed }]) => isUsed).sort(([, a], [, b]) => a.order - b.order);
  return new Map(tracks.map(([key, { label }]) => [key, label]));
}

interface Pair {
  readonly begin: number;
  /** -1 where a lifetime is still open at the end of the trace. */
  readonly end: number;
}

/** Beginnings and ends that belong together, each list in the order of its beginnings. */
function pairsOf(events: readonly ChromeEvent[]): { flows: readonly Pair[]; lifetimes: readonly Pair[] } {
  const list: number[] = [];
  for (let i = 0; i < events.length; i++) if ("sfbe".includes(events[i]!.phase)) list.push(i);
  const isEnd = (i: number): number => ("fe".includes(events[i]!.phase) ? 1 : 0);
  list.sort((a, b) => events[a]!.startMicros - events[b]!.startMicros || isEnd(a) - isEnd(b) || a - b);
  const open = new Map<string, { begin: number; end: number }[]>();
  const flows: Pair[] = [];
  const lifetimes: { begin: number; end: number }[] = [];
  for (const i of list) {
    const { phase, category, name, id } = events[i]!;
    const isFlow = phase === "s" || phase === "f";
    const key = `${isFlow ? "flow" : "life"}\u0000${category}\u0000${name}\u0000${id}`;
    if (isEnd(i) === 1) {
      const pair = open.get(key)?.shift();
      if (pair === undefined) continue;
      pair.end = i;
      if (isFlow) flows.push(pair);
    } else {
      const pair = { begin: i, end: -1 };
      if (!isFlow) lifetimes.push(pair);
      open.set(key, [...(open.get(key) ?? []), pair]);
    }
  }
  return { flows, lifetimes };
}

function namesOf(events: readonly ChromeEvent[], lifetimes: readonly Pair[]): readonly NameTotal[] {
  const totals = new Map<string, { count: number; totalMicros: number }>();
  const add = (name: string, micros: number): void => {
    const total = totals.get(name);
    if (total === undefined) totals.set(name, { count: 1, totalMicros: micros });
    else {
      total.count++;
      total.totalMicros += micros;
    }
  };
  for (const { phase, name, durationMicros } of events) if (phase === "X") add(name, durationMicros);
  for (const { begin, end } of lifetimes)
    add(events[begin]!.name, end < 0 ? 0 : events[end]!.startMicros - events[begin]!.startMicros);
  return [...totals]
    .map(([name, total]) => ({ name, ...total }))
    .sort((a, b) => b.totalMicros - a.totalMicros || (a.name < b.name ? -1 : 1));
}

function lifetimeRows(
  events: readonly ChromeEvent[],
  lifetimes: readonly Pair[],
  numbers: ReadonlyMap<string, number>,
  endMicros: number,
): readonly SpanRow[] {
  const rows = new Map<string, LaneSpan[]>();
  for (const { begin, end } of lifetimes) {
    const { category, name, startMicros } = events[begin]!;
    const span = {
      start: startMicros,
      end: end < 0 ? endMicros : events[end]!.startMicros,
      name: numbers.get(name)!,
      event: begin,
    };
    const row = rows.get(category);
    if (row === undefined) rows.set(category, [span]);
    else row.push(span);
  }
  return [...rows].map(([label, spans]) => ({ label, lanes: packedLanes(spans), instants: momentsOf(events, []) }));
}

function counterRow(label: string, { times, events: indices }: Moments, events: readonly ChromeEvent[]): CounterRow {
  const values = Float64Array.from(indices, (i) => Number(Object.values(events[i]!.args)[0] ?? 0));
  const min = values.reduce((least, value) => Math.min(least, value), 0);
  return { label, times, values, min, max: values.reduce((most, value) => Math.max(most, value), min) };
}

function momentsOf(events: readonly ChromeEvent[], indices: number[]): Moments {
  indices.sort((a, b) => events[a]!.startMicros - events[b]!.startMicros || a - b);
  return { times: Float64Array.from(indices, (i) => events[i]!.startMicros), events: Uint32Array.from(indices) };
}

function isMark({ scope }: ChromeEvent): boolean {
  return scope === "p" || scope === "g";
}

function trackKey({ processId, threadId }: ChromeEvent): string {
  return `${processId}:${threadId}`;
}
