/**
 * What a test asks of a page that runs worlds: one call that runs a world to its end and tells everything
 * that can be compared. Bytes come as base64.
 */
import { type Fault, faultOf } from "../../../engine/base/faults.ts";
import type { Game } from "../../../engine/game.ts";
import { poolWords, wordOf, workerWord } from "../../../engine/jobs/pool-memory.ts";
import { jobsOf } from "../../../engine/jobs/subsystem.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { defineSubsystem } from "../../../engine/sim/subsystem.ts";
import { launchPage } from "../../../runtime/page/launch-page.ts";
import type { PageWorld, PageWorldOptions } from "../../../runtime/page/page-world.ts";
import type { RunOutcome } from "../../../runtime/world/world-thread.ts";

export interface PageRun extends Pick<PageWorldOptions, "seed" | "workerCount" | "pace" | "tickCount" | "audit"> {
  /** Whether packets are made and taken. */
  readonly packets?: boolean;
  /** So many times a worker is terminated, in turn, each when it has run something since it was started. */
  readonly killCount?: number;
  /** A run without an end is stopped when it has so many ticks and each worker has run something, however late that is. */
  readonly ticksMin?: number;
  /** And not before so many reports have come, and all workers that were lost have successors. */
  readonly reportCount?: number;
}

export interface PageRunResult {
  readonly outcome: RunOutcome;
  readonly journal: string;
  readonly chunkCounts: readonly number[];
  /** Times that each worker was started. */
  readonly starts: readonly number[];
  readonly reports: readonly Fault[];
  readonly packetCount: number;
  /** From the call to the first tick. */
  readonly startMillis: number;
}

declare global {
  interface Window {
    /** Runs a world to its end; gives the fault when it cannot be started. */
    runWorld(run: PageRun): Promise<PageRunResult | { readonly refused: Fault }>;
    /** A world that is started and left running. */
    startWorld(run: PageRun): PageWorld;
  }
}

/** Asks for frame jobs, as render assembly does for a game with a view. */
const presenting = defineSubsystem({
  name: "presenting",
  needs: ["jobs"],
  create: () => ({ start: (host) => jobsOf(host).present() }),
});

/** The main file of a test page for `game`. */
export function launchTestPage(game: Game, script: string): void {
  launchPage(game, {
    script,
    subsystems: game.view === undefined ? [presenting] : [],
    page(start) {
      window.startWorld = start;
      window.runWorld = async (run) => {
        try {
          return await runToEnd(start, run);
        } catch (thrown) {
          return { refused: faultOf(thrown) };
        }
      };
    },
  });
}

async function runToEnd(start: (options: PageWorldOptions) => PageWorld, run: PageRun): Promise<PageRunResult> {
  const { packets, killCount, ticksMin, reportCount = 0, ...rest } = run;
  const journal = new MemorySink();
  const reports: Fault[] = [];
  let packetCount = 0;
  const startedMillis = performance.timeOrigin + performance.now();
  const world = start({
    ...rest,
    journal,
    onReport: (fault) => reports.push(fault),
    ...(packets === true ? { onPacket: () => packetCount++ } : {}),
  });
  await killInTurn(world, killCount ?? 0);
  const isMended = (): boolean =>
    reports.length >= reportCount && world.keeper?.threadCount === world.keeper?.workerCount;
  if (ticksMin !== undefined) await untilShared(world, ticksMin, isMended);
  // A run without an end is over when the last death is made good, or when all have had their share.
  const outcome = await (rest.tickCount === 0 ? world.stop() : world.outcome);
  const words = world.keeper === undefined ? undefined : poolWords(world.keeper.memory);
  const workerCount = world.keeper?.workerCount ?? 0;
  return {
    outcome,
    journal: base64(journal.bytes()),
    chunkCounts: world.chunkCounts,
    starts: Array.from({ length: workerCount }, (_, worker) => words![wordOf(worker, workerWord.starts)]!),
    reports,
    packetCount,
    startMillis: outcome.kind === "ended" ? outcome.firstTickMillis - startedMillis : Number.NaN,
  };
}

/** Terminates workers in turn, each when it has run a chunk since it was last started. */
async function killInTurn(world: PageWorld, killCount: number): Promise<void> {
  const { keeper } = world;
  if (keeper === undefined || killCount === 0) return;
  const seen = [...world.chunkCounts];
  for (let round = 0; round < killCount; round++) {
    const worker = round % keeper.workerCount;
    while (world.chunkCounts[worker + 1] === seen[worker + 1]) await new Promise((resolve) => setTimeout(resolve, 1));
    await keeper.kill(worker);
    seen[worker + 1] = world.chunkCounts[worker + 1]!;
  }
  // The last one's successor has run something too.
  const last = (killCount - 1) % keeper.workerCount;
  while (world.chunkCounts[last + 1] === seen[last + 1]) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Waits until the world has made so many ticks, each worker has run a chunk and `isMended`, or until it is over. */
async function untilShared(world: PageWorld, ticksMin: number, isMended: () => boolean): Promise<void> {
  let isOver = false;
  void world.outcome.then(() => {
    isOver = true;
  });
  while (!isOver && (world.tick < ticksMin || world.chunkCounts.slice(1).includes(0) || !isMended()))
    await new Promise((resolve) => setTimeout(resolve, 1));
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
