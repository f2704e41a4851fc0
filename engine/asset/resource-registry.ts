/**
 * The registry: which resources exist, by handle and by name, and which needs which. Knows nothing of work or bytes.
 */
import { raise } from "../base/faults.ts";
import { nextGeneration, type ResourceHandle, resourceGeneration, resourceIndex } from "./handle.ts";
import { ResourceRecord } from "./resource-record.ts";

export class ResourceRegistry {
  /** By index; index 0 is none. */
  readonly records: readonly ResourceRecord[];
  readonly #byName = new Map<string, ResourceHandle>();
  /** Free indices; the lowest is last, so the table stays dense. */
  readonly #free: number[] = [];
  readonly #most: number;

  constructor(resources: number) {
    this.#most = resources;
    this.records = Array.from({ length: resources + 1 }, (_, index) => new ResourceRecord(index));
    for (let index = resources; index > 0; index--) this.#free.push(index);
  }

  /** A new resource. Raises "duplicate-name" and "limit-reached". */
  add(name: string, kind: number): ResourceRecord {
    if (this.#byName.has(name)) raise("duplicate-name", { what: "resource", name });
    const index = this.#free.pop();
    if (index === undefined)
      raise("limit-reached", { limit: "resources", value: this.#most, setting: "asset limits: resources" });
    const record = this.records[index]!;
    record.open(nextGeneration(record.generation), name, kind);
    this.#byName.set(name, record.handle);
    return record;
  }

  /** Ends a resource's handle; the slot may be used again. */
  remove(record: ResourceRecord): void {
    record.isAlive = false;
    this.#byName.delete(record.name);
    this.#free.push(record.index);
  }

  isAlive(handle: ResourceHandle): boolean {
    const record = this.records[resourceIndex(handle)];
    return record?.isAlive === true && record.generation === resourceGeneration(handle);
  }

  /** The record of a live handle; raises "stale-resource". */
  get(handle: ResourceHandle, operation: string): ResourceRecord {
    const index = resourceIndex(handle);
    const record = this.records[index];
    if (record !== undefined && this.isAlive(handle)) return record;
    const generation = resourceGeneration(handle);
    raise("stale-resource", { operation, index, generation, current: record?.generation ?? 0 });
  }

  find(name: string): ResourceHandle | undefined {
    return this.#byName.get(name);
  }

  /** Says that `record` is to be published after `need`. Raises "asset-cycle" with the names along the circle. */
  addNeed(record: ResourceRecord, need: ResourceRecord): void {
    const path = this.#pathOfNeeds(need, record);
    if (path.length > 0) raise("asset-cycle", { cycle: [record, ...path].map(({ name }) => name).join(" -> ") });
    if (!record.needs.includes(need.handle)) record.needs.push(need.handle);
  }

  /** The records from `from` along needs to `to`, both included; empty when there is no such path. */
  #pathOfNeeds(from: ResourceRecord, to: ResourceRecord): ResourceRecord[] {
    const seen = new Set<ResourceRecord>();
    const walk = (at: ResourceRecord): ResourceRecord[] => {
      if (at === to) return [at];
      if (seen.has(at)) return [];
      seen.add(at);
      for (const need of at.needs) {
        if (!this.isAlive(need)) continue;
        const rest = walk(this.records[resourceIndex(need)]!);
        if (rest.length > 0) return [at, ...rest];
      }
      return [];
    };
    return walk(from);
  }
}
