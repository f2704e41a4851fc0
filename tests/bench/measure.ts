/**
 * Measuring: both sides of a row in the same process and in turns, A B A B, after a warm-up. Figures
 * are medians over the rounds; a ratio is the median of the rounds' own ratios, because what disturbs
 * a shared machine disturbs neighbours in time alike.
 *
 * Whatever a side computes goes through `keep` or is compared by `agree`: work that nobody reads is
 * work that the compiler may leave out.
 */
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { PastOptions } from "../../engine/sim/past.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { hostClock } from "../../runtime/host/clock.ts";

/** Seeds all data of the bench; printed with its progress. */
export const benchSeed = 20_260;

/** "whole" is the bench; "tiny" only shows that every part runs, for the unit tests. */
export type BenchSize = "whole" | "tiny";

export interface Sides {
  readonly warmUpCount: number;
  readonly roundCount: number;
  /** Called before each round, outside the measured time: both sides find the same. */
  readonly prepare?: () => void;
  readonly ours: () => void;
  readonly peer: () => void;
}

export interface Comparison {
  readonly oursMillis: number;
  readonly peerMillis: number;
  /** Ours divided by the peer's. */
  readonly ratio: number;
}

/** Runs both sides in turns and compares them. */
export function compare({ warmUpCount, roundCount, prepare, ours, peer }: Sides): Comparison {
  const oursMillis: number[] = [];
  const peerMillis: number[] = [];
  for (let round = -warmUpCount; round < roundCount; round++) {
    prepare?.();
    const oursTook = millisOf(ours);
    const peerTook = millisOf(peer);
    if (round < 0) continue;
    oursMillis.push(oursTook);
    peerMillis.push(peerTook);
  }
  return comparisonOf(oursMillis, peerMillis);
}

export function comparisonOf(oursMillis: readonly number[], peerMillis: readonly number[]): Comparison {
  return {
    oursMillis: median(oursMillis),
    peerMillis: median(peerMillis),
    ratio: median(oursMillis.map((millis, round) => millis / peerMillis[round]!)),
  };
}

export function millisOf(act: () => void): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below which `percent` of the values lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

let kept = 0;

/** Uses a result. */
export function keep(value: number): void {
  kept = (kept + value) % 1_000_003;
  if (Number.isNaN(kept)) throw new Error("a benchmark computed NaN");
}

/** Throws unless both sides computed the same, to `tolerance`. */
export function agree(what: string, ours: ArrayLike<number>, peer: ArrayLike<number>, tolerance = 0): void {
  if (ours.length !== peer.length) throw new Error(`${what}: ${ours.length} values against the peer's ${peer.length}`);
  for (let i = 0; i < ours.length; i++)
    if (!(Math.abs(ours[i]! - peer[i]!) <= tolerance))
      throw new Error(`${what}: value ${i} is ${ours[i]}, the peer's is ${peer[i]}`);
}

/** A running engine of `game` with the bench's seed; the caller disposes of it. */
export async function startEngine(
  game: Game,
  subsystems: readonly SubsystemDefinition[] = [],
  past?: PastOptions,
): Promise<Engine> {
  const options = { seed: benchSeed, subsystems, ...(past === undefined ? {} : { past }) };
  const engine = new Engine(game, { clock: hostClock }, options);
  await engine.start();
  return engine;
}
