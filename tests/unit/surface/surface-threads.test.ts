/** Turns recorded and submitted by real threads: the same words, order and timeline as in one thread. */
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";
import { drawDeclared } from "../../../engine/surface/declared-drawing.ts";
import type { SurfaceDefinition } from "../../../engine/surface/surface.ts";
import { surfaceMemoryWords } from "../../../engine/surface/surface-turns.ts";
import { fourSurfaces, limits, Screen } from "./four-surfaces.ts";
import type { TurnTask } from "./turn-thread.ts";

const frameCount = 200;
const threadCount = 3;
const threads: Worker[] = [];
const control = new Int32Array(new SharedArrayBuffer(24));

/** Eight surfaces on two queues, so that threads meet in both rings. */
const surfaces: readonly SurfaceDefinition[] = [
  ...fourSurfaces,
  ...[1, 2, 3, 4].map(
    (i): SurfaceDefinition => ({
      name: `Probe${i}`,
      kind: "reflection",
      width: 4,
      height: 4,
      queue: i % 2 === 0 ? "compute" : "graphics",
      reads: i > 2 ? ["ShadowMap"] : [],
      everyFrames: i,
      costs: { recordMicros: 1, submitMicros: 10 * i, presentMicros: 5 },
    }),
  ),
];

afterAll(async () => {
  Atomics.store(control, 1, 0);
  Atomics.store(control, 4, 1);
  Atomics.add(control, 0, 1);
  Atomics.notify(control, 0);
  await Promise.all(threads.map((thread) => thread.terminate()));
});

test("threads give the words and the timeline of the serial run, frame by frame", async () => {
  const memory = new SharedArrayBuffer(surfaceMemoryWords(limits) * 4);
  const parallel = new Screen(surfaces, new Int32Array(memory));
  const serial = new Screen(surfaces);
  for (let i = 0; i < threadCount; i++) {
    const workerData: TurnTask = { memory, control };
    threads.push(new Worker(new URL("./turn-thread.ts", import.meta.url), { workerData }));
  }
  const failure = Promise.race(
    threads.map(
      (thread) =>
        new Promise<never>((_, reject) => {
          thread.on("error", reject);
        }),
    ),
  );
  failure.catch(() => {});
  await Promise.race([failure, until(5, threadCount)]);
  for (let number = 1; number <= frameCount; number++) {
    const frame = parallel.frames.begin(number);
    Atomics.store(control, 3, 0);
    Atomics.store(control, 1, frame.turnCount);
    Atomics.store(control, 2, 0);
    Atomics.add(control, 0, 1);
    Atomics.notify(control, 0);
    // All threads have left the frame, so its counters may be set anew.
    await Promise.race([failure, until(3, threadCount)]);
    parallel.frames.seal();
    parallel.present(frame);
    parallel.frames.end();

    const expected = serial.frames.begin(number);
    for (let turn = 0; turn < expected.turnCount; turn++) {
      serial.turns.record(turn, drawDeclared);
      serial.turns.submit(turn);
    }
    serial.frames.seal();
    serial.present(expected);
    serial.frames.end();

    expect(frame).toEqual(expected);
    expect(parallel.turns.commandMemory.slice(-limits.surfaceCount * limits.commandWordCount)).toEqual(
      serial.turns.commandMemory.slice(-limits.surfaceCount * limits.commandWordCount),
    );
    expect(parallel.spans()).toEqual(serial.spans());
  }
});

/** Resolves when control word `word` has reached `value`. */
async function until(word: number, value: number): Promise<void> {
  for (;;) {
    const now = Atomics.load(control, word);
    if (now >= value) return;
    const { async, value: change } = Atomics.waitAsync(control, word, now, 60_000);
    if (async && (await change) === "timed-out") throw new Error(`word ${word} stayed ${now} and should be ${value}`);
  }
}
