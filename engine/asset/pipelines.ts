/**
 * Pipelines: work that takes many frames, category C of the frame. Resources are requested from anywhere on the
 * coordinator; what comes of it is taken in, advanced and published by `poll`, once a frame, at the publish stage.
 *
 *     poll: source's completions -> ended stages -> due retries, new reads and stages -> own stages, if no worker runs
 *           them -> publish in handle order, one swap -> retire what no reader holds -> tell the listener
 *
 * Given: the shared memory, the pipelines of the game, a source, a clock. Hands on: the published table, publications
 * and failed attempts as data. The one rule: between two polls nothing that a reader can see changes.
 */
import { raise } from "../base/faults.ts";
import type { ResourceHandle } from "./handle.ts";
import { resourceIndex } from "./handle.ts";
import { headBytes } from "./head.ts";
import { AssetHeap } from "./heap.ts";
import { assetLayout } from "./memory.ts";
import { fallbackBlock, type Publication, Publisher } from "./publication.ts";
import { Reads } from "./reads.ts";
import { Requests } from "./requests.ts";
import type { ResourceRecord } from "./resource-record.ts";
import { ResourceRegistry } from "./resource-registry.ts";
import { type ResourceState, ResourceTable, type ResourceView, TablePublisher } from "./resource-table.ts";
import { Retirement } from "./retirement.ts";
import { defaultRetryRules } from "./retry.ts";
import type { PipelineSettings, PipelineStatus, ResourceDescription } from "./settings.ts";
import { StageList } from "./stage.ts";
import { StageDesk } from "./stage-desk.ts";
import { StageRunner } from "./stage-runner.ts";
import { TableVersions } from "./table-versions.ts";
import { type FailedAttempt, Workshop } from "./workshop.ts";

export class Pipelines {
  readonly table: ResourceTable;
  readonly heap: AssetHeap;
  readonly list: StageList;
  /**
   * Whether polls run stages themselves, within the budget. Set by whoever knows whether workers do. Off with workers,
   * on without.
   */
  runsStages = true;
  readonly #settings: PipelineSettings;
  readonly #registry: ResourceRegistry;
  readonly #versions: TableVersions;
  readonly #desk: StageDesk;
  readonly #reads: Reads;
  readonly #workshop: Workshop;
  readonly #requests: Requests;
  readonly #publisher: Publisher;
  readonly #retirement: Retirement;
  readonly #runner: StageRunner;
  readonly #publications: Publication[] = [];
  readonly #failures: FailedAttempt[] = [];
  #frame = 0;
  #isPolling = false;
  #publishedCount = 0;
  #failedCount = 0;
  #blockedSwapCount = 0;

