/**
 * Workers that are ended at random moments while the world runs: every tick and frame is that of the serial run,
 * the pool comes back to its full number, and nothing waits for ever. A few rounds here; 200 with ORRERY_TEST_SOAK=1.
 */
import { expect, test } from "vitest";
import { poolWords, wordOf, workerState, workerWord } from "../../../engine/jobs/pool-memory.ts";
import type { WorkerKeeper } from "../../../runtime/jobs/worker-keeper.ts";
import { Draws, testSeed } from "../../unit/seeds.ts";
import { expectSerial, runVariant } from "./runs.ts";

const isSoak = process.env["ORRERY_TEST_SOAK"] === "1";
const roundCount = isSoak ? 200 : 3;
/** A machine that holds this thread back may let a round pass without a death: then there are more of them. */
const roundMax = roundCount + 17;
const tickCount = 120;
const seed = testSeed("deaths of workers");

/** Ends workers that take part, at moments drawn from `draws`, from the first tick on. */
class Killer {
  killedCount = 0;
  readonly #draws: Draws;
  #keeper: WorkerKeeper | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  take(keeper: WorkerKeeper): void {
    this.#keeper = keeper;
  }

  /** The first ticks are when it begins; the last are left in peace, for the pool to heal in. */
  follow(tick: number): void {
    if (tick > tickCount - 40) this.stop();
    else if (tick > 0 && this.#timer === undefined) this.#next();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = setTimeout(
      () => {
        this.#kill();
        // Now and then two at once.
        if (this.#draws.below(4) === 0) this.#kill();
        this.#next();
      },
      this.#draws.between(1, 40),
    );
  }

  #kill(): void {
    const keeper = this.#keeper!;
    const worker = this.#draws.below(keeper.workerCount);
    if (!isReady(keeper, worker)) return;
    this.killedCount++;
    void keeper.kill(worker);
  }
}

function isReady({ memory }: WorkerKeeper, worker: number): boolean {
  return Atomics.load(poolWords(memory), wordOf(worker, workerWord.state)) === workerState.ready;
}

test(`${roundCount} rounds`, { timeout: roundMax * 20_000 }, async () => {
  const draws = new Draws(seed);
  let lostCount = 0;
  let killedCount = 0;
  const hasEnough = (): boolean => Math.min(killedCount, lostCount) > roundCount;
  let round = 0;
  for (; round < roundCount || (round < roundMax && !hasEnough()); round++) {
    const killer = new Killer(draws);
    const { run, reports } = await runVariant("slow", {
      tickCount,
      guard: draws.below(5) === 0,
      shuffleSeed: draws.below(1_000),
      onKeeper: (keeper) => killer.take(keeper),
      onProgress: (tick) => killer.follow(tick),
    });
    killer.stop();
    killedCount += killer.killedCount;
    lostCount += reports.length;
    expect(
      reports.filter(({ kind }) => kind !== "worker-lost"),
      `round ${round}`,
    ).toEqual([]);
    await expectSerial(run, tickCount);
  }
  console.log(`${killedCount} workers ended in ${round} rounds, ${lostCount} losses told`);
  expect(killedCount).toBeGreaterThan(roundCount);
  expect(lostCount).toBeGreaterThan(roundCount);
});

test("a pool that has lost all its workers has them again, though the coordinator never waits for one", async () => {
  /** One run; false when it was over before the pool had come back. */
  const isHealedInRun = async (): Promise<boolean> => {
    let hasBegun = false;
    let isOver = false;
    let healed = Promise.resolve(false);
    const { run, reports } = await runVariant("slow", {
      tickCount,
      onKeeper: (keeper) => {
        const until = async (holds: () => boolean): Promise<void> => {
          while (!isOver && !holds()) await new Promise((resolve) => setTimeout(resolve, 1));
        };
        healed = (async () => {
          // Not before the first tick: a run begins only when it has seen both.
          await until(() => hasBegun && isReady(keeper, 0) && isReady(keeper, 1));
          await Promise.all([keeper.kill(0), keeper.kill(1)]);
          await until(() => keeper.threadCount === keeper.workerCount);
          return !isOver;
        })();
      },
      onProgress: (tick) => {
        hasBegun ||= tick > 0;
      },
    });
    isOver = true;
    await expectSerial(run, tickCount);
    if (!(await healed)) return false;
    expect(reports.map(({ kind }) => kind)).toEqual(["worker-lost", "worker-lost"]);
    return true;
  };
  // Where this thread is held back for as long as a run takes, there is another one.
  for (let round = 1; !(await isHealedInRun()); round++) expect(round).toBeLessThan(roundMax);
}, 240_000);
