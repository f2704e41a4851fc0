/**
 * The journal that somebody asked for, out of a stream that the flight recorder asked for more of: without notes of input,
 * and with the keyframes that were wished for. A recorded run is the same file whether or not a flight recorder ran.
 */
import { blockKind, blockLink, encodeBlock } from "../../engine/replay/block.ts";
import { inputTopic } from "../../engine/replay/recorder.ts";
import { decodeKeyframePayload, decodeNote, decodeRewind } from "../../engine/replay/wire.ts";
import type { JournalFile } from "../world/journal-file.ts";
import type { StreamedBlock } from "./block-stream.ts";

export class JournalCopy {
  readonly #file: JournalFile;
  readonly #keyframeEvery: number;
  #number = 0;
  #link = 0;
  #keyframeTick = 0;

  /** `keyframeEvery`: a keyframe behind every so many ticks; 0 for none. */
  constructor(file: JournalFile, keyframeEvery: number) {
    this.#file = file;
    this.#keyframeEvery = keyframeEvery;
  }

  /** Raises "file-write". */
  add(block: StreamedBlock): void {
    if (!this.#isWanted(block)) return;
    const bytes = encodeBlock(block.kind, this.#number, this.#link, block.payload);
    this.#file.append(bytes);
    this.#number++;
    this.#link = blockLink(bytes);
  }

  #isWanted({ kind, payload }: StreamedBlock): boolean {
    if (kind === blockKind.note) return decodeNote(payload).topic !== inputTopic;
    // What was taken of ticks that are taken back is taken anew.
    if (kind === blockKind.rewind) this.#keyframeTick = Math.min(this.#keyframeTick, decodeRewind(payload));
    if (kind !== blockKind.keyframe) return true;
    if (this.#keyframeEvery === 0) return false;
    const { tick } = decodeKeyframePayload(payload);
    const isDue = Math.floor(tick / this.#keyframeEvery) !== Math.floor(this.#keyframeTick / this.#keyframeEvery);
    if (isDue) this.#keyframeTick = tick;
    return isDue;
  }
}
