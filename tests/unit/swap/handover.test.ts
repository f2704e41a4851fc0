/**
 * Handovers, with both engines in this thread: a world goes over as a keyframe and goes on as if it had not; code that
 * faults on trial gives it back with the records since; versions of world resources go by names.
 */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { defineResource } from "../../../engine/index.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { verifyJournal } from "../../../engine/replay/player.ts";
import { type RecorderSubsystem, recorderSubsystem } from "../../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../../engine/sim/subsystem.ts";
import { Arrival, givenBack, handoverOf, takeBack } from "../../../engine/swap/handover.ts";
import { trialSubsystem } from "../../../engine/swap/trial.ts";
import { parseInput } from "../../../runtime/input/input-file.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { makeTide } from "../../games/tide.ts";
import { ticker, tickerInput } from "../replay/ticker.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("handover");
const clock = new ManualClock();
const tickCount = 300;
const script = parseInput(tickerInput(tickCount), "input.jsonl", ticker);

interface Line {
  readonly engine: Engine;
  readonly recorder: SubsystemDefinition<RecorderSubsystem>;
}

/** Makes ticks up to `tick`, each with its records. */
function runTo({ engine }: Line, tick: number): void {
  while (engine.world.tickCount < tick) {
    const next = engine.world.tickCount + 1;
    for (const { tick: at, record } of script) if (at === next) engine.world.door.admit(record);
    engine.step();
  }
}

/** Ticker with a system that throws at a tick; 0 never. It does nothing else, so the state is that of ticker. */
function throwing(tick: number): Game {
  const [own] = ticker.systems;
  return {
    ...ticker,
    systems: [
      {
        ...own!,
        run(context: { readonly tick: number }) {
          own!.run(context);
          if (context.tick === tick) throw new Error("planted");
        },
      },
    ],
  };
}

async function successor(line: Line, game: Game, sink: MemorySink) {
  const [recorder, trial] = [recorderSubsystem(sink), trialSubsystem()];
  const engine = new Engine(game, { clock }, { seed: 3, subsystems: [recorder, trial], isSuccessor: true });
  await engine.start();
  const arrival = new Arrival(engine, structuredClone(handoverOf(line.engine)), game);
  const place = line.engine.of(line.recorder).leave()!;
  arrival.enter();
  engine.of(recorder).goOn(place);
  engine.of(recorder).swap(arrival.payload({ hash: "again" }));
  engine.of(recorder).isOnTrial = true;
  return { engine, recorder, trial };
}

async function verified(journal: Journal): Promise<void> {
  const host = replayHost(journal, ticker, { findCode: async () => ticker });
  const run = verifyJournal(journal, ticker, host);
  let step = await run.next();
  while (step.done !== true) step = await run.next();
  expect(step.value).toMatchObject({ tickCount });
}

describe("a world that is handed over", () => {
  test("again and again, for good or on trial, is the one that never was, and so is its journal", async () => {
    const plain = new Engine(ticker, { clock }, { seed: 3, subsystems: [recorderSubsystem(new MemorySink())] });
    await plain.start();
    runTo({ engine: plain, recorder: recorderSubsystem(new MemorySink()) }, tickCount);
    const { high, low } = plain.world.hash;
    const draws = new Draws(seed);
    for (let round = 0; round < 8; round++) {
      const where = `seed ${seed}, round ${round}`;
      const sink = new MemorySink();
      const recorder = recorderSubsystem(sink);
      let line: Line = { recorder, engine: new Engine(ticker, { clock }, { seed: 3, subsystems: [recorder] }) };
      await line.engine.start();
      let swapCount = 0;
      // A swap that is undone goes on by itself: the last of them must be over at the last tick as well.
      for (
        let tick = draws.below(40);
        Math.max(tick, line.engine.world.tickCount) < tickCount - 60;
        tick += 1 + draws.below(60)
      ) {
        runTo(line, Math.max(tick, line.engine.world.tickCount));
        const isUndone = draws.below(2) === 0;
        const failing = line.engine.world.tickCount + 1 + draws.below(30);
        const next = await successor(line, throwing(isUndone ? failing : 0), sink);
        if (isUndone) {
          expect(() => runTo(next, failing), where).toThrow("planted");
          const back = structuredClone(givenBack(next.engine, next.engine.of(next.trial)));
          const place = next.engine.of(next.recorder).leave()!;
          next.engine.dispose();
          expect(back.since.length, where).toBe(failing - 1 - line.engine.world.tickCount);
          line.engine.of(line.recorder).goOn(place);
          takeBack(line.engine, back);
          expect(line.engine.world.tickCount, where).toBe(failing - 1);
          // The records of the tick that failed wait for it already.
          line.engine.step();
        } else {
          next.engine.of(next.recorder).isOnTrial = false;
          line.engine.dispose();
          line = next;
          swapCount++;
        }
      }
      runTo(line, tickCount);
      const { hash } = line.engine.world;
      expect([hash.high, hash.low], where).toEqual([high, low]);
      line.engine.dispose();
      const journal = readJournal(sink.bytes(), where);
      expect([journal.swaps.length, journal.swaps.every(({ isRestart }) => isRestart === true)], where).toEqual([
        swapCount,
        true,
      ]);
      await verified(journal);
    }
    plain.dispose();
  });

  test("has versions of world resources under the numbers that their names have then", async () => {
    const before = new Engine(makeTide(), { clock }, { seed: 1 });
    await before.start();
    for (let tick = 1; tick <= 47; tick++) before.step();
    const [chart] = makeTide().resources!;
    const resources = [chart!, defineResource({ ...chart!, name: "buoys" })];
    const game = makeTide({ change: { resources } });
    const after = new Engine(game, { clock }, { seed: 1, isSuccessor: true });
    await after.start();
    new Arrival(after, structuredClone(handoverOf(before)), game).enter();
    const versions = (engine: Engine): number[] => [0, 1].map((number) => engine.world.lookup.resourceVersion(number));
    expect(versions(before)).toEqual([4, 0]);
    // "buoys" comes first by name and has no version yet; "chart" has the one that it had.
    expect(versions(after)).toEqual([0, 4]);
    for (let tick = 48; tick <= 67; tick++) after.step();
    expect(versions(after)).toEqual([2, 6]);
    before.dispose();
    after.dispose();
  });
});
