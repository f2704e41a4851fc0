/**
 * Rows of the bench's table, and the words that figures are printed with. A group is one file that
 * measures the rows of one subject together; it names them beforehand, so that `--only` can pass by
 * what nobody asked for.
 */
import type { BenchRow } from "../../runtime/cli/commands/bench.ts";
import type { BenchSize, Comparison } from "./measure.ts";

export type { BenchRow };

export interface BenchGroup {
  readonly rowNames: readonly string[];
  /** Measures; gives rows with the names above, in their order. */
  run(size: BenchSize): readonly BenchRow[] | Promise<readonly BenchRow[]>;
}

/** What a row must reach. */
export interface Goal {
  /** Ours divided by the peer's is at most this. */
  readonly ratioMax?: number;
  /** The peer's divided by ours is at least this. */
  readonly fasterMin?: number;
  /** The goal as DESIGN.md words it. */
  readonly text: string;
}

/** A row of two times. The ratio is worded as the goal is: "x the peer" or "x faster". */
export function timeRow(name: string, comparison: Comparison, peerName: string, goal?: Goal): BenchRow {
  const { oursMillis, peerMillis, ratio } = comparison;
  const isFaster = goal?.ratioMax === undefined && ratio < 1;
  return {
    name,
    ours: timeText(oursMillis),
    peer: `${timeText(peerMillis)} ${peerName}`,
    ratio: isFaster ? `${(1 / ratio).toFixed(1)}x faster` : `${ratio.toFixed(ratio < 10 ? 3 : 1)}x`,
    goal: goal?.text ?? "",
    met: goal === undefined ? undefined : ratio <= (goal.ratioMax ?? 1 / goal.fasterMin!),
  };
}

/** A row that could not be measured here. */
export function skippedRow(name: string, reason: string, goal = ""): BenchRow {
  return { name, ours: `skipped: ${reason}`, peer: "", ratio: "", goal, met: undefined };
}

/** 1.23 s, 1.23 ms, 12.3 us, 123 ns. */
export function timeText(millis: number): string {
  const [value, unit] =
    Math.abs(millis) >= 1_000
      ? [millis / 1_000, "s"]
      : Math.abs(millis) >= 1
        ? [millis, "ms"]
        : Math.abs(millis) >= 0.001
          ? [millis * 1_000, "us"]
          : [millis * 1_000_000, "ns"];
  return `${threeDigits(value)} ${unit}`;
}

export function bytesText(bytes: number): string {
  if (Math.abs(bytes) < 1_000) return `${Math.round(bytes)} B`;
  return bytes < 1_000_000 ? `${threeDigits(bytes / 1_000)} KB` : `${threeDigits(bytes / 1_000_000)} MB`;
}

/** Bytes handled in `millis` as GB/s. */
export function rateText(bytes: number, millis: number): string {
  return `${(bytes / millis / 1e6).toFixed(1)} GB/s`;
}

export function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
