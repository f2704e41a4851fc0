/** A thread that claims and finishes chunks of one task, and writes its number beside each that it got. */
import { workerData } from "node:worker_threads";
import { claimChunk, claimLeftover, finishChunk } from "../../../engine/jobs/task.ts";

export interface ClaimData {
  readonly words: SharedArrayBuffer;
  readonly statuses: SharedArrayBuffer;
  /** How often each chunk was claimed. */
  readonly counts: SharedArrayBuffer;
  /** Word 0: threads that are ready; word 1: round that may begin; word 2: threads that have ended the round. */
  readonly gate: SharedArrayBuffer;
  readonly participant: number;
  readonly rounds: number;
  readonly shuffleSeeds: readonly number[];
  /** Now and then it is offered a chunk and does not take it, as one that dies in between. */
  readonly isForgetful: boolean;
}

/** Claims until nothing is left; the coordinator (participant 0) looks for what others left as well. */
export function claimAll(data: ClaimData, round: number): void {
  const words = new Int32Array(data.words);
  const statuses = new Int32Array(data.statuses);
  const counts = new Int32Array(data.counts);
  const seed = data.shuffleSeeds[round % data.shuffleSeeds.length]!;
  for (;;) {
    let chunk = claimChunk(words, statuses, data.participant, seed);
    if (chunk < 0 && data.participant === 0) chunk = claimLeftover(words, statuses, 0);
    if (chunk < 0) return;
    Atomics.add(counts, chunk, 1);
    finishChunk(words, statuses, chunk, data.participant);
    if (data.isForgetful && chunk % 3 === 0) Atomics.add(words, 16 + (chunk & 3), 1);
  }
}

const data = workerData as ClaimData | null;
if (data?.gate !== undefined) {
  const gate = new Int32Array(data.gate);
  for (let round = 0; round < data.rounds; round++) {
    Atomics.add(gate, 0, 1);
    Atomics.notify(gate, 0);
    while (Atomics.load(gate, 1) <= round) Atomics.wait(gate, 1, round, 100);
    claimAll(data, round);
    Atomics.add(gate, 2, 1);
    Atomics.notify(gate, 2);
  }
}
