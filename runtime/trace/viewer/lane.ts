/**
 * A lane: spans that do not overlap, in the order of time, as flat columns. Everything that is drawn or
 * pointed at is found by halving, so a picture costs by its pixels and not by the trace's length.
 */

export interface Lane {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index into the model's names. */
  readonly names: Uint32Array;
  /** Index into the trace's events. */
  readonly events: Uint32Array;
}

export interface LaneSpan {
  readonly start: number;
  readonly end: number;
  readonly name: number;
  readonly event: number;
}

/** Spans in order of their start, the longest first among equals, put into lanes by how deep they lie. */
export function nestedLanes(spans: readonly LaneSpan[]): readonly Lane[] {
  const lanes: LaneSpan[][] = [];
  const open: number[] = [];
  for (const span of spans) {
    while (open.length > 0 && open[open.length - 1]! <= span.start) open.pop();
    const depth = open.length;
    if (depth === lanes.length) lanes.push([]);
    lanes[depth]!.push(span);
    open.push(span.end);
  }
  return lanes.map(laneOf);
}

/** Spans in order of their start, each put into the first lane that is free. */
export function packedLanes(spans: readonly LaneSpan[]): readonly Lane[] {
  const lanes: LaneSpan[][] = [];
  for (const span of spans) {
    const free = lanes.find((lane) => lane[lane.length - 1]!.end <= span.start);
    if (free === undefined) lanes.push([span]);
    else free.push(span);
  }
  return lanes.map(laneOf);
}

function laneOf(spans: readonly LaneSpan[]): Lane {
  return {
    starts: Float64Array.from(spans, ({ start }) => start),
    ends: Float64Array.from(spans, ({ end }) => end),
    names: Uint32Array.from(spans, ({ name }) => name),
    events: Uint32Array.from(spans, ({ event }) => event),
  };
}

/** The first index whose value is greater than `value`; the length when there is none. `values` ascend. */
export function firstAfter(values: Float64Array, value: number, from = 0): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The span at that moment, or the nearest within `reach`; -1 when there is none. */
export function spanAt(lane: Lane, micros: number, reach: number): number {
  const next = firstAfter(lane.ends, micros);
  if (next < lane.starts.length && lane.starts[next]! <= micros) return next;
  const gapAfter = next < lane.starts.length ? lane.starts[next]! - micros : Number.POSITIVE_INFINITY;
  const gapBefore = next > 0 ? micros - lane.ends[next - 1]! : Number.POSITIVE_INFINITY;
  if (Math.min(gapAfter, gapBefore) > reach) return -1;
  return gapAfter < gapBefore ? next : next - 1;
}
