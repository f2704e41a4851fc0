/**
 * The player: runs a world from a journal and compares every tick. Replaying is feeding the door, so
 * nothing in a world knows whether its records come from a person or from a file.
 */
import { raise } from "../base/faults.ts";
import { hashHex } from "../base/hash.ts";
import { Engine } from "../engine.ts";
import type { Game } from "../game.ts";
import type { Clock } from "../ports/clock.ts";
import { identityDifference, identityOf } from "./identity.ts";
import type { Journal } from "./journal.ts";

/** Where a replay stands. */
export interface ReplayProgress {
  readonly tick: number;
  readonly tickCount: number;
}

export interface ReplayResult {
  readonly tickCount: number;
  readonly hash: string;
}

/** An engine for `journal`, made but not started. Raises "journal-mismatch" when the program is another. */
export function engineFor(journal: Journal, game: Game, clock: Clock): Engine {
  const engine = new Engine(game, { clock }, { seed: journal.header.seed });
  const difference = identityDifference(journal.header.program, identityOf(engine.program));
  if (difference !== undefined) {
    engine.dispose();
    raise("journal-mismatch", { path: journal.path, ...difference });
  }
  return engine;
}

/**
 * Replays a journal and compares each tick's hash, yielding progress every `sliceTicks` ticks. Raises
 * "desync" at the first tick that differs, naming the first span in it.
 */
export async function* verifyJournal(
  journal: Journal,
  game: Game,
  clock: Clock,
  sliceTicks = 600,
): AsyncGenerator<ReplayProgress, ReplayResult> {
  using engine = engineFor(journal, game, clock);
  await engine.start();
  const { world } = engine;
  const { ticks, header } = journal;
  const recorded = new Uint32Array(header.spans.length);
  for (const { tick, records, hashHigh, hashLow, changed } of ticks) {
    for (const record of records) {
      // Answers come from the replayed world's own jobs; the hash tells whether they are the same.
      if (record.kind === "answer") continue;
      if (record.kind === "publish") {
        // The world's own resources are published by the replay itself, at the tick that the game fixes.
        if (!record.isWorld) world.door.publish(record);
      } else if (!world.door.admit(record))
        raise("desync", {
          path: journal.path,
          tick,
          column: "the records",
          recorded: `${record.kind} admitted`,
          replayed: `${record.kind} refused`,
        });
    }
    engine.step();
    for (let i = 0; i < changed.length; i += 2) recorded[changed[i]!] = changed[i + 1]!;
    if (world.hash.high !== hashHigh || world.hash.low !== hashLow)
      raiseDesync(journal, tick, recorded, world.hash.results);
    if (tick % sliceTicks === 0) yield { tick, tickCount: ticks.length };
  }
  return { tickCount: ticks.length, hash: hashHex(world.hash.high, world.hash.low) };
}

function raiseDesync(journal: Journal, tick: number, recorded: Uint32Array, replayed: Uint32Array): never {
  const text = (word: number): string => word.toString(16).padStart(8, "0");
  for (let span = 0; span < recorded.length; span++)
    if (recorded[span] !== replayed[span * 2])
      raise("desync", {
        path: journal.path,
        tick,
        column: journal.header.spans[span]!,
        recorded: text(recorded[span]!),
        replayed: text(replayed[span * 2]!),
      });
  raise("desync", {
    path: journal.path,
    tick,
    column: "the chain of earlier ticks",
    recorded: "another hash",
    replayed: "equal spans",
  });
}
