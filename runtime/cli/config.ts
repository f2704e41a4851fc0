/**
 * The configuration of a run on the command line: edits of its file while the world runs, told on the terminal. What the
 * game's plan allows goes to the world; what it does not changes nothing.
 */
import type { Fault } from "../../engine/base/faults.ts";
import { settingsLines } from "../../engine/sim/plan-settings.ts";
import type { ConfiguredGame, OpenedConfig } from "../config/config-file.ts";
import { ConfigWatch } from "../config/config-watch.ts";
import type { WorldThread } from "../world/world-thread.ts";
import type { Terminal } from "./terminal.ts";

export interface HotConfigOptions {
  readonly configured: ConfiguredGame;
  readonly opened: OpenedConfig;
  readonly world: WorldThread;
  readonly terminal: Terminal;
  /** Told of an edit that was refused, beside the terminal. */
  onRefused?(fault: Fault): void;
}

/** Watches the file until the watch is closed. Only for a world that is in step with the clock. */
export function watchConfig({ configured, opened, world, terminal, onRefused }: HotConfigOptions): ConfigWatch {
  return new ConfigWatch({
    configured,
    opened,
    accepted: (settings) => {
      const lines = settingsLines(settings);
      const now = lines.length === 0 ? " those of the game" : lines.map((line) => `\n      ${line}`).join("");
      terminal.note(`${opened.path}: the settings are now${now}`);
      world.swaps.ask({ settings });
    },
    refused: (fault) => {
      terminal.report(fault);
      terminal.note("      The world goes on with the settings that it has.");
      onRefused?.(fault);
    },
  });
}
