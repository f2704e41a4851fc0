/**
 * Which run of a tick job an answer is from, for `trace why`: the job, its chunk and row, and the snapshot that it read.
 *
 * Given a journal and the tick at which the door wrote the answer, with the program that the world had then. The rule a
 * reader could break: an answer that was on its way at a swap is of the code before, whose job may have had another latency
 * and other chunks, and enters by the latency of the code after.
 */
import { ByteReader } from "../base/bytes.ts";
import { handleIndex } from "../ecs/handle.ts";
import type { Game } from "../game.ts";
import { answerRowBytes } from "../input/answer.ts";
import type { AnyJob } from "../jobs/definition.ts";
import { jobsOf } from "../jobs/subsystem.ts";
import { partOf } from "../running-parts.ts";
import type { Program } from "../sim/program.ts";
import type { Journal } from "./journal.ts";
import { Replay, type ReplayHost } from "./replay.ts";
import type { AnswerOrigin } from "./why-chain.ts";

/** What ticks are made again from. */
interface Past {
  readonly journal: Journal;
  readonly game: Game;
  readonly host: ReplayHost;
}

/** A write of the door. */
interface AnsweredPlace {
  /** What made the tick. */
  readonly program: Program;
  readonly component: string;
  readonly entity: number;
  readonly tick: number;
}

/** The run whose answer an entity got at a tick; undefined when the component is no answer, or none entered for it. */
export async function answerBehind(past: Past, place: AnsweredPlace): Promise<AnswerOrigin | undefined> {
  const { program, tick } = place;
  const { graph } = jobsOf({ of: (definition) => partOf(program.parts, definition) });
  const job = graph.jobs.find(({ answer }) => answer?.name === place.component);
  if (job === undefined) return undefined;
  const found = rowIn(past.journal, place, job);
  if (found === undefined) return undefined;
  const { row, number } = found;
  const swapTick = past.journal.swaps.findLast((swap) => swap.tick < tick)?.tick ?? -1;
  let snapshotTick = tick - job.latency;
  let lastTick = tick - 1;
  if (snapshotTick <= swapTick) {
    snapshotTick = await launchBefore(past, job, swapTick, tick, number);
    lastTick = swapTick;
  }
  const chunk = await chunkOf(past, job.name, row, lastTick, snapshotTick);
  return { job: job.name, snapshotTick, latency: tick - snapshotTick, row, chunk };
}

/** The row of the entity, and in which of the component's answers of the tick, from 0: the last one that has it stays. */
function rowIn(
  journal: Journal,
  { program, component, entity, tick }: AnsweredPlace,
  { answer }: AnyJob,
): { readonly row: number; readonly number: number } | undefined {
  const componentNumber = program.schema.components.findIndex(({ name }) => name === component);
  const rowBytes = answerRowBytes(answer!);
  const answers = (journal.tick(tick)?.records ?? []).flatMap((record) =>
    record.kind === "answer" && record.component === componentNumber ? [record.rows] : [],
  );
  for (let number = answers.length - 1; number >= 0; number--) {
    const rows = answers[number]!;
    for (let row = rows.length / rowBytes - 1; row >= 0; row--)
      if (handleIndex(new ByteReader(rows.subarray(row * rowBytes)).u32()) === entity) return { row, number };
  }
  return undefined;
}

/** The tick behind which a run was launched that was on its way at a swap and entered at `tick`, the one of this number. */
async function launchBefore(
  { journal, game, host }: Past,
  { name, latency }: AnyJob,
  swapTick: number,
  tick: number,
  number: number,
): Promise<number> {
  using replay = await Replay.open(journal, game, host, journal.keyframeBefore(swapTick - 1));
  while (replay.tick < swapTick) await replay.advance();
  // What would have been due already enters at the first tick behind the swap.
  const entered = jobsOf(replay.engine).flights.filter(
    ({ job, launchedTick }) => job === name && Math.max(launchedTick + latency, swapTick + 1) === tick,
  );
  return entered[number]?.launchedTick ?? tick - latency;
}

/**
 * The chunk that wrote a row: the job is made to run once more, and its chunks say how many rows each wrote. -1 when the
 * run is not made again, because what is on record begins behind its launch.
 */
async function chunkOf(
  { journal, game, host }: Past,
  job: string,
  row: number,
  lastTick: number,
  snapshotTick: number,
): Promise<number> {
  // From before the launch: an answer that a keyframe holds is not cut into chunks any more.
  const keyframe = journal.keyframeBefore(snapshotTick - 1);
  using replay = await Replay.open(journal, game, host, keyframe);
  while (replay.tick < lastTick) await replay.advance();
  // A save waits for the jobs on their way.
  replay.engine.save();
  const { tasks } = jobsOf(replay.engine).memory;
  const task = tasks.find((candidate) => candidate.job.name === job && candidate.view.tick === snapshotTick);
  if (task === undefined) return -1;
  let rows = 0;
  for (let chunk = 0; chunk < task.view.chunkCount; chunk++) {
    rows += task.view.rowCounts[chunk]!;
    if (row < rows) return chunk;
  }
  return -1;
}
