/**
 * Histories of save, restore, rewind, keyframe, swap and ticks against a model. The model knows one thing: with a given
 * list of programs over time, each tick has one hash. So it keeps, of each line, which program ran from which tick on, and
 * looks the hash up in a run that did nothing but make those ticks and swaps.
 */
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { hashHex } from "../../../engine/base/hash.ts";
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { encodeKeyframe, restoreKeyframe } from "../../../engine/replay/keyframe.ts";
import type { SavedState } from "../../../engine/sim/saved-state.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { tumble } from "../../games/tumble.ts";
import { alsoRunning } from "../../games/variants.ts";
import { testSeed } from "../seeds.ts";

const seed = testSeed("histories");
const clock = new ManualClock();
const tickMax = 160;
const past = { everyTicks: 7, slotCount: 4 } as const;
const programs: readonly Game[] = [
  tumble,
  alsoRunning("swing-arms", ({ columns, entities }) => {
    columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! + 0.01;
  }),
  alsoRunning("swing-arms", ({ columns, entities }) => {
    columns.Arm.angle[entities[0]!] = columns.Arm.angle[entities[0]!]! * 0.5;
  }),
];

/** A swap behind `tick`, to a program. */
interface SwapAt {
  readonly tick: number;
  readonly program: number;
}

let running: Engine[] = [];
afterEach(() => {
  for (const engine of running.splice(0)) engine.dispose();
});

async function started(game: Game): Promise<Engine> {
  const engine = new Engine(game, { clock }, { seed: 7, past });
  await engine.start();
  running.push(engine);
  return engine;
}

async function swapped(before: Engine, program: number): Promise<Engine> {
  const game = programs[program]!;
  const options = { seed: 7, past, isSuccessor: true } as const;
  const after = new Engine(game, successorPorts(before, { clock }), options);
  const swap = new Swap(before, after, game);
  await swap.allocate();
  running.push(after);
  swap.commit();
  before.dispose();
  running = running.filter((engine) => engine !== before);
  return after;
}

const hashOf = ({ world: { hash } }: Engine): string => hashHex(hash.high, hash.low);

/** Hashes of all ticks of a line, each line run once: what it swaps to, in order. */
const lines = new Map<string, readonly string[]>();
async function lineOf(swaps: readonly SwapAt[]): Promise<readonly string[]> {
  const key = JSON.stringify(swaps);
  const known = lines.get(key);
  if (known !== undefined) return known;
  let engine = await started(programs[0]!);
  const hashes: string[] = [hashOf(engine)];
  for (let tick = 1; tick <= tickMax; tick++) {
    for (const swap of swaps) if (swap.tick === tick - 1) engine = await swapped(engine, swap.program);
    engine.step();
    hashes.push(hashOf(engine));
  }
  engine.dispose();
  running = running.filter((other) => other !== engine);
  lines.set(key, hashes);
  return hashes;
}

type Move =
  | { readonly kind: "step"; readonly count: number }
  | { readonly kind: "save" }
  | { readonly kind: "keyframe" }
  | { readonly kind: "restore"; readonly which: number }
  | { readonly kind: "rewind"; readonly back: number }
  | { readonly kind: "swap"; readonly program: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("step" as const), count: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "save" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "keyframe" as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restore" as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rewind" as const), back: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("swap" as const), program: fc.nat(2) }) },
);

/** A save of the engine that runs, and the line that led to it. */
interface Kept {
  readonly restore: (engine: Engine) => void;
  readonly tick: number;
  readonly swaps: readonly SwapAt[];
}

/** Plays a history and gives, for each move, the tick, the hash that there is, and the line it belongs to. */
async function play(history: readonly Move[]): Promise<{ tick: number; hash: string; swaps: readonly SwapAt[] }[]> {
  let engine = await started(programs[0]!);
  let swaps: readonly SwapAt[] = [];
  let kept: Kept[] = [];
  const seen: { tick: number; hash: string; swaps: readonly SwapAt[] }[] = [];
  for (const move of history) {
    const { tickCount } = engine.world;
    switch (move.kind) {
      case "step":
        for (let made = 0; made < move.count && engine.world.tickCount < tickMax; made++) engine.step();
        break;
      case "save": {
        const saved: SavedState = engine.save();
        kept.push({ restore: (into) => into.restore(saved), tick: tickCount, swaps });
        break;
      }
      case "keyframe": {
        const bytes = encodeKeyframe(engine, engine.save()).slice();
        kept.push({ restore: (into) => restoreKeyframe(into, bytes, "history"), tick: tickCount, swaps });
        break;
      }
      case "restore": {
        const found = kept[move.which % Math.max(1, kept.length)];
        if (found === undefined) break;
        found.restore(engine);
        swaps = found.swaps;
        break;
      }
      case "rewind": {
        const oldest = engine.past!.oldestTick;
        if (oldest >= 0) engine.rewind(Math.max(oldest, tickCount - move.back));
        break;
      }
      case "swap":
        // A save is of one program: what was kept of the one before is of no use to the next.
        kept = [];
        engine = await swapped(engine, move.program);
        swaps = [...swaps.filter(({ tick }) => tick < tickCount), { tick: tickCount, program: move.program }];
        break;
    }
    seen.push({ tick: engine.world.tickCount, hash: hashOf(engine), swaps });
  }
  engine.dispose();
  running = running.filter((other) => other !== engine);
  return seen;
}

test("every tick of every line has its one hash, whatever was saved, restored, rewound and swapped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { minLength: 5, maxLength: 25 }), async (history) => {
      for (const { tick, hash, swaps } of await play(history)) {
        const line = await lineOf(swaps.filter((swap) => swap.tick < tick));
        expect({ tick, swaps, hash }).toEqual({ tick, swaps, hash: tick === 0 ? hash : line[tick] });
      }
    }),
    { seed, numRuns: 25 },
  );
}, 120_000);
