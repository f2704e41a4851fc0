/**
 * Blocks: the framing of a journal. Everything in a journal is in a block with length, number and
 * checksums, so that a file that was cut short, or whose end a loss of power left as zeros, is recovered
 * to its last whole block, and a file whose bytes were changed is refused with the place.
 *
 *     0 ┌──────────────────┐
 *       │ magic      u32   │ "ORJB"
 *       │ kind       u32   │ 1 header, 2 ticks, 3 end, 4 note, 5 keyframe, 6 rewind, 7 swap, 8 attachment
 *       │ number     u32   │ 0, 1, 2 ... : a block that was swapped or repeated is noticed
 *       │ link       u32   │ head checksum of the block before: a block of another journal or run is noticed
 *       │ length     u32   │ payload bytes
 *       │ payload    u32   │ CRC-32 of the payload
 *       │ head       u32   │ CRC-32 of the six words above: the length is believed only when this holds
 *    28 ├──────────────────┤
 *       │ payload          │
 *       └──────────────────┘
 */
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { raise } from "../base/faults.ts";
import type { ByteSource } from "../ports/storage.ts";

const blockMagic = 0x424a524f; // "ORJB" in memory order
/** Zeros behind the written part of a block that say that the rest was not: contents end in fewer of their own. */
const unwrittenBytesMin = 16;
/** Bytes of a tail that are looked at together. */
const tailPieceBytes = 1024 * 1024;
export const blockHeadBytes = 28;
/** A note is for people: what the budget decided, what failed and was mended. Replays pass by it. */
export const blockKind = {
  header: 1,
  ticks: 2,
  end: 3,
  note: 4,
  keyframe: 5,
  rewind: 6,
  swap: 7,
  attachment: 8,
} as const;
export type BlockKind = (typeof blockKind)[keyof typeof blockKind];

/** Where a block lies in its file, and what its payload's checksum is. */
export interface BlockPlace {
  readonly kind: BlockKind;
  readonly number: number;
  /** Byte offset of the block in its file. */
  readonly offset: number;
  readonly payloadBytes: number;
  readonly payloadSum: number;
}

export interface Block extends BlockPlace {
  readonly payload: Uint8Array;
}

/** The bytes of a block. `link` is 0 for the header block, `blockLink` of the block before for others. */
export function encodeBlock(kind: BlockKind, number: number, link: number, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter(blockHeadBytes + payload.length);
  writer.u32(blockMagic).u32(kind).u32(number).u32(link).u32(payload.length).u32(crc32(payload));
  writer.u32(crc32(writer.view()));
  return writer.bytes(payload).take();
}

/** What the block behind `block` carries as its link: it stands for everything up to here. */
export function blockLink(block: Uint8Array): number {
  return new ByteReader(block.subarray(blockHeadBytes - 4, blockHeadBytes)).u32();
}

export interface BlockList {
  readonly blocks: readonly Block[];
  /** Bytes behind the last whole block: a torn tail, or zeros. 0 when the file ends with a block. */
  readonly tornBytes: number;
}

/** All blocks of a journal that lies in memory; raises as `scanBlocks` does. */
export function splitBlocks(bytes: Uint8Array, path: string): BlockList {
  const blocks: Block[] = [];
  const tornBytes = scanBlocks(memorySource(bytes), path, (block) => {
    blocks.push(block);
  });
  return { blocks, tornBytes };
}

/**
 * Hands each block of a journal file to `visit`, in order; the payload is valid until the next one. A file that ends
 * within a block is torn, and so is one that has nothing but zeros from within a block on, or from behind one: what is
 * behind the last whole block is counted, left and returned. Anything else that is not as written raises
 * "journal-damaged", or "journal-unreadable" when it does not begin like a journal at all.
 */
