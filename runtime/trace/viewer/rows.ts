/** Where the rows of the picture lie, from top to bottom: tracks, lifetimes, counters. Pixels of the page. */
import type { CounterRow, SpanRow, TraceModel } from "./model.ts";

export const rulerHeight = 30;
export const labelWidth = 132;
export const laneHeight = 19;
export const instantHeight = 11;
const counterHeight = 46;
const gap = 9;
const emptyHeight = 14;

export type Row = { readonly top: number; readonly height: number } & (
  | { readonly kind: "track"; readonly track: number; readonly spans: SpanRow }
  | { readonly kind: "lifetime"; readonly spans: SpanRow }
  | { readonly kind: "counter"; readonly counter: CounterRow }
);

/** The rows with their tops, 0 being right below the ruler, and the height of all. */
export function layOutRows(model: TraceModel): { readonly rows: readonly Row[]; readonly height: number } {
  const rows: Row[] = [];
  let top = gap;
  const heightOf = ({ lanes, instants }: SpanRow): number =>
    Math.max(emptyHeight, lanes.length * laneHeight + (instants.times.length > 0 ? instantHeight : 0));
  const place = (row: Row): void => {
    rows.push(row);
    top += row.height + gap;
  };
  model.tracks.forEach((spans, track) => {
    place({ kind: "track", track, spans, top, height: heightOf(spans) });
  });
  for (const spans of model.lifetimes) place({ kind: "lifetime", spans, top, height: heightOf(spans) });
  for (const counter of model.counters) place({ kind: "counter", counter, top, height: counterHeight });
  return { rows, height: top };
}
