/**
 * The rolling files of a run: at every moment each is a journal that can be replayed, and the older one reaches back for
 * half a minute to a minute. A keyframe begins a new file in the place of the older one.
 *
 *     a   header, ticks 1 ..................... 3600
 *     b                    keyframe 1800, 1801 ..... 5400        b is the older one now
 *     c                                  keyframe 3600, 3601 ...
 *
 * Each carries the code that its ticks were made with, where that was handed over. Given the blocks of a journal as they
 * come, it hands on black boxes. The rule a reader could break: a keyframe comes some blocks behind the tick that it is of,
 * so the blocks of a while are kept, and a new file begins with those behind it, under the program of that tick.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { blockKind, splitBlocks } from "../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import {
  decodeAttachment,
  decodeEnd,
  decodeHeader,
  decodeKeyframePayload,
  decodeRewind,
  encodeEnd,
  encodeNote,
} from "../../engine/replay/wire.ts";
import type { Code } from "../hot/code.ts";
import { codeTopic } from "../hot/code-store.ts";
import { codeAttachment, firstCodeOf } from "../replay/journal-code.ts";
import type { StreamedBlock } from "./block-stream.ts";
import { addExtras, addNotes, type BoxExtras } from "./box-extras.ts";
import {
  type BlackBox,
  type BoxKind,
  boxPath,
  filesPerWorld,
  flightFileName,
  lettersOf,
  secondsOf,
} from "./box-file.ts";
import { boxTopic, flightSeconds } from "./flight-pace.ts";
import { type FlightProgram, programBehind, type RecentBlock, recentOf } from "./flight-program.ts";
import { FramedFile } from "./framed-file.ts";

/** Blocks that are kept for a keyframe that comes late: some seconds of the fastest run. */
const recentCountMax = 512;
/** Why a run is over without an end in its journal: its thread is gone. */
export interface LostRun {
  /** The fault as text. */
  readonly text: string;
  /** Ticks that it had made, as far as is known. */
  readonly tick: number;
}

export interface FlightFilesOptions {
  /** Between two keyframes that begin a file; those in between are passed by. */
  readonly seconds?: number;
  /** Code by its hash, as it was handed to the run; undefined for what nobody handed over. */
  codeOf?(hash: string): Code | undefined;
}

interface FlightFile {
  readonly file: FramedFile;
  readonly startTick: number;
  /** The program that it begins with. */
  readonly program: FlightProgram;
  /** Hashes of the code that it carries. */
  readonly codes: Set<string>;
}

/** Files of one process never share a name, also where it runs several worlds. */
let fileCount = 0;

export class FlightFiles {
  readonly folder: string;
  readonly #options: FlightFilesOptions;
  /** The older one first; at most two between calls. */
  #files: FlightFile[] = [];
  readonly #names: readonly string[];
  #nameAt = 0;
  /** The programs so far, of which the last makes the next tick. */
  #programs: FlightProgram[] = [];
  /** Attachments of code that files carry, by hash: made small once. */
  readonly #carried = new Map<string, Uint8Array>();
  #recent: RecentBlock[] = [];
  #end: Uint8Array | undefined;

  /** Makes the folder. Throws what the system says. */
  constructor(folder: string, options: FlightFilesOptions = {}) {
    this.folder = folder;
    this.#options = options;
    mkdirSync(folder, { recursive: true });
    this.#names = Array.from({ length: filesPerWorld }, () => flightFileName(process.pid, lettersOf(fileCount++)));
  }

  /** The first of the names that its files have: it belongs to this run alone. */
  get firstName(): string {
    return this.#names[0]!;
  }

