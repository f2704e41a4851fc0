/**
 * The swapper by itself: which steps it makes between frames, what its trace says of them, and that memory of worlds that
 * were given up serves the next ones without anything of them being left in it.
 */
import { afterEach, expect, test } from "vitest";
import type { SharedMemory } from "../../../engine/base/wasm.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { successorPorts } from "../../../engine/swap/swap.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceNames } from "../../../engine/trace/names.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { openTrace } from "../../../engine/trace/trace-port.ts";
import { type SwapNews, Swapper } from "../../../runtime/hot/swapper.ts";
import { smallGame, stepHashes } from "../engine/small-game.ts";
import { EventList } from "../trace/event-list.ts";

const seed = 5;
const due = Number.POSITIVE_INFINITY;
const trialTicks = 120;
/** Not at 0, which in a trace is a span that nobody timed. */
const clock = new ManualClock();
clock.advance(1);

let running: Engine | undefined;
afterEach(() => running?.dispose());

interface Swapping {
  readonly swapper: Swapper;
  readonly news: SwapNews[];
  /** The memory that each engine after was offered. */
  readonly offered: (SharedMemory | undefined)[];
}

async function swapperOf(memory?: TraceMemory): Promise<Swapping> {
  const engine = new Engine(smallGame, { clock }, { seed });
  await engine.start();
  running = engine;
  const news: SwapNews[] = [];
  const offered: (SharedMemory | undefined)[] = [];
  const swapper = new Swapper({
    ...{ engine, game: smallGame, code: "", settings: {}, clock, recorder: undefined },
    trace: memory === undefined ? undefined : openTrace(memory.buffer, "engine"),
    successor(before, next, part, arena) {
      offered.push(arena);
      return new Engine(next.game, successorPorts(before, { clock, arena }), {
        ...{ seed, settings: next.settings, subsystems: [part], isSuccessor: true },
      });
    },
    replaced: (other) => {
      running = other;
    },
    say: (said) => news.push(said),
  });
  return { swapper, news, offered };
}

/** Other settings of the same meaning: a swap by which nothing changes. */
const settings = [{ priorities: { rain: 1 } }, {}, { priorities: { rain: 2 } }, {}];

test("worlds in used memory go on as those in new memory do, and three swaps need two arenas", async () => {
  const alone = new Engine(smallGame, { clock }, { seed });
  await alone.start();
  const expected = stepHashes(alone, (settings.length + 1) * trialTicks);
  alone.dispose();

  const { swapper, news } = await swapperOf();
  const arenas = [swapper.engine.world.arena.buffer];
  const found = stepHashes(swapper.engine, trialTicks);
  for (const next of settings) {
    swapper.ask({ settings: next });
    while (news.length < arenas.length) await swapper.between(due);
    arenas.push(swapper.engine.world.arena.buffer);
    found.push(...stepHashes(swapper.engine, trialTicks));
    // Its trial is over: what it came from is given up.
    await swapper.between(due);
  }
  expect(news.map(({ kind }) => kind)).toEqual(settings.map(() => "swapped"));
  expect(found).toEqual(expected);
  expect(arenas.map((arena) => arenas.indexOf(arena))).toEqual([0, 1, 0, 1, 0]);
});

test("a rehearsal leaves its memory to the swap behind it, and so does the oldest of three that are on trial", async () => {
  const { swapper, news, offered } = await swapperOf();
  const first = swapper.engine.world.arena.memory;
  swapper.ask({ settings: {}, isRehearsal: true });
  await swapper.between(due);
  expect([news, swapper.engine.world.arena.memory]).toEqual([[], first]);
  swapper.ask({ settings: settings[0]! });
  await swapper.between(due);
  const second = swapper.engine.world.arena.memory;
  // More is asked at once, while the code is on trial: two ways back are kept, and the third swap gives up the oldest.
  for (const priority of [2, 3, 4, 5]) {
    swapper.ask({ settings: { priorities: { rain: priority } } });
    await swapper.between(due);
  }
  expect(news.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => "swapped"));
  expect(offered.map((memory) => [undefined, first, second].indexOf(memory))).toEqual([0, 2, 0, 0, 1, 2]);
});

test("each step is a span of the trace", async () => {
  const memory = TraceMemory.allocate({ tracks: ["engine"], eventsPerTrack: 256 });
  memory.turn(true);
  const reader = new TraceReader(memory);
  const { swapper } = await swapperOf(memory);
  swapper.ask({ settings: settings[0]! });
  await swapper.between(due);
  const list = new EventList();
  reader.drain(list);
  const names = new TraceNames(memory);
  const steps = ["compile", "load", "plan", "allocate", "rehearse", "move", "settle", "commit"];
  expect(list.rows.map(([, kind, name]) => [kind, names.nameOf(Number(name)).text])).toEqual(
    steps.map((step) => ["span", `swap: ${step}`]),
  );
});