export function scanBlocks(source: ByteSource, path: string, visit: (block: Block) => void): number {
  let offset = 0;
  let link = 0;
  let blockCount = 0;
  let hasEnded = false;
  while (offset < source.byteLength) {
    const refuse = (problem: string): never =>
      blockCount === 0
        ? raise("journal-unreadable", { path, problem, offset })
        : raise("journal-damaged", { path, block: blockCount, offset, problem });
    const remaining = source.byteLength - offset;
    if (remaining < blockHeadBytes) {
      // A torn head must at least begin like one: a changed byte is no reason to drop what follows.
      if (beginsLikeBlock(source.read(offset, remaining)) || isUnwritten(source, offset, source.byteLength)) break;
      refuse("the bytes are not the beginning of a block");
    }
    const headBytes = source.read(offset, blockHeadBytes);
    const head = new ByteReader(headBytes);
    const magic = head.u32();
    const kind = head.u32();
    const number = head.u32();
    const before = head.u32();
    const length = head.u32();
    const payloadSum = head.u32();
    const headSum = head.u32();
    if (magic !== blockMagic || crc32(headBytes.subarray(0, blockHeadBytes - 4)) !== headSum) {
      if (isUnwritten(source, offset, offset + blockHeadBytes)) break;
      refuse(
        magic === blockMagic
          ? "the block's head does not match its checksum"
          : `expected a block, found bytes ${hex(magic)}`,
      );
    }
    if (number !== blockCount) refuse(`this is block ${number} where block ${blockCount} belongs`);
    if (before !== link)
      refuse(`this block follows one with checksum ${hex(before)}, the one before it has ${hex(link)}`);
    if ((kind === blockKind.header) !== (number === 0) || kind < blockKind.header || kind > blockKind.attachment)
      refuse(`a block of kind ${kind} cannot stand here`);
    if (length > remaining - blockHeadBytes) break;
    const payload = source.read(offset + blockHeadBytes, length);
    const found = crc32(payload);
    if (found !== payloadSum) {
      if (isUnwritten(source, offset, offset + blockHeadBytes + length)) break;
      refuse(`the contents have checksum ${hex(found)}, ${hex(payloadSum)} was written`);
    }
    if (hasEnded) refuse("there is a block behind the end");
    visit({ kind: kind as BlockKind, number, offset, payload, payloadBytes: length, payloadSum });
    hasEnded = kind === blockKind.end;
    blockCount++;
    offset += blockHeadBytes + length;
    link = headSum;
  }
  return source.byteLength - offset;
}

/** Reads the payload of a block again. The file may have changed since it was scanned, so its checksum is looked at. */
export function readPayload(source: ByteSource, path: string, place: BlockPlace): Uint8Array {
  const { number: block, offset, payloadBytes, payloadSum } = place;
  const payload = source.read(offset + blockHeadBytes, payloadBytes);
  const found = crc32(payload);
  if (payload.length !== payloadBytes || found !== payloadSum)
    raise("journal-damaged", { path, block, offset, problem: `the contents have changed to checksum ${hex(found)}` });
  return payload;
}

/** Bytes in memory as a source; what it reads are views. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, read: (offset, byteLength) => bytes.subarray(offset, offset + byteLength) };
}

/**
 * Whether bytes that are not as written, from `offset` to `end`, were never written: a file system may have made the file
 * longer and lost its power before the contents were there, which read as zeros then. They reach to the end of the file;
 * a block within which they begin has many of them, because a few may be its own. The last block of a file is left out
 * for a changed byte as well where its contents end in many zeros: nobody can tell the two apart.
 */
function isUnwritten(source: ByteSource, offset: number, end: number): boolean {
  const zerosFrom = trailingZerosFrom(source, offset);
  return zerosFrom === offset || (zerosFrom < end && source.byteLength - zerosFrom >= unwrittenBytesMin);
}

/** Where the zeros begin that a file ends with, not before `from`; its length when it ends with none. */
function trailingZerosFrom(source: ByteSource, from: number): number {
  for (let end = source.byteLength; end > from; ) {
    const start = Math.max(from, end - tailPieceBytes);
    const piece = source.read(start, end - start);
    for (let at = piece.length; at > 0; at--) if (piece[at - 1] !== 0) return start + at;
    end = start;
  }
  return from;
}

function beginsLikeBlock(bytes: Uint8Array): boolean {
  for (let i = 0; i < Math.min(4, bytes.length); i++) if (bytes[i] !== ((blockMagic >>> (i * 8)) & 255)) return false;
  return true;
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
