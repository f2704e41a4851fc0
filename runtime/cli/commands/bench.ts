/** `bench`: the table of measured ground, from the bench program that comes with this one. */
import { raise } from "../../../engine/base/faults.ts";
import { importProgram } from "../../host/programs.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

/** One row: what was measured, ours and the peer's figure, their ratio and the goal. */
export interface BenchRow {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly goal: string;
  readonly met: boolean | undefined;
}

type RunBench = (options: { only: string; onProgress: (text: string) => void }) => Promise<readonly BenchRow[]>;

export async function bench({ terminal }: CommandContext, options: { readonly only?: string }): Promise<ExitCode> {
  const exported = await importProgram("bench", new URL("../../../tests/bench/main.ts", import.meta.url));
  const runBench = exported["runBench"] as RunBench | undefined;
  if (runBench === undefined)
    raise("not-available", {
      command: "bench",
      reason: "this program came without its bench",
      instead: "Run it from the source tree.",
    });
  const rows = await runBench({ only: options.only ?? "", onProgress: (text) => terminal.status(text) });
  if (rows.length === 0)
    raise("usage", {
      problem: `No row's name contains "${options.only}".`,
      suggestion: "Leave --only out to see all rows.",
    });
  for (const text of tableText([
    ["work", "ours", "peer", "ratio", "goal", ""],
    ...rows.map((row) => [
      row.name,
      row.ours,
      row.peer,
      row.ratio,
      row.goal,
      row.met === undefined ? "" : row.met ? "met" : "NOT MET",
    ]),
  ]))
    terminal.line(text);
  terminal.value(rows);
  return exitCode.ok;
}
