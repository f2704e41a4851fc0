/**
 * Reads a log's ring: messages in order, and in between what was dropped and lost, as messages of their own.
 * Used by the flush thread, and by tests; the texts of notes are put together here, away from the frame.
 */
import { decodeUtf8 } from "../base/bytes.ts";
import { type LogLevel, type LogMemory, logLevels, type NoteDefinition } from "./log.ts";
import { logCell, noteKind, numbersAt, textAt } from "./log-cell.ts";
import { MessageRing } from "./message-ring.ts";
import { RingConsumer } from "./ring-consumer.ts";
import { producerCountMax } from "./ring-layout.ts";

/** A message as it is read. */
export interface LogMessage {
  readonly level: LogLevel;
  /** Number of the thread that spoke, or of which messages were lost; -1 when none of it was ever read. */
  readonly source: number;
  readonly tick: number;
  readonly micros: number;
  /** Name of the note; empty for a free text. */
  readonly note: string;
  readonly text: string;
  readonly isCut: boolean;
  readonly numbers: readonly number[];
}

/** Notes of the log itself, in reports of losses. */
export const lossNotes = { dropped: "messages-dropped", lost: "messages-lost" } as const;

export class LogReader {
  readonly consumer: RingConsumer;
  readonly #notes: readonly NoteDefinition[];
  readonly #nowMicros: () => number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  /** The source that a producer spoke as last, by producer number. */
  readonly #sources = new Int32Array(producerCountMax).fill(-1);

  constructor(memory: LogMemory, notes: readonly NoteDefinition[], clock: { nowMicros(): number }) {
    const { buffer } = memory.ring;
    this.consumer = new RingConsumer(new MessageRing(memory.ring));
    this.#notes = notes;
    this.#nowMicros = () => clock.nowMicros();
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer, 0, buffer.byteLength >> 2);
    this.#doubles = new Float64Array(buffer, 0, buffer.byteLength >> 3);
  }

  /**
   * One pass: hands at most `countMax` messages to `give`, then a message for each producer of which some were
   * dropped or lost since the last pass. Returns how many messages of the ring there were.
   */
  pass(countMax: number, give: (message: LogMessage) => void): number {
    const { consumer } = this;
    let count = 0;
    for (; count < countMax; count++) {
      const at = consumer.take();
      if (at < 0) break;
      // The cell is given back before anything is done with the message: producers may be short of room.
      const message = this.#read(at);
      this.#sources[consumer.producer] = message.source;
      consumer.release();
      give(message);
    }
    consumer.settle(({ producer, droppedCount, lostCount }) => {
      if (droppedCount > 0)
        give(this.#loss("dropped", "were dropped because the ring was full", producer, droppedCount));
      if (lostCount > 0)
        give(this.#loss("lost", "were lost because the thread ended while writing", producer, lostCount));
    });
    return count;
  }

  #read(at: number): LogMessage {
    const bytes = this.#bytes;
    const isNote = bytes[at + logCell.kind] === noteKind;
    const length = this.#words[(at + logCell.text) >> 2]!;
    const from = (at + numbersAt) >> 3;
    const numbers = [...this.#doubles.subarray(from, from + bytes[at + logCell.numberCount]!)];
    const note = isNote ? this.#notes[length] : undefined;
    return {
      level: logLevels[bytes[at + logCell.level]!]!,
      source: this.#words[(at + logCell.source) >> 2]!,
      tick: this.#words[(at + logCell.tick) >> 2]!,
      micros: this.#doubles[(at + logCell.micros) >> 3]!,
      note: isNote ? (note?.name ?? `note ${length}`) : "",
      text: isNote
        ? noteText(note?.text ?? "", numbers)
        : decodeUtf8(bytes.subarray(at + textAt, at + textAt + length)),
      isCut: bytes[at + logCell.isCut] === 1,
      numbers,
    };
  }

  #loss(kind: keyof typeof lossNotes, what: string, producer: number, count: number): LogMessage {
    const messages = count === 1 ? "message" : "messages";
    const verb = count === 1 ? what.replace("were", "was") : what;
    return {
      level: "warn",
      source: this.#sources[producer]!,
      tick: 0,
      micros: this.#nowMicros(),
      note: lossNotes[kind],
      text: `${count} ${messages} ${verb}`,
      isCut: false,
      numbers: [count],
    };
  }
}

/** The text of a note with its numbers in their places. */
function noteText(text: string, numbers: readonly number[]): string {
  return text.replace(/\{([0-3])\}/g, (place, digit: string) => {
    const value = numbers[Number(digit)];
    return value === undefined ? place : String(value);
  });
}
