/** `replay diff`: the first tick at which two journals, or a journal and its replay, part, and what they part by. */
import { availableParallelism } from "node:os";
import { FaultError } from "../../../engine/base/faults.ts";
import type { Game } from "../../../engine/game.ts";
import { explainTick, firstDivergence, type Line } from "../../../engine/replay/diff.ts";
import { identityDifferences } from "../../../engine/replay/identity.ts";
import type { Journal } from "../../../engine/replay/journal.ts";
import { compareJournals, type JournalDifference } from "../../../engine/replay/journal-comparison.ts";
import { journalParts } from "../../../engine/replay/player.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { gameOfFile } from "../../replay/other-code.ts";
import { firstGameOf, replayHost } from "../../replay/replay-host.ts";
import { programLines, recordsText, reportLines, reportValue, rerunLines } from "../../replay/report-text.ts";
import { verifyParts } from "../../replay/verify-parts.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface DiffOptions {
  readonly codeA?: string;
  readonly codeB?: string;
}

export async function replayDiff(
  context: CommandContext,
  options: DiffOptions,
  pathA: string,
  pathB?: string,
): Promise<ExitCode> {
  const a = openJournal(pathA);
  const b = pathB === undefined ? a : openJournal(pathB);
  const noted = new Set<string>();
  const note = (text: string): void => {
    if (!noted.has(text)) context.terminal.note(text);
    noted.add(text);
  };
  const codeOf = (journal: Journal, file: string | undefined): Promise<Game> =>
    file === undefined ? firstGameOf(journal, context.game, note) : gameOfFile(file, context.game);
  const codeA = await codeOf(a, options.codeA);
  const codeB = await codeOf(b, options.codeB);
  if (pathB !== undefined) return diffJournals(context, a, codeA, b, codeB);
  return diffRerun(context, a, codeA, codeB, options.codeB !== undefined);
}

async function diffJournals(
  { game, terminal }: CommandContext,
  a: Journal,
  codeA: Game,
  b: Journal,
  codeB: Game,
): Promise<ExitCode> {
  const found = compareJournals(a, b);
  const { fromTick, toTick, hashTick, recordsTick, otherSwapTick } = found;
  for (const line of programLines(identityDifferences(a.header.program, b.header.program))) terminal.line(line);
  if (a.header.seed !== b.header.seed) terminal.line(`The seeds are ${a.header.seed} and ${b.header.seed}.`);
  if (otherSwapTick > 0) terminal.line(`They swap to other code behind tick ${otherSwapTick}.`);
  if (hashTick === 0) return sameHashes({ game, terminal }, a, b, found);
  terminal.line(`${a.path} and ${b.path} part at tick ${hashTick}.`);
  if (recordsTick > 0 && recordsTick < hashTick) {
    terminal.line(`Their records differ from tick ${recordsTick} on, without an effect until then:`);
    terminal.line(`  ${a.path}  ${recordsText(a.tick(recordsTick)!.records)}`);
    terminal.line(`  ${b.path}  ${recordsText(b.tick(recordsTick)!.records)}`);
  }
  const lineOf = (journal: Journal, code: Game): Line => ({
    ...{ journal, game: code, isRerun: false },
    host: replayHost(journal, code),
  });
  terminal.status(`making tick ${hashTick} again`);
  const report = await explainTick(lineOf(a, codeA), lineOf(b, codeB), hashTick);
  for (const line of reportLines(report, { a: a.path, b: b.path })) terminal.line(line);
  terminal.value({
    ...{ a: a.path, b: b.path, isSame: false, hashTick, recordsTick, fromTick, toTick, otherSwapTick },
    report: reportValue(report),
  });
  return exitCode.desync;
}

