/**
 * The streaming subsystem: pipelines in the frame. It polls them in the stage `publish`, turns publications
 * into records, and gives jobs the bytes that are published. Files are loaded only where a host gives a
 * source and a manifest; world resources are made everywhere, because the world waits for them.
 */

import type { ResourceHandle } from "../asset/handle.ts";
import { type Manifest, registerAssets } from "../asset/manifest.ts";
import { type AssetMemory, allocateAssetMemory } from "../asset/memory.ts";
import { Pipelines } from "../asset/pipelines.ts";
import type { Publication } from "../asset/publication.ts";
import { makeResourceView, resourceStates } from "../asset/resource-table.ts";
import { type AssetSource, NoSource } from "../asset/source.ts";
import { type PipelineDefinition, StageList } from "../asset/stage.ts";
import { assert } from "../base/assertions.ts";
import { type Fault, makeFault, raise } from "../base/faults.ts";
import type { AnyJob } from "../jobs/definition.ts";
import { type JobsSubsystem, jobsOf } from "../jobs/subsystem.ts";
import type { Clock } from "../ports/clock.ts";
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
import type { TracePort } from "../trace/trace-port.ts";
import { allPipelines, checkResourceCount, type ResourceDefinition, resourceNumbers } from "./definition.ts";
import { Rebuilds } from "./rebuilds.ts";
import { rehearseRebuilds } from "./rehearsal.ts";
import { decodeResources, encodeResources, type SavedResource } from "./saved-resources.ts";

/** What a host gives that presents a world. */
export interface StreamingOptions {
  readonly source?: AssetSource | undefined;
  readonly manifest?: Manifest | undefined;
  /** Load what drivers show: files, and resources of presentation. */
  readonly presents?: boolean;
  /** Memory of assets, shared with the workers and the host's reader. */
  readonly memory: () => AssetMemory;
  /** Told of each attempt that failed. */
  onFailed?(fault: Fault): void;
}

export interface StreamingSubsystem extends Subsystem {
  readonly memory: AssetMemory;
  readonly pipelines: Pipelines;
  /** Handles in the order of resource numbers. */
  readonly handles: readonly ResourceHandle[];
  /** The resources that are rebuilt from the world, in the order of a save, with the numbers of their versions in the state. */
  readonly worldResources: readonly (readonly [name: string, number: number])[];
  /** What its memory is laid out by, as text: only a streaming of the same text can go on with it. */
  readonly layout: string;
  /** What resources that are rebuilt from the world were made of last. */
  readonly inputs: readonly SavedResource[];
  /** Runs the stages for these inputs in plain memory and forgets what comes of it. Throws what a stage throws. */
  rehearse(inputs: readonly SavedResource[]): void;
  /** Whether no thread is at a stage. */
  readonly isCalm: boolean;
  /** Rows of the packet's section of assets: number, version, byte length, state. */
  readonly rows: Uint32Array;
}

/** A stage that runs longer than this on a worker counts as hung. */
const stageMicrosMax = 15_000_000;
/**
 * Frames in which no worker of a pool is there before the coordinator runs stages in their place. Workers start after
 * the first tick; a long stage that the coordinator took up meanwhile would make the ticks of its frame late.
 */
const workerlessFramesMax = 600;
const rowWords = 4;

export function streamingOf(host: Pick<SubsystemHost, "of">): StreamingSubsystem {
  return host.of({ name: "streaming" } as SubsystemDefinition<StreamingSubsystem>);
}

export function streamingSubsystem(
  pipelines: readonly PipelineDefinition[],
  resources: readonly ResourceDefinition[],
  options: StreamingOptions,
): SubsystemDefinition<StreamingSubsystem> {
  const settings = resources
    .filter(({ world }) => world !== undefined)
    .map(({ name, pipeline, world }) => `${name} ${pipeline} ${world!.every} ${world!.latency}`)
    .sort();
  return defineSubsystem<StreamingSubsystem>({
    name: "streaming",
    needs: ["jobs", "snapshot"],
    ...(settings.length === 0 ? {} : { settings: settings.join("; ") }),
    check: (_schema, _events, limits) =>
      checkResourceCount(resourceNumbers(resources, options.manifest?.assets ?? []).length, limits),
    create: () => new Streaming(allPipelines(pipelines), resources, options),
  });
}

