/** What a black box has beside its journal: notes, of which long ones come in parts, and attachments. */
import { blockKind } from "../../engine/replay/block.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { encodeNote } from "../../engine/replay/wire.ts";
import type { FramedFile } from "./framed-file.ts";

/** Parts of a long note; a journal's note holds so much. */
const noteLength = 16_000;

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

/** Writes them behind the last block of `journal`, whose file this is. */
export function addExtras(file: FramedFile, { notes, attachments }: BoxExtras, { firstTick, lastTick }: Journal): void {
  for (const payload of attachments?.(firstTick) ?? []) file.add(blockKind.attachment, payload);
  addNotes(file, lastTick, notes);
}

/** Writes a note, in parts where it is long. */
export function addNotes(file: FramedFile, tick: number, notes: readonly BoxNote[]): void {
  for (const { topic, text } of notes)
    for (let at = 0; at < text.length; at += noteLength)
      file.add(blockKind.note, encodeNote({ tick, topic, text: text.slice(at, at + noteLength) }));
}
