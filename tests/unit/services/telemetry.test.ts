/** Telemetry: counters beyond 32 bits, gauges, buckets, and what is refused. */
import { expect, test } from "vitest";
import { allocateTelemetry, Telemetry, TelemetryReader } from "../../../engine/services/telemetry.ts";

const metrics = [
  { name: "ticks_total", kind: "counter" },
  { name: "idle_share", kind: "gauge" },
  { name: "frame_micros", kind: "histogram" },
  { name: "drops_total", kind: "counter" },
] as const;

function make() {
  const memory = allocateTelemetry(metrics);
  return { memory, writer: new Telemetry(memory), reader: new TelemetryReader(memory) };
}

test("counters add up beyond 32 bits when they are read in between, and metrics do not touch one another", () => {
  const { memory, writer, reader } = make();
  const other = new Telemetry(memory);
  const [ticks, drops] = [writer.numberOf("ticks_total", "counter"), writer.numberOf("drops_total", "counter")];
  expect([ticks, drops]).toEqual([0, 3]);
  for (let i = 0; i < 5; i++) {
    writer.count(ticks, 2 ** 31 - 1);
    other.count(ticks, 2 ** 31);
    reader.read();
  }
  writer.count(ticks);
  expect(reader.counter(ticks)).toBe(5 * (2 ** 32 - 1));
  reader.read();
  expect(reader.counter(ticks)).toBe(5 * (2 ** 32 - 1) + 1);
  expect(reader.counter(drops)).toBe(0);
  expect(reader.gauge(1)).toBe(0);
});

test("a gauge holds what was stored last, to 24 bits", () => {
  const { memory, writer, reader } = make();
  const values = [0.25, -3, 16_777_215, 1e30, 0, Number.POSITIVE_INFINITY];
  for (const value of values) {
    new Telemetry(memory).gauge(1, -1);
    writer.gauge(1, value);
    reader.read();
    expect(reader.gauge(1)).toBe(Math.fround(value));
  }
});

test("a histogram counts each value in the bucket up to the next power of two", () => {
  const { writer, reader } = make();
  const values = [0, -5, 0.9, 1, 1.9, 2, 3, 4, 7, 8, 1_000, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1];
  for (const value of values) writer.observe(2, value);
  reader.read();
  const expected = Array.from({ length: 33 }, () => 0);
  for (const value of values) {
    const whole = Math.floor(Math.max(0, value));
    expected[whole === 0 ? 0 : Math.floor(Math.log2(whole)) + 1]!++;
  }
  const { count, sum, buckets } = reader.histogram(2);
  expect(buckets).toEqual(expected);
  expect(count).toBe(values.length);
  const total = values.reduce((all, value) => all + Math.floor(Math.max(0, value)), 0);
  expect(sum).toBe(total % 2 ** 32);
  writer.observe(2, Number.POSITIVE_INFINITY);
  writer.observe(2, Number.NaN);
  reader.read();
  expect(reader.histogram(2).buckets[32]).toBe(expected[32]! + 1);
  expect(reader.histogram(2).buckets[0]).toBe(expected[0]! + 1);
});

test("metrics are found by name and kind, and a wrong number is a bug", () => {
  const { writer } = make();
  expect(() => writer.numberOf("ticks_total", "gauge")).toThrow('names the gauge "ticks_total", which does not exist');
  expect(() => writer.count(1)).toThrow("a counter is added to");
  expect(() => writer.gauge(0, 1)).toThrow("a gauge is stored");
  expect(() => writer.observe(9, 1)).toThrow("a histogram is given values");
  const counter = { name: "a", kind: "counter" } as const;
  expect(() => allocateTelemetry([counter, { ...counter, kind: "gauge" }])).toThrow('Two metrics are named "a"');
  expect(() => allocateTelemetry([{ ...counter, name: "A-b" }])).toThrow("small letters, digits and underscores");
  expect(new TelemetryReader(allocateTelemetry([])).metrics).toEqual([]);
});
