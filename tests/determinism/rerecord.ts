/**
 * Runs a journal's records again and records that run: the same world gives the same journal, byte
 * for byte. It knows no host, so that the same lines run in Node, in Bun and in a page.
 */
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { ManualClock } from "../../engine/ports/clock.ts";
import { MemorySink } from "../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";

/** A run that is made tick by tick, so that several can be interleaved. */
export class Rerecording {
  readonly #journal: Journal;
  readonly #engine: Engine;
  readonly #sink = new MemorySink();

  /** `subsystems` come before the recorder. */
  constructor(bytes: Uint8Array, game: Game, subsystems: readonly SubsystemDefinition[] = []) {
    this.#journal = readJournal(bytes, "journal");
    this.#engine = new Engine(
      game,
      { clock: new ManualClock() },
      { seed: this.#journal.header.seed, subsystems: [...subsystems, recorderSubsystem(this.#sink)] },
    );
  }

  start(): Promise<void> {
    return this.#engine.start();
  }

  /** Makes the next tick; false when the journal has no more. */
  step(): boolean {
    const { world } = this.#engine;
    const next = this.#journal.tick(world.tickCount + 1);
    if (next === undefined) return false;
    for (const record of next.records) world.door.admit(record);
    this.#engine.step();
    return true;
  }

  /** Ends the run and gives its journal. */
  finish(): Uint8Array {
    this.#engine.dispose();
    return this.#sink.bytes();
  }
}

export async function rerecord(
  bytes: Uint8Array,
  game: Game,
  subsystems?: readonly SubsystemDefinition[],
): Promise<Uint8Array> {
  const run = new Rerecording(bytes, game, subsystems);
  await run.start();
  while (run.step());
  return run.finish();
}
