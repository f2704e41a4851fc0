/**
 * What a worker does, the same in every host: it is handed one world after the other, finds the game's
 * jobs in its own bundle, and runs the worker loop until that world is over. It blocks while it does.
 */
import type { AssetMemory } from "../../engine/asset/memory.ts";
import { StageList } from "../../engine/asset/stage.ts";
import { StageRunner } from "../../engine/asset/stage-runner.ts";
import { type Game, jobProgram } from "../../engine/game.ts";
import { chunkTrace } from "../../engine/jobs/chunk-trace.ts";
import { JobMemory, type JobProgram, type WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { poolWord, poolWords } from "../../engine/jobs/pool-memory.ts";
import { type Background, type ChunkWatch, runWorkerLoop } from "../../engine/jobs/worker-loop.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { allPipelines } from "../../engine/streaming/definition.ts";
import { noTrace, openTrace, type TracePort } from "../../engine/trace/trace-port.ts";
import { workerTrack } from "../world/tracks.ts";

/** Takes an attachment and returns when that world is over: whether the pool stops as well. */
export type WorkerRole = (attachment: WorldAttachment) => boolean;

/** The role of worker `worker`. `watch` is told of each chunk that it has run, beside the trace. */
export function workerRole(
  game: Game,
  pool: SharedArrayBuffer,
  worker: number,
  clock: Clock,
  watch?: ChunkWatch,
): WorkerRole {
  const words = poolWords(pool);
  let program: JobProgram | undefined;
  return (attachment) => {
    // A world that was over before this thread came to it; the next one is on its way.
    if (Atomics.load(words, poolWord.serial) !== attachment.serial) return false;
    program ??= jobProgram(game);
    const { trace } = attachment;
    const port = trace === undefined ? noTrace : openTrace(trace, workerTrack(worker));
    const traced = chunkTrace(port, clock, program.graph.jobs, watch);
    const background = attachment.assets === undefined ? undefined : stages(game, attachment.assets, port, clock);
    return runWorkerLoop(pool, worker, new JobMemory(program, attachment), background, traced) === "stopping";
  };
}

/** Stages of pipelines, which a worker runs when no chunk waits. Thread 0 of assets is the coordinator. */
function stages(game: Game, memory: AssetMemory, { track, number }: TracePort, clock: Clock): Background {
  const runner = new StageRunner(memory, new StageList(allPipelines(game.pipelines)));
  const span = number("stage", "pipelines");
  return {
    runOne(worker) {
      if (!runner.hasWork) return false;
      const startMicros = track.isOn ? clock.nowMicros() : 0;
      const ran = runner.runOne(worker + 1);
      if (ran && startMicros > 0) track.span(span, startMicros, clock.nowMicros());
      return ran;
    },
  };
}
