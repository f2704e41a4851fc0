/** Spans of chunks: what a thread that runs chunks tells its track, beside what else watches it. */
import type { Clock } from "../ports/clock.ts";
import type { TracePort } from "../trace/trace-port.ts";
import type { AnyJob, ChunkPen } from "./definition.ts";
import { taskWord } from "./task.ts";
import type { ChunkWatch } from "./worker-loop.ts";

/** The number of a job's span; the same on every thread, because the coordinator names all jobs first. */
export function jobSpan(trace: TracePort, job: AnyJob): number {
  return trace.number(job.name, `${job.kind} job`, "chunk", "tick");
}

/** A watch that writes a span a chunk, and tells `other` as well. */
export function chunkTrace(
  trace: TracePort,
  clock: Clock,
  jobs: readonly AnyJob[],
  other: ChunkWatch | undefined,
): ChunkWatch {
  const { track } = trace;
  const spans = new Map(jobs.map((job) => [job, jobSpan(trace, job)]));
  const pen: ChunkPen = {
    nowMicros: () => (track.isOn ? clock.nowMicros() : 0),
    span: (name, startMicros, endMicros, a) => track.span(name, startMicros, endMicros, a),
  };
  return {
    pen,
    nowMicros: () => (track.isOn || other !== undefined ? clock.nowMicros() : 0),
    ran(task, chunk, startMicros) {
      other?.ran(task, chunk, startMicros);
      if (track.isOn)
        track.span(spans.get(task.job)!, startMicros, clock.nowMicros(), chunk, task.words[taskWord.tick]!);
    },
  };
}
