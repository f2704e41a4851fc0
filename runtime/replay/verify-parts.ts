/**
 * Verifies a journal part by part, from keyframe to keyframe, in several processes: each is given the number of a part
 * when it has finished the one before. A part must end in the very bytes of the next keyframe, so the parts together say
 * what one long replay says. Both ends of the conversation are here:
 *
 *     parent -> child   the number of a part, a line each
 *     child -> parent   JSON, a line each: {part, tick} on the way; {part, tickCount, ...} or {part, fault} at its end
 *
 * A line of the child begins with a word of its own: a game that writes to standard output itself is no part of the talk.
 *
 * The rule a reader could break: of several parts that fail, the first of the journal is the one that is told, so parts
 * before a failed one are finished. A child that says nothing for long is ended: it is in code that never comes back.
 */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { type Fault, FaultError, faultOf, makeFault } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { journalParts, type ReplayResult, verifyJournal } from "../../engine/replay/player.ts";
import type { ReplayHost } from "../../engine/replay/replay.ts";
import { startProcess } from "../host/processes.ts";
import { isDebugged } from "../host/thread-stack.ts";
import { onceFactor, usualSilenceMillis } from "../world/silence-watch.ts";

/** How a line of a child begins that is for its parent. */
const reportWord = "[orrery] part ";

/** What a child says. */
type PartReport = { readonly part: number } & ({ readonly tick: number } | ReplayResult | { readonly fault: Fault });

export interface VerifyPartsOptions {
  readonly journal: Journal;
  readonly processCount: number;
  /** Arguments that make this program a child that serves parts of the journal. */
  readonly childArgs: readonly string[];
  /** How long a child may say nothing, which tells of itself after some seconds of ticks; 0 for ever. */
  readonly silenceMillis?: number;
  /** Told of ticks that were compared, in all parts together. */
  onProgress(tickCount: number): void;
}

/** Verifies all parts; raises the fault of the first one that has one, or "thread-died" when a child is lost. */
export async function verifyParts(options: VerifyPartsOptions): Promise<ReplayResult> {
  const { silenceMillis = usualSilenceMillis * onceFactor } = options;
  const parts = journalParts(options.journal);
  const partCount = parts.length;
  const ticks = new Array<number>(partCount).fill(0);
  const faults = new Map<number, Fault>();
  let next = 0;
  let hash = "";
  let looseCount = 0;
  const children: ChildProcess[] = [];
  /** The next part that is worth doing: behind a failed one nothing is. */
  const take = (): number | undefined => (next < Math.min(partCount, ...faults.keys()) ? next++ : undefined);
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = startProcess(options.childArgs);
      children.push(child);
      let part: number | undefined;
      let errors = "";
      let timer: NodeJS.Timeout | undefined;
      /** Begins to count anew. */
      const heard = (): void => {
        clearTimeout(timer);
        if (silenceMillis > 0) timer = setTimeout(() => void end(), silenceMillis);
      };
      const end = async (): Promise<void> => {
        if (part === undefined || (await isDebugged())) return;
        const tick = (parts[part]!.from?.tick ?? options.journal.startTick) + ticks[part]!;
        const doing = `come back from the ticks behind ${tick}, in part ${part + 1} of ${partCount},`;
        const fields = { role: "replay", waitedMillis: silenceMillis, doing };
        reject(new FaultError(makeFault("thread-silent", fields)));
      };
      const give = (): void => {
        part = take();
        heard();
        if (part === undefined) child.stdin!.end();
        else child.stdin!.write(`${part}\n`);
      };
      child.stderr!.setEncoding("utf8").on("data", (text: string) => {
        errors = (errors + text).slice(-2_000);
      });
      // A child that is gone is told of below; what was still to be written to it is lost with it.
      child.stdin!.on("error", () => {});
      createInterface({ input: child.stdout! }).on("line", (line) => {
        if (!line.startsWith(reportWord)) return;
        heard();
        const report = JSON.parse(line.slice(reportWord.length)) as PartReport;
        if ("fault" in report) faults.set(report.part, report.fault);
        else if ("tick" in report) ticks[report.part] = report.tick;
        else {
          ticks[report.part] = report.tickCount;
          looseCount += report.looseCount;
          if (report.part === partCount - 1) hash = report.hash;
        }
        options.onProgress(ticks.reduce((sum, count) => sum + count, 0));
        if (!("tick" in report)) give();
      });
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        if (part === undefined) return resolve();
        const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
        const problem = `${how} in part ${part + 1} of ${partCount}${errors === "" ? "" : `: ${errors.trim()}`}`;
        reject(new FaultError(makeFault("thread-died", { role: "replay", problem })));
      });
      give();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(options.processCount, partCount) }, serve));
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill();
  }
  const failed = [...faults.keys()].sort((a, b) => a - b)[0];
  if (failed !== undefined) throw new FaultError(faults.get(failed)!);
  return { tickCount: ticks.reduce((sum, count) => sum + count, 0), hash, looseCount };
}

/** The child's end: verifies the parts whose numbers come in, until there are no more. */
export async function serveParts(
  journal: Journal,
  game: Game,
  host: ReplayHost,
  input: NodeJS.ReadableStream,
  write: (line: string) => void,
): Promise<void> {
  const parts = journalParts(journal);
  const say = (report: PartReport): void => write(`${reportWord}${JSON.stringify(report)}\n`);
  for await (const line of createInterface({ input })) {
    const part = Number(line);
    try {
      const replay = verifyJournal(journal, game, host, parts[part]);
      let step = await replay.next();
      for (; step.done !== true; step = await replay.next()) say({ part, tick: step.value.tick });
      say({ part, ...step.value });
    } catch (thrown) {
      say({ part, fault: faultOf(thrown) });
    }
  }
}
