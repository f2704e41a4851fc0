/**
 * Background runs: frame jobs that the budget lets run across frames. Each is a group of its own that is
 * looked at once a frame: when it is whole its output is taken in, and the next run begins.
 *
 * Only a job that reads no other job may do so: the outputs of others would move on under it.
 */
import type { SnapshotSubsystem } from "../snapshot/subsystem.ts";
import type { AnyJob } from "./definition.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { type Crew, TaskGroup } from "./task-group.ts";

interface BackgroundRun {
  readonly task: Task;
  readonly group: TaskGroup;
  /** The snapshot that it reads, pinned; -1 when it does not run. */
  slot: number;
}

/** Whether a job may run in the background at all. */
export function mayRunInBackground({ kind, stage, inputs }: AnyJob): boolean {
  return kind === "frame" && stage === "jobs" && inputs.length === 0;
}

export class BackgroundRuns {
  readonly #runs: readonly BackgroundRun[];
  readonly #snapshots: SnapshotSubsystem;

  /** `begin` begins a task on the snapshot in a slot. */
  constructor(
    crew: Crew,
    memory: JobMemory,
    snapshots: SnapshotSubsystem,
    begin: (task: Task, slot: number) => number,
  ) {
    this.#snapshots = snapshots;
    this.#runs = memory.tasks
      .filter(({ job }) => mayRunInBackground(job))
      .map((task) => {
        const run: BackgroundRun = {
          task,
          group: new TaskGroup(crew, [{ task, after: [], begin: () => begin(task, run.slot) }]),
          slot: -1,
        };
        return run;
      });
  }

  /** Takes in what is whole and begins what `isWanted`. */
  tend(frameIndex: number, isWanted: (job: AnyJob) => boolean): void {
    const { ring } = this.#snapshots.writer!;
    for (let i = 0; i < this.#runs.length; i++) {
      const run = this.#runs[i]!;
      if (run.slot >= 0) {
        if (!run.group.isWhole) continue;
        run.group.join();
        ring.unpin(run.slot);
        run.slot = -1;
      }
      if (!isWanted(run.task.job)) continue;
      run.slot = ring.pin();
      if (run.slot >= 0) run.group.open(frameIndex);
    }
  }

  /** Whether a run of the task is on its way. */
  isRunning(task: Task): boolean {
    for (let i = 0; i < this.#runs.length; i++)
      if (this.#runs[i]!.task === task && this.#runs[i]!.slot >= 0) return true;
    return false;
  }

  cancel(): void {
    for (const run of this.#runs) if (run.slot >= 0) run.group.cancel();
  }
}
