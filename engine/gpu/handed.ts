/**
 * A submission as it was handed in and waits for the seal: a record that is used again, its place, and
 * the comparison by place that makes the order of arrival meaningless.
 */
import { lineCount } from "./queues.ts";

export class Handed {
  frame = 0;
  order = 0;
  sequence = 0;
  label = 0;
  words: Uint32Array = new Uint32Array(0);
  firstWord = 0;
  wordCount = 0;
  /** 0 in a record that stands for "nothing yet". */
  signalValue = 0;
  readonly waits = new Uint32Array(lineCount);

  set(
    frame: number,
    order: number,
    sequence: number,
    label: number,
    words: Uint32Array,
    firstWord: number,
    wordCount: number,
    signalValue: number,
    waits: Uint32Array,
  ): void {
    this.frame = frame;
    this.order = order;
    this.sequence = sequence;
    this.label = label;
    this.words = words;
    this.firstWord = firstWord;
    this.wordCount = wordCount;
    this.signalValue = signalValue;
    this.waits.set(waits);
  }

  copy({ frame, order, sequence, label, signalValue, waits }: Handed): void {
    this.set(frame, order, sequence, label, this.words, 0, 0, signalValue, waits);
  }
}

/** Below 0 when `a` comes first. */
export function comparePlaces(a: Handed, b: Handed): number {
  return a.frame - b.frame || a.order - b.order || a.sequence - b.sequence;
}

/** Sorts in place and without garbage; lists are short and nearly in order. */
export function sortByPlace(list: Handed[]): void {
  for (let i = 1; i < list.length; i++) {
    const handed = list[i]!;
    let at = i;
    for (; at > 0 && comparePlaces(list[at - 1]!, handed) > 0; at--) list[at] = list[at - 1]!;
    list[at] = handed;
  }
}

export function placeText({ frame, order, sequence }: Handed): string {
  return `${frame}.${order}.${sequence}`;
}

/** Whether two records of one place ask for the same, to the word: the second is the work of a dead thread done again. */
export function isSameSubmission(a: Handed, b: Handed): boolean {
  if (a.label !== b.label || a.signalValue !== b.signalValue || a.wordCount !== b.wordCount) return false;
  for (let line = 0; line < lineCount; line++) if (a.waits[line] !== b.waits[line]) return false;
  for (let i = 0; i < a.wordCount; i++) if (a.words[a.firstWord + i] !== b.words[b.firstWord + i]) return false;
  return true;
}
