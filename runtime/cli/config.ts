/**
 * The configuration of a run on the command line: edits of its file while the world runs, told on the terminal. What the
 * plan of the running game allows goes to the world; what it does not changes nothing, unless it is what code was kept out
 * for: then both enter together.
 */
import type { Fault } from "../../engine/base/faults.ts";
import { settingsLines } from "../../engine/sim/plan-settings.ts";
import type { ConfiguredGame, OpenedConfig } from "../config/config-file.ts";
import { ConfigWatch } from "../config/config-watch.ts";
import type { ToldNews } from "../hot/news-text.ts";
import type { WorldThread } from "../world/world-thread.ts";
import type { HotCode } from "./hot.ts";
import type { Terminal } from "./terminal.ts";

export interface HotConfigOptions {
  readonly configured: ConfiguredGame;
  readonly opened: OpenedConfig;
  readonly world: WorldThread;
  readonly terminal: Terminal;
  /** Code that is edited as well. */
  readonly hot: HotCode | undefined;
  /** Told of an edit that was refused, beside the terminal. */
  onRefused?(fault: Fault): void;
}

/** The file while it is watched. Only for a world that is in step with the clock. */
export class HotConfig {
  readonly #watch: ConfigWatch;

  constructor({ configured, opened, world, terminal, hot, onRefused }: HotConfigOptions) {
    this.#watch = new ConfigWatch({
      configured,
      opened,
      games: async () => (await hot?.games(configured.game)) ?? [configured.game],
      accepted: (settings, isFirst) => {
        const lines = settingsLines(settings);
        const now = lines.length === 0 ? " those of the game" : lines.map((line) => `\n      ${line}`).join("");
        terminal.note(`${opened.path}: the settings are now${now}`);
        const code = isFirst ? undefined : hot?.held;
        world.swaps.ask(code === undefined ? { settings } : { settings, code });
      },
      refused: (fault) => {
        terminal.report(fault);
        terminal.note("      The world goes on with the settings that it has.");
        onRefused?.(fault);
      },
    });
  }

  /** Takes note of what came of code or settings, behind `HotCode`. */
  hear({ kind, settings, subject = "code" }: ToldNews): void {
    if (kind !== "swapped") this.#watch.settingsAre(settings);
    // Other code has other systems, and code that settings kept out may be what the file is for.
    if (subject === "code") this.#watch.reconsider();
  }

  close(): void {
    this.#watch.close();
  }
}
