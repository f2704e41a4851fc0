/**
 * What processes left behind that were killed: their flight files are journals as they are, so the older one becomes a
 * black box by its name alone. Renaming is what claims it: of two runs that begin at once, one finds it.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "../../engine/replay/journal.ts";
import { type BlackBox, boxPath, processOf } from "./box-file.ts";

/** A black box of a process that is no more. */
export interface LeftBehind {
  readonly processId: number;
  readonly box: BlackBox;
}

interface Candidate {
  readonly path: string;
  readonly firstTick: number;
  readonly lastTick: number;
}

/** Makes black boxes of the flight files in a folder whose processes have ended. A folder that is not there has none. */
export function claimLeftBehind(folder: string): LeftBehind[] {
  const byProcess = new Map<number, string[]>();
  for (const name of namesIn(folder)) {
    const processId = processOf(name);
    if (processId === undefined || isAlive(processId)) continue;
    byProcess.set(processId, [...(byProcess.get(processId) ?? []), join(folder, name)]);
  }
  const found: LeftBehind[] = [];
  for (const [processId, paths] of byProcess) {
    // The older one reaches back further; one that was only just begun may have no tick at all.
    const candidates = paths.flatMap(candidateOf).filter(({ firstTick, lastTick }) => lastTick >= firstTick);
    candidates.sort((a, b) => b.lastTick - b.firstTick - (a.lastTick - a.firstTick));
    const [best] = candidates;
    try {
      if (best !== undefined) {
        const path = boxPath(folder, "crash", statSync(best.path).mtime, best.lastTick);
        renameSync(best.path, path);
        found.push({ processId, box: { ...best, path, kind: "crash" } });
      }
      for (const path of paths) if (path !== best?.path) rmSync(path, { force: true });
    } catch {
      // Another run was quicker, or the folder may only be read: then it is still there for the next one.
    }
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What cannot be read at all, because it was cut short within its header, is no candidate. */
function candidateOf(path: string): Candidate[] {
  try {
    const { firstTick, lastTick } = readJournal(readFileSync(path), path);
    return [{ path, firstTick, lastTick }];
  } catch {
    return [];
  }
}

/** A process of another user counts as alive. Flight files of this very number are of an earlier process. */
function isAlive(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
