/** `replay run`: makes a journal or a black box happen again, up to the fault that ended it. */
import { type Fault, faultId, faultText, raise } from "../../../engine/base/faults.ts";
import { type Reproduction, reproduce } from "../../flight/reproduction.ts";
import { verdictOf } from "../../flight/verdict.ts";
import { withSourcePlaces } from "../../host/source-places.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { lostCodeText } from "../../replay/replay-host.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { type InspectOptions, replayInspect, wantsInspection } from "./replay-inspect.ts";

/** Places that are named of those in which a tick differs. */
const partedShown = 12;

function partedText(parted: readonly string[]): string {
  const more = parted.length > partedShown ? ` and ${parted.length - partedShown} more` : "";
  return `In that tick differ ${parted.slice(0, partedShown).join(", ")}${more}.`;
}

export async function replayRun(context: CommandContext, options: InspectOptions, path: string): Promise<ExitCode> {
  if (options.against !== undefined && options.code === undefined)
    raise("usage", {
      problem: "--against says what to hold other code against, and --code names none.",
      suggestion: "Give --code FILE as well, or leave --against out: a replay is always held against its journal.",
    });
  if (wantsInspection(options)) return replayInspect(context, options, path);
  const { terminal } = context;
  const journal = openJournal(path);
  const lost = lostCodeText(journal);
  if (lost !== undefined) terminal.note(lost);
  const run = (audit: boolean | undefined): Promise<Reproduction> =>
    reproduce(path, {
      audit,
      silenceMillis: options.silenceLimit,
      onTick: (tick) => terminal.status(`${path}: tick ${tick} of ${journal.lastTick}`),
    });
  const found = await run(options.audit);
  const verdict = verdictOf(journal, found);
  if (verdict.kind === "otherwise") {
    terminal.fault(verdict.fault);
    terminal.stack(verdict.stack);
    if (verdict.parted.length > 0) terminal.note(partedText(verdict.parted));
    return exitCodeOf(verdict.fault);
  }
  const { tickCount, firstTick, lastTick } = journal;
  const ticks = tickCount === 0 ? "no tick is on record" : `ticks ${firstTick} to ${lastTick} as recorded`;
  terminal.line(`${path}: ${ticks}, hash ${verdict.hash}`);
  const result = { path, firstTick, lastTick, hash: verdict.hash };
  if (verdict.kind === "whole") {
    if (journal.end === undefined) terminal.line("It has no end: the run was killed, or goes on.");
    if (verdict.outside !== "")
      terminal.line(
        `The run ended outside of its ticks, which is not made again: ${withSourcePlaces(verdict.outside)}`,
      );
    terminal.value({ ...result, ending: journal.end?.reason ?? "cut short" });
    return exitCode.ok;
  }
  terminal.line(`Tick ${verdict.tick} ends it, as recorded: ${faultText(verdict.fault)}`);
  const undeclared = verdict.fault.kind === "not-a-number" ? undeclaredIn(await run(true)) : undefined;
  terminal.value({ ...result, ending: "faulted", faultTick: verdict.tick, fault: verdict.fault, undeclared });
  terminal.report(verdict.fault);
  if (undeclared !== undefined)
    terminal.note(`Run again under audit it comes to this first: ${faultId(undeclared)} ${faultText(undeclared)}`);
  terminal.stack(verdict.stack);
  return exitCode.failed;
}

/** Health blames whoever may write a column. Where a write was not declared, an audited run ends with that. */
function undeclaredIn(audited: Reproduction): Fault | undefined {
  if (audited.kind !== "faulted") return undefined;
  const { fault, shown = fault } = audited;
  return shown.kind === "undeclared-write" || shown.kind === "write-out-of-phase" ? shown : undefined;
}
