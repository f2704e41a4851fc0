/** The table of `verify determinism`: a row for each run that was made, as a value and as cells. */
import { faultId } from "../../engine/base/faults.ts";
import type { Made } from "../verify/made-runs.ts";
import type { ModeName } from "../verify/plans.ts";

/** One row of the table. */
export interface RunRow {
  readonly run: number;
  readonly mode: ModeName;
  readonly name: string;
  readonly workers: number;
  readonly shuffle: number;
  readonly guard: boolean;
  readonly ticksPerSecond: number;
  readonly hash: string;
  readonly frameHash: string;
  /** "9 keyframes", or why it was not made. */
  readonly detail: string;
  /** "reference", "equal", "differs", "not here", "itself", or the id of a fault. */
  readonly verdict: string;
}

export function rowOf({ plan, number, result, fault }: Made, first: Made, ticks: number): RunRow {
  const { mode, name, workers, shuffle, guard } = plan;
  const row = { run: number, mode, name, workers, shuffle, guard };
  const none = { ticksPerSecond: 0, hash: "", frameHash: "" };
  if (result!.kind === "missing") return { ...row, ...none, detail: result!.why, verdict: "not here" };
  if (result!.kind === "itself") return { ...row, ...none, detail: result!.why, verdict: "itself" };
  const isReference = first.plan === plan;
  const isDifference = fault?.kind === "race-found" || fault?.kind === "run-differs";
  const verdict =
    fault === undefined ? (isReference ? "reference" : "equal") : isDifference ? "differs" : faultId(fault);
  if (result!.kind === "faulted") return { ...row, ...none, detail: "", verdict };
  const { testimony, elapsedMillis, detail } = result!;
  const { hash, frameHash } = testimony;
  const ticksPerSecond = Math.round((ticks * 1_000) / Math.max(1e-3, elapsedMillis));
  return { ...row, ticksPerSecond, hash, frameHash, detail, verdict };
}

export const header = ["run", "mode", "workers", "shuffle", "guard", "ticks/s", "hash", "frame hash", "verdict"];

export function cellsOf(row: RunRow): string[] {
  const { run, name, workers, shuffle, guard, ticksPerSecond, hash, frameHash, detail, verdict } = row;
  const speed = ticksPerSecond === 0 ? "-" : String(ticksPerSecond);
  const or = (text: string): string => text || "-";
  const told = detail === "" ? verdict : `${verdict} (${detail})`;
  const cells = [run, name, workers, shuffle === 0 ? "-" : shuffle, guard ? "on" : "-"];
  return [...cells, speed, or(hash), or(frameHash), told].map(String);
}
