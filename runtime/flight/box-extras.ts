/** What a black box has beside its journal: notes, of which long ones come in parts, attachments, and an end. */
import { type BlockKind, blockKind } from "../../engine/replay/block.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { decodeEnd, encodeEnd, encodeNote, noteLengthMax } from "../../engine/replay/wire.ts";
import { boxTopic } from "./flight-pace.ts";

/** What blocks are appended to. */
interface Blocks {
  add(kind: BlockKind, payload: Uint8Array): void;
}

/** What a black box says besides its ticks. */
export interface BoxNote {
  readonly topic: string;
  readonly text: string;
}

/** What a black box has beside what its file has already. */
export interface BoxExtras {
  readonly notes: readonly BoxNote[];
  /** Payloads of attachments, given the first tick of the box. */
  attachments?(firstTick: number): readonly Uint8Array[];
}

/** Why a run is over without a fault in its journal: its thread is gone, or the fault was outside of its world. */
export interface LostRun {
  /** The fault as text. */
  readonly text: string;
  /** Ticks that it had made, as far as is known. */
  readonly tick: number;
  /** Whether the world had ended well, for a fault that none of its ticks had. */
  readonly isOutside?: boolean;
}

/** Writes them behind the last block of `journal`, whose blocks these are. */
export function addExtras(blocks: Blocks, { notes, attachments }: BoxExtras, { firstTick, lastTick }: Journal): void {
  for (const payload of attachments?.(firstTick) ?? []) blocks.add(blockKind.attachment, payload);
  addNotes(blocks, lastTick, notes);
}

/** Writes a note, in parts where it is long. */
export function addNotes(blocks: Blocks, tick: number, notes: readonly BoxNote[]): void {
  for (const { topic, text } of notes)
    for (let at = 0; at < text.length; at += noteLengthMax)
      blocks.add(blockKind.note, encodeNote({ tick, topic, text: text.slice(at, at + noteLengthMax) }));
}

/** Writes the end: the one of the journal, or that of a run which nobody was left to end; none while it goes on. */
export function addEnd(blocks: Blocks, journal: Journal, end: Uint8Array | undefined, lost: LostRun | undefined): void {
  if (end !== undefined)
    blocks.add(
      blockKind.end,
      lost?.isOutside === true ? encodeEnd({ ...decodeEnd(end), reason: "faulted", text: lost.text }) : end,
    );
  if (end !== undefined || lost === undefined) return;
  const { lastTick: tick } = journal;
  const { high: hashHigh = 0, low: hashLow = 0 } = journal.hashOf(tick) ?? {};
  addNotes(blocks, tick, [{ topic: boxTopic.lost, text: JSON.stringify({ tick: lost.tick }) }]);
  const { text } = lost;
  blocks.add(blockKind.end, encodeEnd({ reason: "faulted", tick, hashHigh, hashLow, text, records: [] }));
}
