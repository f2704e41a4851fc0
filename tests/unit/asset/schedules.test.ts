/**
 * Schedules: random sequences of everything that may happen to pipelines (requests, cancellations, releases, reuse of
 * handles, needs, reads that fail, stall or are cut short, threads that die, fall silent or come back late, readers that
 * hold tables) against a small model; after each poll the whole table is compared.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { assetLayout } from "../../../engine/asset/memory.ts";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import type { SourceListener } from "../../../engine/asset/source.ts";
import { TicketTable } from "../../../engine/asset/ticket-table.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { testSeed } from "../seeds.ts";
import { contentOf, HandSource, makeBench } from "./bench.ts";
import { Model, type ModelResource } from "./model.ts";
import { head } from "./shared-head.ts";

const seed = testSeed("asset schedules");
const slotCount = 5;
const attemptsMax = 4;
const publicationsMax = 2;
const kinds = ["raw", "twice", "grid", "yard"] as const;
const fallbacks = { raw: [1, 2, 3], twice: [], grid: [9], yard: [] } as const;

const slot = fc.nat(slotCount - 1);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("register"), slot, pipeline: fc.constantFrom(...kinds), need: slot }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("request"), slot, value: fc.nat(200), priority: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("cancel", "evict", "release"), slot }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant("answer"),
      how: fc.constantFrom("whole", "whole", "short", "error", "cancelled"),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("run"), count: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("die", "fall-silent", "come-back", "pin", "pin", "unpin", "unpin") }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("poll"), count: fc.integer({ min: 1, max: 4 }) }) },
);
type Step = {
  readonly kind: string;
  readonly slot?: number;
  readonly pipeline?: (typeof kinds)[number];
  readonly need?: number;
  readonly value?: number;
  readonly priority?: number;
  readonly how?: string;
  readonly count?: number;
};

/** One run of a schedule: pipelines and model side by side. */
class Run {
  readonly source = new HandSource();
  readonly model = new Model();
  readonly bench = makeBench(new Map(), {
    source: this.source,
    publicationsMax,
    readsInFlightMax: 2,
    retry: { attemptsMax, pauseFrames: 1, pauseFramesMax: 2, silenceFrames: 6 },
    limits: { resources: slotCount + 1, tickets: 4 },
  });
  readonly slots: (ModelResource | undefined)[] = Array.from({ length: slotCount });
  readonly pipelineOf = new Map<number, (typeof kinds)[number]>();
  readonly #tickets = new TicketTable(head(this.bench.memory), assetLayout(this.bench.memory.limits).tickets, 4);
  readonly #pinned: { reader: number; copy: number; seen: Map<number, string> }[] = [];
  #isSilent = false;
  #publishedBefore = 0;
  #failedBefore = 0;
  #nameCount = 0;

  constructor() {
    this.bench.pipelines.runsStages = false;
  }

  do(step: Step): void {
    const { pipelines } = this.bench;
    const resource = step.slot === undefined ? undefined : this.slots[step.slot];
    if (step.kind === "register") this.#register(step);
    else if (step.kind === "request" && resource !== undefined) this.#request(resource, step.value!, step.priority!);
    else if (step.kind === "cancel" && resource !== undefined) {
      pipelines.cancel(resource.handle);
      this.model.stop(resource);
    } else if (step.kind === "evict" && resource !== undefined) {
      pipelines.evict(resource.handle);
      this.model.stop(resource);
      resource.shown = undefined;
      resource.hasFailed = false;
    } else if (step.kind === "release" && resource !== undefined) {
      pipelines.release(resource.handle);
      resource.isAlive = false;
      resource.shown = undefined;
      this.slots[step.slot!] = undefined;
      expect(() => pipelines.request(resource.handle)).toThrow("E0806");
    } else if (step.kind === "answer") this.#answer(step.how!);
    else if (step.kind === "run") for (let i = 0; i < step.count!; i++) pipelines.runOne(1);
    else if (step.kind === "die") {
      this.#tickets.claim(2);
      pipelines.workerEnded(2);
    } else if (step.kind === "fall-silent" && !this.#isSilent) {
      this.#isSilent = this.#tickets.claim(3) >= 0;
      pipelines.workerSilent(3);
      // The attempt that failed here is told at the next poll, before another run can begin.
      this.poll();
    } else if (step.kind === "come-back") this.#comeBack();
    else if (step.kind === "pin") this.#pin();
    else if (step.kind === "unpin") this.#unpin();
    else if (step.kind === "poll") for (let i = 0; i < step.count!; i++) this.poll();
  }

