/**
 * Watches the files of a game and bundles it anew when they have changed. Given the main file; hands on each new code, and
 * the fault of each build that failed. What counts is the text that comes of it: a save that changes nothing is no swap.
 *
 * Editors write in several steps or put another file in its place, so folders are watched. A build begins at once and
 * counts when nothing was written while it went on: waiting costs nothing then. The rule a reader could break: builds
 * follow one another, so the newest text is told last.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { type Fault, faultOf } from "../../engine/base/faults.ts";
import { type GameBuild, GameBundler } from "./bundle-game.ts";
import type { Code } from "./code.ts";

export interface HotWatchOptions {
  readonly entry: URL;
  /** Told of code that is another than the one before. */
  changed(code: Code): void;
  /** Told of files that make no program. */
  refused(fault: Fault): void;
}

/** A file is emptied before it is written: what comes of one save comes within this. */
const burstMillis = 2;
/** A build that failed may have read a file that was half written: it is believed when it fails again after this. */
const againMillis = 60;

export class HotWatch {
  /** The code of the files as they were when the watch began. */
  readonly base: Code;
  readonly #options: HotWatchOptions;
  readonly #bundler: GameBundler;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Files that the program is made of. */
  #files: ReadonlySet<string> = new Set();
  #touchCount = 0;
  #hash: string;
  #pause: NodeJS.Timeout | undefined;
  #building: Promise<void> = Promise.resolve();
  #isClosed = false;
  #hasFailed = false;
  /** Whether the files made no program when they were built last. */
  #isBroken = false;

  private constructor(options: HotWatchOptions, bundler: GameBundler, { code, files }: GameBuild) {
    this.#options = options;
    this.#bundler = bundler;
    this.base = code;
    this.#hash = code.hash;
    this.#watch(files);
  }

  /** Builds what the files are now, of which nobody is told, and watches them. Raises "swap-unloadable". */
  static async open(options: HotWatchOptions): Promise<HotWatch> {
    const bundler = await GameBundler.open(options.entry);
    try {
      return new HotWatch(options, bundler, await bundler.build());
    } catch (thrown) {
      await bundler.close();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    for (const watcher of this.#watchers.values()) watcher.close();
    await this.#building;
    await this.#bundler.close();
  }

  #watch(files: readonly string[]): void {
    this.#files = new Set(files);
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      if (this.#watchers.has(folder)) continue;
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // What else is written there, a journal perhaps, says nothing. What a broken program lacks may have any name.
        if (name === null || this.#isBroken || this.#files.has(join(folder, name))) this.#touched();
      });
      watcher.on("error", () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    }
  }

  #touched(): void {
    this.#touchCount++;
    this.#hasFailed = false;
    this.#buildAfter(burstMillis);
  }

  #buildAfter(millis: number): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#building = this.#building.then(() => this.#build());
    }, millis);
  }

  #lookAgain(): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#buildAfter(againMillis);
  }

  async #build(): Promise<void> {
    if (this.#isClosed) return;
    const touchCount = this.#touchCount;
    try {
      const { code, files } = await this.#bundler.build();
      // Written to meanwhile: the next build is on its way.
      if (touchCount !== this.#touchCount) return;
      this.#isBroken = false;
      this.#watch(files);
      if (code.hash === this.#hash) return;
      // An editor that empties a file before it writes leaves a program without that part of it, for a moment.
      const isEmpty = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.size === 0;
      if (!this.#hasFailed && files.some(isEmpty)) return this.#lookAgain();
      this.#hash = code.hash;
      this.#options.changed(code);
    } catch (thrown) {
      this.#isBroken = true;
      if (touchCount !== this.#touchCount) return;
      if (!this.#hasFailed) return this.#lookAgain();
      // The next build that succeeds is news, also when it is what ran before.
      this.#hash = "";
      this.#options.refused(faultOf(thrown));
    }
  }
}
