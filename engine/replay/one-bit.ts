/**
 * One bit: given the bytes of a span and the hash that a journal has of it, finds the bit whose flip alone explains the
 * hash. What only a broken memory or a planted flip did leaves no code that could be run again, but its hash tells.
 *
 * Each step of the hash is a bijection (base/hash.ts), so the hash can be run backwards: for every word there is exactly
 * one value that would give the recorded hash if nothing else had changed. Where that value is one bit away from what is
 * there, the bit is found; that it is so by chance has a probability of about one in a hundred million for each word.
 */
import { avalanche, hashBlockBytes, hashLaneSeed, hashMultiplier } from "../base/hash.ts";

const laneCount = hashBlockBytes / 4;

export interface OneBit {
  /** The word of the span, and the bit of it, from 0. */
  readonly word: number;
  readonly bit: number;
}

/**
 * All single flips that turn the hash of `bytes`, padded with zeros to whole blocks, into one with the low half `low`.
 * More than one is chance, and then none is to be believed.
 */
export function oneBitDifferences(bytes: Uint8Array, low: number): OneBit[] {
  const blockCount = Math.ceil(bytes.length / hashBlockBytes);
  const padded = new Uint8Array(blockCount * hashBlockBytes);
  padded.set(bytes);
  const words = new Uint32Array(padded.buffer);
  // Forwards: every lane before each block, and what is folded before each lane.
  const before = new Uint32Array(words.length + laneCount);
  for (let lane = 0; lane < laneCount; lane++) before[lane] = Math.imul(hashLaneSeed, lane + 1);
  for (let at = 0; at < words.length; at++) {
    const product = Math.imul(before[at]! ^ words[at]!, hashMultiplier);
    before[at + laneCount] = product ^ (product >>> 15);
  }
  const folded = new Uint32Array(laneCount + 1);
  folded[0] = words.length * 4;
  for (let lane = 0; lane < laneCount; lane++)
    folded[lane + 1] = avalanche(folded[lane]! ^ before[words.length + lane]!);
  // Backwards: what lane by lane would have to be there.
  const found: OneBit[] = [];
  let wanted = low >>> 0;
  for (let lane = laneCount - 1; lane >= 0; lane--) {
    let after = unavalanche(wanted) ^ folded[lane]!;
    for (let at = words.length - laneCount + lane; at >= 0; at -= laneCount) {
      const mixed = unstep(after);
      const difference = (mixed ^ before[at]! ^ words[at]!) >>> 0;
      if (difference !== 0 && (difference & (difference - 1)) === 0 && at * 4 < bytes.length)
        found.push({ word: at, bit: 31 - Math.clz32(difference) });
      after = mixed ^ words[at]!;
    }
    wanted = unavalanche(wanted) ^ before[words.length + lane]!;
  }
  return found.sort((a, b) => a.word - b.word || a.bit - b.bit);
}

/** What, multiplied by an odd number, gives 1: the product is undone by it. */
function inverse(odd: number): number {
  let result = odd;
  // Each round doubles the count of right bits.
  for (let round = 0; round < 5; round++) result = Math.imul(result, 2 - Math.imul(odd, result));
  return result;
}

const unmultiply = inverse(hashMultiplier);
const unmix1 = inverse(0x85ebca6b);
const unmix2 = inverse(0xc2b2ae35);

/** Undoes a word's step of a lane: gives the lane before it, exclusive or the word. */
function unstep(after: number): number {
  return Math.imul(unshift(after, 15), unmultiply);
}

function unavalanche(value: number): number {
  let h = unshift(value, 16);
  h = Math.imul(h, unmix2);
  h = unshift(h, 13);
  h = Math.imul(h, unmix1);
  return unshift(h, 16);
}

/** Undoes `x ^ (x >>> by)`. */
function unshift(value: number, by: number): number {
  let x = value;
  for (let right = by; right < 32; right += by) x = value ^ (x >>> by);
  return x;
}
