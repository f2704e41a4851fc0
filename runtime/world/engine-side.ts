/**
 * The main thread's side of one engine thread: the thread and what the main thread keeps for it alone. A world has one, and
 * another for as long as it is passed on.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { startThread } from "../host/threads.ts";
import type { Code } from "../hot/code.ts";
import { Compression } from "../replay/compression.ts";
import type { AssetHost } from "./asset-host.ts";
import { EngineLife } from "./engine-life.ts";
import type { EngineThreadData } from "./engine-thread.ts";
import type { RelayData } from "./relay.ts";

export interface EngineSide {
  readonly worker: Worker;
  readonly life: EngineLife;
  readonly assets: AssetHost | undefined;
  readonly compression: Compression | undefined;
  /** The code that it took up; undefined for what the process was started with. */
  readonly code: Code | undefined;
  /** The end of its line for the thread that has the world; until that has it. */
  line?: MessagePort;
}

/** How often keyframes are taken: in ticks for the journal, in seconds for the flight recorder; 0 for none. */
export interface KeyframePace {
  readonly everyTicks: number;
  readonly flightSeconds: number;
}

/** Starts an engine thread: the first one, or one that takes the world over. It is ended when it is silent for so long. */
export function startSide(
  common: Omit<EngineThreadData, "pulse">,
  silenceMillis: number,
  { everyTicks, flightSeconds }: KeyframePace,
  assets: AssetHost | undefined,
  relay: RelayData | undefined,
): EngineSide {
  const life = new EngineLife(silenceMillis);
  const compression = everyTicks + flightSeconds > 0 ? new Compression() : undefined;
  const port = compression?.enginePort;
  const data: EngineThreadData = {
    ...common,
    pulse: life.memory,
    keyframes: port === undefined ? undefined : { port, everyTicks, flightSeconds },
    assets: assets?.data,
    relay,
  };
  const transfer = [...(port === undefined ? [] : [port]), ...(relay === undefined ? [] : [relay.port])];
  const entry = relay === undefined ? {} : { entry: new URL("./relay-thread.ts", import.meta.url) };
  const worker = startThread(data, { name: "engine", transfer, ...entry });
  life.begin(worker);
  return { worker, life, assets, compression, code: relay?.code };
}

/** Closes what was kept for a thread that has ended. */
export async function closeSide({ assets, compression }: EngineSide): Promise<void> {
  compression?.close();
  await assets?.close();
}
