/**
 * Requests: what the coordinator asks of a resource between two polls, turned into work that begins or stops. Changes no
 * row that a reader sees; what it takes away is gone from the table at the next poll.
 */
import { raise } from "../base/faults.ts";
import { resourceIndex } from "./handle.ts";
import { type AssetHeap, noBlock } from "./heap.ts";
import { stageParameterCount } from "./limits.ts";
import type { Publisher } from "./publication.ts";
import type { ResourceRecord } from "./resource-record.ts";
import type { ResourceRegistry } from "./resource-registry.ts";
import type { StageList } from "./stage.ts";
import type { Workshop } from "./workshop.ts";

export class Requests {
  readonly #registry: ResourceRegistry;
  readonly #workshop: Workshop;
  readonly #publisher: Publisher;
  readonly #heap: AssetHeap;
  readonly #list: StageList;
  /** Counts walks along needs, so that a record knows whether this one has been to it. */
  #walk = 0;

  constructor(registry: ResourceRegistry, workshop: Workshop, publisher: Publisher, heap: AssetHeap, list: StageList) {
    this.#registry = registry;
    this.#workshop = workshop;
    this.#publisher = publisher;
    this.#heap = heap;
    this.#list = list;
  }

  /** Begins a resource and all that it stands on, as far as they are not there or on their way. */
  request(record: ResourceRecord, priority: number): void {
    this.#walk++;
    this.#request(record, priority);
  }

  /** Begins a run over a copy of `input`, or lets it wait for the end of the run that is at work. */
  requestWith(
    record: ResourceRecord,
    input: Uint8Array | undefined,
    parameters: ArrayLike<number>,
    priority: number,
  ): void {
    const isHost = this.#list.pipelines[record.kind]!.host;
    if (parameters.length > stageParameterCount || (input !== undefined && isHost))
      raise("bad-definition", {
        what: "request of",
        name: record.name,
        problem: input === undefined ? `it has ${parameters.length} parameters` : "its pipeline reads a file",
        remedy: `Give at most ${stageParameterCount} parameters, and input only to a pipeline that reads no file.`,
      });
    const offset = input === undefined ? noBlock : this.#heap.store(input);
    this.#dropPending(record);
    record.pendingOffset = offset;
    record.pendingLength = input?.length ?? 0;
    record.pendingPriority = priority;
    record.pendingParameters.fill(0).set(parameters);
    record.hasPending = true;
    record.walk = ++this.#walk;
    this.#requestNeeds(record, priority);
    if (record.work === "idle") this.#beginPending(record);
  }

  /** Stops what is loading; the resource is again what it was before. */
  cancel(record: ResourceRecord): void {
    if (record.state !== "loading") return;
    this.#stop(record);
    record.state = record.isPublished ? "ready" : "missing";
    this.#publisher.touch(record);
  }

  /** Stops what is loading and gives up what is published. */
  evict(record: ResourceRecord): void {
    this.#stop(record);
    record.state = "missing";
    this.#publisher.withdraw(record);
  }

  /** Begins what has waited for the end of a run that is over by now. */
  beginAllPending(): void {
    const { active } = this.#workshop;
    const { records } = this.#registry;
    for (let i = 0; i < active.length; i++) {
      const record = records[active[i]!]!;
      if (record.hasPending && record.work === "idle") this.#beginPending(record);
    }
  }

  /** What a resource stands on comes first. Each is visited once a walk, however many ways lead to it. */
  #request(record: ResourceRecord, priority: number): void {
    if (record.walk === this.#walk) return;
    record.walk = this.#walk;
    this.#requestNeeds(record, priority);
    if (record.state === "loading") record.priority = Math.max(record.priority, priority);
    else if (record.state !== "ready") this.#workshop.begin(record, priority);
  }

  /** What stands in for a resource is one step more urgent than the resource. */
  #requestNeeds(record: ResourceRecord, priority: number): void {
    const { records } = this.#registry;
    const { fallback, needs } = record;
    if (!record.isPublished && this.#registry.isAlive(fallback))
      this.#request(records[resourceIndex(fallback)]!, priority + 1);
    for (let i = 0; i < needs.length; i++)
      if (this.#registry.isAlive(needs[i]!)) this.#request(records[resourceIndex(needs[i]!)]!, priority);
  }

  #stop(record: ResourceRecord): void {
    if (record.work === "finished") this.#publisher.drop(record);
    this.#workshop.stop(record);
    this.#dropPending(record);
  }

  #beginPending(record: ResourceRecord): void {
    record.inputOffset = record.pendingOffset;
    record.inputLength = record.pendingLength;
    record.parameters.set(record.pendingParameters);
    record.hasPending = false;
    record.pendingOffset = noBlock;
    this.#workshop.begin(record, record.pendingPriority);
  }

  #dropPending(record: ResourceRecord): void {
    if (record.hasPending && record.pendingOffset !== noBlock) this.#heap.free(record.pendingOffset);
    record.hasPending = false;
    record.pendingOffset = noBlock;
  }
}
