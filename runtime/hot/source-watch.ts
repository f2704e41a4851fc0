/**
 * Watches the files that a program is made of. Given their paths, it tells that something of them may have changed: at once,
 * as the system tells of it, and by a look now and then, for there is much that no system tells. A folder that takes the place
 * of another is one that nobody watches; a system has a limit of watches; some file systems tell nothing.
 *
 * Folders are watched, because editors put another file in the place of one. The rule a reader could break: a file is followed
 * only after it was read, so that what was written between is found by reading it once more.
 */
import { type BigIntStats, type FSWatcher, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { type Fault, makeFault } from "../../engine/base/faults.ts";

export interface SourceWatchOptions {
  /** A file may have been written. */
  touched(): void;
  /**
   * Something else in a folder of these files may have been written, or it is time for a look. `isUnsure` when a file may have
   * been written between it was read and followed.
   */
  looked(isUnsure: boolean): void;
  /** Told once that the system does not tell of everything. */
  unwatched(fault: Fault): void;
}

/** Between two looks. */
export const lookMillis = 500;

interface WatchedFolder {
  /** Undefined where it cannot be watched. */
  readonly watcher: FSWatcher | undefined;
  readonly stamp: string;
}

export class SourceWatch {
  readonly #options: SourceWatchOptions;
  readonly #looks: NodeJS.Timeout;
  /** What each file was when it was looked at last; "" for one that was not there. */
  #stamps = new Map<string, string>();
  readonly #folders = new Map<string, WatchedFolder>();
  /** Whether a file was followed that may have been written since it was read. */
  #isUnsure = false;
  #isTold = false;

  constructor(options: SourceWatchOptions) {
    this.#options = options;
    this.#looks = setInterval(() => this.#look(), lookMillis).unref();
  }

  /** Looks at the files that are about to be read: what is written from now on is told. */
  mark(): void {
    for (const file of this.#stamps.keys()) this.#stamps.set(file, stampOf(file));
  }

  /** Follows these files, which were read since `mark`. */
  follow(files: readonly string[]): void {
    const before = this.#stamps;
    this.#stamps = new Map(files.map((file) => [file, before.get(file) ?? ""]));
    this.#watchFolders();
    for (const file of files) {
      if (before.has(file)) continue;
      this.#stamps.set(file, stampOf(file));
      this.#isUnsure = true;
    }
  }

  /** Names what the files are: it is the same for as long as none is saved. */
  get state(): string {
    return [...this.#stamps].map(([file, stamp]) => `${file} ${stamp}`).join("\n");
  }

  close(): void {
    clearInterval(this.#looks);
    for (const { watcher } of this.#folders.values()) watcher?.close();
    this.#folders.clear();
  }

  #look(): void {
    const isMoved = this.#watchFolders();
    const isWritten = [...this.#stamps].some(([file, stamp]) => stampOf(file) !== stamp);
    if (isMoved || isWritten) this.#options.touched();
    else this.#options.looked(this.#isUnsure);
    this.#isUnsure = false;
  }

  /** Watches the folders of the files; true when one of them was another before. */
  #watchFolders(): boolean {
    const wanted = new Set([...this.#stamps.keys()].map((file) => dirname(file)));
    for (const folder of [...this.#folders.keys()]) if (!wanted.has(folder)) this.#forget(folder);
    let isMoved = false;
    for (const folder of wanted) {
      const stamp = stampOfFolder(folder);
      const known = this.#folders.get(folder);
      if (known?.stamp === stamp) continue;
      isMoved ||= known !== undefined;
      this.#forget(folder);
      if (stamp !== "") this.#folders.set(folder, { watcher: this.#watch(folder), stamp });
    }
    return isMoved;
  }

  #watch(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || this.#stamps.has(join(folder, name))) this.#options.touched();
        else this.#options.looked(false);
      });
      watcher.on("error", (thrown) => {
        watcher.close();
        this.#tell(folder, thrown);
      });
      return watcher;
    } catch (thrown) {
      this.#tell(folder, thrown);
      return undefined;
    }
  }

  #tell(folder: string, thrown: unknown): void {
    // A folder that is gone has no changes; one that comes in its place is watched by the next look.
    if (this.#isTold || stampOfFolder(folder) === "") return;
    this.#isTold = true;
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    this.#options.unwatched(makeFault("folder-unwatched", { folder, problem }));
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.watcher?.close();
    this.#folders.delete(folder);
  }
}

function stampOf(file: string): string {
  return stampBy(file, ({ dev, ino, size, mtimeNs }) => `${dev} ${ino} ${size} ${mtimeNs}`);
}

/** A folder's content does not count. Its number may be that of one that was removed, whose time of birth was another. */
function stampOfFolder(folder: string): string {
  return stampBy(folder, ({ dev, ino, birthtimeNs }) => `${dev} ${ino} ${birthtimeNs}`);
}

/** What nobody may look at is as good as gone. */
function stampBy(path: string, stamp: (stats: BigIntStats) => string): string {
  try {
    return stamp(statSync(path, { bigint: true }));
  } catch {
    return "";
  }
}
