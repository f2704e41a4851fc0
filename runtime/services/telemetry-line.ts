/**
 * Lines of telemetry: all metrics at one moment as a line of JSON.
 *
 * JSON lines and not the text format of Prometheus: that format tells the present only, so a file of it would
 * hold the last second of a run, when what is wanted afterwards is its course. Metric names keep to the rules of
 * Prometheus, so that a server role can offer the same numbers to a scraper.
 */
import type { RingCounts } from "../../engine/services/message-ring.ts";
import type { HistogramReading, TelemetryReader } from "../../engine/services/telemetry.ts";
import { isoTime } from "./epoch-clock.ts";

/** One line; call `reader.read()` before. `log` says how the log itself fares. */
export function telemetryLine(reader: TelemetryReader, log: RingCounts, micros: number): string {
  const counters: Record<string, number> = {};
  const gauges: Record<string, number> = {};
  const histograms: Record<string, unknown> = {};
  reader.metrics.forEach(({ name, kind }, number) => {
    if (kind === "counter") counters[name] = reader.counter(number);
    else if (kind === "gauge") gauges[name] = reader.gauge(number);
    else histograms[name] = histogramFields(reader.histogram(number));
  });
  const { written, read, dropped, lost } = log;
  return `${JSON.stringify({ time: isoTime(micros), counters, gauges, histograms, log: { written, read, dropped, lost } })}\n`;
}

/** `atMost` has the count of each bucket that is not empty under the largest whole number that falls in it. */
function histogramFields({ count, sum, buckets }: HistogramReading): object {
  const atMost: Record<string, number> = {};
  buckets.forEach((inBucket, n) => {
    if (inBucket > 0) atMost[String(2 ** n - 1)] = inBucket;
  });
  return { count, sum, atMost };
}
