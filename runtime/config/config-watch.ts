/**
 * Watches a configuration file while a world runs. Given the file as it was when the run began, it hands on the settings of
 * each edit that the plan of the game allows, and the fault of each that it does not.
 *
 * Editors write a file in place, in two steps, or put another one in its place, so it is the folder that is watched, and
 * what counts is the content: an edit is one that has stood still for a moment. A slow look besides finds what the system
 * did not tell. The rule a reader could break: a file that is gone changes nothing, because an editor may be between two
 * steps, and no settings are ever made of half a file.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { type Fault, faultOf } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { type PlanSettings, settingsText } from "../../engine/sim/plan-settings.ts";
import { type ConfiguredGame, type OpenedConfig, parseConfig, readConfigText } from "./config-file.ts";

export interface ConfigWatchOptions {
  readonly configured: ConfiguredGame;
  readonly opened: OpenedConfig;
  /** Games that an edit may be for, the running one first. Left out, it is the configured one alone. */
  games?(): Promise<readonly Game[]>;
  /** Told of settings that are others than those before, and whether the first of the games allows them. */
  accepted(settings: PlanSettings, isFirst: boolean): void;
  /** Told of a file that cannot be used. The world goes on with what it has. */
  refused(fault: Fault): void;
}

/** How long a content must have stood still. */
const stillMillis = 60;
/** How often the file is looked at without a reason. */
const lookMillis = 1_000;

export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  readonly #looks: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #pause: NodeJS.Timeout | undefined;
  /** The content that was judged last, and the one that is waited for to stand still. */
  #judged: string | undefined;
  #seen: string | undefined;
  /** Settings in force, as text. */
  #current: string;
  /** Whether what was judged last is not in force. */
  #isOpen = false;
  #judging: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#judged = options.opened.text;
    this.#seen = options.opened.text;
    this.#current = settingsText(options.opened.settings);
    this.#looks = setInterval(() => this.#look(), lookMillis);
    this.#looks.unref();
    try {
      this.#watcher = watch(dirname(options.opened.path), { persistent: false }, () => this.#look());
      // A folder that cannot be watched any more is looked into all the same.
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  /** The settings in force are others than were accepted: what was handed on could not be entered. */
  settingsAre(settings: PlanSettings): void {
    const text = settingsText(settings);
    if (text !== this.#current) this.#isOpen = true;
    this.#current = text;
  }

  /** The games are others than they were: what was refused before may be right now. When it is not, that is no news. */
  reconsider(): void {
    const judged = this.#judged;
    if (!this.#isOpen || judged === undefined || judged !== this.#read()) return;
    this.#judging = this.#judging.then(() => this.#judge(judged, true));
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#looks);
    clearTimeout(this.#pause);
    this.#watcher?.close();
  }

  /** Waits for the content to stand still, then judges it. */
  #look(): void {
    if (this.#isClosed || this.#pause !== undefined) return;
    const text = this.#read();
    if (text === this.#judged) return;
    this.#seen = text;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      const now = this.#read();
      if (now === undefined || now === this.#judged) return;
      if (now !== this.#seen) this.#look();
      else {
        this.#judged = now;
        this.#judging = this.#judging.then(() => this.#judge(now));
      }
    }, stillMillis);
    this.#pause.unref();
  }

  #read(): string | undefined {
    try {
      return readConfigText(this.#options.opened.path);
    } catch (thrown) {
      const fault = faultOf(thrown);
      const problem = JSON.stringify(fault);
      if (this.#judged !== problem) {
        this.#judged = problem;
        this.#options.refused(fault);
      }
      return problem;
    }
  }

  async #judge(text: string, isAgain = false): Promise<void> {
    const { opened, configured, accepted, refused } = this.#options;
    const games = (await this.#options.games?.()) ?? [configured.game];
    let fault: Fault | undefined;
    for (const game of games) {
      let settings: PlanSettings;
      try {
        settings = await parseConfig(opened.path, text, { ...configured, game });
      } catch (thrown) {
        fault ??= faultOf(thrown);
        continue;
      }
      const wanted = settingsText(settings);
      this.#isOpen = false;
      if (this.#isClosed || wanted === this.#current) return;
      this.#current = wanted;
      accepted(settings, game === games[0]);
      return;
    }
    this.#isOpen = true;
    if (fault !== undefined && !isAgain && !this.#isClosed) refused(fault);
  }
}
