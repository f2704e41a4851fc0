/**
 * The rolling files of a run: at every moment each is a journal that can be replayed, and the older one reaches back for
 * half a minute to a minute. A keyframe begins a new file in the place of the older one.
 *
 *     a   header, ticks 1 ..................... 3600
 *     b                    keyframe 1800, 1801 ..... 5400        b is the older one now
 *     c                                  keyframe 3600, 3601 ...
 *
 * Given the blocks of a journal as they come, it hands on black boxes. The rule a reader could break: a keyframe comes some
 * blocks behind the tick that it is of, so the blocks of a while are kept, and a new file begins with those behind it.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ByteReader } from "../../engine/base/bytes.ts";
import { type BlockKind, blockKind, splitBlocks } from "../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import {
  decodeEnd,
  decodeHeader,
  decodeKeyframePayload,
  decodeRewind,
  decodeSwap,
  encodeEnd,
  encodeHeader,
  encodeNote,
} from "../../engine/replay/wire.ts";
import type { StreamedBlock } from "./block-stream.ts";
import { type BlackBox, type BoxKind, boxPath, flightFileName } from "./box-file.ts";
import { boxTopic } from "./flight-pace.ts";
import { FramedFile } from "./framed-file.ts";

/** Blocks that are kept for a keyframe that comes late: some seconds of the fastest run. */
const recentCountMax = 512;
/** Parts of a long note; a journal's note holds so much. */
const noteLength = 16_000;

/** What a black box says besides its ticks. */
export interface BoxNote {
  readonly topic: string;
  readonly text: string;
}

/** Why a run is over without an end in its journal: its thread is gone. */
export interface LostRun {
  /** The fault as text. */
  readonly text: string;
  /** Ticks that it had made, as far as is known. */
  readonly tick: number;
}

interface Recent extends StreamedBlock {
  /** The first tick of a block of ticks; 0 for others. */
  readonly firstTick: number;
  /** The header of a file that begins before this block. */
  readonly header: Uint8Array;
}

interface FlightFile {
  readonly file: FramedFile;
  readonly startTick: number;
}

/** Files of one process never share a name, also where it runs several worlds. */
let fileCount = 0;

export class FlightFiles {
  readonly folder: string;
  /** The older one first; at most two between calls. */
  #files: FlightFile[] = [];
  readonly #names: readonly string[];
  #nameAt = 0;
  #header: Uint8Array | undefined;
  #recent: Recent[] = [];
  #end: Uint8Array | undefined;