class Streaming implements StreamingSubsystem {
  memory!: AssetMemory;
  pipelines!: Pipelines;
  handles: readonly ResourceHandle[] = [];
  rows = new Uint32Array(0);
  readonly #definitions: readonly PipelineDefinition[];
  readonly #resources: readonly ResourceDefinition[];
  readonly #options: StreamingOptions;
  readonly #view = makeResourceView();
  readonly #numberOf = new Map<ResourceHandle, number>();
  #world!: World;
  #jobs!: JobsSubsystem;
  #snapshots!: SnapshotSubsystem;
  #trace!: TracePort;
  #clock!: Clock;
  #rebuilds: Rebuilds | undefined;
  #spans: readonly number[] = [];
  #openSpans = new Set<number>();
  #loadingCounter = 0;
  #place = "the start of the engine";
  /** Whom the pipelines tell: who has them now. */
  #heard: { by: Streaming } = { by: this };
  #pollCount = 0;
  #workerlessFrames = 0;

  /** World resources, as what they are made of. */
  readonly state: PartState<readonly SavedResource[]> = {
    save: () => this.#rebuilds!.save(),
    restore: (saved) => this.#rebuilds!.restore(saved),
    encode: encodeResources,
    decode: decodeResources,
  };

  readonly stages = {
    publish: (_frame: Frame): void => {
      this.#workerlessFrames = this.#hasWorkers ? 0 : this.#workerlessFrames + 1;
      this.#poll(true);
      this.#endHung();
      if (this.rows.length > 0) this.#writeRows();
      if (this.pipelines.hasStages) this.#jobs.crew.pool?.wake();
    },
  };

  constructor(
    definitions: readonly PipelineDefinition[],
    resources: readonly ResourceDefinition[],
    options: StreamingOptions,
  ) {
    this.#definitions = definitions;
    this.#resources = resources;
    this.#options = options;
  }

