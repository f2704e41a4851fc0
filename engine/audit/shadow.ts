/**
 * A shadow: a copy of one part of the state as it was, to find what differs now. Compared in words of 32 bits, so that
 * looking through a column costs little more than reading it, whatever its scalar.
 *
 * The rule a reader could break: only the used range is compared, rounded up to the hash's blocks, and what was used when
 * it was taken: rows of events that are gone have become zeros. What lies behind is no state.
 */
import { hashBlockBytes } from "../base/hash.ts";
import { type Column, columnOver } from "../ecs/field.ts";
import type { StatePart } from "./state-map.ts";

export class Shadow {
  readonly part: StatePart;
  /** The elements as they were. */
  readonly elements: Column;

  readonly #now: Uint32Array;
  readonly #then: Uint32Array;
  /** Words that were used when they were last taken. */
  #takenWords = 0;

  constructor(part: StatePart) {
    const { elements, scalar, length } = part;
    // Regions are padded with zeros to whole blocks, so the last word is there.
    const wordCount = Math.ceil(elements.byteLength / 4);
    const buffer = new ArrayBuffer(wordCount * 4);
    this.part = part;
    this.elements = columnOver({ scalar, length }, buffer, 0, elements.length / length);
    this.#now = new Uint32Array(elements.buffer, elements.byteOffset, wordCount);
    this.#then = new Uint32Array(buffer);
    this.takeWhole();
  }

  /** The first element from `from` on, and below `to`, whose bits differ now, or -1. */
  nextDifference(from: number, to = this.elements.length): number {
    const now = this.#now;
    const then = this.#then;
    const bytes = this.elements.BYTES_PER_ELEMENT;
    const end = Math.min(Math.max(this.#coveredWords(), this.#takenWords), Math.ceil((to * bytes) / 4));
    for (let word = Math.floor((from * bytes) / 4); word < end; word++) {
      if (now[word] === then[word]) continue;
      const first = Math.max(from, Math.floor((word * 4) / bytes));
      const last = Math.min(to, Math.ceil(((word + 1) * 4) / bytes));
      for (let element = first; element < last; element++)
        if (!Object.is(this.elements[element], this.part.elements[element])) return element;
    }
    return -1;
  }

  /** The first element behind the used range that is not zero, or -1: nothing may be there, and no hash covers it. */
  firstBehind(): number {
    const now = this.#now;
    for (let word = this.#coveredWords(); word < now.length; word++)
      if (now[word] !== 0) {
        const bytes = this.elements.BYTES_PER_ELEMENT;
        let element = Math.floor((word * 4) / bytes);
        while (this.part.elements[element] === 0) element++;
        return element;
      }
    return -1;
  }

  /** Takes the used range as it is now. */
  take(): void {
    const covered = this.#coveredWords();
    const taken = Math.max(covered, this.#takenWords);
    this.#then.set(taken === this.#now.length ? this.#now : this.#now.subarray(0, taken));
    this.#takenWords = covered;
  }

  /** Takes everything as it is now, for a state that was replaced. */
  takeWhole(): void {
    this.#then.set(this.#now);
    this.#takenWords = this.#coveredWords();
  }

  #coveredWords(): number {
    const { slotBytes, counter, counterIndex } = this.part.span;
    const padded = Math.ceil((slotBytes * counter[counterIndex]!) / hashBlockBytes) * hashBlockBytes;
    return Math.min(this.#now.length, padded >> 2);
  }
}
