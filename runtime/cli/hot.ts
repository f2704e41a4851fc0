/**
 * Code that is edited while it runs, on the command line: each save that makes another program goes to the world, and what
 * comes of it is told in a line that a player could pass on.
 */
import { type Fault, faultOf, raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";
import { type Code, loadGame } from "../hot/code.ts";
import { HotWatch } from "../hot/hot-watch.ts";
import { nothingNew, noticeOf, refusalOf, type SwapSubject, type ToldNews } from "../hot/news-text.ts";
import { placed } from "../hot/swapper.ts";
import type { WorldThread } from "../world/world-thread.ts";
import type { Terminal } from "./terminal.ts";

/** How edits enter; at most one of the first two. */
export interface HotOptions {
  readonly hot?: boolean;
  readonly watch?: boolean;
}

/** Watches the sources of the game that this process was started with. */
export class HotCode {
  readonly #terminal: Terminal;
  #watch!: HotWatch;
  /** What was saved before the world ran. */
  #early: Code | undefined;
  #world: WorldThread | undefined;
  readonly #restarts: boolean;
  /** What the world was asked for last, and what runs there; undefined for the code that it began with. */
  #asked: Code | undefined;
  #running: Code | undefined;
  #held: Code | undefined;

  private constructor(terminal: Terminal, restarts: boolean) {
    this.#terminal = terminal;
    this.#restarts = restarts;
  }

  /**
   * Looks at the sources before the world is started, so that no edit is missed. Raises "not-available" in an executable
   * and when they make no program that could be edited while it runs.
   */
  static async open(
    command: string,
    { hot = false, watch = false }: HotOptions,
    terminal: Terminal,
  ): Promise<HotCode | undefined> {
    if (!hot && !watch) return undefined;
    const option = watch ? "--watch" : "--hot";
    if (hot && watch)
      raise("usage", { problem: "--hot and --watch are two ways.", suggestion: "Give one of them: --hot is quicker." });
    if (packagedProgram() !== undefined)
      raise("not-available", {
        command: `${command} ${option}`,
        reason: "an executable has no sources to watch",
        instead: "Run the game from its sources.",
      });
    const made = new HotCode(terminal, watch);
    try {
      made.#watch = await HotWatch.open({
        entry: entryUrl(),
        changed: (code) => {
          made.#early = code;
          made.#ask(code);
        },
        refused: (fault) => {
          tellRefusal(fault, terminal);
          made.#world?.swaps.refuse(fault);
        },
        unwatched: (fault) => terminal.report(fault),
      });
    } catch (thrown) {
      const fault = faultOf(thrown);
      if (fault.kind !== "swap-unloadable") throw thrown;
      // No world goes on with other code yet, and without the option the game may well run.
      const { problem, place } = fault.fields;
      raise("not-available", {
        command: `${command} ${option}`,
        reason: `the game's sources cannot be bundled: ${problem.replace(/\.$/, "")}${place === "" ? "" : ` (${place})`}`,
        instead: `Mend the source at that place, or leave ${option} out.`,
      });
    }
    return made;
  }

  /** The code with which the world begins: worker threads that start later may find other sources. */
  get base(): Code {
    return this.#watch.base;
  }

  /** From now on edits go to `world`, once its threads have read the sources as they are. */
  async serve(world: WorldThread): Promise<void> {
    let isOver = false;
    void world.outcome.then(() => {
      isOver = true;
    });
    while (world.tick === 0 && !isOver) await new Promise((resolve) => setTimeout(resolve, 5));
    if (isOver) return;
    this.#world = world;
    if (!this.#restarts) world.swaps.rehearse(this.base);
    if (this.#early !== undefined) this.#ask(this.#early);
    const what = this.#restarts ? "restarts it from where it is" : "takes over";
    this.#terminal.note(`Edit the game while it runs: every save ${what}.`);
  }

  /** Takes note of what came of code or settings. Code that did not enter is asked for again when it is saved again. */
  hear(news: ToldNews): void {
    const { kind, subject = "code" } = news;
    if (kind !== "swap-refused") this.#running = this.#world?.swaps.codeOf(news.code);
    if (this.#running?.hash === this.base.hash) this.#running = undefined;
    if (subject !== "settings") {
      this.#watch.mayRepeat = kind !== "swapped";
      this.#held = kind === "swap-refused" && news.fault.kind === "settings-refused" ? this.#asked : undefined;
    } else if (kind === "swapped" && this.#held !== undefined) {
      const code = this.#held;
      // The desk is still at this answer, and what waits there goes first.
      queueMicrotask(() => this.#ask(code));
    }
  }

  /** Code that nothing but the settings kept out. */
  get held(): Code | undefined {
    return this.#held;
  }

  /** The games that settings may be for: the one that runs, which was `first` once, and the one that settings kept out. */
  async games(first: Game): Promise<readonly Game[]> {
    const running = this.#running === undefined ? first : await loadGame(this.#running);
    return this.#held === undefined ? [running] : [running, await loadGame(this.#held)];
  }

  #ask(code: Code): void {
    const world = this.#world;
    if (world === undefined) return;
    this.#asked = code;
    this.#held = undefined;
    if (!this.#restarts) {
      if (!world.swaps.ask({ code })) this.#terminal.note(`${nothingNew.heading}. ${nothingNew.text}`);
    } else
      world.restart(code).catch((thrown: unknown) => {
        const fault = placed(thrown);
        this.#watch.mayRepeat = true;
        tellRefusal(fault, this.#terminal);
        world.swaps.refuse(fault);
      });
  }

  async close(): Promise<void> {
    await this.#watch.close();
  }
}

/** Tells that nothing came of code or settings, and why: a fault of a definition says neither what it was in nor what goes on. */
function tellRefusal(fault: Fault, terminal: Terminal, subject?: SwapSubject): void {
  // What was taken back says so itself.
  if (fault.kind !== "swap-undone")
    terminal.note(`${refusalOf(fault, subject).heading}; the world goes on with what it had.`);
  terminal.report(fault);
}

/** Tells what came of a swap. */
export function tellNews(news: ToldNews, terminal: Terminal): void {
  if (news.kind !== "swapped") {
    tellRefusal(news.fault, terminal, news.subject);
    return;
  }
  const { heading, text } = noticeOf(news);
  terminal.note(`${heading}: ${text}`);
}
