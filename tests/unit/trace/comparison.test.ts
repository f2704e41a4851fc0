/** The comparison: exact figures of files made by hand. */
import { expect, test } from "vitest";
import { isTrouble, type ParsedTrace, parseTrace } from "../../../engine/trace/parsed.ts";
import { compareTraces } from "../../../runtime/trace/comparison.ts";

function parsed(events: readonly object[]): ParsedTrace {
  const trace = parseTrace(JSON.stringify(events));
  if (isTrouble(trace)) throw new Error(trace.problem);
  return trace;
}
const spans = (name: string, durations: readonly number[]): object[] =>
  durations.map((dur, i) => ({ ph: "X", name, pid: 1, tid: 1, ts: 1_000 * i, dur }));

test("figures are nearest ranks, names go by their time in both, lifetimes count under their own", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  const a = parsed([
    ...spans("tick", hundred),
    ...spans("only in a", [0.125, 0.25]),
    ...spans("instantaneous", [0]),
    { ph: "e", name: "load", cat: "assets", id: 1, ts: 400 },
    { ph: "b", name: "load", cat: "assets", id: 1, ts: 100 },
    { ph: "b", name: "load", cat: "assets", id: 2, ts: 100 },
  ]);
  const b = parsed([...spans("tick", [30, 10, 20]), ...spans("instantaneous", [4])]);
  expect(compareTraces(a, b)).toEqual([
    {
      name: "tick",
      a: { count: 100, p50: 50, p95: 95, p99: 99, max: 100, total: 5_050 },
      b: { count: 3, p50: 20, p95: 30, p99: 30, max: 30, total: 60 },
      ratios: { count: 0.03, p50: 0.4, p95: 30 / 95, p99: 30 / 99, max: 0.3, total: 60 / 5_050 },
    },
    {
      name: "load (lifetime)",
      a: { count: 1, p50: 300, p95: 300, p99: 300, max: 300, total: 300 },
      b: undefined,
      ratios: {},
    },
    {
      name: "instantaneous",
      a: { count: 1, p50: 0, p95: 0, p99: 0, max: 0, total: 0 },
      b: { count: 1, p50: 4, p95: 4, p99: 4, max: 4, total: 4 },
      ratios: { count: 1 },
    },
    {
      name: "only in a",
      a: { count: 2, p50: 0.125, p95: 0.25, p99: 0.25, max: 0.25, total: 0.375 },
      b: undefined,
      ratios: {},
    },
  ]);
});
