/**
 * The main thread's side of swaps: keeps the code that was handed to the world, for workers that come later and for the
 * journal, and tells drivers what came of it and what is to be drawn now.
 *
 * The rule a reader could break: the world is asked for one thing at a time, so that what it says answers the request that
 * is known here, and code that runs already is not asked for.
 */
import type { Fault } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { Driver } from "../../engine/render/driver.ts";
import type { ResourceDescription } from "../../engine/render/scene.ts";
import { describeScene } from "../../engine/render/scene-of-game.ts";
import { type RecordNames, recordNamesOf } from "../../engine/replay/record-names.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import { type Code, compileCode, loadGame } from "./code.ts";
import { codeFolderOf, storeCode } from "./code-store.ts";
import { nothingNew, noticeOf, refusalOf, type SwapSubject, type ToldNews } from "./news-text.ts";
import type { SwapNews, SwapRequest } from "./swapper.ts";

export interface SwapDeskOptions {
  readonly game: Game;
  /** The text of `game`, where sources may be others by the time that a worker thread reads them. */
  readonly code: Code | undefined;
  readonly drivers: readonly Driver[];
  readonly journalPath: string | undefined;
  /** Resources of the world that runs now. */
  resources(): readonly ResourceDescription[];
  /** Hands a request to the engine thread. */
  ask(request: SwapRequest): void;
  /** Told what numbers mean in the records that drivers admit from here on. */
  speaks(names: RecordNames): void;
  /** Told what came of other code or settings. */
  onSwap?(news: ToldNews): void;
  /** Told why an edit did not come to the world. */
  onRefused?(fault: Fault): void;
}

export class SwapDesk {
  readonly #options: SwapDeskOptions;
  readonly #codes = new Map<string, Code>();
  /** Hash of the code that runs; "" for one that nobody has the text of. */
  #running: string;
  /** What the world was asked for and has not answered, and what is to be asked then. */
  #asked: SwapRequest | undefined;
  #next: SwapRequest | undefined;
  /** What the last answer was about. */
  #subject: SwapSubject = "code";
  /** Settles when drivers show what they were last told to. */
  #shown: Promise<void> = Promise.resolve();

  constructor(options: SwapDeskOptions) {
    this.#options = options;
    this.#running = options.code?.hash ?? "";
  }

  /**
   * Asks for other code or settings, once the world has answered what it was asked before. Code is kept beside the journal,
   * if there is one. False when the world runs that code. Raises "file-write".
   */
  ask(request: SwapRequest): boolean {
    if (request.code !== undefined) this.keep(request.code);
    if (this.#asked === undefined) return this.#send(request);
    this.#next = { ...this.#next, ...request };
    return true;
  }

  #send(request: SwapRequest): boolean {
    if (request.settings === undefined && request.code?.hash === this.#running) {
      for (const driver of this.#options.drivers) driver.notice?.(nothingNew);
      return false;
    }
    this.#asked = request;
    this.#options.ask(request);
    return true;
  }

  /** Has the world make all steps of a swap but the last, which it does not answer: the first that counts is as quick then. */
  rehearse(code: Code): void {
    this.#options.ask({ code, isRehearsal: true });
  }

  /** Keeps code that is going to run. Raises "file-write". */
  keep(code: Code): void {
    const { journalPath } = this.#options;
    // Before anything names it: a journal must never go on with code that is nowhere.
    if (journalPath !== undefined) storeCode(codeFolderOf(journalPath), code);
    this.#codes.set(code.hash, code);
  }

  /** The code of a hash that was handed over; that of "" is the program's own, undefined when threads read it themselves. */
  codeOf(hash: string): Code | undefined {
    return hash === "" ? this.#options.code : this.#codes.get(hash);
  }

  /** Reads the newest code without running it, so that places in it are known. Raises "swap-unloadable". */
  know(): void {
    for (const code of [...this.#codes.values()].slice(-2)) compileCode(code);
  }

  /** Shows whoever plays why something was refused before it came to the world. */
  refuse(fault: Fault): void {
    this.#options.onRefused?.(fault);
    for (const driver of this.#options.drivers) driver.notice?.(refusalOf(fault));
  }

  /** Tells what came of a request. */
  async tell(said: SwapNews): Promise<void> {
    const { drivers, onSwap } = this.#options;
    const next = this.#answered(said);
    const news: ToldNews = { ...said, subject: this.#subject };
    onSwap?.(news);
    for (const driver of drivers) driver.notice?.(noticeOf(news));
    if (next !== undefined) this.#send(next);
    if (news.kind === "swap-refused" || drivers.length === 0) return;
    // One behind the other, each of them: a page that skipped code which was taken back would not know what it missed.
    this.#shown = this.#shown.then(() => this.#show(news.code, news.settings));
    await this.#shown;
  }

  /** Has drivers show the game of this code; from then on they speak of its controls. */
  async #show(hash: string, settings: PlanSettings): Promise<void> {
    const { drivers, game: first, resources, speaks } = this.#options;
    const code = this.#codes.get(hash);
    const game = code === undefined ? first : await loadGame(code);
    const { view, controls, id, tickRate } = game;
    if (view === undefined) return;
    const scene = describeScene(id, settings.tick?.rate ?? tickRate, view, controls, resources());
    speaks(recordNamesOf(game));
    for (const driver of drivers) driver.rescene?.(scene);
  }

  /** Takes note of an answer; gives what is to be asked now. */
  #answered(news: SwapNews): SwapRequest | undefined {
    if (news.kind !== "swap-refused") this.#running = news.code === "" ? (this.#options.code?.hash ?? "") : news.code;
    // What was taken back is what the last answer was about; a request on its way is yet to be answered.
    if (news.kind === "swap-undone") return undefined;
    const isRestart = news.kind === "swapped" && news.isRestart;
    const asked = this.#asked;
    this.#asked = undefined;
    this.#subject = asked === undefined || isRestart ? "code" : subjectOf(asked);
    // The thread that was asked before a restart has no world any more.
    const next = isRestart && asked !== undefined ? { ...asked, ...this.#next } : this.#next;
    this.#next = undefined;
    return next;
  }
}

function subjectOf({ code, settings }: SwapRequest): SwapSubject {
  if (settings === undefined) return "code";
  return code === undefined ? "settings" : "code and settings";
}
