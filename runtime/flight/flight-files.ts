/**
 * The rolling pieces of a run in files, by names of this process. Given the blocks of a journal as they come, it hands on
 * black boxes. The rule a reader could break: a box that was asked for is a copy, for the run goes on; that of a crash is
 * the file itself under another name.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { blockKind, splitBlocks } from "../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import { decodeAttachment } from "../../engine/replay/wire.ts";
import type { Code } from "../hot/code.ts";
import { codeAttachment, firstCodeOf } from "../replay/journal-code.ts";
import type { StreamedBlock } from "./block-stream.ts";
import { addEnd, addExtras, type BoxExtras, type LostRun } from "./box-extras.ts";
import { type BoxKind, boxFactsOf } from "./box-facts.ts";
import { type BlackBox, boxPath, filesPerWorld, flightFileName, lettersOf } from "./box-file.ts";
import { FlightRoll } from "./flight-roll.ts";
import { FramedFile } from "./framed-file.ts";

export interface FlightFilesOptions {
  /** Between two keyframes that begin a file; those in between are passed by. */
  readonly seconds?: number;
  /** Code by its hash, as it was handed to the run; undefined for what nobody handed over. */
  codeOf?(hash: string): Code | undefined;
}

/** Files of one process never share a name, also where it runs several worlds. */
let fileCount = 0;

export class FlightFiles {
  readonly folder: string;
  readonly #roll: FlightRoll<FramedFile>;
  readonly #names: readonly string[];
  #nameAt = 0;

  /** Makes the folder. Throws what the system says. */
  constructor(folder: string, { seconds, codeOf }: FlightFilesOptions = {}) {
    this.folder = folder;
    this.#roll = new FlightRoll({
      seconds,
      begin: () => this.#newFile(),
      codeOf(hash) {
        const code = codeOf?.(hash);
        return code === undefined ? undefined : codeAttachment(code);
      },
    });
    mkdirSync(folder, { recursive: true });
    this.#names = Array.from({ length: filesPerWorld }, () => flightFileName(process.pid, lettersOf(fileCount++)));
  }

  /** The first of the names that its files have: it belongs to this run alone. */
  get firstName(): string {
    return this.#names[0]!;
  }

  /** Takes the next block of the journal. Throws what the system says. */
  add(block: StreamedBlock): void {
    this.#roll.add(block);
  }

  /**
   * Makes a black box of the older file. The run is over with "crash", and goes on with "box". `lost` says that the journal
   * has no end because nobody was left to write it. Undefined when there is no file, as before a world has begun, and for a
   * run that ended well.
   */
  box(kind: BoxKind, extras: BoxExtras, moment: Date, lost?: LostRun): BlackBox | undefined {
    const { older, end, hasEndedWell } = this.#roll;
    if (older === undefined || hasEndedWell) return undefined;
    const journal = readJournal(readFileSync(older.path), older.path);
    const path = boxPath(this.folder, kind, moment, journal.lastTick);
    const box = { path, ...boxFactsOf(kind, journal) };
    if (kind === "box") {
      const copy = copied(journal, path);
      addExtras(copy, extras, journal);
      copy.close();
      return box;
    }
    this.#roll.take();
    addExtras(older, extras, journal);
    addEnd(older, journal, end, lost);
    older.close();
    renameSync(older.path, path);
    this.close();
    return box;
  }

  /** Deletes what is left of the files, and the folder when nothing else is in it. */
  close(): void {
    this.#roll.clear();
    try {
      rmdirSync(this.folder);
    } catch {
      // There are black boxes in it, or another run's files.
    }
  }

  #newFile(): FramedFile {
    const path = join(this.folder, this.#names[this.#nameAt]!);
    this.#nameAt = (this.#nameAt + 1) % this.#names.length;
    try {
      return new FramedFile(path);
    } catch {
      // A run beside this one has ended and taken the empty folder with it.
      mkdirSync(this.folder, { recursive: true });
      return new FramedFile(path);
    }
  }
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
