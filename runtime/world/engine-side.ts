/**
 * The main thread's side of one engine thread: the thread and what the main thread keeps for it alone. A world has one, and
 * another for as long as it is passed on.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { startThread } from "../host/threads.ts";
import { Compression } from "../replay/compression.ts";
import type { AssetHost } from "./asset-host.ts";
import type { EngineThreadData } from "./engine-thread.ts";
import type { RelayData } from "./relay.ts";

export interface EngineSide {
  readonly worker: Worker;
  readonly assets: AssetHost | undefined;
  readonly compression: Compression | undefined;
  /** The end of its line for the thread that has the world; until that has it. */
  line?: MessagePort;
  /** Whether it has given the world away. */
  isGone: boolean;
}

/** Behind how many ticks keyframes are taken, for the journal and for the flight recorder; 0 for none. */
export interface KeyframePace {
  readonly everyTicks: number;
  readonly flightTicks: number;
}

/** Starts an engine thread: the first one, or one that takes the world over. */
export function startSide(
  common: EngineThreadData,
  { everyTicks, flightTicks }: KeyframePace,
  assets: AssetHost | undefined,
  relay: RelayData | undefined,
): EngineSide {
  const compression = everyTicks + flightTicks > 0 ? new Compression() : undefined;
  const port = compression?.enginePort;
  const data: EngineThreadData = {
    ...common,
    keyframes: port === undefined ? undefined : { port, everyTicks, flightTicks },
    assets: assets?.data,
    relay,
  };
  const transfer = [...(port === undefined ? [] : [port]), ...(relay === undefined ? [] : [relay.port])];
  const entry = relay === undefined ? {} : { entry: new URL("./relay-thread.ts", import.meta.url) };
  return { worker: startThread(data, { name: "engine", transfer, ...entry }), assets, compression, isGone: false };
}

/** Closes what was kept for a thread that has ended. */
export async function closeSide({ assets, compression }: EngineSide): Promise<void> {
  compression?.close();
  await assets?.close();
}