  poll(): void {
    const { published, failed } = this.bench;
    this.bench.poll();
    // A frame tells failures and publications apart; what fails for a need of the same frame fails before or after it.
    for (; this.#failedBefore < failed.length; this.#failedBefore++) {
      const { handle, attempt, isFinal } = failed[this.#failedBefore]!;
      expect(this.model.fail(handle, attempt, isFinal, attemptsMax)).toBeUndefined();
    }
    const fresh = published.slice(this.#publishedBefore);
    this.#publishedBefore = published.length;
    expect(fresh.length).toBeLessThanOrEqual(publicationsMax);
    const indices = fresh.map(({ handle }) => handle & 0xffff);
    expect(indices).toEqual(indices.toSorted((a, b) => a - b));
    for (const { handle, name, version, hashHigh, hashLow, byteLength } of fresh) {
      expect(this.model.publish(handle, name, version)).toBeUndefined();
      const { shown } = this.model.resources.get(handle)!;
      const { high, low } = hashBytes(Uint8Array.from(shown!));
      expect([byteLength, hashHigh, hashLow]).toEqual([shown!.length, high, low]);
    }
    this.#compare();
  }

  /** From here on everything works: all comes to its end, then all is released, and nothing is left. */
  finish(): void {
    const { pipelines } = this.bench;
    this.#comeBack();
    while (this.#pinned.length > 0) this.#unpin();
    pipelines.runsStages = true;
    // What was cancelled and is needed by another is asked for again, with the other. Once: what cannot be would go round.
    for (const resource of this.slots) if (resource?.current !== undefined) this.#requestNeeds(resource, 0);
    for (const resource of this.slots) if (resource?.current !== undefined) pipelines.request(resource.handle, 0);
    for (let frame = 0; frame < 200; frame++) {
      while (this.source.asked.length > 0) this.#answer("whole");
      this.poll();
      if (pipelines.isIdle) break;
    }
    expect(pipelines.isIdle).toBe(true);
    for (const resource of this.slots)
      if (resource !== undefined) expect(this.model.state(resource)).not.toBe("loading");
    for (let i = 0; i < slotCount; i++) this.do({ kind: "release", slot: i });
    this.poll();
    this.poll();
    expect([pipelines.isIdle, pipelines.heap.liveBlockCount, pipelines.buildingRowsTaken]).toEqual([true, 4, 0]);
    pipelines.heap.check();
  }

  #register({ slot: at, pipeline, need }: Step): void {
    if (this.slots[at!] !== undefined) return;
    const { pipelines } = this.bench;
    const kind = pipeline!;
    const name = `n${this.#nameCount++}`;
    const other = this.slots[need!];
    const needs = other === undefined ? [] : [other.handle];
    const file = Uint8Array.of(100 + at!, 7, this.#nameCount & 63);
    const isHost = kind === "raw" || kind === "twice";
    const content = isHost ? { content: contentOf([...file].join(), file) } : {};
    const handle = pipelines.register({ name, kind, needs, ...content });
    this.pipelineOf.set(handle, kind);
    const resource = this.model.add(handle, name, needs, fallbacks[kind]);
    this.slots[at!] = resource;
    this.#files.set(handle, file);
  }

  readonly #files = new Map<number, Uint8Array>();

  #request(resource: ModelResource, value: number, priority: number): void {
    const { pipelines } = this.bench;
    const { handle } = resource;
    const kind = this.pipelineOf.get(handle)!;
    this.#requestNeeds(resource, priority);
    if (kind === "grid") pipelines.requestWith(handle, Uint8Array.of(value, value), [5], priority);
    else if (kind === "yard") pipelines.requestWith(handle, undefined, [2, value], priority);
    else pipelines.request(handle, priority);
    if (kind === "grid") this.model.ask(resource, [value + 5, value + 5]);
    else if (kind === "yard") this.model.ask(resource, [value, value, value, value]);
    else if (["missing", "failed"].includes(this.model.state(resource))) this.#askFile(resource);
  }

  #askFile(resource: ModelResource): void {
    const file = [...this.#files.get(resource.handle)!];
    this.model.ask(resource, this.pipelineOf.get(resource.handle) === "twice" ? [...file, ...file] : file);
  }

  /** The model of what a request does for all that a resource stands on: what is missing or has failed begins. */
  #requestNeeds(resource: ModelResource, priority: number): void {
    for (const handle of resource.needs) {
      const need = this.model.resources.get(handle)!;
      if (!need.isAlive) continue;
      this.#requestNeeds(need, priority);
      if (!["missing", "failed"].includes(this.model.state(need))) continue;
      // One that takes input would begin with none of it; the schedule asks for it in its own way.
      this.#request(need, 50, priority);
    }
  }

  #answer(how: string): void {
    const read = this.source.asked.shift();
    if (read === undefined) return;
    const file = Uint8Array.from(read.name.split(",").map(Number));
    const give = (byteCount: number) => (listener: SourceListener) => {
      new Uint8Array(this.bench.memory.buffer, read.byteOffset, byteCount).set(file.subarray(0, byteCount));
      listener.finished(read.id, byteCount, byteCount);
    };
    if (how === "whole") this.source.answers.push(give(file.length));
    else if (how === "short") this.source.answers.push(give(1));
    else if (how === "error") this.source.answers.push((listener) => listener.failed(read.id, "broken"));
    else this.source.answers.push((listener) => listener.cancelled(read.id));
  }

