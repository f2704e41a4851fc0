/** `replay verify`: runs a journal again at full speed and compares every tick, from its keyframes in several processes. */

import { availableParallelism } from "node:os";
import { raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import type { Journal } from "../../../engine/replay/journal.ts";
import { journalParts, type ReplayResult, verifyJournal } from "../../../engine/replay/player.ts";
import { engineFor } from "../../../engine/replay/replay.ts";
import { withSourcePlaces } from "../../host/source-places.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { firstGameOf, replayHost } from "../../replay/replay-host.ts";
import { serveParts, verifyParts } from "../../replay/verify-parts.ts";
import { onceFactor } from "../../world/silence-watch.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface VerifyOptions {
  readonly processes?: number;
  /** Makes this process a child that verifies parts for another. */
  readonly serveParts?: boolean;
  readonly traps?: boolean;
  readonly silenceLimit: number;
}

/** Fewer ticks than this are not worth a process of their own. */
const ticksPerProcess = 1_800;

export async function replayVerify(context: CommandContext, options: VerifyOptions, path: string): Promise<ExitCode> {
  const { game, terminal } = context;
  const journal = openJournal(path);
  if (options.serveParts === true) {
    const write = (line: string): void => {
      process.stdout.write(line);
    };
    // Whoever started this process has said what there is to say.
    const played = await firstGameOf(journal, game, () => {});
    await serveParts(journal, played, replayHost(journal, played), process.stdin, write);
    return exitCode.ok;
  }
  if (journal.tickCount === 0) raise("journal-empty", { path });
  const startMillis = performance.now();
  const processCount = options.processes ?? processCountFor(journal);
  const partCount = journalParts(journal).length;
  const isParallel = processCount > 1 && partCount > 1;
  // Told before anybody is started for nothing.
  if (isParallel) {
    const played = await firstGameOf(journal, game, (text) => terminal.note(text));
    engineFor(journal, played, replayHost(journal, played)).dispose();
  }
  const { tickCount, hash, looseCount } = isParallel
    ? await verifyParts({
        journal,
        processCount,
        childArgs: ["replay", "verify", path, "--serve-parts", ...(options.traps === false ? ["--no-traps"] : [])],
        silenceMillis: options.silenceLimit * onceFactor,
        onProgress: (ticks) => showProgress(context, path, ticks, journal.tickCount, counted(partCount, "part")),
      })
    : await verifySerially(context, journal);
  const seconds = (performance.now() - startMillis) / 1_000;
  const ticksPerSecond = Math.round(tickCount / seconds);
  const ending = journal.end === undefined ? "cut short" : journal.end.reason;
  const speed = `${ticksPerSecond} ticks/s (${(ticksPerSecond / journal.header.program.tickRate).toFixed(1)} x real time)`;
  terminal.line(`${path}: ${counted(tickCount, "tick")} verified, ${speed}, hash ${hash}`);
  if (isParallel)
    terminal.line(
      `${counted(partCount, "part")}, each from its keyframe to the next, in ${counted(processCount, "process", "processes")}.`,
    );
  if (looseCount > 0)
    terminal.line(
      `At ${counted(looseCount, "keyframe")} only left-over bytes in the memory of physics differ; from there it went on equally.`,
    );
  if (journal.startTick > 0) terminal.line(`The journal begins at a keyframe, behind tick ${journal.startTick}.`);
  if (journal.end !== undefined && journal.tornBytes > 0)
    terminal.line(`Left out behind the end of the journal: ${counted(journal.tornBytes, "zero byte")}.`);
  if (journal.end === undefined)
    terminal.line(
      journal.tornBytes > 0
        ? `The journal was cut short: ${journal.tornBytes} bytes behind the last whole block were left out.`
        : "The journal has no end: the run was killed, or goes on.",
    );
  if (journal.end?.reason === "faulted")
    terminal.line(`The run ended with a fault after tick ${journal.lastTick}: ${withSourcePlaces(journal.end.text)}`);
  terminal.value({
    ...{ path, tickCount, ticksPerSecond, hash, ending, tornBytes: journal.tornBytes, seed: journal.header.seed },
    startTick: journal.startTick,
    looseCount,
    keyframeCount: journal.keyframes.length,
    swapCount: journal.swaps.length,
    processCount: isParallel ? processCount : 1,
  });
  return exitCode.ok;
}

/** The parts one after the other, in this process; a journal without keyframes is one part. */
async function verifySerially(context: CommandContext, journal: Journal): Promise<ReplayResult> {
  const game = await firstGameOf(journal, context.game, (text) => context.terminal.note(text));
  let tickCount = 0;
  let hash = "";
  let looseCount = 0;
  for (const part of journalParts(journal)) {
    const replay = verifyJournal(journal, game, replayHost(journal, game), part);
    let step = await replay.next();
    for (; step.done !== true; step = await replay.next()) {
      showProgress(context, journal.path, tickCount + step.value.tick, journal.tickCount, "");
      await new Promise((resolve) => setImmediate(resolve));
    }
    tickCount += step.value.tickCount;
    hash = step.value.hash;
    looseCount += step.value.looseCount;
  }
  return { tickCount, hash, looseCount };
}

function showProgress({ terminal }: CommandContext, path: string, ticks: number, of: number, more: string): void {
  const percent = of === 0 ? 100 : Math.round((ticks / of) * 100);
  terminal.status(`${path}: ${ticks} of ${of} ticks (${percent} %)${more === "" ? "" : `, ${more}`}`);
}

function processCountFor(journal: Journal): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(journal.tickCount / ticksPerProcess)));
}
