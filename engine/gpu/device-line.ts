/**
 * One line of the null device: what it was given, when each piece ends, and what whoever waits for a
 * piece may rely on. It is given pieces in order and answers questions about fences.
 *
 * `known` is the vector of a piece: for each line the highest value that has surely passed once the piece
 * has, through waits alone and whatever the speed of the queues. Pieces that are long over are
 * forgotten; asking for one of them gives what the last forgotten one knew.
 */
import { assert } from "../base/assertions.ts";
import { type LineName, lineCount, lines } from "./queues.ts";

/** Pieces kept although they are over, so that what a fence proves does not depend on how fast time goes. */
const historyCount = 1_024;

export class DeviceLine {
  readonly name: LineName;
  readonly number: number;
  /** Highest value handed out, and highest value that a piece signals. */
  reservedValue = 0;
  scheduledValue = 0;
  /** When the last piece ends. */
  endMicros = 0;
  readonly #values: number[] = [];
  readonly #ends: number[] = [];
  readonly #known: number[] = [];
  readonly #forgottenKnown = new Uint32Array(lineCount);
  #passedCount = 0;
  #passedValue = 0;

  constructor(name: LineName) {
    this.name = name;
    this.number = lines[name];
  }

  /** Appends a piece that ends at `endMicros` and signals `value`; `known` is copied. */
  schedule(value: number, endMicros: number, known: Uint32Array): void {
    assert(value > this.scheduledValue && value <= this.reservedValue, "a line signals rising, reserved values", {
      value,
      scheduledValue: this.scheduledValue,
      reservedValue: this.reservedValue,
    });
    assert(endMicros >= this.endMicros, "a line works in order", { endMicros, before: this.endMicros });
    this.scheduledValue = value;
    this.endMicros = endMicros;
    this.#values.push(value);
    this.#ends.push(endMicros);
    for (let line = 0; line < lineCount; line++) this.#known.push(line === this.number ? value : known[line]!);
    if (this.#values.length >= 2 * historyCount) this.#forget();
  }

  /** Highest value that has passed at `nowMicros`, which never goes back. */
  passedValue(nowMicros: number): number {
    while (this.#passedCount < this.#ends.length && this.#ends[this.#passedCount]! <= nowMicros) {
      this.#passedValue = this.#values[this.#passedCount]!;
      this.#passedCount++;
    }
    return this.#passedValue;
  }

  /** When `value`, which must be scheduled, passes; 0 when that is long ago. */
  endOf(value: number): number {
    const i = this.#indexOf(value);
    return i < 0 ? 0 : this.#ends[i]!;
  }

  /** Raises each known[line] to what is proven once `value`, which must be scheduled, has passed. */
  learn(value: number, known: Uint32Array): void {
    const i = this.#indexOf(value);
    for (let line = 0; line < lineCount; line++) {
      const proven = i < 0 ? this.#forgottenKnown[line]! : this.#known[i * lineCount + line]!;
      if (proven > known[line]!) known[line] = proven;
    }
  }

  /** Index of the first piece that signals at least `value`; -1 when that one is forgotten. */
  #indexOf(value: number): number {
    assert(value <= this.scheduledValue, "a scheduled fence is asked for", { value, last: this.scheduledValue });
    if (value <= this.#forgottenKnown[this.number]!) return -1;
    let low = 0;
    let high = this.#values.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! >= value) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #forget(): void {
    const count = Math.min(historyCount, this.#passedCount);
    if (count === 0) return;
    for (let line = 0; line < lineCount; line++)
      this.#forgottenKnown[line] = this.#known[(count - 1) * lineCount + line]!;
    this.#values.splice(0, count);
    this.#ends.splice(0, count);
    this.#known.splice(0, count * lineCount);
    this.#passedCount -= count;
  }
}
