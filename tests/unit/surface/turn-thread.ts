/**
 * One thread of the turns test: claims turns by an atomic counter, records and submits them, frame after
 * frame, until it is told to stop. Started by surface-threads.test.ts.
 *
 *     word 0 generation   1 turns in it   2 turns claimed   3 threads that found no more   4 stop   5 threads ready
 */
import { workerData } from "node:worker_threads";
import { drawDeclared } from "../../../engine/surface/declared-drawing.ts";
import { SurfaceTurns } from "../../../engine/surface/surface-turns.ts";
import { limits } from "./four-surfaces.ts";

export interface TurnTask {
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array;
}

const { memory, control } = workerData as TurnTask;
const turns = new SurfaceTurns(new Int32Array(memory), 0, limits);
Atomics.add(control, 5, 1);
Atomics.notify(control, 5);

for (let generation = 0; Atomics.load(control, 4) === 0; ) {
  Atomics.wait(control, 0, generation, 1_000);
  if (Atomics.load(control, 0) === generation) continue;
  generation = Atomics.load(control, 0);
  const turnCount = Atomics.load(control, 1);
  for (let turn = Atomics.add(control, 2, 1); turn < turnCount; turn = Atomics.add(control, 2, 1)) {
    turns.record(turn, drawDeclared);
    turns.submit(turn);
  }
  Atomics.add(control, 3, 1);
  Atomics.notify(control, 3);
}