  /** Makes the folder. Throws what the system says. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#names = Array.from({ length: 3 }, () => flightFileName(process.pid, letters(fileCount++)));
  }

  /** Takes the next block of the journal. Throws what the system says. */
  add(block: StreamedBlock): void {
    const { kind, payload } = block;
    switch (kind) {
      case blockKind.header:
        this.#header = payload;
        this.#files.push({ file: this.#newFile(payload), startTick: 0 });
        return;
      case blockKind.keyframe:
        this.#turn(payload);
        return;
      // An end is written behind what a black box has to say; a file without one can be gone on with.
      case blockKind.end:
        this.#end = payload;
        return;
      case blockKind.rewind:
        this.#dropBeyond(decodeRewind(payload));
        break;
    }
    const firstTick = kind === blockKind.ticks ? new ByteReader(payload).u32() : 0;
    this.#recent.push({ ...block, firstTick, header: this.#header! });
    if (this.#recent.length > recentCountMax) this.#recent.shift();
    for (const { file } of this.#files) file.add(kind, payload);
    if (kind === blockKind.swap) this.#header = headerBehind(this.#header!, payload);
  }

  /**
   * Makes a black box of the older file. The run is over with "crash", and goes on with "box". `lost` says that the journal
   * has no end because nobody was left to write it. Undefined when there is no file, as before a world has begun, and for a
   * run that ended well.
   */
  box(kind: BoxKind, notes: readonly BoxNote[], moment: Date, lost?: LostRun): BlackBox | undefined {
    const [older] = this.#files;
    if (older === undefined) return undefined;
    if (this.#end !== undefined && decodeEnd(this.#end).reason === "stopped") return undefined;
    const { firstTick, lastTick } = readFile(older.file.path);
    const path = boxPath(this.folder, kind, moment, lastTick);
    const box = { path, kind, firstTick, lastTick };
    if (kind === "box") {
      copyFileSync(older.file.path, path);
      const copy = reopened(path);
      addNotes(copy, lastTick, notes);
      copy.close();
      return box;
    }
    this.#files.shift();
    addNotes(older.file, lastTick, notes);
    if (this.#end !== undefined) older.file.add(blockKind.end, this.#end);
    else if (lost !== undefined) {
      addNotes(older.file, lastTick, [{ topic: boxTopic.lost, text: JSON.stringify({ tick: lost.tick }) }]);
      older.file.add(blockKind.end, endOf(readFile(older.file.path), lost));
    }
    older.file.close();
    renameSync(older.file.path, path);
    this.close();
    return box;
  }

  /** Deletes what is left of the files, and the folder when nothing else is in it. */
  close(): void {
    for (const { file } of this.#files) {
      file.close();
      rmSync(file.path, { force: true });
    }
    this.#files = [];
    this.#recent = [];
    try {
      rmdirSync(this.folder);
    } catch {
      // There are black boxes in it, or another run's files.
    }
  }

  /** Begins a file at a keyframe, in the place of the older one. */
  #turn(payload: Uint8Array): void {
    const { tick } = decodeKeyframePayload(payload);
    const from = this.#recent.findLastIndex(({ kind, firstTick }) => kind === blockKind.ticks && firstTick <= tick);
    // So late that the ticks behind it are forgotten: the files that are there go on, until the next one.
    if (from < 0) return;
    const behind = this.#recent.slice(from);
    const file = this.#newFile(behind[0]!.header);
    file.add(blockKind.keyframe, payload);
    for (const block of behind) file.add(block.kind, block.payload);
    this.#files.push({ file, startTick: tick });
    // Last, so that there is one of the full length at any moment.
    if (this.#files.length > 2) this.#drop(this.#files.shift()!);
  }

  /** What the world has gone back beyond can no longer be told from a keyframe behind it. */
  #dropBeyond(tick: number): void {
    for (const flight of this.#files) if (flight.startTick > tick) this.#drop(flight);
    this.#files = this.#files.filter(({ startTick }) => startTick <= tick);
  }

  #drop({ file }: FlightFile): void {
    file.close();
    rmSync(file.path, { force: true });
  }

  #newFile(header: Uint8Array): FramedFile {
    const path = join(this.folder, this.#names[this.#nameAt]!);
    this.#nameAt = (this.#nameAt + 1) % this.#names.length;
    let file: FramedFile;
    try {
      file = new FramedFile(path);
    } catch {
      // A run beside this one has ended and taken the empty folder with it.
      mkdirSync(this.folder, { recursive: true });
      file = new FramedFile(path);
    }
    file.add(blockKind.header, header);
    return file;
  }
}

/** The header that a file has which begins behind a swap: that of the program that makes its ticks. */
function headerBehind(header: Uint8Array, swapPayload: Uint8Array): Uint8Array {
  const { program, spans } = decodeSwap(swapPayload);
  return encodeHeader({ ...decodeHeader(header), program, spans });
}

function addNotes(file: { add(kind: BlockKind, payload: Uint8Array): void }, tick: number, notes: readonly BoxNote[]) {
  for (const { topic, text } of notes)
    for (let at = 0; at < text.length; at += noteLength)
      file.add(blockKind.note, encodeNote({ tick, topic, text: text.slice(at, at + noteLength) }));
}

function endOf(journal: Journal, { text }: LostRun): Uint8Array {
  const { lastTick } = journal;
  const { high = 0, low = 0 } = journal.hashOf(lastTick) ?? {};
  return encodeEnd({ reason: "faulted", tick: lastTick, hashHigh: high, hashLow: low, text, records: [] });
}

function readFile(path: string): Journal {
  return readJournal(readFileSync(path), path);
}

/** A file of blocks that is gone on with. */
function reopened(path: string): FramedFile {
  const { blocks } = splitBlocks(readFileSync(path), path);
  const file = new FramedFile(path);
  for (const { kind, payload } of blocks) file.add(kind, payload);
  return file;
}

/** 0 is a, 25 is z, 26 is aa. */
function letters(number: number): string {
  const last = String.fromCharCode(97 + (number % 26));
  return number < 26 ? last : letters(Math.floor(number / 26) - 1) + last;
}
