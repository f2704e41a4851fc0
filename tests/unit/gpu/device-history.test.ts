/**
 * Random histories on the null device against its naive twin: every answer, every time, every fault and
 * every freed byte; and each order of arrival gives one timeline.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandRecorder } from "../../../engine/gpu/commands.ts";
import type { Submission } from "../../../engine/gpu/device.ts";
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import { type Fence, lineNames, lines, type QueueName, queueNames } from "../../../engine/gpu/queues.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOfCall } from "./faults.ts";
import { NaiveDevice, type NaiveUse, type NaiveWork } from "./naive-device.ts";

const seed = testSeed("device histories");
const tally = new Map<string, number>();
const count = (what: string): unknown => tally.set(what, (tally.get(what) ?? 0) + 1);

/** A history drawn from one seed: `care` in 0..1 is how often a submission waits for all that it should. */
class History {
  readonly clock = new ManualClock();
  readonly device = new NullDevice({ clock: this.clock });
  readonly naive = new NaiveDevice();
  readonly draws: Draws;
  readonly care: number;
  readonly ids: number[] = [];
  readonly reserved = { graphics: 0, compute: 0, copy: 0, present: 0 };
  readonly batch: { submission: Submission; work: NaiveWork }[] = [];
  sequence = 0;
  isOver = false;

  constructor(seedOfOne: number, care: number) {
    this.draws = new Draws(seedOfOne);
    this.care = care;
  }

  step(): void {
    const { draws } = this;
    const dice = draws.below(100);
    if (dice < 40) this.handIn();
    else if (dice < 60) this.seal();
    else if (dice < 72) this.advance(draws.below(200));
    else if (dice < 78) this.create();
    else if (dice < 83) this.compare("collect", this.device.collect(), this.naive.collect());
    else if (dice < 88) this.look();
    else if (dice < 93) this.retire();
    else if (dice < 95) this.destroy();
    else this.present();
  }

  compare(what: string, device: unknown, naive: unknown): void {
    count(what);
    expect({ what, answer: device }).toEqual({ what, answer: naive });
  }
  advance(micros: number): void {
    this.clock.advance(micros);
    this.naive.nowMicros += micros;
  }
  create(): void {
    const byteLength = 1 + this.draws.below(100);
    const id = this.device.createResource({ name: `r${this.ids.length}`, kind: "buffer", byteLength });
    this.ids.push(id);
    this.naive.resources.set(id, { byteLength });
  }
  /** Seldom one that is retired or gone. */
  resource(): number {
    if (this.ids.length === 0) this.create();
    const usable = this.ids.filter((id) => {
      const state = this.naive.resources.get(id);
      return state !== undefined && state.retiredAfter === undefined;
    });
    if (usable.length === 0 || (this.ids.length > usable.length && this.draws.below(150) === 0 && this.care < 1))
      return this.draws.pick(this.ids);
    return this.draws.pick(usable);
  }

  handIn(): void {
    const { draws, device } = this;
    const queue: QueueName = draws.pick(queueNames);
    const signal = device.reserve(queue);
    if (draws.below(20) === 0) this.reserved[queue] = device.reserve(queue).value;
    else this.reserved[queue] = signal.value;
    const uses: NaiveUse[] = [];
    const words = new Uint32Array(100);
    const recorder = new CommandRecorder(words);
    let costMicros = 0;
    for (let i = draws.below(4); i > 0; i--) {
      const resource = this.resource();
      const micros = draws.below(80);
      if (queue === "copy") {
        recorder.upload(resource, 0, 1, micros);
        uses.push({ kind: "upload", resource });
        costMicros += micros;
        continue;
      }
      const isWritten = this.hasWriter(resource) || uses.some((use) => use.resource === resource);
      const kind = draws.below(3) === 0 || !isWritten ? "write" : "read";
      if (kind === "read" && draws.between(0, 1) < this.care) {
        recorder.barrier(resource);
        uses.push({ kind: "barrier", resource });
      }
      recorder.bind(i, resource, kind === "write" ? 1 : 0);
      recorder.dispatch(1, 1, 1, micros);
      uses.push({ kind, resource });
      costMicros += micros;
    }
    const waits = lineNames.map((line) => ({ line, value: this.waitValue(line, queue) }));
    const place = { queue, frame: 1, order: 1, sequence: this.sequence++, label: 0 };
    const commands = words.subarray(0, recorder.wordCount);
    this.batch.push({
      submission: { ...place, commands, waits, signal },
      work: { line: queue, value: signal.value, costMicros, uses, waits },
    });
  }
  hasWriter(resource: number): boolean {
    const works = [...this.naive.nodes, ...this.batch.map(({ work }) => work)];
    return works.some(({ uses }) => uses.some((use) => use.resource === resource && use.kind !== "read"));
  }
  waitValue(line: Fence["line"], queue: QueueName): number {
    const { draws } = this;
    const inBatch = this.batch.filter(({ work }) => work.line === line).map(({ work }) => work.value);
    const last = Math.max(0, ...this.naive.onLine(line).map(({ value }) => value), ...inBatch);
    if (draws.between(0, 1) < this.care) {
      // What the coordinator has seen pass needs no wait.
      const isSeen =
        inBatch.length === 0 && [...this.naive.seen].some((node) => node.line === line && node.value === last);
      return line === queue || (isSeen && draws.below(4) > 0) ? 0 : last;
    }
    const dice = draws.below(40);
    if (dice === 0) return this.reserved[line] + 1;
    return dice < 20 ? 0 : draws.below(last + 1);
  }

