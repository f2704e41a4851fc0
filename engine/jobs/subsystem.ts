/**
 * The jobs subsystem: runs frame jobs in the stages `jobs` and `submit`, a group each, and carries tick jobs
 * from launch to entry.
 * Frame jobs run only when something presents the world; tick jobs always, because the world waits
 * for their answers.
 */
import type { AssetMemory } from "../asset/memory.ts";
import { raise } from "../base/faults.ts";
import type { Fallback } from "../sim/fallback.ts";
import {
  defineSubsystem,
  type Frame,
  type PartState,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { type SnapshotSubsystem, snapshotSubsystem } from "../snapshot/subsystem.ts";
import { BackgroundRuns } from "./background.ts";
import { BeginContext } from "./begin.ts";
import { ChunkRunner } from "./chunk-runner.ts";
import { chunkTrace } from "./chunk-trace.ts";
import type { AnyJob, JobStage, OutputView } from "./definition.ts";
import { Flights, type SavedFlight } from "./flights.ts";
import { checkJobs, compileJobs, type JobGraph } from "./graph.ts";
import { SlotGuard } from "./guard.ts";
import { JobMemory, type Task } from "./job-memory.ts";
import { jobHeaderWord, layOutJobs } from "./layout.ts";
import { type JobLevel, JobLevels } from "./levels.ts";
import type { Output } from "./output.ts";
import { Pool, type PoolPort } from "./pool.ts";
import { decodeFlights, encodeFlights } from "./saved-flights.ts";
import { taskWord } from "./task.ts";
import { type Crew, TaskGroup } from "./task-group.ts";
import type { ChunkWatch } from "./worker-loop.ts";

export interface JobsOptions {
  readonly pool?: PoolPort | undefined;
  /** Told of every chunk that the coordinator runs; beside the trace. */
  readonly watch?: ChunkWatch | undefined;
  /** Hash snapshots and outputs around every job: finds writes where there must be none. */
  readonly guard?: boolean;
  /** Permutes the order in which chunks are claimed; 0 leaves it. */
  readonly shuffleSeed?: number;
  /** Memory of assets, made when the engine starts; undefined for a game that streams nothing. */
  readonly assets?: (() => AssetMemory) | undefined;
}

export interface JobsSubsystem extends Subsystem {
  readonly graph: JobGraph;
  readonly memory: JobMemory;
  readonly crew: Crew;
  /** Asks for frame jobs from now on. */
  present(): void;
  /** Runs the frame jobs once, on the current snapshot: before the first frame. */
  runFrameJobs(): void;
  /** The last whole run of the job that writes `output`. */
  outputOf<O extends Output>(output: O): OutputView<O["fields"]>;
  /** Gives frame jobs values that are in no snapshot. */
  feed(name: string, values: Float32Array): void;
  setLevel(job: string, level: JobLevel): void;
  /** Runs of tick jobs that are on their way. */
  readonly flightsOutstanding: number;
  /** Waits for the tick jobs on their way that read a resource: its bytes may be given up then. */
  settleFlights(resource: string): void;
  /** How jobs find the published bytes of a resource by name; set by whoever publishes them. */
  findResource: (name: string) => { readonly byteOffset: number; readonly byteLength: number } | undefined;
  /** Told of each worker that has ended for certain. */
  onWorkerEnded: (worker: number) => void;
  /** Whether all runs of tick jobs on their way have their answers: a save waits for nothing then. */
  readonly haveFlightsLanded: boolean;
  /** The job of each flight that there can be, by its place. */
  readonly flightJobs: readonly string[];
  /** Names of tick jobs, with the tick they were launched at, that are on their way. */
  readonly flights: readonly { readonly job: string; readonly launchedTick: number }[];
}

const noHashes: readonly string[] = [];

/** The jobs of an engine, for subsystems that feed jobs and read what they found. */
export function jobsOf(host: Pick<SubsystemHost, "of">): JobsSubsystem {
  return host.of({ name: "jobs" } as SubsystemDefinition<JobsSubsystem>);
}

/** Options are the host's business and decide nothing about the world. */
export function jobsSubsystem(
  jobs: readonly AnyJob[],
  options: JobsOptions = {},
): SubsystemDefinition<JobsSubsystem> & { readonly graph: JobGraph } {
  const graph = compileJobs(jobs);
  const definition: SubsystemDefinition<JobsSubsystem> & { readonly graph: JobGraph } = {
    ...defineSubsystem<JobsSubsystem>({
      name: "jobs",
      needs: ["snapshot"],
      ...(graph.settings === "" ? {} : { settings: graph.settings }),
      scratchBytes: (limits) => layOutJobs(graph, limits).byteLength,
      check: (schema, events, limits) => checkJobs(graph, schema, events, limits),
      create: () => new Jobs(graph, options, () => definition),
    }),
    graph,
  };
  return definition;
}

/** Joins a group and disposes of it, as `using` would, which allocates a stack of disposables in every frame. */
function joined(group: TaskGroup): void {
  try {
    group.join();
  } finally {
    group[Symbol.dispose]();
  }
}

class Jobs implements JobsSubsystem {
  readonly graph: JobGraph;
  readonly #options: JobsOptions;
  readonly #definition: () => SubsystemDefinition;
  readonly #feeds: Record<string, Float32Array> = {};
  readonly #levels: JobLevels;
  #snapshots!: SnapshotSubsystem;
  #memory: JobMemory | undefined;
  #crew: Crew | undefined;
  #frameGroup!: TaskGroup;
  #submitGroup: TaskGroup | undefined;
  #contexts: BeginContext[] = [];
  #flights: Flights | undefined;
  #background: BackgroundRuns | undefined;
  #slotGuard: SlotGuard | undefined;
  #isPresenting = false;
  #frameIndex = 0;
  findResource: JobsSubsystem["findResource"] = () => undefined;
  onWorkerEnded: (worker: number) => void = () => {};

  /** Tick jobs on their way; everything else of jobs is presentation, or made anew in each run. */
  readonly state: PartState<readonly SavedFlight[]> = {
    save: () => this.#flights!.save(),
    restore: (saved) => this.#flights!.restore(saved),
    encode: encodeFlights,
    decode: decodeFlights,
  };

  readonly stages = {
    jobs: (frame: Frame): void => this.#runFrame(frame),
    submit: (): void => this.#runSubmit(),
  };

  constructor(graph: JobGraph, options: JobsOptions, definition: () => SubsystemDefinition) {
    this.graph = graph;
    this.#levels = new JobLevels(graph);
    this.#options = options;
    this.#definition = definition;
  }

  get memory(): JobMemory {
    return this.#memory!;
  }

  get crew(): Crew {
    return this.#crew!;
  }

  get flightsOutstanding(): number {
    return this.#flights?.count ?? 0;
  }

  get haveFlightsLanded(): boolean {
    return this.#flights?.haveLanded ?? true;
  }

  get flightJobs(): readonly string[] {
    return this.#flights?.jobs ?? [];
  }

  get flights(): readonly { readonly job: string; readonly launchedTick: number }[] {
    return this.#flights?.list ?? [];
  }

  start(host: SubsystemHost): void {
    const { world, clock, trace } = host;
    const { schema, limits } = world.program;
    const { pool, watch, guard, shuffleSeed } = this.#options;
    this.#snapshots = host.of(snapshotSubsystem);
    const memory = new JobMemory(
      { graph: this.graph, schema, limits },
      {
        serial: 0,
        memory: world.arena.memory,
        ringOffset: world.scratchOf(snapshotSubsystem).byteOffset,
        jobsOffset: world.scratchOf(this.#definition()).byteOffset,
        seed: world.seed,
        trace: trace.buffer,
        assets: this.#options.assets?.(),
      },
    );
    memory.header[jobHeaderWord.guard] = guard === true ? 1 : 0;
    memory.header[jobHeaderWord.shuffleSeed] = shuffleSeed ?? 0;
    this.#memory = memory;
    this.#slotGuard = guard === true ? new SlotGuard(memory) : undefined;
    const traced = chunkTrace(trace, clock, this.graph.jobs, watch);
    const crew: Crew = {
      runner: new ChunkRunner(memory, 0, traced.pen),
      pool:
        pool === undefined || this.graph.jobs.length === 0
          ? undefined
          : new Pool(pool, memory, clock, world.pulse, (worker) => this.onWorkerEnded(worker)),
      clock,
      watch: traced,
      helps: true,
      waitedMicros: 0,
      redoneCount: 0,
    };
    this.#crew = crew;
    this.#contexts = memory.tasks.map((task) => new BeginContext(task, crew.runner, world, this.#feeds));
    this.#frameGroup = this.#groupOf(crew, memory, "jobs");
    this.#submitGroup = this.#groupOf(crew, memory, "submit");
    this.#background = new BackgroundRuns(crew, memory, this.#snapshots, this.#beginOn);
    this.#flights = new Flights({
      crew,
      memory,
      snapshots: this.#snapshots,
      guard: this.#slotGuard,
      trace,
      clock,
      begin: this.#beginOn,
    });
    if (!host.isSuccessor) crew.pool?.attach();
  }

  takeOver(before: Subsystem | undefined): boolean {
    if (before instanceof Jobs && before.#memory !== undefined) this.memory.takeOver(before.#memory);
    this.#crew?.pool?.attach();
    return false;
  }

  stop(): void {
    // Whatever one of them raises, the others are cancelled and the workers let go.
    try {
      this.#flights?.cancel();
    } finally {
      try {
        this.#background?.cancel();
      } finally {
        this.#crew?.pool?.detach();
      }
    }
    this.#background = undefined;
    this.#crew = undefined;
    this.#memory = undefined;
    this.#submitGroup = undefined;
    this.#flights = undefined;
    this.#contexts = [];
    this.#isPresenting = false;
  }

  restored(): void {
    for (let i = 0; i < this.#contexts.length; i++) this.#contexts[i]!.restored();
  }

  fallbacks(): readonly Fallback[] {
    const dropped = this.#contexts.reduce((sum, { droppedEventCount }) => sum + droppedEventCount, 0);
    const { redoneCount = 0 } = this.#crew ?? {};
    return [
      { name: "chunks-redone", count: redoneCount, text: "chunks of jobs were done again by the coordinator" },
      { name: "job-events-dropped", count: dropped, text: "events found no room while a frame job was left out" },
    ];
  }

  present(): void {
    this.#isPresenting = true;
    this.#snapshots.want();
  }

  outputOf<O extends Output>(output: O): OutputView<O["fields"]> {
    const { tasks } = this.memory;
    // Asked in every frame: a search with a function would leave garbage.
    let task: Task | undefined;
    for (let i = 0; i < tasks.length && task === undefined; i++) if (tasks[i]!.job.output === output) task = tasks[i]!;
    if (task === undefined)
      raise("unknown-name", {
        what: "output",
        name: output.name,
        where: "A reader of job outputs",
        known: this.graph.jobs.map((job) => job.output.name).join(", "),
      });
    return task.view as unknown as OutputView<O["fields"]>;
  }

  feed(name: string, values: Float32Array): void {
    this.#feeds[name] = values;
  }

  setLevel(job: string, level: JobLevel): void {
    this.#levels.set(job, level);
  }

  /** Enters the answers that are due at the tick that comes next; waits for those that are late. */
  beforeTick(world: World): void {
    this.#flights!.enterDue(world);
  }

  /** Notes the tick's events for frame jobs, and launches the tick jobs whose turn it is. */
  afterTick(world: World): void {
    if (this.#isPresenting) for (let i = 0; i < this.#contexts.length; i++) this.#contexts[i]!.noteEvents(world);
    this.#flights!.launchDue(world, this.#frameIndex);
  }

  /** The frame jobs of a stage. What they read of an earlier stage is whole by then. */
  #groupOf(crew: Crew, memory: JobMemory, stage: JobStage): TaskGroup {
    const jobs = this.graph.jobs.filter((job) => job.kind === "frame" && job.stage === stage);
    return new TaskGroup(
      crew,
      jobs.map((job) => ({
        task: memory.taskOf(job),
        after: this.graph.predecessors[this.graph.jobs.indexOf(job)]!.map((before) =>
          jobs.indexOf(this.graph.jobs[before]!),
        ).filter((place) => place >= 0),
        begin: () => this.#begin(memory.taskOf(job)),
      })),
      true,
    );
  }

  /** B5: also in a frame without a tick, for surfaces are shown in every frame. */
  #runSubmit(): void {
    const group = this.#submitGroup;
    if (group === undefined || !group.hasTasks || !this.#isPresenting || this.#snapshots.current === undefined) return;
    const { currentSlot } = this.#snapshots;
    const hashes = this.#slotGuard?.hashesOf(currentSlot) ?? noHashes;
    joined(group.open(this.#frameIndex));
    this.#checkFrame(currentSlot, hashes, "the jobs of the stage submit");
  }

  #runFrame(frame: Frame): void {
    this.#frameIndex = frame.index;
    if (this.#isPresenting && frame.tickCount > 0) this.runFrameJobs();
  }

  runFrameJobs(): void {
    if (this.#snapshots.current === undefined) return;
    const { currentSlot } = this.#snapshots;
    this.#background!.tend(this.#frameIndex, this.#isBackground);
    const hashes = this.#slotGuard?.hashesOf(currentSlot) ?? noHashes;
    joined(this.#frameGroup.open(this.#frameIndex));
    this.#checkFrame(currentSlot, hashes, "the frame's jobs");
  }

  /** Without workers nothing would run in the background, so the job stays in the frame. */
  readonly #isBackground = (job: AnyJob): boolean =>
    this.#levels.of(job.name).isBackground === true && (this.#crew?.pool?.readyCount ?? 0) > 0;

  /** Begins a frame job; -1 leaves it out of this frame. */
  #begin(task: Task): number {
    const { job } = task;
    const level = this.#levels.of(job.name);
    if (level.isSkipped || this.#frameIndex % level.every !== 0) return -1;
    if (this.#background!.isRunning(task)) return -1;
    return this.#beginOn(task, this.#snapshots.currentSlot);
  }

  readonly #beginOn = (task: Task, slot: number): number => {
    const snapshot = this.memory.snapshots[slot]!;
    const { previous } = this.#snapshots;
    task.words[taskWord.tick] = snapshot.tick;
    task.words[taskWord.slot] = slot;
    this.#noteResources(task);
    // A tick job has no frame before, and no budget: what it finds out must not depend on either.
    if (task.job.kind === "tick") return this.#contexts[task.number]!.begin(snapshot, snapshot, slot, 1);
    const quality = this.#levels.of(task.job.name).quality;
    return this.#contexts[task.number]!.begin(snapshot, previous ?? snapshot, slot, quality);
  };

  /** A tick job on its way may read the same snapshot: when it was the one that wrote, it is to be named. */
  #checkFrame(slot: number, before: readonly string[], jobs: string): void {
    if (this.#slotGuard === undefined || this.#slotGuard.changedSince(slot, before) === "") return;
    this.#flights!.joinAll();
    this.#slotGuard.check(slot, before, jobs);
  }

  settleFlights(resource: string): void {
    this.#flights!.settle(resource);
  }

  /** Notes which bytes of each resource a run reads: those that are published now. */
  #noteResources({ job, words }: Task): void {
    for (let i = 0; i < job.resources.length; i++) {
      const found = this.findResource(job.resources[i]!);
      words[taskWord.resources + i * 2] = found === undefined ? 0 : found.byteOffset;
      words[taskWord.resources + i * 2 + 1] = found === undefined ? 0 : found.byteLength;
    }
  }
}
