/**
 * Spoken names: what the numbers in the record messages of drivers mean. Drivers learn of a swap after the world has gone
 * over, so for a moment they speak of controls by the numbers of the program before. A message of names, in the same ring
 * as the records, says where that ends: what comes behind it has the numbers of those names.
 *
 * Given messages in their order, hands on records with the numbers of the program that runs. The rule a reader could break:
 * every thread that has the world reads each message once, and gives its names away with it.
 */
import { decodeUtf8, encodeUtf8 } from "../../engine/base/bytes.ts";
import { decodeRecords, type WorldRecord } from "../../engine/input/record.ts";
import { type RecordNames, recordNamesOf, recordTranslator } from "../../engine/replay/record-names.ts";
import type { Program } from "../../engine/sim/program.ts";

/** No kind of record has this tag. */
const namesTag = 0;

/** The message that says what numbers mean from here on. */
export function namesMessage({ controls, settings }: RecordNames): Uint8Array {
  const text = encodeUtf8(JSON.stringify({ controls, settings }));
  const message = new Uint8Array(1 + text.length);
  message[0] = namesTag;
  message.set(text, 1);
  return message;
}

export class SpokenNames {
  #names: RecordNames;
  /** The program that records are for, and how they come to it; nothing is to be done while the names are the same. */
  #program: Program | undefined;
  #translate: ((record: WorldRecord) => WorldRecord | undefined) | undefined;

  constructor(names: RecordNames) {
    this.#names = names;
  }

  get names(): RecordNames {
    return this.#names;
  }

  set names(names: RecordNames) {
    this.#names = names;
    this.#program = undefined;
  }

  /**
   * The records of a message, for `program`, without those that mean nothing there. None for a message of names, and none
   * for one that cannot be read, which is dropped whole: drivers check theirs before.
   */
  recordsOf(message: Uint8Array, program: Program): readonly WorldRecord[] {
    if (message[0] === namesTag) {
      this.names = JSON.parse(decodeUtf8(message.subarray(1))) as RecordNames;
      return [];
    }
    const records = decodeRecords(message);
    if ("problem" in records) return [];
    if (program !== this.#program) {
      this.#program = program;
      const same = JSON.stringify(recordNamesOf(program)) === JSON.stringify(this.#names);
      this.#translate = same ? undefined : recordTranslator(this.#names, program);
    }
    const translate = this.#translate;
    return translate === undefined ? records : records.flatMap((record) => translate(record) ?? []);
  }
}
