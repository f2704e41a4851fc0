/**
 * Background runs: frame jobs that the budget lets run across frames. Each is a group of its own that is
 * looked at once a frame: when it is whole its output is taken in, and the next run begins.
 *
 * Only a job that reads no other job may do so: the outputs of others would move on under it.
 */
import type { SnapshotSubsystem } from "../snapshot/subsystem.ts";
import type { AnyJob } from "./definition.ts";
import { slotsNeeded } from "./graph.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { type Crew, TaskGroup } from "./task-group.ts";

interface BackgroundRun {
  readonly task: Task;
  readonly group: TaskGroup;
  /** The snapshot that it reads, pinned; -1 when it does not run. */
  slot: number;
  startMicros: number;
}

/** Whether a job may run in the background at all. Resources are swapped between frames, so it names none. */
export function mayRunInBackground({ kind, stage, inputs, resources }: AnyJob): boolean {
  return kind === "frame" && stage === "jobs" && inputs.length === 0 && resources.length === 0;
}

export class BackgroundRuns {
  readonly #runs: readonly BackgroundRun[];
  readonly #crew: Crew;
  readonly #snapshots: SnapshotSubsystem;
  /** Runs that may hold a snapshot at once: what frames and tick jobs can spare. */
  readonly #runCountMax: number;

  /** `begin` begins a task on the snapshot in a slot. */
  constructor(
    crew: Crew,
    memory: JobMemory,
    snapshots: SnapshotSubsystem,
    begin: (task: Task, slot: number) => number,
  ) {
    this.#crew = crew;
    this.#snapshots = snapshots;
    const { graph, limits } = memory.program;
    this.#runCountMax = limits.snapshotSlots - slotsNeeded(graph);
    this.#runs = memory.tasks
      .filter(({ job }) => mayRunInBackground(job))
      .map((task) => {
        const run: BackgroundRun = {
          task,
          group: new TaskGroup(crew, [{ task, after: [], begin: () => begin(task, run.slot) }]),
          slot: -1,
          startMicros: 0,
        };
        return run;
      });
  }

  /** Takes in what is whole and begins what `isWanted`. */
  tend(frameIndex: number, isWanted: (job: AnyJob) => boolean): void {
    const { ring } = this.#snapshots.writer!;
    for (let i = 0; i < this.#runs.length; i++) {
      const run = this.#runs[i]!;
      const isStillWanted = isWanted(run.task.job);
      if (run.slot >= 0) {
        const age = this.#crew.clock.nowMicros() - run.startMicros;
        const isLate = age > run.task.job.timeoutMillis * 1_000;
        // A join takes what nobody has, and ends who hangs: no run outlives its job's timeout.
        if (isStillWanted && !isLate && !run.group.isWhole) continue;
        run.group.join();
        ring.unpin(run.slot);
        run.slot = -1;
      }
      if (!isStillWanted || this.#runningCount() >= this.#runCountMax) continue;
      run.slot = ring.pin();
      if (run.slot < 0) continue;
      run.startMicros = this.#crew.clock.nowMicros();
      run.group.open(frameIndex);
    }
  }

  /** Whether a run of the task is on its way. */
  isRunning(task: Task): boolean {
    for (let i = 0; i < this.#runs.length; i++)
      if (this.#runs[i]!.task === task && this.#runs[i]!.slot >= 0) return true;
    return false;
  }

  #runningCount(): number {
    let count = 0;
    for (let i = 0; i < this.#runs.length; i++) if (this.#runs[i]!.slot >= 0) count++;
    return count;
  }

  cancel(): void {
    for (const run of this.#runs) if (run.slot >= 0) run.group.cancel();
  }
}
