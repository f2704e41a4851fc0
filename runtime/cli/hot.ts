/**
 * Code that is edited while it runs, on the command line: each save that makes another program goes to the world, and what
 * comes of it is told in a line that a player could pass on.
 */
import { raise } from "../../engine/base/faults.ts";
import { packagedProgram } from "../host/program.ts";
import { entryUrl } from "../host/project.ts";
import { HotWatch } from "../hot/hot-watch.ts";
import { noticeOf } from "../hot/news-text.ts";
import type { SwapNews } from "../hot/swapper.ts";
import type { WorldThread } from "../world/world-thread.ts";
import type { Terminal } from "./terminal.ts";

/** Refuses what cannot be hot before anything is started. Raises "not-available". */
export function checkHot(command: string): void {
  if (packagedProgram() !== undefined)
    raise("not-available", {
      command: `${command} --hot`,
      reason: "an executable has no sources to watch",
      instead: "Run the game from its sources.",
    });
}

/** Watches the game's sources until the watch is closed. Raises "swap-unloadable" when they make no program now. */
export async function watchCode(world: WorldThread, terminal: Terminal): Promise<HotWatch> {
  const watch = await HotWatch.open({
    entry: entryUrl(),
    changed: (code) => world.swaps.ask({ code }),
    refused: (fault) => {
      terminal.report(fault);
      world.swaps.refuse(fault);
    },
  });
  terminal.note("Edit the game while it runs: every save takes over.");
  return watch;
}

/** Tells what came of a swap. */
export function tellNews(news: SwapNews, terminal: Terminal): void {
  if (news.kind !== "swapped") {
    terminal.report(news.fault);
    return;
  }
  const { heading, text } = noticeOf(news);
  terminal.note(`${heading}: ${text}`);
}
