/** Runs of Swarm's variants with the engine in a thread, real workers, and the keeper in the test's own thread. */
import { expect } from "vitest";
import type { Fault } from "../../../engine/base/faults.ts";
import { setEntry } from "../../../runtime/host/project.ts";
import { firstDifference } from "../../../runtime/verify/comparison.ts";
import type { Testimony } from "../../../runtime/verify/witness.ts";
import { type WitnessedRun, type WitnessedRunOptions, witnessedRun } from "../../../runtime/verify/witnessed-run.ts";
import { type SwarmVariant, swarmVariants } from "../../games/swarm-variants.ts";

setEntry(new URL("../../games/swarm-variants-main.ts", import.meta.url));

export interface VariantRun {
  readonly run: WitnessedRun;
  /** What failed and was mended. */
  readonly reports: readonly Fault[];
}

/** Runs a variant for 32 ticks with two workers, unless `options` say otherwise. */
export async function runVariant(
  variant: SwarmVariant,
  options: Partial<WitnessedRunOptions> = {},
): Promise<VariantRun> {
  process.env["ORRERY_TEST_GAME"] = variant;
  const reports: Fault[] = [];
  const run = await witnessedRun({
    game: swarmVariants[variant](),
    seed: 7,
    tickCount: 32,
    script: [],
    workerCount: 2,
    guard: false,
    shuffleSeed: 0,
    race: undefined,
    signal: new AbortController().signal,
    onReport: (fault) => reports.push(fault),
    ...options,
  });
  return { run, reports };
}

/** The testimony of a run that ended well. */
export function testimonyOf({ kind, ...rest }: WitnessedRun): Testimony {
  if ("fault" in rest) throw new Error(`${kind}: ${JSON.stringify(rest.fault)}`);
  return rest.testimony;
}

export function faultOf(run: WitnessedRun): Fault {
  if (run.kind !== "faulted") throw new Error("no fault was raised");
  return run.fault;
}

const serial = new Map<number, Promise<Testimony>>();
/** What Swarm is like without workers. */
export function serialSwarm(tickCount = 32): Promise<Testimony> {
  let known = serial.get(tickCount);
  if (known === undefined) {
    known = runVariant("swarm", { workerCount: 0, tickCount }).then(({ run }) => testimonyOf(run));
    serial.set(tickCount, known);
  }
  return known;
}

/** Compares every tick and frame of a run with the serial one. */
export async function expectSerial(run: WitnessedRun, tickCount = 32): Promise<void> {
  expect(firstDifference("with workers", await serialSwarm(tickCount), testimonyOf(run))).toBeUndefined();
}
