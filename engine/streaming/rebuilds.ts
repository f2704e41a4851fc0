/**
 * World resources: what is made anew from the world every so many ticks, enters at a tick that is known when it is asked
 * for, and is read by tick jobs. Given pipelines that somebody polls, a snapshot to take inputs from, and jobs that read
 * versions; hands on inputs to the pipelines and, for a save, what each version was made of.
 *
 * The rule a reader could break: the tick at which a version enters never depends on when it was done. What is late is
 * waited for, and what is early is held back.
 */
import type { ResourceHandle } from "../asset/handle.ts";
import type { Pipelines } from "../asset/pipelines.ts";
import { makeResourceView } from "../asset/resource-table.ts";
import { type Fault, faultText, raise } from "../base/faults.ts";
import type { JobsSubsystem } from "../jobs/subsystem.ts";
import { TaskGroup } from "../jobs/task-group.ts";
import type { Clock } from "../ports/clock.ts";
import type { World } from "../sim/world.ts";
import type { SnapshotSubsystem } from "../snapshot/subsystem.ts";
import type { ResourceDefinition } from "./definition.ts";
import { isSame, type SavedResource } from "./saved-resources.ts";

/** What world resources are made with. */
export interface RebuildTools {
  readonly pipelines: Pipelines;
  readonly jobs: JobsSubsystem;
  readonly snapshots: SnapshotSubsystem;
  readonly clock: Clock;
  /** Polls the pipelines; `isNewFrame` lets their pauses go on by a frame. */
  poll(isNewFrame: boolean): void;
  /** Told of each input that is asked for while the world ticks. */
  begun(number: number): void;
}

interface Rebuild {
  readonly definition: ResourceDefinition;
  readonly number: number;
  readonly handle: ResourceHandle;
  /** The tick at which the rebuild on its way enters; -1 when none is. */
  dueTick: number;
  /** Why the newest attempt failed, or "". */
  problem: string;
  /** Version that jobs read, and what it and the one on its way are made of: a save has these and not the results. */
  version: number;
  input: Uint8Array | undefined;
  nextInput: Uint8Array | undefined;
}

const pollsPerFrame = 16;
/** A world resource that is due is waited for so long; beyond this something is broken, not slow. */
const dueMicrosMax = 10_000_000;
/** World resources go before all others: while a tick waits for one, no thread that helps takes up anything else. */
const worldPriority = 0x10000000;

export class Rebuilds {
  /** Names of the resources, in the order of a save. */
  readonly names: readonly string[];
  readonly handles: readonly ResourceHandle[];
  readonly #list: readonly Rebuild[];
  readonly #tools: RebuildTools;
  readonly #view = makeResourceView();
  /** Without tasks: joining it looks after workers that have ended, whatever they were at. */
  readonly #watch: TaskGroup;
  #isRestoring = false;
  #isOtherCode: boolean;

