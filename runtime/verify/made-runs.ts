/**
 * The runs of one verification, made: several at once, each held against the first, and where two of them differ both are
 * made again up to that tick, so that the element and who wrote it can be named.
 */
import { availableParallelism } from "node:os";
import type { Fault } from "../../engine/base/faults.ts";
import { elementDifference, faultOfDifference, findDifference } from "./comparison.ts";
import { perform, type Verification } from "./perform.ts";
import { type ModeName, planText, type RunPlan } from "./plans.ts";
import type { RunResult } from "./results.ts";
import { runTasks } from "./schedule.ts";

/** A planned run, and what came of it when it was made. */
export interface Made {
  readonly plan: RunPlan;
  readonly number: number;
  result: RunResult | undefined;
  fault: Fault | undefined;
}

const longModes: readonly ModeName[] = ["interpreted", "heavy", "packaged", "browser", "javascriptcore"];

/** Makes the runs, several at once, and holds each against the first as soon as there are both. */
export async function makeRuns(
  made: readonly Made[],
  verification: Verification,
  showStatus: (text: string) => void,
): Promise<void> {
  const first = made[0]!;
  const ticks = new Map<Made, number>();
  const isFaulty = (): boolean => made.some(({ fault }) => fault !== undefined);
  const show = (): void => {
    const ended = made.filter(({ result }) => result !== undefined).length;
    const now = [...ticks].map(([one, tick]) => `run ${one.number} (${planText(one.plan)}): tick ${tick}`);
    showStatus(`${ended} of ${made.length} runs done; ${now.join(", ")} of ${verification.tickCount}`);
  };
  const run = async (one: Made): Promise<void> => {
    ticks.set(one, 0);
    const result = await perform(one.plan, verification, (tick) => {
      ticks.set(one, tick);
      show();
    });
    ticks.delete(one);
    // What an interrupt cut short says nothing.
    if (verification.signal.aborted) return;
    one.result = result;
    if (result.kind === "faulted") one.fault = result.fault;
    const waiting = one === first ? made.filter(({ result: other }) => other !== undefined) : [one];
    for (const other of waiting) if (other !== first) other.fault ??= await faultAgainst(first, other);
    show();
  };
  // The reference first, then what takes longest, so that nothing long is left when all else is done.
  const isLong = ({ plan }: Made): boolean => longModes.includes(plan.mode);
  const inTurn = [first, ...made.slice(1).filter(isLong), ...made.slice(1).filter((one) => !isLong(one))];
  await runTasks(
    (verification.race === undefined ? inTurn : made).map((one) => ({
      weight: one.plan.mode === "heavy" || one.plan.mode === "keyframes" ? 2 : 1 + one.plan.workers,
      // A shuffled run adds nothing when another has failed already; guarded runs may still name the culprit.
      isWanted: () =>
        !verification.signal.aborted && !(isFaulty() && (one.plan.shuffle > 0 || first.fault !== undefined)),
      run: () => run(one),
    })),
    // A race shows by how threads meet; others beside it would meet them too.
    verification.race === undefined ? availableParallelism() : 1,
  );
}

/** The fault of a run that differs from the first one; undefined when it does not, or when one of them has no ticks. */
async function faultAgainst(first: Made, other: Made): Promise<Fault | undefined> {
  const [expected, found] = [first.result, other.result];
  if (expected?.kind !== "ended" || found?.kind !== "ended") return undefined;
  const difference = findDifference(expected.testimony, found.testimony);
  if (difference === undefined) return undefined;
  const from = found.detail.startsWith("from") ? `, ${found.detail}` : "";
  const comparison = `Run ${other.number} (${planText(other.plan)}${from}) against run ${first.number} (${planText(first.plan)})`;
  if (difference.isState) {
    const order = { tick: difference.tick, span: difference.what, entity: 0 };
    const [before, after] = await Promise.all([expected.examine?.(order), found.examine?.(order)]);
    if (before !== undefined && after !== undefined) {
      const fault = elementDifference(comparison, before, after);
      // A run that does not differ when it is made again has a race.
      if (fault !== undefined) return fault;
    }
  }
  return faultOfDifference(comparison, difference);
}
