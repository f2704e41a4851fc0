/**
 * Where the journal of a run goes on the main thread: to the file that was asked for, to the flight recorder, or to both.
 * In a page the file is whatever takes its bytes.
 */
import { BlockStream, type StreamedBlock } from "./block-stream.ts";
import { JournalCopy } from "./journal-copy.ts";

/** A journal that was asked for. */
interface AskedJournal {
  append(bytes: Uint8Array): void;
  close(): void;
}

/** A flight recorder. */
interface BlockTaker {
  add(block: StreamedBlock): void;
}

export class JournalOutlet {
  readonly #file: AskedJournal | undefined;
  readonly #flight: BlockTaker | undefined;
  readonly #copy: JournalCopy | undefined;
  readonly #stream = new BlockStream();

  /** `keyframeEvery`: the file has a keyframe behind every so many ticks; 0 for none. */
  constructor(file: AskedJournal | undefined, keyframeEvery: number, flight: BlockTaker | undefined) {
    this.#file = file;
    this.#flight = flight;
    if (file !== undefined && flight !== undefined) this.#copy = new JournalCopy(file, keyframeEvery);
  }

  /** Takes the next bytes of the journal, which are kept. Raises "file-write" for the file alone. */
  append(bytes: Uint8Array): void {
    if (this.#flight === undefined) {
      this.#file?.append(bytes);
      return;
    }
    const blocks = this.#stream.add(bytes);
    for (const block of blocks) this.#flight.add(block);
    for (const block of blocks) this.#copy?.add(block);
  }

  /** Brings the file to its end and closes it. Raises "file-write". */
  close(): void {
    try {
      this.#copy?.flush();
    } finally {
      this.#file?.close();
    }
  }
}
