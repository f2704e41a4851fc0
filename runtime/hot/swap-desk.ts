/**
 * The main thread's side of swaps: keeps the code that was handed to the world, for workers that come later and for the
 * journal, and tells drivers what came of it and what is to be drawn now.
 */
import type { Fault } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import type { Driver } from "../../engine/render/driver.ts";
import type { ResourceDescription } from "../../engine/render/scene.ts";
import { describeScene } from "../../engine/render/scene-of-game.ts";
import { type Code, loadGame } from "./code.ts";
import { codeFolderOf, storeCode } from "./code-store.ts";
import { noticeOf, refusalOf } from "./news-text.ts";
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
  /** Told what came of other code or settings. */
  onSwap?(news: SwapNews): void;
}

export class SwapDesk {
  readonly #options: SwapDeskOptions;
  readonly #codes = new Map<string, Code>();

  constructor(options: SwapDeskOptions) {
    this.#options = options;
  }

  /** Asks for other code or settings. Code is kept beside the journal, if there is one. Raises "file-write". */
  ask(request: SwapRequest): void {
    if (request.code !== undefined) this.keep(request.code);
    this.#options.ask(request);
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

  /** Shows whoever plays why something was refused before it came to the world. */
  refuse(fault: Fault): void {
    for (const driver of this.#options.drivers) driver.notice?.(refusalOf(fault));
  }

  /** Tells what came of a request. */
  async tell(news: SwapNews): Promise<void> {
    const { drivers, game, resources, onSwap } = this.#options;
    onSwap?.(news);
    for (const driver of drivers) driver.notice?.(noticeOf(news));
    if (news.kind === "swap-refused" || drivers.length === 0) return;
    const code = this.#codes.get(news.code);
    const { view, controls, id, tickRate } = code === undefined ? game : await loadGame(code);
    if (view === undefined) return;
    const scene = describeScene(id, news.settings.tick?.rate ?? tickRate, view, controls, resources());
    for (const driver of drivers) driver.rescene?.(scene);
  }
}
