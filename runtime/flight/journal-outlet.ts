/**
 * Where the journal of a run goes on the main thread: to the file that was asked for, to the flight recorder, or to both.
 */
import type { JournalFile } from "../world/journal-file.ts";
import { BlockStream } from "./block-stream.ts";
import type { FlightRecorder } from "./flight-recorder.ts";
import { JournalCopy } from "./journal-copy.ts";

export class JournalOutlet {
  readonly #file: JournalFile | undefined;
  readonly #flight: FlightRecorder | undefined;
  readonly #copy: JournalCopy | undefined;
  readonly #stream = new BlockStream();

  /** `keyframeEvery`: the file has a keyframe behind every so many ticks; 0 for none. */
  constructor(file: JournalFile | undefined, keyframeEvery: number, flight: FlightRecorder | undefined) {
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
