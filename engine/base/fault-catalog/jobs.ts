/** Jobs, workers and what they may not touch. Faults E07xx. */
import { entry } from "./entry.ts";

export const jobsFaults = {
  "job-failed": entry<{ job: string; chunk: number; tick: number; message: string; place: string }>({
    id: "E0701",
    text: (f) =>
      `Job "${f.job}" threw in chunk ${f.chunk} at tick ${f.tick}: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () =>
      "Mend the job; a chunk that fails on a worker is done again by the coordinator, unless the job says stop.",
    explain:
      "A job is a pure function of its snapshot. When a chunk throws on a worker it is done again on the coordinator; when it throws there too, or when the job is declared with onFailure stop, the world is stopped cleanly.",
  }),
  "job-hung": entry<{ job: string; chunk: number; tick: number; waitedMillis: number }>({
    id: "E0702",
    text: (f) => `Job "${f.job}" did not end chunk ${f.chunk} at tick ${f.tick} within ${f.waitedMillis} ms.`,
    mend: () => "Look for a loop without end, or raise the job's timeoutMillis.",
    explain:
      "Every wait for a worker is bounded. The worker is ended and replaced, and the chunk is done again by the coordinator or the world is stopped, as the job declares.",
  }),
  "worker-lost": entry<{ worker: number; job: string; chunk: number; tick: number; problem: string }>({
    id: "E0703",
    text: (f) =>
      `Worker ${f.worker} ended${f.job === "" ? "" : ` in chunk ${f.chunk} of job "${f.job}" at tick ${f.tick}`}: ${f.problem}.`,
    mend: () => "Look for an exit or for memory that grows without end; the pool has replaced the worker.",
    explain:
      "A worker may die at any moment without harm to the world: what it had claimed is done again, and the hash is that of a run without it.",
  }),
  "job-wrote-outside": entry<{ job: string; chunk: number; tick: number; output: string }>({
    id: "E0704",
    text: (f) => `Job "${f.job}" wrote outside its region in chunk ${f.chunk} at tick ${f.tick}: into ${f.output}.`,
    mend: () => "Write only through chunk.output; an offset handed to a kernel must stay within the chunk's rows.",
    explain:
      "Each chunk owns its rows of its job's output and nothing else. A write elsewhere is a race: what survives depends on which chunk ran last. Guard mode finds it by hashing all outputs before and after each chunk.",
  }),
  "snapshot-written": entry<{ jobs: string; tick: number; column: string }>({
    id: "E0705",
    text: (f) => `The snapshot of tick ${f.tick} was written while jobs ran (${f.jobs}): ${f.column} has changed.`,
    mend: () => "Copy what the job must change into its output; a snapshot is immutable.",
    explain:
      "Snapshots are read by any number of jobs at once. Guard mode hashes them before and after, and names the column that differs.",
  }),
  "group-outstanding": entry<{ frame: number; outstanding: string }>({
    id: "E0706",
    text: (f) => `The task group of frame ${f.frame} was left before it was joined; outstanding: ${f.outstanding}.`,
    mend: () => "Join the group within the frame that opened it; its work has been cancelled.",
    explain: "A frame's jobs cannot outlive the frame: their snapshot is given back when it ends.",
  }),
  "pool-silent": entry<{ worker: number; waitedMillis: number }>({
    id: "E0707",
    text: (f) => `Worker ${f.worker} could not be ended within ${f.waitedMillis} ms.`,
    mend: () => "The world was stopped, because the worker may still write; run again.",
    explain:
      "Work of a hung worker is done again only after the worker is known to have ended. When that cannot be made sure, going on would risk a late write.",
  }),
  "race-found": entry<{ comparison: string; tick: number; what: string; expected: string; found: string }>({
    id: "E0708",
    text: (f) => `${f.comparison}: ${f.what} differs at tick ${f.tick}: expected ${f.expected}, found ${f.found}.`,
    mend: () => "Run again with --guard-snapshot, which names the job that writes where it must not.",
    explain:
      "The same records must give the same hashes for every number of workers and every order in which chunks are claimed.",
  }),
} as const;
