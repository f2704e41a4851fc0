/**
 * The main file of an engine thread that takes a world over: it runs code that it is handed as text, so that what is saved
 * while it loads makes no difference.
 */
import { parentPort } from "node:worker_threads";
import type { Game } from "../../engine/game.ts";
import { setEntry } from "../host/project.ts";
import { endThreadSoon, threadData } from "../host/threads.ts";
import { loadGame } from "../hot/code.ts";
import { placed } from "../hot/swapper.ts";
import { type EngineThreadData, type EngineThreadMessage, runEngineThread } from "./engine-thread.ts";

const data = threadData() as EngineThreadData;
const { code, entry } = data.relay!;
setEntry(new URL(entry));
const game = await loaded();
if (game !== undefined) await runEngineThread(game, data);
endThreadSoon();

async function loaded(): Promise<Game | undefined> {
  try {
    return await loadGame(code);
  } catch (thrown) {
    const { settings } = data;
    parentPort!.postMessage({
      kind: "swap-refused",
      fault: placed(thrown),
      settings,
    } satisfies EngineThreadMessage);
    return undefined;
  }
}