  /** Takes the next block of the journal. Throws what the system says. */
  add(block: StreamedBlock): void {
    const { kind, payload } = block;
    const recent = recentOf(block);
    switch (kind) {
      case blockKind.header:
        this.#programs = [{ header: payload, code: "", swapTick: -1 }];
        this.#files.push(this.#newFile(this.#programs[0]!, 0));
        return;
      case blockKind.keyframe:
        this.#turn(payload);
        return;
      // An end is written behind what a black box has to say; a file without one can be gone on with.
      case blockKind.end:
        this.#end = payload;
        return;
      case blockKind.rewind:
        this.#goBack(decodeRewind(payload));
        break;
      // The note of the code with which the journal begins.
      case blockKind.note:
        if (recent.code !== "") this.#programs = this.#programs.map((program) => ({ ...program, code: recent.code }));
        break;
    }
    this.#recent.push(recent);
    if (this.#recent.length > recentCountMax) this.#recent.shift();
    for (const file of this.#files) this.#append(file, recent);
    if (kind === blockKind.swap) this.#programs.push(programBehind(this.#programs.at(-1)!, payload));
  }

  /**
   * Makes a black box of the older file. The run is over with "crash", and goes on with "box". `lost` says that the journal
   * has no end because nobody was left to write it. Undefined when there is no file, as before a world has begun, and for a
   * run that ended well.
   */
  box(kind: BoxKind, extras: BoxExtras, moment: Date, lost?: LostRun): BlackBox | undefined {
    const [older] = this.#files;
    if (older === undefined) return undefined;
    if (this.#end !== undefined && decodeEnd(this.#end).reason === "stopped") return undefined;
    const journal = readFile(older.file.path);
    const { firstTick, lastTick } = journal;
    const path = boxPath(this.folder, kind, moment, lastTick);
    const box = { path, kind, firstTick, lastTick, seconds: secondsOf(journal) };
    if (kind === "box") {
      const copy = copied(journal, path);
      addExtras(copy, extras, journal);
      copy.close();
      return box;
    }
    this.#files.shift();
    addExtras(older.file, extras, journal);
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
    // A keyframe of the swap's own tick is of the program behind it.
    const program = this.#programs.findLast(({ swapTick }) => swapTick <= tick);
    if (program === undefined || !this.#isDue(tick, program)) return;
    const recent = this.#recent;
    const ticksAt = recent.findLastIndex((block) => block.kind === blockKind.ticks && block.tick <= tick);
    const swapAt = recent.findLastIndex(({ kind, tick: at }) => kind === blockKind.swap && at === program.swapTick);
    const from = Math.max(ticksAt, swapAt + 1);
    // So late that the ticks behind it are forgotten: the files that are there go on, until the next one.
    if (ticksAt < 0 && swapAt < 0) return;
    const file = this.#newFile(program, tick);
    file.file.add(blockKind.keyframe, payload);
    for (const block of recent.slice(from)) this.#append(file, block);
    this.#files.push(file);
    // Last, so that there is one of the full length at any moment.
    if (this.#files.length > 2) this.#drop(this.#files.shift()!);
    for (const hash of this.#carried.keys())
      if (!this.#files.some(({ codes }) => codes.has(hash))) this.#carried.delete(hash);
  }

  /** Whether a keyframe is one for the flight recorder: a journal may have asked for more of them. */
  #isDue(tick: number, { header }: FlightProgram): boolean {
    const newest = this.#files.at(-1);
    if (newest === undefined) return true;
    const ticks = (this.#options.seconds ?? flightSeconds) * decodeHeader(header).program.tickRate;
    return Math.floor(tick / ticks) > Math.floor(newest.startTick / ticks);
  }

  /** What the world has gone back beyond can no longer be told from a keyframe behind it, or by a program behind it. */
  #goBack(tick: number): void {
    const isKept = ({ startTick, program }: FlightFile): boolean => startTick <= tick && program.swapTick < tick;
    for (const flight of this.#files) if (!isKept(flight)) this.#drop(flight);
    this.#files = this.#files.filter(isKept);
    // A swap at the very tick is taken back, too.
    this.#programs = this.#programs.filter(({ swapTick }) => swapTick < tick);
  }

  /** Writes a block, behind the code that it names. */
  #append(flight: FlightFile, { kind, payload, code }: RecentBlock): void {
    if (code !== "") this.#carry(flight, code);
    flight.file.add(kind, payload);
  }

  #carry({ file, codes }: FlightFile, hash: string): void {
    if (codes.has(hash)) return;
    let attachment = this.#carried.get(hash);
    if (attachment === undefined) {
      const code = this.#options.codeOf?.(hash);
      if (code === undefined) return;
      attachment = codeAttachment(code);
      this.#carried.set(hash, attachment);
    }
    codes.add(hash);
    file.add(blockKind.attachment, attachment);
  }

  #drop({ file }: FlightFile): void {
    file.close();
    rmSync(file.path, { force: true });
  }

  #newFile(program: FlightProgram, startTick: number): FlightFile {
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
    file.add(blockKind.header, program.header);
    const flight = { file, startTick, program, codes: new Set<string>() };
    if (program.code === "") return flight;
    this.#carry(flight, program.code);
    file.add(blockKind.note, encodeNote({ tick: startTick, topic: codeTopic, text: program.code }));
    return flight;
  }
}

function endOf(journal: Journal, { text }: LostRun): Uint8Array {
  const { lastTick } = journal;
  const { high = 0, low = 0 } = journal.hashOf(lastTick) ?? {};
  return encodeEnd({ reason: "faulted", tick: lastTick, hashHigh: high, hashLow: low, text, records: [] });
}

function readFile(path: string): Journal {
  return readJournal(readFileSync(path), path);
}

/** A copy of a journal's file that is gone on with, without code that was taken back. */
function copied(journal: Journal, path: string): FramedFile {
  const codes = new Set([firstCodeOf(journal), ...journal.swaps.map(({ code }) => code?.hash)]);
  const { blocks } = splitBlocks(readFileSync(journal.path), journal.path);
  const file = new FramedFile(path);
  for (const { kind, payload } of blocks)
    if (kind !== blockKind.attachment || codes.has(decodeAttachment(payload).name)) file.add(kind, payload);
  return file;
}
