/**
 * The journal that somebody asked for, out of a stream that the flight recorder asked for more of: in blocks of a second,
 * without notes of input, and with the keyframes that were wished for.
 */
import { ByteReader, ByteWriter } from "../../engine/base/bytes.ts";
import type { ByteSink } from "../../engine/ports/storage.ts";
import { type BlockKind, blockKind, blockLink, encodeBlock } from "../../engine/replay/block.ts";
import { inputTopic } from "../../engine/replay/input-notes.ts";
import { decodeKeyframePayload, decodeNote, decodeRewind } from "../../engine/replay/wire.ts";
import type { StreamedBlock } from "./block-stream.ts";

/** As a journal has them that goes to its file directly. */
const ticksPerBlock = 60;
const blockBytesMax = 256 * 1024;
/** Bytes of a block of ticks before its first tick. */
const ticksHeadBytes = 8;

export class JournalCopy {
  readonly #file: Pick<ByteSink, "append">;
  readonly #keyframeEvery: number;
  readonly #ticks = new ByteWriter(blockBytesMax);
  #tickCount = 0;
  #number = 0;
  #link = 0;
  #keyframeTick = 0;

  /** `keyframeEvery`: a keyframe behind every so many ticks; 0 for none. */
  constructor(file: Pick<ByteSink, "append">, keyframeEvery: number) {
    this.#file = file;
    this.#keyframeEvery = keyframeEvery;
  }

  /** Raises "file-write". */
  add(block: StreamedBlock): void {
    if (block.kind === blockKind.ticks) this.#gather(block.payload);
    else if (this.#isWanted(block)) {
      // A block says something about what stands before it.
      this.flush();
      this.#write(block.kind, block.payload);
    }
  }

  /** Writes the ticks that were gathered, as when nothing follows. Raises "file-write". */
  flush(): void {
    if (this.#tickCount === 0) return;
    this.#ticks.patchU32(4, this.#tickCount);
    this.#tickCount = 0;
    this.#write(blockKind.ticks, this.#ticks.view());
  }

  /** Ticks of a stream follow one another: between a step back and the ticks behind it stands the step's own block. */
  #gather(payload: Uint8Array): void {
    const head = new ByteReader(payload);
    const firstTick = head.u32();
    const count = head.u32();
    if (this.#tickCount === 0) {
      this.#ticks.clear();
      this.#ticks.u32(firstTick).u32(0);
    }
    this.#ticks.bytes(payload.subarray(ticksHeadBytes));
    this.#tickCount += count;
    if (this.#tickCount >= ticksPerBlock || this.#ticks.length >= blockBytesMax) this.flush();
  }

  #write(kind: BlockKind, payload: Uint8Array): void {
    const bytes = encodeBlock(kind, this.#number, this.#link, payload);
    this.#file.append(bytes);
    this.#number++;
    this.#link = blockLink(bytes);
  }

  #isWanted({ kind, payload }: StreamedBlock): boolean {
    if (kind === blockKind.note) return decodeNote(payload).topic !== inputTopic;
    // What was taken of ticks that are taken back is taken anew.
    if (kind === blockKind.rewind) this.#keyframeTick = Math.min(this.#keyframeTick, decodeRewind(payload).tick);
    if (kind !== blockKind.keyframe) return true;
    if (this.#keyframeEvery === 0) return false;
    const { tick } = decodeKeyframePayload(payload);
    const isDue = Math.floor(tick / this.#keyframeEvery) !== Math.floor(this.#keyframeTick / this.#keyframeEvery);
    if (isDue) this.#keyframeTick = tick;
    return isDue;
  }
}