  #comeBack(): void {
    if (this.#isSilent) this.bench.pipelines.workerEnded(3);
    this.#isSilent = false;
  }

  #pin(): void {
    if (this.#pinned.length >= 3) return;
    const reader = [4, 5, 6].find((thread) => !this.#pinned.some((pin) => pin.reader === thread))!;
    const copy = this.bench.pipelines.table.versions.pin(reader);
    this.#pinned.push({ reader, copy, seen: this.#look(copy) });
  }

  #unpin(): void {
    const pin = this.#pinned.shift();
    if (pin === undefined) return;
    expect(this.#look(pin.copy)).toEqual(pin.seen);
    this.bench.pipelines.table.versions.unpin(pin.reader);
  }

  /** Everything that a copy of the table shows. */
  #look(copy: number): Map<number, string> {
    const view = makeResourceView();
    const seen = new Map<number, string>();
    for (const handle of this.model.resources.keys())
      if (this.bench.pipelines.table.find(copy, handle, view))
        seen.set(handle, JSON.stringify([view, ...this.bench.pipelines.bytesOf(view)]));
    return seen;
  }

  #compare(): void {
    const { pipelines } = this.bench;
    for (const resource of this.model.resources.values()) {
      const { handle, isAlive, version, shown, fallback } = resource;
      expect(pipelines.isAlive(handle)).toBe(isAlive);
      // With all copies of the table held a swap waits, and the table shows an earlier frame: pins check that one.
      if (this.#pinned.length >= 3) continue;
      const now = this.bench.show(handle);
      if (!isAlive) expect(now).toBeUndefined();
      else
        expect(now).toEqual({
          state: this.model.state(resource),
          version: shown === undefined ? 0 : version,
          bytes: shown ?? fallback,
        });
    }
  }
}

test("schedules agree with the model, and nothing is left of them", () => {
  const counts = { published: 0, failed: 0, final: 0, blocked: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 250, size: "max" }), (steps) => {
      const run = new Run();
      for (const step of steps) run.do(step as Step);
      run.finish();
      counts.published += run.bench.published.length;
      counts.failed += run.bench.failed.length;
      counts.final += run.bench.failed.filter(({ isFinal }) => isFinal).length;
      counts.blocked += run.bench.pipelines.status.blockedSwaps;
    }),
    { seed, numRuns: 300 },
  );
  // The schedules did reach what they are about.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
});
