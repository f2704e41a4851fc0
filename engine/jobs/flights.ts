/**
 * Flights: runs of tick jobs from launch to entry. A flight is launched after tick T on the snapshot of T,
 * which it keeps pinned, goes on beside the ticks that follow, and its rows enter by the door at exactly
 * T + latency: `enterDue` waits for those that are late.
 */
import { assert } from "../base/assertions.ts";
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
  /** The answer of a flight that a restore has put back: it landed before the save was made. */
  landed: Uint8Array | undefined;
}

/** A flight that was on its way when a save was made, and what it answers. */
export interface SavedFlight {
  readonly job: string;
  /** Place among the flights of the engine. */
  readonly place: number;
  readonly launchedTick: number;
  readonly rows: Uint8Array;
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
          landed: undefined,
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

  /** The job of each flight, by its place. */
  get jobs(): readonly string[] {
    return this.#flights.map(({ job }) => job.name);
  }

  /** Whether every flight on its way is whole, so that a save waits for none. */
  get haveLanded(): boolean {
    for (let i = 0; i < this.#flights.length; i++) {
      const { launchedTick, landed, group } = this.#flights[i]!;
      if (launchedTick !== idle && landed === undefined && !group.isWhole) return false;
    }
    return true;
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
      const { job, group, launchedTick, landed } = this.#flights[i]!;
      if (launchedTick !== idle && landed === undefined && job.resources.includes(resource)) group.join();
    }
  }

  /** Waits for all flights, without entering them; raises what one of them failed with. */
  joinAll(): void {
    for (const { group, launchedTick, landed } of this.#flights)
      if (launchedTick !== idle && landed === undefined) group.join();
  }

  /** Waits for all flights and notes what they answer; they enter when they are due all the same. */
  save(): SavedFlight[] {
    const saved: SavedFlight[] = [];
    this.#flights.forEach((flight, place) => {
      const { job, group, launchedTick, landed } = flight;
      if (launchedTick === idle) return;
      if (landed === undefined) group.join();
      saved.push({ job: job.name, place, launchedTick, rows: landed ?? this.#rowsOf(flight) });
    });
    return saved;
  }

  /** Forgets the flights on their way and takes over those of a save. */
  restore(saved: readonly SavedFlight[]): void {
    this.cancel();
    const { ring } = this.#parts.snapshots.writer!;
    for (const flight of this.#flights) {
      if (flight.slot >= 0) ring.unpin(flight.slot);
      flight.slot = -1;
      flight.launchedTick = idle;
      flight.landed = undefined;
    }
    for (const { job, place, launchedTick, rows } of saved) {
      const flight = this.#flights[place];
      assert(flight?.job.name === job, "a saved flight has its place in every engine of the program", { job, place });
      flight.launchedTick = launchedTick;
      flight.landed = rows;
    }
  }

  cancel(): void {
    let failure: unknown;
    for (const { group, launchedTick, landed } of this.#flights)
      try {
        if (launchedTick !== idle && landed === undefined) group.cancel();
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
    const { job, group, launchedTick, landed } = flight;
    const { snapshots, guard, trace } = this.#parts;
    if (landed === undefined) {
      group.join();
      guard?.check(flight.slot, flight.slotHashes, job.name);
      snapshots.writer!.ring.unpin(flight.slot);
    }
    world.door.answer(job.answer!, landed ?? this.#rowsOf(flight));
    trace.track.asyncEnd(flight.span, launchedTick, this.#now());
    flight.launchedTick = idle;
    flight.slot = -1;
    flight.landed = undefined;
  }

  /** The answer of a flight that has been joined, as the door takes it. */
  #rowsOf({ job, task: { view }, launchedTick }: Flight): Uint8Array {
    const writer = answerWriter(job.answer!, 1);
    for (let chunk = 0; chunk < view.chunkCount; chunk++)
      for (let row = 0; row < view.rowCounts[chunk]!; row++) {
        const at = chunk * view.rowStride + row;
        encodeAnswerRow(writer, job.answer!, view.columns, at, `job ${job.name}`, launchedTick);
      }
    return writer.take();
  }

  #now(): number {
    return this.#parts.trace.track.isOn ? this.#parts.clock.nowMicros() : 0;
  }
}
