/**
 * What `trace why` says of answers of tick jobs around a swap that gives their job another latency: each answer holds the
 * tick of the snapshot that it was made from, so what is told of it is compared with what it says itself.
 */
import { expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { u32 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { defineTickJob } from "../../../engine/jobs/definition.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { plainCompressor } from "../../../engine/ports/compressor.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { KeyframeTaker } from "../../../engine/replay/keyframe-taker.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";

interface Soundings {
  readonly every: number;
  readonly latency: number;
  readonly chunkItems: number;
}

const buoyCount = 8;
const lastBuoy = 1 + buoyCount;
const clock = new ManualClock();

/** Buoys that are told the tick of a snapshot, again and again. */
function sounded({ every, latency, chunkItems }: Soundings): Game {
  const Said = defineComponent("Said", { tick: u32 }, { writtenIn: [], writer: "door", shared: true });
  const tell = defineTickJob({
    ...{ name: "tell", every, latency, reads: [Said], answer: Said, chunkItems },
    itemsMax: ({ entities }) => entities + 1,
    begin: ({ snapshot }) => snapshot.slotCount,
    run({ first, count, tick, output, snapshot }) {
      let rows = 0;
      for (let e = first; e < first + count; e++) {
        if (!snapshot.has(e, Said)) continue;
        output.entity[rows] = snapshot.handleOf(e);
        output.tick[rows++] = tick;
      }
      return rows;
    },
  });
  return defineGame({
    ...{ id: "soundings", tickRate: 60, limits: { entities: 32, players: 1, snapshotSlots: 12 } },
    ...{ components: [Said], systems: [], jobs: [tell as never] },
    setup({ commands }) {
      for (let i = 0; i < buoyCount; i++) commands.spawn(Said);
    },
  });
}

/** A journal with a keyframe every 20 ticks of a game that is swapped for another behind `swapTick`. */
async function recorded(first: Game, second: Game, swapTick: number, tickCount: number): Promise<Journal> {
  const sink = new MemorySink();
  let recorder = recorderSubsystem(sink);
  let engine = new Engine(first, { clock }, { seed: 7, subsystems: [recorder] });
  await engine.start();
  const taker = new KeyframeTaker({
    ...{ engine: () => engine, recorder: () => engine.of(recorder), compressor: plainCompressor(), everyTicks: 20 },
  });
  for (let tick = 1; tick <= tickCount; tick++) {
    engine.step();
    taker.afterFrame();
    if (tick !== swapTick) continue;
    const next = recorderSubsystem(new MemorySink());
    const options = { seed: 7, subsystems: [next], settings: {}, isSuccessor: true };
    const after = new Engine(second, successorPorts(engine, { clock }), options);
    const swap = new Swap(engine, after, second);
    await swap.allocate();
    swap.commit();
    after.of(next).swap(swap.payload({ hash: "second" }));
    engine.dispose();
    engine = after;
    recorder = next;
  }
  taker.finish();
  engine.dispose();
  return readJournal(sink.bytes(), "soundings.orj");
}

test.each<{ first: Soundings; second: Soundings; swapTick: number; latencies: number[] }>([
  // The answers of the second are later than those of the first.
  {
    first: { every: 6, latency: 4, chunkItems: 4 },
    second: { every: 6, latency: 9, chunkItems: 3 },
    swapTick: 50,
    latencies: [4, 9],
  },
  // One that would have been due already enters at once.
  {
    first: { every: 6, latency: 9, chunkItems: 4 },
    second: { every: 6, latency: 4, chunkItems: 3 },
    swapTick: 48,
    latencies: [9, 7, 4],
  },
  // Several enter at once, and the last one of them stays.
  {
    first: { every: 2, latency: 9, chunkItems: 4 },
    second: { every: 2, latency: 5, chunkItems: 3 },
    swapTick: 48,
    latencies: [9, 5],
  },
])("an answer is told with its own snapshot, row and chunk: $first, then $second", async (of) => {
  const [game, second] = [sounded(of.first), sounded(of.second)];
  const journal = await recorded(game, second, of.swapTick, 76);
  const host = replayHost(journal, game, { findCode: async () => second });
  const found = new Map<number, number>();
  for (let tick = of.swapTick - 4; tick <= 76; tick++) {
    const question = { component: "Said", field: "tick", inSlot: 0, entity: lastBuoy, tick };
    const node = await explainValue(journal, game, host, question, { depth: 0, ticksBack: 40 });
    const snapshotTick = node.after;
    const { chunkItems } = snapshotTick <= of.swapTick ? of.first : of.second;
    const latency = node.tick - snapshotTick;
    expect(node.answer, `behind tick ${tick}`).toEqual({
      ...{ job: "tell", snapshotTick, latency },
      ...{ row: buoyCount - 1, chunk: Math.floor(lastBuoy / chunkItems) },
    });
    found.set(node.tick, latency);
  }
  expect([...new Set(found.values())]).toEqual(of.latencies);
});
