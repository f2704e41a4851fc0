/** `replay verify`: runs a journal again at full speed and compares every tick. */
import { readFileSync } from "node:fs";
import { raise } from "../../../engine/base/faults.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { hostClock } from "../../host/clock.ts";
import { playedGame } from "../../traps/wanted.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

export async function replayVerify(
  { game, terminal }: CommandContext,
  _options: unknown,
  path: string,
): Promise<ExitCode> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    return raise("file-missing", { path, purpose: "journal" }, thrown);
  }
  const journal = readJournal(bytes, path);
  const startMillis = performance.now();
  const replay = verifyJournal(journal, await playedGame(game), { clock: hostClock });
  let step = await replay.next();
  for (; step.done !== true; step = await replay.next()) {
    const { tick, tickCount } = step.value;
    terminal.status(`${path}: tick ${tick} of ${tickCount} (${Math.round((tick / tickCount) * 100)} %)`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { tickCount, hash } = step.value;
  const seconds = (performance.now() - startMillis) / 1_000;
  const ticksPerSecond = Math.round(tickCount / seconds);
  const ending = journal.end === undefined ? "cut short" : journal.end.reason;
  terminal.line(
    `${path}: ${tickCount} ticks verified, ${ticksPerSecond} ticks/s (${(ticksPerSecond / game.tickRate).toFixed(1)} x real time), hash ${hash}`,
  );
  if (journal.end === undefined)
    terminal.line(`The journal was cut short: ${journal.tornBytes} bytes behind the last whole block were left out.`);
  if (journal.end?.reason === "faulted")
    terminal.line(`The run ended with a fault after tick ${tickCount}: ${journal.end.text}`);
  terminal.value({
    path,
    tickCount,
    ticksPerSecond,
    hash,
    ending,
    tornBytes: journal.tornBytes,
    seed: journal.header.seed,
  });
  return exitCode.ok;
}
