/**
 * Bundles a game anew when its files have changed. Given the main file; hands on each new code, and the fault of each build
 * that failed. What counts is the text that comes of it: a save that changes nothing is no swap, unless what was saved before
 * did not enter the world.
 *
 * Editors write in several steps. A build begins at once and counts when nothing was written while it went on: waiting costs
 * nothing then. The rule a reader could break: builds follow one another, so the newest text is told last.
 */
import { statSync } from "node:fs";
import { type Fault, faultOf, faultText } from "../../engine/base/faults.ts";
import { type GameBuild, GameBundler } from "./bundle-game.ts";
import type { Code } from "./code.ts";
import { SourceWatch } from "./source-watch.ts";

export interface HotWatchOptions {
  readonly entry: URL;
  /** Told of code that is another than the one before, or the same, saved again, where `mayRepeat`. */
  changed(code: Code): void;
  /** Told of files that make no program. */
  refused(fault: Fault): void;
  /** Told once that the system does not tell of everything: edits are found all the same, but later. */
  unwatched(fault: Fault): void;
}

/** A file is emptied before it is written: what comes of one save comes within this. */
const burstMillis = 2;
/** A build that failed may have read a file that was half written: it is believed when it fails again after this. */
const againMillis = 60;

export class HotWatch {
  /** The code of the files as they were when the watch began. */
  readonly base: Code;
  /** Whether the code that was told last is told again when it is saved again: because it did not enter the world. */
  mayRepeat = false;
  readonly #options: HotWatchOptions;
  readonly #bundler: GameBundler;
  readonly #sources: SourceWatch;
  #touchCount = 0;
  #hash: string;
  /** What the files were when they were built last. */
  #state: string;
  #pause: NodeJS.Timeout | undefined;
  #building: Promise<void> = Promise.resolve();
  #buildCount = 0;
  #isClosed = false;
  #hasFailed = false;
  /** Why the files made no program when they were built last; "" when they made one. */
  #problem = "";

  private constructor(options: HotWatchOptions, bundler: GameBundler, { code, files }: GameBuild) {
    this.#options = options;
    this.#bundler = bundler;
    this.base = code;
    this.#hash = code.hash;
    this.#sources = new SourceWatch({
      touched: () => this.#touched(),
      looked: (isUnsure) => this.#looked(isUnsure),
      unwatched: (fault) => options.unwatched(fault),
    });
    this.#sources.follow(files);
    this.#state = this.#sources.state;
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
    this.#sources.close();
    await this.#building;
    await this.#bundler.close();
  }

  #touched(): void {
    this.#touchCount++;
    this.#hasFailed = false;
    this.#buildAfter(burstMillis);
  }

  /** What a broken program lacks may have any name, in any folder: whether it is there now is known when it is built. */
  #looked(isUnsure: boolean): void {
    if ((this.#problem === "" && !isUnsure) || this.#pause !== undefined || this.#buildCount > 0) return;
    this.#hasFailed = false;
    this.#buildAfter(burstMillis, true);
  }

  #buildAfter(millis: number, isLook = false): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#buildCount++;
      this.#building = this.#building
        .then(() => this.#build(isLook))
        .finally(() => {
          this.#buildCount--;
        });
    }, millis);
  }

  #lookAgain(): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#buildAfter(againMillis);
  }

  async #build(isLook: boolean): Promise<void> {
    if (this.#isClosed) return;
    const touchCount = this.#touchCount;
    this.#sources.mark();
    try {
      const { code, files } = await this.#bundler.build();
      // Written to meanwhile: the next build is on its way.
      if (this.#isClosed || touchCount !== this.#touchCount) return;
      this.#problem = "";
      this.#sources.follow(files);
      const { state } = this.#sources;
      const isAgain = this.mayRepeat && state !== this.#state;
      if (code.hash !== this.#hash || isAgain) {
        // An editor that empties a file before it writes leaves a program without that part of it, for a moment.
        const isEmpty = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.size === 0;
        if (!this.#hasFailed && files.some(isEmpty)) return this.#lookAgain();
        this.#hash = code.hash;
        this.mayRepeat = false;
        this.#options.changed(code);
      }
      this.#state = state;
    } catch (thrown) {
      if (this.#isClosed || touchCount !== this.#touchCount) return;
      const fault = faultOf(thrown);
      const problem = faultText(fault);
      // Of a save one is told; that nothing has come of it since is no news.
      if (isLook && problem === this.#problem) return;
      if (!this.#hasFailed) return this.#lookAgain();
      this.#problem = problem;
      // The next build that succeeds is news, also when it is what ran before.
      this.#hash = "";
      this.#options.refused(fault);
    }
  }
}