  /** Opens fresh memory. Raises what StageList raises, and "asset-heap-full" when fallback bytes do not fit. */
  constructor(settings: PipelineSettings) {
    const { memory, source } = settings;
    const { buffer, limits } = memory;
    const layout = assetLayout(limits);
    const place = settings.place ?? (() => "a place outside a poll");
    this.#settings = settings;
    this.list = new StageList(settings.pipelines);
    this.heap = new AssetHeap(memory);
    this.#registry = new ResourceRegistry(limits.resources);
    const { records } = this.#registry;
    this.#versions = new TableVersions(new Uint32Array(buffer, 0, headBytes >> 2), layout.pins, limits.threads);
    this.table = new ResourceTable(buffer, layout.publishedRows, limits.resources, this.#versions);
    this.#desk = new StageDesk(memory, this.heap, this.list, records);
    this.#retirement = new Retirement(this.heap, this.#versions);
    this.#publisher = new Publisher(
      new TablePublisher(buffer, layout.publishedRows, limits.resources, this.#versions, place),
      this.#desk.rows,
      this.heap,
      this.#retirement,
      this.list.pipelines.map(({ fallback }) => fallbackBlock(this.heap, fallback)),
      records,
    );
    const rules = { ...defaultRetryRules, ...settings.retry };
    this.#workshop = new Workshop({
      heap: this.heap,
      desk: this.#desk,
      list: this.list,
      records,
      rules,
      readsInFlightMax: settings.readsInFlightMax ?? 4,
      changed: (record) => this.#publisher.touch(record),
      attemptFailed: (failed) => {
        this.#failures.push(failed);
      },
    });
    this.#reads = new Reads(source, this.heap, this.#workshop, rules.silenceFrames);
    this.#workshop.connect(this.#reads);
    this.#requests = new Requests(this.#registry, this.#workshop, this.#publisher, this.heap, this.list);
    this.#runner = new StageRunner(memory, this.list);
  }

  /**
   * A new resource in the state missing; visible in the table from the next poll on. Raises "duplicate-name",
   * "unknown-name", "limit-reached", "stale-resource", and "bad-definition" for a host pipeline without content.
   */
  register(description: ResourceDescription): ResourceHandle {
    const { name, kind, content, needs = [], fallback = 0 } = description;
    const number = this.list.pipelineNumber(kind, `Resource "${name}"`);
    if (this.list.pipelines[number]!.host !== (content !== undefined))
      raise("bad-definition", {
        what: "resource",
        name,
        problem: content === undefined ? `its pipeline "${kind}" reads a file` : `its pipeline "${kind}" reads no file`,
        remedy: content === undefined ? "Give its `content`." : "Leave `content` out and request it with its input.",
      });
    const needed = needs.map((need) => this.#registry.get(need, "register"));
    if (fallback !== 0) this.#registry.get(fallback, "register");
    const record = this.#registry.add(name, number);
    record.file = content?.file ?? "";
    record.expectedLength = content?.byteLength ?? 0;
    record.expectedLow = content?.hashLow ?? 0;
    record.expectedHigh = content?.hashHigh ?? 0;
    record.fallback = fallback;
    for (const need of needed) this.#registry.addNeed(record, need);
    this.#publisher.touch(record);
    return record.handle;
  }

  /** Says that `handle` is published after `need`. Raises "asset-cycle" with the names along the circle. */
  addNeed(handle: ResourceHandle, need: ResourceHandle): void {
    this.#registry.addNeed(this.#registry.get(handle, "addNeed"), this.#registry.get(need, "addNeed"));
  }

  /** The handle of a live resource of this name. */
  find(name: string): ResourceHandle | undefined {
    return this.#registry.find(name);
  }

  isAlive(handle: ResourceHandle): boolean {
    return this.#registry.isAlive(handle);
  }

  /** The state now; the table's is that of the last poll. */
  stateOf(handle: ResourceHandle): ResourceState {
    return this.#registry.get(handle, "stateOf").state;
  }

  /**
   * Asks for a resource and for all that it stands on: what it needs, the fallback it names, and so on. Each that is
   * missing or failed begins; one that is loading becomes as urgent as this; one that is ready stays. Higher priority is
   * more urgent.
   */
  request(handle: ResourceHandle, priority = 0): void {
    this.#requests.request(this.#registry.get(handle, "request"), priority);
  }

  /**
   * Asks for a new version, made from `input` (copied before this returns) and up to 16 parameters. While another run is
   * at work the newest such request waits for its end and replaces any older one that waits. For a pipeline that reads a
   * file `input` is left out, and the file is read again. Raises "asset-heap-full" when the input has no room.
   */
  requestWith(
    handle: ResourceHandle,
    input: Uint8Array | undefined,
    parameters: ArrayLike<number> = [],
    priority = 0,
  ): void {
    this.#requests.requestWith(this.#registry.get(handle, "requestWith"), input, parameters, priority);
  }

  /** Nobody wants what is loading: the resource is again what it was before. Does nothing for one that is not loading. */
  cancel(handle: ResourceHandle): void {
    this.#requests.cancel(this.#registry.get(handle, "cancel"));
  }

  /** Gives the bytes of a resource up: its fallback stands in from the next poll on. It may be requested again. */
  evict(handle: ResourceHandle): void {
    this.#requests.evict(this.#registry.get(handle, "evict"));
  }

  /** Ends the handle. From now on nothing of it is published; from the next poll on readers do not find it. */
  release(handle: ResourceHandle): void {
    const record = this.#registry.get(handle, "release");
    this.#requests.evict(record);
    this.#registry.remove(record);
  }

  /** From now on results of `handle` are published only when `publishOnly` says so: journal replay. */
  holdPublications(handle: ResourceHandle): void {
    this.#registry.get(handle, "holdPublications").isTold = true;
  }

  /**
   * Says that `version` of a held resource is published now. The next poll that finds it finished does so, whatever the
   * budget; whoever must have it at this very frame polls until the table shows it.
   */
  publishOnly(handle: ResourceHandle, version: number): void {
    const record = this.#registry.get(handle, "publishOnly");
    record.isTold = true;
    record.toldVersion = version;
  }

  /** Stops what is loading, and makes the next publication of `handle` that of `version` + 1: a world was put back. */
  rewindTo(handle: ResourceHandle, version: number): void {
    const record = this.#registry.get(handle, "rewindTo");
    this.#requests.cancel(record);
    record.version = version;
    record.toldVersion = version;
    if (version === 0) this.#requests.evict(record);
  }

  /** Fills `view` with what `handle` stands for since the last poll. False for a handle that the table does not have. */
  current(handle: ResourceHandle, view: ResourceView): boolean {
    return this.table.find(this.#versions.copy, handle, view);
  }

  /** The bytes of a view, in shared memory; valid until the next poll. Allocates the view of an array. */
  bytesOf(view: ResourceView): Uint8Array {
    return new Uint8Array(this.heap.memory.buffer, view.byteOffset, view.byteLength);
  }

  /** Runs the most urgent stage as `thread`, in this thread; none below `priorityMin`. False when none waits. */
  runOne(thread: number, priorityMin?: number): boolean {
    return this.#runner.runOne(thread, priorityMin);
  }

  /** Resources that are loading. */
  get loadingCount(): number {
    return this.#workshop.active.length;
  }

  /** True when a stage is out: queued, or with a thread. */
  get hasClaims(): boolean {
    return this.#desk.outCount > 0;
  }

  /** A thread that has had one stage for longer than `limitMicros`, or -1. Ask once a frame. */
  overdueThread(nowMicros: number, limitMicros: number): number {
    return this.#desk.overdueThread(nowMicros, limitMicros);
  }

  /** True when stages wait for a thread: workers are worth waking. */
  get hasStages(): boolean {
    return this.#runner.hasWork;
  }

  /** `thread` has ended for certain: its stage fails and is tried again, its pin is gone, its number may be used again. */
  workerEnded(thread: number): void {
    const kept = new Set<number>();
    for (const record of this.#registry.records) if (record.buildingRow >= 0) kept.add(record.buildingRow);
    this.#desk.threadEnded(thread, kept);
    this.#versions.dropPin(thread);
  }

  /** `thread` is given up but may still run: its stage is tried elsewhere. Its number is used again after workerEnded. */
  workerSilent(thread: number): void {
    this.#desk.threadSilent(thread, this.#workshop);
  }

  /**
   * The publish stage of frame `frame`, counted up by one a frame. Allocates nothing when nothing is under way. Raises
   * "out-of-place" outside the publish stage and "reentered" from within itself.
   */
  poll(frame: number): void {
    const { place } = this.#settings;
    if (place !== undefined && place() !== "publish")
      raise("out-of-place", { what: "The resource table", where: place(), allowed: "publish" });
    if (this.#isPolling) raise("reentered", { operation: "poll", during: "the poll of the pipelines" });
    this.#isPolling = true;
    try {
      this.#frame = frame;
      this.#reads.poll(frame);
      if (this.#workshop.active.length > 0 || this.#desk.outCount > 0 || this.#publisher.hasChanges) this.#work();
      this.#desk.sweep();
      this.#retirement.poll();
      if (this.#publications.length > 0 || this.#failures.length > 0) this.#tell();
    } finally {
      this.#isPolling = false;
    }
  }

  /** Nothing is loading, no thread or host holds a block, nothing waits to be published or retired. */
  get isIdle(): boolean {
    return (
      this.#workshop.active.length === 0 &&
      this.#desk.outCount === 0 &&
      this.#reads.count === 0 &&
      this.#retirement.blockCount === 0 &&
      !this.#publisher.hasChanges &&
      !this.#desk.isSweepDue
    );
  }

  get status(): PipelineStatus {
    const { records } = this.#registry;
    return {
      loading: this.#workshop.active.length,
      readsInFlight: this.#reads.count,
      stagesOut: this.#desk.outCount,
      finished: this.#workshop.active.filter((index) => records[index]!.work === "finished").length,
      published: this.#publishedCount,
      failedAttempts: this.#failedCount,
      bytesRead: this.#reads.byteCount,
      heapUsedBytes: this.heap.usedBytes,
      heapLiveBytes: this.heap.liveBytes,
      blocksRetiring: this.#retirement.blockCount,
      blockedSwaps: this.#blockedSwapCount,
    };
  }

  /** Building rows that are taken; 0 when idle. For tests. */
  get buildingRowsTaken(): number {
    return this.#desk.rows.takenCount;
  }

  #work(): void {
    const { clock, frameMicrosMax = 1_000, thread = 0 } = this.#settings;
    const deadline = clock.nowMicros() + frameMicrosMax;
    this.#desk.collect(this.#workshop);
    this.#requests.beginAllPending();
    this.#workshop.advance(this.#frame);
    while (this.runsStages && this.#runner.hasWork && clock.nowMicros() < deadline) {
      if (!this.#runner.runOne(thread)) break;
      this.#desk.collect(this.#workshop);
      this.#workshop.advance(this.#frame);
    }
    this.#publish(deadline);
    this.#workshop.prune();
  }

  #publish(deadline: number): void {
    const { clock, publicationsMax = 8 } = this.#settings;
    const { active } = this.#workshop;
    const { records } = this.#registry;
    let canPublish: boolean | undefined;
    let count = 0;
    for (let i = 0; i < active.length; i++) {
      const record = records[active[i]!]!;
      if (record.work !== "finished" || !this.#isReleasedByNeeds(record)) continue;
      const isNow = record.isTold && record.toldVersion === record.version + 1;
      if (record.isTold && !isNow) continue;
      // What is told has its frame in a journal, so no budget holds it back; of the rest one always goes.
      if (!isNow && (count >= publicationsMax || (count > 0 && clock.nowMicros() >= deadline))) continue;
      canPublish ??= this.#publisher.begin();
      if (!canPublish) break;
      if (!isNow) count++;
      this.#publications.push(this.#publisher.publish(record));
    }
    // A run that begins here is loading in the very table that shows the result of the one before.
    this.#requests.beginAllPending();
    if (!this.#publisher.hasChanges) return;
    canPublish ??= this.#publisher.begin();
    if (canPublish) this.#publisher.commit();
    else this.#blockedSwapCount++;
  }

  /** Whether all that a finished record needs is published. One whose need is gone or has failed fails as well. */
  #isReleasedByNeeds(record: ResourceRecord): boolean {
    for (let i = 0; i < record.needs.length; i++) {
      const handle = record.needs[i]!;
      const need = this.#registry.records[resourceIndex(handle)]!;
      const isGone = !this.#registry.isAlive(handle);
      if (!isGone && need.isPublished) continue;
      if (isGone || need.state === "failed") {
        this.#publisher.drop(record);
        this.#workshop.fail(
          record,
          isGone ? "a resource that it needs was released" : `it needs "${need.name}", which failed`,
        );
      }
      return false;
    }
    return true;
  }

  #tell(): void {
    const { listener } = this.#settings;
    const publications = this.#publications.splice(0);
    const failures = this.#failures.splice(0);
    this.#publishedCount += publications.length;
    this.#failedCount += failures.length;
    for (const publication of publications) listener?.published?.(publication);
    for (const failed of failures) listener?.failed?.(failed);
  }
}