  seal(): void {
    const { draws, batch } = this;
    const expected = this.naive.seal(batch.map(({ work }) => work));
    const arrivals = batch.map(({ submission }) => submission);
    for (let i = arrivals.length - 1; i > 0; i--) {
      const k = draws.below(i + 1);
      [arrivals[i], arrivals[k]] = [arrivals[k] as Submission, arrivals[i] as Submission];
    }
    for (const submission of arrivals) this.device.submit(submission);
    batch.length = 0;
    const fault = faultOfCall(() => this.device.seal());
    count(fault === undefined ? "sealed" : fault.kind);
    if (fault === undefined) expect([...expected]).toEqual([]);
    else expect([...expected]).toContain(fault.kind);
    this.isOver = fault !== undefined;
  }

  look(): void {
    const resource = this.resource();
    if (this.draws.below(2) === 0 && this.naive.resources.get(resource)?.retiredAfter === undefined) {
      const uploads = this.naive
        .onLine("copy")
        .filter(({ uses }) => uses.some((use) => use.resource === resource && use.kind === "upload"));
      const last = uploads.at(-1);
      if (!this.naive.resources.has(resource)) return;
      const naive = last !== undefined && this.naive.look("copy", last.value);
      this.compare("uploaded", this.device.isUploaded(resource), naive);
      return;
    }
    const line = this.draws.pick(lineNames);
    const last = this.naive.onLine(line).at(-1)?.value ?? 0;
    const value = this.draws.below(2) === 0 ? last : this.draws.below(last + 1);
    this.compare("completed", this.device.completed({ line, value }), this.naive.look(line, value));
  }
  retire(): void {
    const resource = this.resource();
    const state = this.naive.resources.get(resource);
    const line = this.draws.pick(queueNames);
    const after = { line, value: this.draws.below(this.reserved[line] + 1) };
    if (this.batch.some(({ work }) => work.uses.some((use) => use.resource === resource)) && this.care > 0.5) return;
    const fault = faultOfCall(() => this.device.retire(resource, after));
    const isUsable = state !== undefined && state.retiredAfter === undefined;
    this.compare("retire", fault?.kind, isUsable ? undefined : "resource-retired");
    if (isUsable) state.retiredAfter = after;
  }
  destroy(): void {
    const resource = this.resource();
    const state = this.naive.resources.get(resource);
    if (this.batch.some(({ work }) => work.uses.some((use) => use.resource === resource)) && this.care > 0.5) return;
    const fault = faultOfCall(() => this.device.destroy(resource));
    const isUsable = state !== undefined && state.retiredAfter === undefined;
    const naive = !isUsable ? "resource-retired" : this.naive.isHeld(resource) ? "resource-in-use" : undefined;
    this.compare(`destroy ${naive}`, fault?.kind, naive);
    if (naive === undefined && state !== undefined) this.naive.free(resource, state.byteLength);
  }
  present(): void {
    const { naive } = this;
    const resource = this.resource();
    const waits = queueNames.map((line) => ({ line, value: naive.onLine(line).at(-1)?.value ?? 0 }));
    const careful = this.draws.between(0, 1) < this.care || this.draws.below(2) === 0;
    const used = careful ? waits : [];
    const fault = faultOfCall(() => this.device.present(1, 0, resource, used, 30));
    const value = this.reserved.present + 1;
    const node = naive.run(
      { line: "present", value, costMicros: 30, uses: [{ kind: "read", resource }], waits: used },
      naive.nowMicros,
    );
    const problems = naive.problems(node);
    if (fault === undefined) {
      expect(problems).toEqual([]);
      this.reserved.present = value;
    } else {
      expect(problems).toContain(fault.kind);
      naive.nodes.pop();
    }
    count(`present ${fault?.kind}`);
  }

