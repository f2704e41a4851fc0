/**
 * The rolling pieces of a run in files, by names of this process. Given the blocks of a journal as they come, it hands on
 * black boxes. The rules a reader could break: a box that was asked for is a copy, for the run goes on, and that of a crash is
 * the file itself under another name; its names stay taken because there is a file of them at any moment.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, utimesSync } from "node:fs";
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
import { processSpace, spaceAttachment } from "./process-space.ts";

export interface FlightFilesOptions {
  /** Between two keyframes that begin a file; those in between are passed by. */
  readonly seconds?: number;
  /** Code by its hash, as it was handed to the run; undefined for what nobody handed over. */
  codeOf?(hash: string): Code | undefined;
}

/** Worlds of one process never share a name, also where one begins while another has no file for a moment. */
let worldCount = 0;

export class FlightFiles {
  readonly folder: string;
  readonly #roll: FlightRoll<FramedFile>;
  /** Names that nobody else has: none before the first file. */
  #names: readonly string[] = [];
  #nameAt = 0;

  /** Makes the folder. Throws what the system says. */
  constructor(folder: string, { seconds, codeOf }: FlightFilesOptions = {}) {
    this.folder = folder;
    this.#roll = new FlightRoll({
      seconds,
      begin: () => this.#newFile(),
      mark: spaceAttachment(processSpace()),
      codeOf(hash) {
        const code = codeOf?.(hash);
        return code === undefined ? undefined : codeAttachment(code);
      },
    });
    mkdirSync(folder, { recursive: true });
  }

  /** The first of the names that its files have, which belong to this run alone; undefined before a world has begun. */
  get firstName(): string | undefined {
    return this.#names[0];
  }

  /** Gives a sign of life to runs that cannot see this process. Throws when its files were taken, as others do by mistake. */
  touch(): void {
    const { older } = this.#roll;
    if (older === undefined) return;
    const now = new Date();
    utimesSync(older.path, now, now);
  }

  /** Takes the next block of the journal. Throws what the system says. */
  add(block: StreamedBlock): void {
    this.#roll.add(block);
  }

  /**
   * Makes a black box of the older file. The run is over with "crash", and goes on with "box". `lost` says that the journal
   * has no end because nobody was left to write it, or none that tells the fault. Undefined when there is no file, as before
   * a world has begun, and for a run that ended well.
   */
  box(kind: BoxKind, extras: BoxExtras, moment: Date, lost?: LostRun): BlackBox | undefined {
    const { older, end, hasEndedWell } = this.#roll;
    if (older === undefined || (hasEndedWell && lost?.isOutside !== true)) return undefined;
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
    // A run beside this one may have ended and taken the empty folder with it.
    mkdirSync(this.folder, { recursive: true });
    if (this.#names.length === 0) return this.#firstFile();
    this.#nameAt = (this.#nameAt + 1) % this.#names.length;
    return new FramedFile(join(this.folder, this.#names[this.#nameAt]!));
  }

  /** Takes names of which the folder has none: a process of the same number, in another container, may run there. */
  #firstFile(): FramedFile {
    for (;;) {
      const first = worldCount++ * filesPerWorld;
      const names = Array.from({ length: filesPerWorld }, (_, at) =>
        flightFileName(process.pid, lettersOf(first + at)),
      );
      const there = readdirSync(this.folder);
      if (names.some((name) => there.includes(name))) continue;
      try {
        const file = new FramedFile(join(this.folder, names[0]!));
        this.#names = names;
        return file;
      } catch (thrown) {
        // The other one was quicker.
        if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
      }
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
