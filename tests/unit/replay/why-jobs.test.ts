/**
 * What `trace why` says of answers of tick jobs around a swap that gives their job another latency: each answer holds the
 * tick of the snapshot that it was made from, so what is told of it is compared with what it says itself.
 */
import { expect, test } from "vitest";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { u32 } from "../../../engine/ecs/field.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { defineTickJob } from "../../../engine/jobs/definition.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import { replayHost } from "../../../runtime/replay/replay-host.ts";
import { swappedRun } from "./swapped-run.ts";

interface Soundings {
  readonly every: number;
  readonly latency: number;
  readonly chunkItems: number;
}

const buoyCount = 8;
const lastBuoy = 1 + buoyCount;

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
  const journal = await swappedRun({
    ...{ first: game, second, swapTick: of.swapTick, tickCount: 76, everyTicks: 20 },
  });
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
