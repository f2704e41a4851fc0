/**
 * A task: one run of a job, in words that all participants share. Participant 0 is the coordinator,
 * participant w + 1 is worker w.
 *
 *     words   0 state        0 closed, 1 open: chunks may be claimed
 *             1 turn         half of the output that this run writes
 *             2 wholeTurn    half that the last whole run wrote
 *             3 chunkCount   4 itemCount   5 tick   6 slot   7 opening
 *             8 finished     chunks done; a hint: the statuses are the truth
 *             9 cancelled   10 wholeItems  11 wholeChunks  12 wholeTick + 1
 *            16 lane 0 .. 19 lane 3: chunks of each quarter that were offered
 *            20.. offset and length of each resource (4 at most)
 *
 *     status  0 free ──claim──▶ participant + 1 ──▶ done (-1)
 *                  CAS, by anyone       │  CAS, by the one who has it
 *                                       ├──▶ failed (-16 - participant)
 *                                       └──▶ 1: taken over by the coordinator, only from one that has ended
 *
 * A claim is the compare-and-exchange of the status; lanes only say where to look first. So a participant
 * may die at any moment: what it had not marked is still free, what it had marked carries its name.
 * Parameters are read after the claim, so one who is late by a whole opening still does the right work.
 */
import { assert } from "../base/assertions.ts";

export const taskWordCount = 32;
export const taskWord = {
  state: 0,
  turn: 1,
  wholeTurn: 2,
  chunkCount: 3,
  itemCount: 4,
  tick: 5,
  slot: 6,
  opening: 7,
  finished: 8,
  cancelled: 9,
  wholeItems: 10,
  wholeChunks: 11,
  wholeTick: 12,
  lanes: 16,
  resources: 20,
} as const;
export const resourceCountMax = 4;

export const chunkStatus = { free: 0, done: -1, absent: -3 } as const;
const firstFailed = -16;
const laneCount = 4;

/** The status of a chunk that a participant has. */
export function claimedBy(participant: number): number {
  return participant + 1;
}

/** The status of a chunk in which a participant failed. */
export function failedBy(participant: number): number {
  return firstFailed - participant;
}

/** Makes `chunkCount` chunks claimable. The coordinator has written everything that a chunk reads before. */
export function openTask(words: Int32Array, statuses: Int32Array, chunkCount: number): void {
  assert(Atomics.load(words, taskWord.state) === 0, "a task is opened once before it is closed");
  assert(chunkCount <= statuses.length, "a task has room for its chunks", { chunkCount, room: statuses.length });
  words[taskWord.chunkCount] = chunkCount;
  words[taskWord.cancelled] = 0;
  words[taskWord.opening] = words[taskWord.opening]! + 1;
  Atomics.store(words, taskWord.finished, 0);
  for (let lane = 0; lane < laneCount; lane++) Atomics.store(words, taskWord.lanes + lane, 0);
  for (let chunk = chunkCount; chunk < statuses.length; chunk++) Atomics.store(statuses, chunk, chunkStatus.absent);
  for (let chunk = 0; chunk < chunkCount; chunk++) Atomics.store(statuses, chunk, chunkStatus.free);
  Atomics.store(words, taskWord.state, 1);
}

export function closeTask(words: Int32Array): void {
  Atomics.store(words, taskWord.state, 0);
}

/**
 * Claims a chunk of an open task: from the participant's own quarter first, then from the others'.
 * -1 when all were offered. `shuffleSeed` above 0 permutes which chunk an offer means.
 */
export function claimChunk(words: Int32Array, statuses: Int32Array, participant: number, shuffleSeed: number): number {
  const chunkCount = words[taskWord.chunkCount]!;
  const mark = claimedBy(participant);
  for (let k = 0; k < laneCount; k++) {
    const lane = (participant + shuffleSeed + k) & (laneCount - 1);
    const first = Math.floor((lane * chunkCount) / laneCount);
    const end = Math.floor(((lane + 1) * chunkCount) / laneCount);
    while (first + Atomics.load(words, taskWord.lanes + lane) < end) {
      const offered = first + Atomics.add(words, taskWord.lanes + lane, 1);
      if (offered >= end) break;
      const chunk = shuffleSeed === 0 ? offered : shuffled(offered, chunkCount, shuffleSeed);
      if (Atomics.compareExchange(statuses, chunk, chunkStatus.free, mark) === chunkStatus.free) return chunk;
    }
  }
  return -1;
}

/** Claims whatever is still free, offered or not: finds what one who died had been offered but had not marked. */
export function claimLeftover(words: Int32Array, statuses: Int32Array, participant: number): number {
  const chunkCount = words[taskWord.chunkCount]!;
  for (let chunk = 0; chunk < chunkCount; chunk++)
    if (
      Atomics.load(statuses, chunk) === chunkStatus.free &&
      Atomics.compareExchange(statuses, chunk, chunkStatus.free, claimedBy(participant)) === chunkStatus.free
    )
      return chunk;
  return -1;
}

/**
 * Marks a claimed chunk as done. True when it seems to have been the last of its task: a participant that
 * was held up between the two steps may count for the opening after, so this is a hint and wakes at most.
 */
export function finishChunk(words: Int32Array, statuses: Int32Array, chunk: number, participant: number): boolean {
  const mark = claimedBy(participant);
  if (Atomics.compareExchange(statuses, chunk, mark, chunkStatus.done) !== mark) return false;
  return Atomics.add(words, taskWord.finished, 1) + 1 >= words[taskWord.chunkCount]!;
}

/**
 * Whether every chunk is done. The statuses alone say yes. The counter may say no, unless `isThorough`: one
 * that died between marking and counting leaves it too low for ever.
 */
export function isTaskDone(words: Int32Array, statuses: Int32Array, isThorough: boolean): boolean {
  const chunkCount = words[taskWord.chunkCount]!;
  if (!isThorough && Atomics.load(words, taskWord.finished) < chunkCount) return false;
  for (let chunk = 0; chunk < chunkCount; chunk++) if (Atomics.load(statuses, chunk) !== chunkStatus.done) return false;
  return true;
}

/** A permutation of 0..count - 1 that depends on the seed. */
function shuffled(index: number, count: number, seed: number): number {
  // A multiplier without a common divisor with the count permutes; the largest such below a drawn one is taken.
  let multiplier = 1 + ((seed * 2_654_435) % Math.max(1, count));
  while (multiplier > 1 && greatestCommonDivisor(multiplier, count) !== 1) multiplier--;
  return (index * multiplier + seed) % count;
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