  /**
   * `all` are the resources of the game and `handles` those of each; the ones with a rule of the world are made here.
   * `isOtherCode`: what is published is of other code, so that the next restore makes all of it again.
   */
  constructor(
    all: readonly (ResourceDefinition | { readonly name: string })[],
    handles: readonly ResourceHandle[],
    tools: RebuildTools,
    isOtherCode: boolean,
  ) {
    this.#tools = tools;
    this.#isOtherCode = isOtherCode;
    this.#watch = new TaskGroup(tools.jobs.crew, []);
    this.#list = all.flatMap((definition, number) => {
      if (!("world" in definition) || definition.world === undefined) return [];
      const handle = handles[number]!;
      return [
        { definition, number, handle, dueTick: -1, problem: "", version: 0, input: undefined, nextInput: undefined },
      ];
    });
    this.names = this.#list.map(({ definition }) => definition.name);
    this.handles = this.#list.map(({ handle }) => handle);
  }

  /** Whether publications are of what a restore makes again: they are no news to the world. */
  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  has(number: number): boolean {
    return this.#list.some((rebuild) => rebuild.number === number);
  }

  failed(handle: ResourceHandle, fault: Fault): void {
    for (const rebuild of this.#list) if (rebuild.handle === handle) rebuild.problem = problemOf(fault);
  }

  /** Publishes those that are due at the tick that comes next; waits for those that are late. */
  beforeTick(world: World): void {
    const next = world.tickCount + 1;
    for (let i = 0; i < this.#list.length; i++) {
      const rebuild = this.#list[i]!;
      if (rebuild.dueTick === next) this.#publishDue(rebuild);
    }
  }

  /** Asks for those whose turn it is, with inputs from the snapshot of the tick that has ended. */
  afterTick(world: World): void {
    const { snapshots } = this.#tools;
    for (let i = 0; i < this.#list.length; i++) {
      const rebuild = this.#list[i]!;
      const rule = rebuild.definition.world!;
      if (world.tickCount % rule.every !== 0 || rebuild.dueTick >= 0) continue;
      const slot = snapshots.pinTick();
      const input = rule.input(snapshots.writer!.viewOf(slot));
      snapshots.writer!.ring.unpin(slot);
      if (input === undefined) continue;
      this.#tools.begun(rebuild.number);
      this.#ask(rebuild, input);
      rebuild.nextInput = input.slice();
      rebuild.dueTick = world.tickCount + rule.latency;
      rebuild.problem = "";
    }
  }

  save(): readonly SavedResource[] {
    return this.#list.map(({ definition: { name }, version, dueTick, input, nextInput }) => ({
      ...{ name, version, dueTick, input, nextInput },
    }));
  }

  /** Brings each to what a save says, making again only what is not the same already. */
  restore(saved: readonly SavedResource[]): void {
    this.#isRestoring = true;
    try {
      for (let i = 0; i < this.#list.length; i++) this.#restoreOne(this.#list[i]!, saved[i]!);
    } finally {
      this.#isRestoring = false;
      this.#isOtherCode = false;
    }
  }

  #restoreOne(rebuild: Rebuild, { version, dueTick, input, nextInput }: SavedResource): void {
    const isHere = !this.#isOtherCode && rebuild.version === version && isSame(rebuild.input, input);
    if (isHere && rebuild.dueTick === dueTick && isSame(rebuild.nextInput, nextInput)) return;
    this.#tools.pipelines.rewindTo(rebuild.handle, isHere ? version : Math.max(0, version - 1));
    rebuild.problem = "";
    if (!isHere) {
      rebuild.version = Math.max(0, version - 1);
      if (version > 0) {
        this.#ask(rebuild, input!);
        this.#publishNext(rebuild);
      } else this.#tools.poll(false);
    }
    if (nextInput !== undefined) this.#ask(rebuild, nextInput);
    rebuild.input = input;
    rebuild.nextInput = nextInput;
    rebuild.dueTick = dueTick;
  }

  #ask({ handle, definition: { parameters, priority } }: Rebuild, input: Uint8Array): void {
    this.#tools.pipelines.requestWith(handle, input, parameters, worldPriority + (priority ?? 0));
  }

  #publishDue(rebuild: Rebuild): void {
    // Runs that read the version of now must end before its bytes may be given up.
    this.#tools.jobs.settleFlights(rebuild.definition.name);
    this.#publishNext(rebuild);
    rebuild.input = rebuild.nextInput;
    rebuild.nextInput = undefined;
    rebuild.dueTick = -1;
  }

  /** Publishes the version behind the one that jobs read, and waits until it is there. */
  #publishNext(rebuild: Rebuild): void {
    const { handle, definition } = rebuild;
    const { pipelines, jobs, clock } = this.#tools;
    const version = rebuild.version + 1;
    pipelines.publishOnly(handle, version);
    const startMicros = clock.nowMicros();
    for (let polls = 0; ; polls++) {
      // Pipelines count pauses in frames, and about so many waits of this loop are one.
      this.#tools.poll(polls % pollsPerFrame === 0);
      pipelines.current(handle, this.#view);
      if (this.#view.version === version) break;
      const isSilent = clock.nowMicros() - startMicros > dueMicrosMax;
      if (pipelines.stateOf(handle) === "failed" || isSilent)
        raise("resource-overdue", {
          name: definition.name,
          pipeline: definition.pipeline,
          launchedTick: rebuild.dueTick - definition.world!.latency,
          tick: rebuild.dueTick,
          problem: rebuild.problem || `a stage runs for more than ${dueMicrosMax / 1_000_000} s`,
        });
      // The coordinator helps instead of only waiting; and it alone sees that the worker that had the stage is gone.
      if (pipelines.runOne(0, worldPriority)) continue;
      this.#watch.open(0).join();
      jobs.crew.pool?.waitForProgress(jobs.crew.pool.progress, 1);
    }
    rebuild.version = version;
  }
}

/** Stage and reason of a failed attempt, for a sentence of another fault. */
function problemOf(fault: Fault): string {
  return fault.kind === "asset-failed"
    ? `its stage "${fault.fields.stage}" failed: ${fault.fields.problem}`
    : faultText(fault);
}