  /** At the end all is retired; everything is freed once all lines have passed, and not before. */
  finish(): void {
    if (!this.isOver) this.seal();
    const spans: string[] = [];
    this.device.drainTimeline(({ line, startMicros, endMicros }) => spans.push(`${line} ${startMicros} ${endMicros}`));
    if (this.isOver) return;
    const byLine = (text: string): number => lines[text.split(" ")[0] as Fence["line"]];
    const naiveSpans = this.naive.nodes.map((node) => `${node.line} ${node.startMicros} ${node.endMicros}`);
    expect(spans.sort((a, b) => byLine(a) - byLine(b))).toEqual(naiveSpans.sort((a, b) => byLine(a) - byLine(b)));
    for (const [id, state] of this.naive.resources) {
      if (state.retiredAfter !== undefined) continue;
      state.retiredAfter = { line: "graphics", value: 0 };
      this.device.retire(id, state.retiredAfter);
    }
    for (let micros = 0; micros < 4; micros++) {
      this.compare("last collect", this.device.collect(), this.naive.collect());
      this.advance(Math.ceil(Math.max(0, this.device.idleMicros - this.naive.nowMicros) / 2));
    }
    this.advance(Math.max(0, this.device.idleMicros - this.naive.nowMicros));
    this.compare("final collect", this.device.collect(), this.naive.collect());
    const stuck = [...this.naive.resources.keys()].length;
    this.compare("leaks", this.device.leaks().length, stuck);
    this.compare("freed", this.device.memory().freedBytes, this.naive.freedBytes);
    if (stuck === 0) count("nothing leaked");
  }
}

function run(seedOfOne: number, care: number, stepCount: number): void {
  const history = new History(seedOfOne, care);
  for (let i = 0; i < stepCount && !history.isOver; i++) history.step();
  history.finish();
}

describe("histories", () => {
  test("careful, half careful and careless ones: the device answers as its naive twin does", () => {
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), fc.constantFrom(1, 0.97, 0.9, 0.5), fc.nat(160), run), {
      seed,
      numRuns: 600,
    });
    // The histories reach every branch; otherwise the comparison says little.
    for (const what of [
      ...["sealed", "queue-deadlock", "resource-not-ready", "resource-retired", "gpu-misuse", "collect", "uploaded"],
      ...["completed", "retire", "destroy undefined", "destroy resource-in-use", "present undefined"],
      ...["present resource-not-ready", "nothing leaked"],
    ])
      expect([what, (tally.get(what) ?? 0) > 3]).toEqual([what, true]);
  });
});

describe("long runs", () => {
  test("a wait for what is long forgotten holds nothing up, though newer work is not done", () => {
    const clock = new ManualClock();
    const device = new NullDevice({ clock });
    const words = new Uint32Array(8);
    const hand = (queue: QueueName, frame: number, micros: number, waits: Fence[]): void => {
      const recorder = new CommandRecorder(words);
      recorder.dispatch(1, 1, 1, micros);
      const commands = words.slice(0, recorder.wordCount);
      const signal = device.reserve(queue);
      device.submit({ queue, frame, order: 0, sequence: 0, label: 0, commands, waits, signal });
    };
    for (let i = 0; i < 1_024; i++) hand("graphics", i, 1, []);
    device.seal();
    clock.advance(1_024);
    for (let i = 1_024; i < 4_000; i++) hand("graphics", i, 50, []);
    hand("compute", 0, 7, [{ line: "graphics", value: 1 }]);
    hand("compute", 1, 7, [{ line: "graphics", value: 1_026 }]);
    device.seal();
    const spans: number[] = [];
    device.drainTimeline(({ line, startMicros }) => {
      if (line === "compute") spans.push(startMicros);
    });
    expect(spans).toEqual([1_024, 1_024 + 2 * 50]);
    clock.advance(1_000 * 50);
    expect(device.completedValue("graphics")).toBe(2_024);
  });

  test("what is forgotten changes no answer: 20,000 submissions wait for one another through all queues", () => {
    const clock = new ManualClock();
    const device = new NullDevice({ clock, timelineCapacity: 8 });
    const resource = device.createResource({ name: "r", kind: "buffer", byteLength: 4 });
    const words = new Uint32Array(16);
    let last: Fence = { line: "graphics", value: 0 };
    let endMicros = 0;
    const ends = { graphics: [0], compute: [0], copy: [0] };
    for (let i = 0; i < 20_000; i++) {
      const queue = i % 3 === 0 ? "copy" : i % 3 === 1 ? "compute" : "graphics";
      const recorder = new CommandRecorder(words);
      if (queue === "copy") recorder.upload(resource, 0, 4, 3);
      else recorder.bind(0, resource);
      if (queue !== "copy") recorder.dispatch(1, 1, 1, 2);
      const signal = device.reserve(queue);
      const commands = words.subarray(0, recorder.wordCount);
      device.submit({ queue, frame: i, order: 0, sequence: 0, label: 0, commands, waits: [last], signal });
      device.seal();
      last = signal;
      endMicros = Math.max(clock.nowMicros(), endMicros) + (queue === "copy" ? 3 : 2);
      ends[queue].push(endMicros);
      // The clock falls far behind, then catches up, again and again.
      clock.advance(i % 5_000 < 4_000 ? 1 : 8);
      if (i % 11 > 0) continue;
      const passed = ends[queue].findLastIndex((end, value) => value === 0 || end <= clock.nowMicros());
      expect([i, device.completedValue(queue)]).toEqual([i, passed]);
    }
    expect(device.idleMicros).toBe(endMicros);
    clock.advance(device.idleMicros - clock.nowMicros());
    expect(queueNames.map((queue) => device.completedValue(queue))).toEqual([6_666, 6_667, 6_667]);
    device.destroy(resource);
    expect(device.leaks()).toEqual([]);
  });
});
