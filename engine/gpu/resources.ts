/**
 * The resources of the null device: their memory, who used each last on every line, and who wrote it.
 * From these follow all questions of order: whether a use is allowed, and when memory may be freed.
 *
 *     live ──retire──▶ retired ──collect, when `after` and the last use of every line have passed──▶ freed
 *       └───destroy, when the last use of every line has passed──────────────────────────────────────▶ freed
 */
import { raise } from "../base/faults.ts";
import type { MemoryCounts, ResourceDefinition, ResourceId } from "./device.ts";
import type { DeviceLine } from "./device-line.ts";
import { type Fence, fenceText, lineCount, lineNames, lines } from "./queues.ts";

export class Resource {
  readonly id: ResourceId;
  readonly definition: ResourceDefinition;
  /** Highest value of each line that uses it; 0: none did. */
  readonly lastUse = new Uint32Array(lineCount);
  /** Who wrote it last; value 0: nobody yet. */
  writeLine = 0;
  writeValue = 0;
  /** Value of the copy queue that ends its last upload; 0: none. */
  uploadValue = 0;
  retiredAfter: Fence | undefined;
  /** Number of the submission that wrote it and has set no barrier since. */
  unbarredBy = 0;

  constructor(id: ResourceId, definition: ResourceDefinition) {
    this.id = id;
    this.definition = definition;
  }

  get text(): string {
    return `${this.definition.kind} "${this.definition.name}"`;
  }
}

export class Resources {
  readonly #live = new Map<ResourceId, Resource>();
  #retired: Resource[] = [];
  #lastId = 0;
  #createdBytes = 0;
  #freedBytes = 0;
  #retiredBytes = 0;
  #residentBytesMax = 0;

  create(definition: ResourceDefinition): ResourceId {
    const { name, byteLength } = definition;
    if (!Number.isInteger(byteLength) || byteLength < 1 || byteLength > 0xffff_ffff)
      raise("bad-definition", {
        what: "resource",
        name,
        problem: `its byteLength is ${byteLength}`,
        remedy: "Give a whole number of bytes from 1 to 2^32 - 1.",
      });
    const id = ++this.#lastId;
    this.#live.set(id, new Resource(id, { ...definition }));
    this.#createdBytes += byteLength;
    this.#residentBytesMax = Math.max(this.#residentBytesMax, this.#createdBytes - this.#freedBytes);
    return id;
  }

  /** The resource, which must be there and not be retired. `user.use` says in a fault who asks. */
  usable(id: ResourceId, user: { readonly use: string }): Resource {
    const resource = this.#live.get(id);
    if (resource === undefined && (id < 1 || id > this.#lastId || !Number.isInteger(id)))
      raise("gpu-misuse", {
        use: user.use,
        problem: `resource ${id} was never created`,
        remedy: "Use the number that createResource gave.",
      });
    if (resource === undefined) raise("resource-retired", { resource: `resource ${id}`, use: user.use });
    if (resource.retiredAfter !== undefined) raise("resource-retired", { resource: resource.text, use: user.use });
    return resource;
  }

  retire(resource: Resource, after: Fence): void {
    resource.retiredAfter = after;
    this.#retired.push(resource);
    this.#retiredBytes += resource.definition.byteLength;
  }

  /** Frees at once what no line may still be using. */
  destroy(resource: Resource, deviceLines: readonly DeviceLine[], nowMicros: number): void {
    const holder = holderOf(resource, deviceLines, nowMicros);
    if (holder !== undefined) raise("resource-in-use", { resource: resource.text, holder: fenceText(holder) });
    this.#free(resource);
  }

  /** Frees all that is retired and held by nothing. Returns the bytes. */
  collect(deviceLines: readonly DeviceLine[], nowMicros: number): number {
    const before = this.#freedBytes;
    let keptCount = 0;
    for (let i = 0; i < this.#retired.length; i++) {
      const resource = this.#retired[i]!;
      const { line, value } = resource.retiredAfter!;
      const isHeld =
        deviceLines[lines[line]]!.passedValue(nowMicros) < value || holderOf(resource, deviceLines, nowMicros);
      if (isHeld) this.#retired[keptCount++] = resource;
      else {
        this.#retiredBytes -= resource.definition.byteLength;
        this.#free(resource);
      }
    }
    this.#retired.length = keptCount;
    return this.#freedBytes - before;
  }

  /** What is not freed, in order of creation, with what holds it. */
  leaks(): string[] {
    return [...this.#live.values()].map(({ text, retiredAfter }) =>
      retiredAfter === undefined ? `${text}, never retired` : `${text}, retired after ${fenceText(retiredAfter)}`,
    );
  }

  counts(): MemoryCounts {
    return {
      resourceCount: this.#live.size,
      residentBytes: this.#createdBytes - this.#freedBytes,
      retiredBytes: this.#retiredBytes,
      residentBytesMax: this.#residentBytesMax,
      createdBytes: this.#createdBytes,
      freedBytes: this.#freedBytes,
    };
  }

  #free(resource: Resource): void {
    this.#live.delete(resource.id);
    this.#freedBytes += resource.definition.byteLength;
  }
}

/** The first line whose last use of the resource has not passed. */
function holderOf(resource: Resource, deviceLines: readonly DeviceLine[], nowMicros: number): Fence | undefined {
  for (let line = 0; line < lineCount; line++)
    if (resource.lastUse[line]! > deviceLines[line]!.passedValue(nowMicros))
      return { line: lineNames[line]!, value: resource.lastUse[line]! };
  return undefined;
}