  get worldResources(): readonly (readonly [name: string, number: number])[] {
    const all = resourceNumbers(this.#resources, this.#options.manifest?.assets ?? []);
    return all.flatMap((resource, number) =>
      "world" in resource && resource.world !== undefined ? [[resource.name, number] as const] : [],
    );
  }

  get layout(): string {
    const own = this.#resources.map(({ name, pipeline, kind, world }) => [name, pipeline, kind, world !== undefined]);
    return `${JSON.stringify(own.toSorted())} ${new StageList(this.#definitions).layout}`;
  }

  get inputs(): readonly SavedResource[] {
    return this.#rebuilds?.save() ?? [];
  }

  rehearse(inputs: readonly SavedResource[]): void {
    rehearseRebuilds(inputs, this.#resources, this.#definitions);
  }

  get isCalm(): boolean {
    return !this.pipelines.hasClaims;
  }

  start(host: SubsystemHost): void {
    this.#world = host.world;
    this.#jobs = jobsOf(host);
    checkReaders(this.#jobs.graph.jobs, this.#resources);
    this.#workerlessFrames = 0;
    this.#snapshots = host.of(snapshotSubsystem);
    this.#trace = host.trace;
    this.#clock = host.clock;
    this.memory = this.#options.memory();
    if (!host.isSuccessor) this.#open();
  }

  /** Goes on with the other's pipelines, by this program's code: what the other's code made for the world is made again. */
  takeOver(before: Subsystem | undefined): boolean {
    if (this.#heard.by === this && this.handles.length > 0) return false;
    if (!(before instanceof Streaming)) {
      this.#open();
      return false;
    }
    assert(before.memory.buffer === this.memory.buffer, "a successor is made with the memory of the assets before");
    this.pipelines = before.pipelines;
    this.pipelines.list.replace(this.#definitions);
    this.#heard = before.#heard;
    this.#heard.by = this;
    this.handles = before.handles;
    this.rows = before.rows;
    this.#pollCount = before.#pollCount;
    this.#connect(true);
    return false;
  }

  #open(): void {
    const { source, manifest, presents } = this.#options;
    this.pipelines = new Pipelines({
      memory: this.memory,
      pipelines: this.#definitions,
      source: source ?? new NoSource(),
      clock: this.#clock,
      place: () => this.#heard.by.#place,
      listener: {
        published: (publication) => this.#heard.by.#published(publication),
        failed: ({ handle, fault }) => this.#heard.by.#failed(handle, fault),
      },
    });
    const own = new Map<string, ResourceHandle>();
    for (const { name, pipeline } of this.#resources) own.set(name, this.pipelines.register({ name, kind: pipeline }));
    const files = manifest === undefined ? new Map<string, ResourceHandle>() : registerAssets(this.pipelines, manifest);
    const all = resourceNumbers(this.#resources, manifest?.assets ?? []);
    this.handles = all.map(({ name }) => own.get(name) ?? files.get(name)!);
    this.#connect(false);
    for (const handle of this.#rebuilds!.handles) this.pipelines.holdPublications(handle);
    if (presents === true) {
      this.rows = new Uint32Array(all.length * rowWords);
      this.#request(all);
      this.#writeRows();
    }
  }

  /** Binds the resources of this program to their handles. */
  #connect(isOtherCode: boolean): void {
    const all = resourceNumbers(this.#resources, this.#options.manifest?.assets ?? []);
    this.handles.forEach((handle, number) => {
      this.#numberOf.set(handle, number);
    });
    this.#spans = all.map(({ name }) => this.#trace.number(`load ${name}`, `load of ${name}`, "resource", "version"));
    this.#loadingCounter = this.#trace.number("resources loading", "assets");
    this.#rebuilds = new Rebuilds(
      all,
      this.handles,
      {
        pipelines: this.pipelines,
        jobs: this.#jobs,
        snapshots: this.#snapshots,
        clock: this.#clock,
        poll: (isNewFrame) => this.#poll(isNewFrame),
        begun: (number) => this.#beginSpan(number),
      },
      isOtherCode,
    );
    const byName = new Map(all.map(({ name }, number) => [name, this.handles[number]!]));
    this.#jobs.findResource = (name) => this.#find(byName.get(name), name);
    this.#jobs.onWorkerEnded = (worker) => this.pipelines.workerEnded(worker + 1);
  }

  #published({ handle, version, hashHigh, hashLow }: Publication): void {
    const resource = this.#numberOf.get(handle)!;
    this.#endSpan(resource, version);
    // What a restore makes again is published already, as far as the world is concerned.
    if (this.#rebuilds!.isRestoring) return;
    const isWorld = this.#rebuilds!.has(resource);
    this.#world.door.publish({ kind: "publish", resource, version, hashHigh, hashLow, isWorld });
  }

  #failed(handle: ResourceHandle, fault: Fault): void {
    this.#rebuilds?.failed(handle, fault);
    this.#options.onFailed?.(fault);
  }

  fallbacks(): readonly Fallback[] {
    const { failedAttempts, blockedSwaps } = this.pipelines.status;
    return [
      {
        name: "asset-attempts-failed",
        count: failedAttempts,
        text: "attempts to load a resource failed and were tried again",
      },
      { name: "swaps-blocked", count: blockedSwaps, text: "swaps of the resource table waited a frame for readers" },
    ];
  }

  stop(): void {
    this.#rebuilds = undefined;
    this.#openSpans.clear();
    this.#numberOf.clear();
  }

  beforeTick(world: World): void {
    this.#rebuilds!.beforeTick(world);
  }

  afterTick(world: World): void {
    this.#rebuilds!.afterTick(world);
  }

  #request(all: readonly { readonly name: string }[]): void {
    all.forEach((definition, number) => {
      if ("world" in definition && definition.world !== undefined) return;
      const handle = this.handles[number]!;
      this.#beginSpan(number);
      if ("file" in definition) this.pipelines.request(handle, (definition as { priority?: number }).priority ?? 0);
      else {
        const { parameters, priority } = definition as ResourceDefinition;
        this.pipelines.requestWith(handle, undefined, parameters, priority ?? 0);
      }
    });
  }

  get #hasWorkers(): boolean {
    return (this.#jobs.crew.pool?.readyCount ?? 0) > 0;
  }

  #poll(isNewFrame: boolean): void {
    if (isNewFrame) this.#pollCount++;
    const { pool } = this.#jobs.crew;
    this.pipelines.runsStages = pool === undefined || this.#workerlessFrames > workerlessFramesMax;
    this.#place = "publish";
    try {
      this.pipelines.poll(this.#pollCount);
    } finally {
      this.#place = "another part of the frame";
    }
    if (this.#trace.track.isOn)
      this.#trace.track.counter(this.#loadingCounter, this.#clock.nowMicros(), this.pipelines.status.loading);
  }

  /** Ends workers whose stage does not: the stage is tried elsewhere, a bounded number of times. */
  #endHung(): void {
    const { pool } = this.#jobs.crew;
    if (pool === undefined || !this.pipelines.hasClaims) return;
    const thread = this.pipelines.overdueThread(this.#clock.nowMicros(), stageMicrosMax);
    if (thread <= 0) return;
    this.pipelines.workerSilent(thread);
    pool.giveUp(thread - 1);
    pool.report(makeFault("stage-hung", { worker: thread - 1, waitedSeconds: stageMicrosMax / 1_000_000 }));
  }

  #writeRows(): void {
    const { rows } = this;
    for (let number = 0; number < this.handles.length; number++) {
      if (!this.pipelines.current(this.handles[number]!, this.#view)) continue;
      const at = number * rowWords;
      rows[at] = number;
      rows[at + 1] = this.#view.version;
      rows[at + 2] = this.#view.byteLength;
      rows[at + 3] = resourceStates.indexOf(this.#view.state);
    }
  }

  #find(
    handle: ResourceHandle | undefined,
    name: string,
  ): { readonly byteOffset: number; readonly byteLength: number } | undefined {
    if (handle === undefined)
      raise("unknown-name", {
        what: "resource",
        name,
        where: "A job",
        known: this.#resources.map((known) => known.name).join(", "),
      });
    return this.pipelines.current(handle, this.#view) && this.#view.version > 0 ? this.#view : undefined;
  }

  #beginSpan(number: number): void {
    if (!this.#trace.track.isOn || this.#openSpans.has(number)) return;
    this.#openSpans.add(number);
    this.#trace.track.asyncBegin(this.#spans[number]!, number, this.#clock.nowMicros());
  }

  #endSpan(number: number, version: number): void {
    if (!this.#openSpans.delete(number)) return;
    this.#trace.track.asyncEnd(this.#spans[number]!, number, this.#clock.nowMicros(), version);
  }
}

/**
 * What a tick job reads must not depend on whether the world is shown, and a resource of presentation is made only where
 * it is. Raises "bad-definition" for a tick job that reads one.
 */
function checkReaders(jobs: readonly AnyJob[], resources: readonly ResourceDefinition[]): void {
  for (const { kind, name, resources: read } of jobs)
    for (const resource of resources)
      if (kind === "tick" && resource.world === undefined && read.includes(resource.name))
        raise("bad-definition", {
          what: "job",
          name,
          problem: `it reads the resource "${resource.name}", which is made only where the world is shown`,
          remedy: "Give the resource a `world` rule, or leave it to frame jobs.",
        });
}

/** Memory for a world to whom no host gives any. */
export function defaultAssetMemory(): AssetMemory {
  return allocateAssetMemory({ heapBytes: 4 * 1024 * 1024, heapBytesMax: 64 * 1024 * 1024 });
}
