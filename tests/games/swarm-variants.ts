/**
 * Variants of Swarm whose jobs break in one way each. A job that breaks does so on workers alone, at the ticks of
 * `badTicks`, unless its name says otherwise; there the engine's own thread holds back for a moment, so
 * that workers come to have chunks. A variant's healthy runs are those without workers.
 */
// lint-allow-file host: jobs break on workers alone, and some end their thread.
import { workerData } from "node:worker_threads";
import type { Game } from "../../engine/index.ts";
import type { AnyJob, Chunk } from "../../engine/jobs/definition.ts";
import { bounds, cull, dust, makeSwarm, sense, swarmJobs } from "./swarm.ts";

export const badTicks: readonly number[] = [6, 20];
/** How long a chunk of a hanging job may take: far longer than a busy machine holds back one that does not hang. */
export const hangTimeoutMillis = 600;

const role: unknown = (workerData as { readonly role?: unknown } | null)?.role;
const isOnWorker = role === "job-worker" || role === "witness-worker";
const pause = new Int32Array(new SharedArrayBuffer(4));
const rest = (millis: number): void => {
  Atomics.wait(pause, 0, 0, millis);
};

type AnyChunk = Pick<Chunk, "number" | "tick" | "count"> & {
  readonly output: Record<string, Float32Array>;
  readonly before: Record<string, Float32Array>;
  readonly columns: Record<string, Record<string, Float32Array>>;
  readonly inputs: Record<string, { readonly columns: Record<string, Float32Array> }>;
};

/** `job` with `act` done in each chunk before its own work. */
function also(job: AnyJob, act: (chunk: AnyChunk) => void, change: Partial<AnyJob> = {}): AnyJob {
  return {
    ...job,
    ...change,
    run(chunk) {
      act(chunk);
      return job.run(chunk);
    },
  };
}

/** Swarm with `broken` in the place of the job of its name. */
function swarmWith(broken: AnyJob): Game {
  return makeSwarm(swarmJobs.map((job) => (job.name === broken.name ? broken : job)));
}

/** `act` on workers, at bad ticks; the coordinator leaves them the time to get there. */
function onWorkers(act: (chunk: AnyChunk) => void): (chunk: AnyChunk) => void {
  return (chunk) => {
    if (!badTicks.includes(chunk.tick)) return;
    if (isOnWorker) act(chunk);
    else rest(50);
  };
}

function fail(): never {
  throw new Error("planted");
}

function hang(): void {
  for (;;) rest(1_000_000);
}

/** Fills the heap until the thread is ended. */
function hoard(): void {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length + 0.5));
}

function flip(column: Float32Array, byteOffset: number): void {
  new Uint8Array(column.buffer, byteOffset, 1)[0]! ^= 1;
}

/** Half of the rows, then the end of the thread. */
function dieWriting({ output, count }: AnyChunk): void {
  // lint-allow key-order: every column gets the same.
  for (const column of Object.values(output)) for (let i = 0; i < count / 2; i++) column[i] = 77;
  process.exit(5);
}

const shortWait = { timeoutMillis: hangTimeoutMillis };

export const swarmVariants = {
  swarm: () => makeSwarm(),
  "throws-on-workers": () => swarmWith(also(bounds, onWorkers(fail))),
  "tick-job-throws-on-workers": () => swarmWith(also(sense, onWorkers(fail))),
  throws: () =>
    swarmWith(
      also(bounds, ({ tick, number }) => {
        if (tick === 7 && number === 1) fail();
      }),
    ),
  "tick-job-throws": () =>
    swarmWith(
      also(sense, ({ tick, number }) => {
        if (tick === 8 && number === 3) fail();
      }),
    ),
  stops: () => swarmWith(also(bounds, onWorkers(fail), { onFailure: "stop" })),
  "hangs-on-workers": () => swarmWith(also(bounds, onWorkers(hang), shortWait)),
  "spins-on-workers": () =>
    swarmWith(
      also(
        cull,
        onWorkers(() => {
          for (;;);
        }),
        shortWait,
      ),
    ),
  "tick-job-hangs-on-workers": () => swarmWith(also(sense, onWorkers(hang), shortWait)),
  "exits-on-workers": () => swarmWith(also(bounds, onWorkers(dieWriting))),
  "tick-job-exits-on-workers": () => swarmWith(also(sense, onWorkers(dieWriting))),
  "hoards-on-workers": () => swarmWith(also(dust, onWorkers(hoard), { timeoutMillis: 20_000 })),
  "writes-outside": () =>
    swarmWith(
      also(bounds, ({ tick, number, output }) => {
        const column = output["x"]!;
        if (tick === 5 && number === 1) flip(column, column.byteOffset - 4);
      }),
    ),
  "writes-outside-on-workers": () =>
    swarmWith(
      also(
        bounds,
        onWorkers(({ output }) => flip(output["x"]!, output["x"]!.byteOffset + output["x"]!.byteLength)),
      ),
    ),
  "tick-job-writes-outside": () =>
    swarmWith(
      also(sense, ({ tick, number, before }) => {
        if (tick === 10 && number === 1) flip(before["distance"]!, before["distance"]!.byteOffset);
      }),
    ),
  "writes-snapshot": () =>
    swarmWith(
      also(bounds, ({ tick, number, columns }) => {
        if (tick === 5 && number === 0) flip(columns["Mote"]!["vx"]!, columns["Mote"]!["vx"]!.byteOffset + 40);
      }),
    ),
  "writes-snapshot-on-workers": () =>
    swarmWith(
      also(
        bounds,
        onWorkers(({ columns }) => flip(columns["Mote"]!["vz"]!, columns["Mote"]!["vz"]!.byteOffset)),
      ),
    ),
  "tick-job-writes-snapshot": () =>
    swarmWith(
      also(sense, ({ tick, columns }) => {
        const { matrix } = columns["WorldTransform"]!;
        if (tick === 10) flip(matrix!, matrix!.byteOffset + 64);
      }),
    ),
  "writes-input": () =>
    swarmWith(
      also(cull, ({ tick, inputs }) => {
        const { z } = inputs["Bounds"]!.columns;
        if (tick === 5) flip(z!, z!.byteOffset);
      }),
    ),
  /** Every chunk takes a moment, so that threads are in the midst of one when they are ended. */
  slow: () =>
    makeSwarm(
      swarmJobs.map((job) =>
        // A busy machine may hold a thread back for long; that is no hanging job.
        also(job, () => rest(job.kind === "tick" ? 0.3 : 0.15), { timeoutMillis: 25_000 }),
      ),
    ),
} satisfies Record<string, () => Game>;

export type SwarmVariant = keyof typeof swarmVariants;

/** The variant that ORRERY_TEST_GAME names. */
export function namedVariant(): Game {
  return swarmVariants[(process.env["ORRERY_TEST_GAME"] ?? "swarm") as SwarmVariant]();
}
