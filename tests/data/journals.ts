/**
 * Journals for tests: recorded in this process, from a game and the text of an input file, and taken
 * apart and put together again with something changed.
 */
import { FaultError } from "../../engine/base/faults.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { ManualClock } from "../../engine/ports/clock.ts";
import { MemorySink } from "../../engine/ports/storage.ts";
import { type BlockKind, blockLink, encodeBlock, splitBlocks } from "../../engine/replay/block.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import type { JournalHeader } from "../../engine/replay/wire.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { parseInput } from "../../runtime/input/input-file.ts";

export interface Recording {
  readonly game: Game;
  readonly tickCount: number;
  readonly seed?: number;
  /** The text of an input file. */
  readonly input?: string;
  readonly subsystems?: readonly SubsystemDefinition[];
}

/** Runs the game and gives its journal; a fault ends the run and is in the journal. */
export async function record({ game, tickCount, seed, input, subsystems }: Recording): Promise<Uint8Array> {
  const sink = new MemorySink();
  const script = parseInput(input ?? "", "input.jsonl", game);
  const engine = new Engine(
    game,
    { clock: new ManualClock() },
    { seed: seed ?? 7, subsystems: [...(subsystems ?? []), recorderSubsystem(sink)] },
  );
  await engine.start();
  let at = 0;
  try {
    for (let tick = 1; tick <= tickCount; tick++) {
      while (script[at] !== undefined && script[at]!.tick <= tick) engine.world.door.admit(script[at++]!.record);
      engine.step();
    }
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
  }
  engine.dispose();
  return sink.bytes();
}

/** One block of a journal with its own bytes. */
export interface JournalPart {
  readonly kind: BlockKind;
  readonly offset: number;
  readonly payload: Uint8Array;
  /** Head and payload as they stand in the file. */
  readonly bytes: Uint8Array;
}

export function partsOf(journal: Uint8Array): JournalPart[] {
  const { blocks } = splitBlocks(journal, "journal");
  return blocks.map(({ kind, offset, payload }) => ({
    kind,
    offset,
    payload,
    bytes: journal.subarray(offset, payload.byteOffset - journal.byteOffset + payload.length),
  }));
}

export function joined(parts: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map(({ bytes }) => bytes)));
}

/** A journal of these payloads, framed anew: every checksum in it holds. */
export function framed(parts: readonly { readonly kind: BlockKind; readonly payload: Uint8Array }[]): Uint8Array {
  let link = 0;
  const blocks = parts.map(({ kind, payload }, number) => {
    const block = encodeBlock(kind, number, link, payload);
    link = blockLink(block);
    return block;
  });
  return new Uint8Array(Buffer.concat(blocks));
}

/** The journal with another header, framed anew. */
export function withHeader(journal: Uint8Array, change: (header: JournalHeader) => unknown): Uint8Array {
  const [first, ...rest] = partsOf(journal);
  const header = JSON.parse(Buffer.from(first!.payload).toString()) as JournalHeader;
  return framed([{ kind: first!.kind, payload: Buffer.from(JSON.stringify(change(header)) ?? "") }, ...rest]);
}
