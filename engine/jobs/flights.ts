/**
 * Flights: runs of tick jobs from launch to entry. A flight is launched after tick T on the snapshot of T,
 * which it keeps pinned, goes on beside the ticks that follow, and its rows enter by the door at exactly
 * T + latency: `enterDue` waits for those that are late.
 */
import { answerWriter, encodeAnswerRow } from "../input/answer.ts";
import type { Clock } from "../ports/clock.ts";
import type { World } from "../sim/world.ts";
import type { SnapshotSubsystem } from "../snapshot/subsystem.ts";
import type { TracePort } from "../trace/trace-port.ts";
import type { AnyJob } from "./definition.ts";
import type { SlotGuard } from "./guard.ts";
import type { JobMemory, Task } from "./job-memory.ts";
import { type Crew, TaskGroup } from "./task-group.ts";

interface Flight {
  readonly job: AnyJob;
  readonly task: Task;
  readonly group: TaskGroup;
  /** Its name in traces. */
  readonly span: number;
  launchedTick: number;
  slot: number;
  slotHashes: readonly string[];
}

/** No tick: the flight may be launched. */
const idle = -1;

export interface FlightParts {
  readonly crew: Crew;
  readonly memory: JobMemory;
  readonly snapshots: SnapshotSubsystem;
  readonly guard: SlotGuard | undefined;
  readonly trace: TracePort;
  readonly clock: Clock;
  /** Sets a run up on the snapshot in `slot` and gives its items. */
  begin(task: Task, slot: number): number;
}

export class Flights {
  readonly #parts: FlightParts;
  readonly #flights: readonly Flight[];

  constructor(parts: FlightParts) {
    this.#parts = parts;
    const { crew, memory, trace } = parts;
    this.#flights = memory.tasks
      .filter(({ job }) => job.kind === "tick")
      .map((task) => {
        const { name } = task.job;
        const flight: Flight = {
          job: task.job,
          task,
          group: new TaskGroup(crew, [{ task, after: [], begin: () => parts.begin(task, flight.slot) }]),
          span: trace.number(`${name} in flight`, `flight of ${name}`, "launched", ""),
          launchedTick: idle,
          slot: -1,
          slotHashes: [],
        };
        return flight;
      });
  }

  /** Flights on their way. */
  get count(): number {
    let count = 0;
    for (let i = 0; i < this.#flights.length; i++) if (this.#flights[i]!.launchedTick !== idle) count++;
    return count;
  }

  /** Names of the jobs on their way, with the tick they were launched at. */
  get list(): readonly { readonly job: string; readonly launchedTick: number }[] {
    return this.#flights
      .filter(({ launchedTick }) => launchedTick !== idle)
      .map(({ job, launchedTick }) => ({ job: job.name, launchedTick }));
  }

  /** Enters the answers that are due at the tick that comes next. */
  enterDue(world: World): void {
    const next = world.tickCount + 1;
    for (let i = 0; i < this.#flights.length; i++) {
      const flight = this.#flights[i]!;
      if (flight.launchedTick !== idle && flight.launchedTick + flight.job.latency === next) this.#enter(flight, world);
    }
  }

  /** Launches the jobs whose turn it is after the tick that was just made. */
  launchDue(world: World, frameIndex: number): void {
    const { snapshots, guard, trace } = this.#parts;
    const tick = world.tickCount;
    for (let i = 0; i < this.#flights.length; i++) {
      const flight = this.#flights[i]!;
      if (flight.launchedTick !== idle || tick % flight.job.every !== 0) continue;
      if (this.#isLaunchedAt(flight.job, tick)) continue;
      flight.launchedTick = tick;
      flight.slot = snapshots.pinTick();
      flight.slotHashes = guard?.hashesOf(flight.slot) ?? [];
      flight.group.open(frameIndex);
      trace.track.asyncBegin(flight.span, tick, this.#now());
    }
  }

  /** Waits for the flights that read a resource: its bytes may be given up then. */
  settle(resource: string): void {
    for (let i = 0; i < this.#flights.length; i++) {
      const { job, group, launchedTick } = this.#flights[i]!;
      if (launchedTick !== idle && job.resources.includes(resource)) group.join();
    }
  }

  /** Waits for all flights, without entering them; raises what one of them failed with. */
  joinAll(): void {
    for (const { group, launchedTick } of this.#flights) if (launchedTick !== idle) group.join();
  }

  cancel(): void {
    let failure: unknown;
    for (const { group, launchedTick } of this.#flights)
      try {
        if (launchedTick !== idle) group.cancel();
      } catch (thrown) {
        failure ??= thrown;
      }
    if (failure !== undefined) throw failure;
  }

  #isLaunchedAt(job: AnyJob, tick: number): boolean {
    for (let i = 0; i < this.#flights.length; i++)
      if (this.#flights[i]!.job === job && this.#flights[i]!.launchedTick === tick) return true;
    return false;
  }

  #enter(flight: Flight, world: World): void {
    const { job, task, group, launchedTick } = flight;
    const { snapshots, guard, trace } = this.#parts;
    group.join();
    guard?.check(flight.slot, flight.slotHashes, job.name);
    snapshots.writer!.ring.unpin(flight.slot);
    const { view } = task;
    const writer = answerWriter(job.answer!, 1);
    for (let chunk = 0; chunk < view.chunkCount; chunk++)
      for (let row = 0; row < view.rowCounts[chunk]!; row++) {
        const at = chunk * view.rowStride + row;
        encodeAnswerRow(writer, job.answer!, view.columns, at, `job ${job.name}`, launchedTick);
      }
    world.door.answer(job.answer!, writer.take());
    trace.track.asyncEnd(flight.span, launchedTick, this.#now());
    flight.launchedTick = idle;
    flight.slot = -1;
  }

  #now(): number {
    return this.#parts.trace.track.isOn ? this.#parts.clock.nowMicros() : 0;
  }
}
