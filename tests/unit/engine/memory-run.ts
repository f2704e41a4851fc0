/**
 * Starts and stops engines with physics in a process of its own, run with --expose-gc, and prints what
 * the process holds after some of them as one line of JSON. Read by memory.test.ts.
 */
import { makeEngine, smallGame, stepHashes } from "./small-game.ts";

const collect = (globalThis as unknown as { readonly gc: () => void }).gc;

/** Every memory that the process makes, to read how large the physics module's own has grown. */
const memories: { readonly buffer: ArrayBufferLike }[] = [];
const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (...args: unknown[]) => Promise<unknown>;
Object.assign(WebAssembly, {
  instantiate: async (...args: unknown[]) => {
    const made = (await instantiate(...args)) as { instance?: WebAssembly.Instance };
    const memory = made.instance?.exports["memory"] as { buffer: ArrayBufferLike } | undefined;
    if (memory !== undefined) memories.push(memory);
    return made;
  },
});

/** Arenas and worlds that are still held: shared memories are counted in none of Node's figures. */
let liveCount = 0;
const collected = new FinalizationRegistry<undefined>(() => {
  liveCount--;
});
const count = (...things: readonly object[]): void => {
  for (const thing of things) collected.register(thing, undefined);
  liveCount += things.length;
};

const engine = makeEngine(smallGame, { seed: 4 });
const samples: {
  cycle: number;
  external: number;
  arrayBuffers: number;
  heap: number;
  physics: number;
  live: number;
}[] = [];
let reference = "";
for (let cycle = 1; cycle <= 200; cycle++) {
  await engine.start();
  const hashes = stepHashes(engine, 10).join();
  reference ||= hashes;
  if (hashes !== reference) throw new Error(`cycle ${cycle} gave other hashes`);
  count(engine.world, engine.world.arena.memory);
  engine.stop();
  if (cycle % 50 !== 0) continue;
  // Shared memories are freed by finalizers, which run between turns of the event loop.
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { external, arrayBuffers, heapUsed } = process.memoryUsage();
  const physics = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  samples.push({ cycle, external, arrayBuffers, heap: heapUsed, physics, live: liveCount });
}
console.log(JSON.stringify(samples));
