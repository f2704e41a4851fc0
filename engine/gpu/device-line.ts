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
  /** Rings of a power of two: piece i of all that ever were lies at i & (capacity - 1). */
  #values = new Uint32Array(historyCount);
  #ends = new Float64Array(historyCount);
  #known = new Uint32Array(historyCount * lineCount);
  /** Pieces that were, and of these from the first: forgotten, passed. */
  #count = 0;
  #forgottenCount = 0;
  #passedCount = 0;
  #passedValue = 0;
  readonly #forgottenKnown = new Uint32Array(lineCount);

  constructor(name: LineName) {
    this.name = name;
    this.number = lines[name];
  }

  /** Appends a piece that ends at `endMicros` and signals `value`; `known` is copied. */
  schedule(value: number, nowMicros: number, endMicros: number, known: Uint32Array): void {
    assert(value > this.scheduledValue && value <= this.reservedValue, "a line signals rising, reserved values", {
      value,
      scheduledValue: this.scheduledValue,
      reservedValue: this.reservedValue,
    });
    assert(endMicros >= this.endMicros, "a line works in order", { endMicros, before: this.endMicros });
    if (this.#count - this.#forgottenCount === this.#values.length) this.#makeRoom(nowMicros);
    const at = this.#count & (this.#values.length - 1);
    this.#values[at] = value;
    this.#ends[at] = endMicros;
    for (let line = 0; line < lineCount; line++)
      this.#known[at * lineCount + line] = line === this.number ? value : known[line]!;
    this.#count++;
    this.scheduledValue = value;
    this.endMicros = endMicros;
  }

  /** Highest value that has passed at `nowMicros`, which never goes back. */
  passedValue(nowMicros: number): number {
    const mask = this.#values.length - 1;
    while (this.#passedCount < this.#count && this.#ends[this.#passedCount & mask]! <= nowMicros) {
      this.#passedValue = this.#values[this.#passedCount & mask]!;
      this.#passedCount++;
    }
    return this.#passedValue;
  }

  /** When `value`, which must be scheduled, passes; 0 when that is long ago. */
  endOf(value: number): number {
    const at = this.#find(value);
    return at < 0 ? 0 : this.#ends[at]!;
  }

  /** Raises each known[line] to what is proven once `value`, which must be scheduled, has passed. */
  learn(value: number, known: Uint32Array): void {
    const at = this.#find(value);
    for (let line = 0; line < lineCount; line++) {
      const proven = at < 0 ? this.#forgottenKnown[line]! : this.#known[at * lineCount + line]!;
      if (proven > known[line]!) known[line] = proven;
    }
  }

  /** Where the first piece lies that signals at least `value`; -1 when that one is forgotten. */
  #find(value: number): number {
    assert(value <= this.scheduledValue, "a scheduled fence is asked for", { value, last: this.scheduledValue });
    if (value <= this.#forgottenKnown[this.number]!) return -1;
    const mask = this.#values.length - 1;
    let low = this.#forgottenCount;
    let high = this.#count - 1;
    while (low < high) {
      const middle = low + ((high - low) >>> 1);
      if (this.#values[middle & mask]! >= value) high = middle;
      else low = middle + 1;
    }
    return low & mask;
  }

  /** Forgets the oldest piece when it is over; otherwise doubles the rings. */
  #makeRoom(nowMicros: number): void {
    this.passedValue(nowMicros);
    const capacity = this.#values.length;
    if (this.#passedCount > this.#forgottenCount) {
      const at = this.#forgottenCount & (capacity - 1);
      for (let line = 0; line < lineCount; line++) this.#forgottenKnown[line] = this.#known[at * lineCount + line]!;
      this.#forgottenCount++;
      return;
    }
    const values = new Uint32Array(capacity * 2);
    const ends = new Float64Array(capacity * 2);
    const known = new Uint32Array(capacity * 2 * lineCount);
    for (let i = this.#forgottenCount; i < this.#count; i++) {
      const from = i & (capacity - 1);
      const to = i & (capacity * 2 - 1);
      values[to] = this.#values[from]!;
      ends[to] = this.#ends[from]!;
      for (let line = 0; line < lineCount; line++) known[to * lineCount + line] = this.#known[from * lineCount + line]!;
    }
    this.#values = values;
    this.#ends = ends;
    this.#known = known;
  }
}