/** No hash differs: the records may, and one may be longer. */
function sameHashes(
  { terminal }: CommandContext,
  a: Journal,
  b: Journal,
  { fromTick, toTick, recordsTick }: JournalDifference,
): ExitCode {
  const hasCommon = toTick >= fromTick;
  const isSame = hasCommon && recordsTick === 0;
  if (!hasCommon) terminal.line(`${a.path} and ${b.path} have no tick in common.`);
  else {
    const isNamed = identityDifferences(a.header.program, b.header.program).some(({ field }) => field === "schema");
    const far = isNamed ? ", as far as they are compared" : "";
    terminal.line(`${a.path} and ${b.path} have the same hashes from tick ${fromTick} to tick ${toTick}${far}.`);
  }
  if (recordsTick > 0) {
    terminal.line(`Their records differ from tick ${recordsTick} on, without an effect:`);
    terminal.line(`  ${a.path}  ${recordsText(a.tick(recordsTick)!.records)}`);
    terminal.line(`  ${b.path}  ${recordsText(b.tick(recordsTick)!.records)}`);
  }
  const longer = a.lastTick === b.lastTick ? undefined : a.lastTick > b.lastTick ? a : b;
  if (longer !== undefined) terminal.line(`${longer.path} is the longer one: it goes on to tick ${longer.lastTick}.`);
  terminal.value({
    ...{ a: a.path, b: b.path, isSame, hashTick: 0, recordsTick, fromTick, toTick, otherSwapTick: 0 },
    longer: longer?.path,
  });
  // Where nothing could be compared nothing is said of the hashes, either way.
  return isSame ? exitCode.ok : hasCommon ? exitCode.desync : exitCode.failed;
}

/** A journal and what its records give on code, which is this program's when it is no other one. */
export async function diffRerun(
  context: CommandContext,
  journal: Journal,
  codeA: Game,
  codeB: Game,
  isOtherCode: boolean,
  audit?: boolean,
): Promise<ExitCode> {
  const { terminal } = context;
  const { path, lastTick } = journal;
  const host = { ...replayHost(journal, codeB, { audit }), isOtherCode };
  const about: string[] = [];
  const tick = isOtherCode ? await serially() : await inParts();
  async function serially(): Promise<number> {
    const showTick = async (made: number): Promise<void> => {
      terminal.status(`${path}: tick ${made} of ${lastTick}`);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const rerun = await firstDivergence(journal, codeB, host, showTick);
    if (isOtherCode) about.push(...rerunLines(rerun));
    return rerun.divergence?.tick ?? 0;
  }
  async function inParts(): Promise<number> {
    const processCount = Math.min(availableParallelism(), Math.floor(journal.tickCount / 1_800));
    if (processCount < 2 || journalParts(journal).length < 2) return serially();
    const childArgs = ["replay", "verify", path, "--serve-parts"];
    const onProgress = (ticks: number): void => terminal.status(`${path}: ${ticks} of ${journal.tickCount} ticks`);
    try {
      await verifyParts({ journal, processCount, childArgs, onProgress });
      return 0;
    } catch (thrown) {
      if (thrown instanceof FaultError && thrown.fault.kind === "desync") return thrown.fault.fields.tick;
      throw thrown;
    }
  }
  for (const line of about) terminal.line(line);
  if (tick === 0) {
    const far = about.length > 0 ? ", as far as they are compared" : "";
    terminal.line(`${path} and its replay have the same hashes to tick ${lastTick}${far}.`);
    terminal.value({ a: path, isSame: true, hashTick: 0, about });
    return exitCode.ok;
  }
  terminal.line(`${path} and its replay part at tick ${tick}.`);
  const a: Line = { journal, game: codeA, host: replayHost(journal, codeA), isRerun: false };
  const b: Line = { journal, game: codeB, host, isRerun: true };
  terminal.status(`making tick ${tick} again`);
  const report = await explainTick(a, b, tick);
  for (const line of reportLines(report, { a: path, b: "replay" })) terminal.line(line);
  terminal.value({ a: path, isSame: false, hashTick: tick, about, report: reportValue(report) });
  return exitCode.desync;
}
