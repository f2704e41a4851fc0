/** What lies under the pointer, and what is said about it. */
import { firstAfter, spanAt } from "./lane.ts";
import type { CounterRow, Moments, TraceModel } from "./model.ts";
import { compactNumber, topOf } from "./paint.ts";
import { labelWidth, laneHeight, type Row, rulerHeight } from "./rows.ts";
import { timeText, type Viewport } from "./viewport.ts";

/** Lines of the tooltip: the first is its title. `event` is -1 where it is about no single event. */
export interface Pointed {
  readonly event: number;
  readonly lines: readonly string[];
}

const reachPixels = 3;

export function pointedAt(
  model: TraceModel,
  rows: readonly Row[],
  view: Viewport,
  x: number,
  y: number,
): Pointed | undefined {
  if (x < labelWidth || y < rulerHeight) return undefined;
  const micros = view.microsAt(x - labelWidth);
  const reach = reachPixels * view.microsPerPixel;
  const row = rows.find((candidate) => y >= topOf(candidate, view) && y < topOf(candidate, view) + candidate.height);
  if (row === undefined) return markAt(model, micros, reach);
  if (row.kind === "counter") return counterAt(row.counter, micros);
  const { lanes, instants } = row.spans;
  const depth = Math.floor((y - topOf(row, view)) / laneHeight);
  const lane = lanes[depth];
  if (lane === undefined) return instantAt(model, instants, micros, 2 * reach);
  const index = spanAt(lane, micros, reach);
  if (index < 0) return markAt(model, micros, reach);
  const event = lane.events[index]!;
  const took = lane.ends[index]! - lane.starts[index]!;
  const { name, startMicros, args } = model.events[event]!;
  const lines = [name, `took ${timeText(took)}`, `from ${timeText(startMicros, 0.001)}`];
  if (row.kind === "lifetime") lines.push(`id ${model.events[event]!.id}`);
  return { event, lines: [...lines, ...argLines(args)] };
}

function instantAt(model: TraceModel, moments: Moments, micros: number, reach: number): Pointed | undefined {
  const { times, events } = moments;
  const next = firstAfter(times, micros);
  const isNextNearer = next < times.length && (next === 0 || times[next]! - micros < micros - times[next - 1]!);
  const index = isNextNearer ? next : next - 1;
  if (index < 0 || Math.abs(times[index]! - micros) > reach) return undefined;
  const event = events[index]!;
  const { name, startMicros, args } = model.events[event]!;
  return { event, lines: [name, `at ${timeText(startMicros, 0.001)}`, ...argLines(args)] };
}

function markAt(model: TraceModel, micros: number, reach: number): Pointed | undefined {
  return instantAt(model, model.marks, micros, reach);
}

function counterAt({ label, times, values, max }: CounterRow, micros: number): Pointed | undefined {
  const index = firstAfter(times, micros) - 1;
  if (index < 0) return undefined;
  return { event: -1, lines: [label, compactNumber(values[index]!), `at most ${compactNumber(max)}`] };
}

function argLines(args: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(args).map(
    ([label, value]) => `${label} ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
}
