/**
 * What processes left behind that were killed: their flight files are journals as they are, so the older one becomes a
 * black box by its name, and the newest trace events, where there are any, are put behind it. Renaming is what claims it:
 * of two runs that begin at once, one finds it. Boxes of crashes are not kept for ever: what is old goes.
 *
 * The rule a reader could break: nothing of a process that is alive is touched, also when it runs in another container,
 * where its number is another process or none.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { addNotes } from "./box-extras.ts";
import { boxFactsOf } from "./box-facts.ts";
import { type BlackBox, boxPath, flightFileOf, isCrashBox } from "./box-file.ts";
import { boxTopic, silentMillis } from "./flight-pace.ts";
import { FramedFile } from "./framed-file.ts";
import { processSpace, spaceOf } from "./process-space.ts";

/** Boxes of crashes that a folder keeps, and how long: more of them help nobody. What was asked for stays. */
export const crashCountMax = 20;
export const crashDaysMax = 30;

/** A black box of a process that is no more. */
export interface LeftBehind {
  readonly processId: number;
  readonly box: BlackBox;
}

/** Makes black boxes of the flight files in a folder whose processes have ended. A folder that is not there has none. */
export function claimLeftBehind(folder: string): LeftBehind[] {
  const byWorld = new Map<string, { readonly processId: number; readonly names: string[] }>();
  for (const name of namesIn(folder)) {
    const file = flightFileOf(name);
    if (file === undefined) continue;
    const { processId, world } = file;
    const known = byWorld.get(`${processId} ${world}`);
    if (known === undefined) byWorld.set(`${processId} ${world}`, { processId, names: [name] });
    else known.names.push(name);
  }
  const found: LeftBehind[] = [];
  for (const { processId, names } of byWorld.values()) {
    const isFresh = names.map(inFolder(folder)).some(isTouched);
    // Alive in whatever space: what may be long is not even read.
    if (isFresh && mayLive(processId, processSpace(), isFresh)) continue;
    const paths = (kind: string) => names.filter((name) => flightFileOf(name)?.kind === kind).map(inFolder(folder));
    // The older one reaches back further; one that was only just begun may have no tick at all.
    const journals = paths("journal").flatMap(journalIn);
    const space = journals.map(spaceOf).find((known) => known !== undefined);
    if (mayLive(processId, space, isFresh)) continue;
    const [best] = journals.filter(({ tickCount }) => tickCount > 0).sort((a, b) => b.tickCount - a.tickCount);
    try {
      if (best !== undefined) {
        const path = boxPath(folder, "crash", statSync(best.path).mtime, best.lastTick);
        renameSync(best.path, path);
        found.push({ processId, box: { path, ...boxFactsOf("crash", best) } });
        finish(path, best, newestText(paths("trace")));
      }
      for (const path of names.map(inFolder(folder))) if (path !== best?.path) rmSync(path, { force: true });
    } catch {
      // Another run was quicker, or the folder may only be read: then it is still there for the next one.
    }
  }
  return found;
}

/** Deletes boxes of crashes that are too old or too many; gives the names of those that are gone. */
export function pruneCrashes(folder: string, now: Date): string[] {
  const oldest = now.getTime() - crashDaysMax * 86_400_000;
  const boxes = namesIn(folder)
    .filter(isCrashBox)
    .flatMap((name) => {
      const millis = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
      return millis === undefined ? [] : [{ name, millis }];
    });
  boxes.sort((a, b) => b.millis - a.millis || (a.name < b.name ? 1 : -1));
  const gone = boxes.filter(({ millis }, at) => at >= crashCountMax || millis < oldest).map(({ name }) => name);
  return gone.filter((name) => {
    try {
      rmSync(join(folder, name));
      return true;
    } catch {
      // The folder may only be read, or another run was quicker.
      return false;
    }
  });
}

/** Puts the last of the trace behind what was claimed, which counts as new from here on. */
function finish(path: string, { end, lastTick }: Journal, trace: string | undefined): void {
  if (end === undefined && trace !== undefined) {
    const file = FramedFile.goOn(path);
    addNotes(file, lastTick, [{ topic: boxTopic.trace, text: trace }]);
    file.close();
  }
  const now = new Date();
  utimesSync(path, now, now);
}

/** The text of the newest file; of one that a loss of power left with zeros there is nothing to tell. */
function newestText(paths: readonly string[]): string | undefined {
  const byAge = [...paths].sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const text = byAge[0] === undefined ? undefined : readFileSync(byAge[0], "utf8");
  return text?.endsWith("\0") === true ? undefined : text;
}

function inFolder(folder: string): (name: string) => string {
  return (name) => join(folder, name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What cannot be read at all, because it was cut short within its header, is no journal. */
function journalIn(path: string): Journal[] {
  try {
    return [readJournal(readFileSync(path), path)];
  } catch {
    return [];
  }
}

/**
 * Whether the run of flight files may be alive. A number is believed where it was given, unless it is our own: such files are
 * of an earlier process, or of another world of this one. Elsewhere only the signs of life count that a run gives.
 */
function mayLive(processId: number, space: string | undefined, isFresh: boolean): boolean {
  if (processId === process.pid) return isFresh;
  if (space === processSpace()) return isRunning(processId);
  return isFresh || (space === undefined && isRunning(processId));
}

/** Whether a file was written or touched a moment ago; one that is gone was claimed by somebody. */
function isTouched(path: string): boolean {
  const millis = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return millis !== undefined && Math.abs(Date.now() - millis) < silentMillis;
}

/** A process of another user counts as running. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
