/**
 * The null device: a graphics device without a GPU, on an injected clock. It takes what a real one would
 * take, checks all of it, and instead of drawing lets virtual time pass: a submission costs what its
 * commands declare, the three queues and the presenting lane work at the same time, each in order, and a
 * fence passes when the clock has reached the end of its submission.
 *
 * A sealed submission starts at the latest of: the clock at its seal, the end of the one before on its
 * line, the end of all it waits for. So the timeline follows from places, costs, waits and the
 * clock at the seals; with a clock that is moved by hand it is the same on every run.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import type { Clock } from "../ports/clock.ts";
import { CommandReader } from "./commands.ts";
import type { GraphicsDevice, MemoryCounts, ResourceDefinition, ResourceId, Submission } from "./device.ts";
import { DeviceLine } from "./device-line.ts";
import { Execution, execute, read } from "./execution.ts";
import { comparePlaces, Handed, isSameSubmission, placeText, sortByPlace } from "./handed.ts";
import {
  type Fence,
  fenceText,
  fenceValueMax,
  gatherWaits,
  type LineName,
  lineCount,
  lineNames,
  lines,
  type QueueName,
  queueNames,
} from "./queues.ts";
import { Resources } from "./resources.ts";
import type { RingEntry, SubmissionRing } from "./submission-ring.ts";
import { type DeviceSpan, Timeline } from "./timeline.ts";

export interface NullDeviceOptions {
  readonly clock: Clock;
  /** The words that ring entries point into. Without it only `submit` can be used. */
  readonly commandMemory?: Uint32Array;
  /** Spans kept until they are drained. */
  readonly timelineCapacity?: number;
}

const destroying = { use: "Destroying" };
const retiring = { use: "Retiring" };
const asking = { use: "Asking for the upload" };

export class NullDevice implements GraphicsDevice {
  readonly #clock: Clock;
  readonly #commandMemory: Uint32Array;
  readonly #lines: readonly DeviceLine[] = lineNames.map((name) => new DeviceLine(name));
  readonly #resources = new Resources();
  readonly #timeline: Timeline;
  readonly #labels: string[] = [""];
  readonly #labelNumbers = new Map<string, number>([["", 0]]);
  /** What was handed in since the last seal, a list a queue, and records to use again. */
  readonly #handed: readonly Handed[][] = queueNames.map(() => []);
  readonly #spare: Handed[] = [];
  readonly #lastPlaces: readonly Handed[] = queueNames.map(() => new Handed());
  readonly #heads = new Uint32Array(queueNames.length);
  readonly #waits = new Uint32Array(lineCount);
  /** What the coordinator has seen passed, and what that proves. */
  readonly #seen = new Uint32Array(lineCount);
  /** The one execution at a time, and what faults call it: a handed submission, or a presentation. */
  readonly #execution = new Execution(() => this.#runningText());
  readonly #reader = new CommandReader();
  #running: Handed | undefined;
  #presentedLabel = 0;
  /** Takes over an entry of the ring that is drained. */
  readonly #take = (entry: RingEntry): void => {
    const { frame, order, sequence, label, commandAt, commandWordCount, signalValue, waits } = entry;
    const handed = this.#open(this.#drainedQueue);
    handed.set(frame, order, sequence, label, this.#commandMemory, commandAt, commandWordCount, signalValue, waits);
    this.#handed[lines[this.#drainedQueue]]!.push(handed);
  };
  #drainedQueue: QueueName = "graphics";
  #isLost = false;

  constructor({ clock, commandMemory = new Uint32Array(0), timelineCapacity = 4_096 }: NullDeviceOptions) {
    this.#clock = clock;
    this.#commandMemory = commandMemory;
    this.#timeline = new Timeline(timelineCapacity);
  }

  label(text: string): number {
    const known = this.#labelNumbers.get(text);
    if (known !== undefined) return known;
    this.#labelNumbers.set(text, this.#labels.length);
    return this.#labels.push(text) - 1;
  }
  labelText(label: number): string {
    return this.#labels[label] ?? `label ${label}`;
  }

  createResource(definition: ResourceDefinition): ResourceId {
    return this.#resources.create(definition);
  }
  destroy(resource: ResourceId): void {
    this.#resources.destroy(this.#resources.usable(resource, destroying), this.#lines, this.#now());
  }
  retire(resource: ResourceId, after: Fence): void {
    this.#checkReserved(after, retiring.use);
    this.#resources.retire(this.#resources.usable(resource, retiring), after);
  }
  collect(): number {
    return this.#resources.collect(this.#lines, this.#now());
  }
  isUploaded(resource: ResourceId): boolean {
    const { uploadValue } = this.#resources.usable(resource, asking);
    return uploadValue !== 0 && this.completed({ line: "copy", value: uploadValue });
  }
  memory(): MemoryCounts {
    return this.#resources.counts();
  }
  /** What is not freed, as text, in order of creation: empty at the end of a clean run. */
  leaks(): string[] {
    return this.#resources.leaks();
  }

  reserve(queue: QueueName): Fence {
    return { line: queue, value: this.#reserveValue(this.#line(queue)) };
  }

  submit(submission: Submission): void {
    const { queue, frame, order, sequence, label, commands, signal } = submission;
    const handed = this.#open(queue);
    if (signal.line !== queue)
      this.#refuse(
        `Submission "${this.labelText(label)}" to ${queue}`,
        `it signals a fence of ${signal.line}`,
        `Reserve its fence from ${queue}.`,
      );
    gatherWaits(submission.waits, this.#waits);
    handed.set(frame, order, sequence, label, commands, 0, commands.length, signal.value, this.#waits);
    this.#handed[lines[queue]]!.push(handed);
  }

  drain(ring: SubmissionRing): void {
    this.#drainedQueue = ring.queue;
    const refusedCount = ring.drain(this.#take);
    if (refusedCount > 0)
      this.#refuse(
        `The submission ring of ${ring.queue}`,
        `${refusedCount} submissions found no place among its ${ring.capacity}`,
        "Give the ring as many entries as a frame has submissions.",
      );
  }

  seal(): void {
    this.#checkNotLost("seal");
    // A fault leaves a part of the frame done, so the device is lost unless this ends well.
    this.#isLost = true;
    const nowMicros = this.#now();
    for (const queue of queueNames) this.#sortHanded(queue);
    this.#heads.fill(0);
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false;
      for (let queue = 0; queue < queueNames.length; queue++) {
        const list = this.#handed[queue]!;
        while (this.#heads[queue]! < list.length && this.#canStart(list[this.#heads[queue]!]!)) {
          this.#start(queue, list[this.#heads[queue]!]!, nowMicros);
          this.#heads[queue]!++;
          hasMoved = true;
        }
      }
    }
    this.#checkNoneWaits();
    for (const list of this.#handed) while (list.length > 0) this.#spare.push(list.pop()!);
    this.#isLost = false;
  }

  completed(fence: Fence): boolean {
    const line = this.#line(fence.line);
    const hasPassed = line.passedValue(this.#now()) >= fence.value;
    if (hasPassed) line.learn(fence.value, this.#seen);
    return hasPassed;
  }
  completedValue(name: LineName): number {
    const line = this.#line(name);
    const value = line.passedValue(this.#now());
    line.learn(value, this.#seen);
    return value;
  }

  present(frame: number, label: number, image: ResourceId, waits: readonly Fence[], costMicros: number): Fence {
    this.#checkNotLost("present");
    gatherWaits(waits, this.#waits);
    this.#presentedLabel = label;
    this.#running = undefined;
    const blocked = this.#blockedBy(this.#waits);
    if (blocked !== undefined)
      raise("queue-deadlock", { waits: `${this.#runningText()} waits for ${blocked}, which is not sealed` });
    const line = this.#line("present");
    const value = line.reservedValue + 1;
    const execution = this.#prepare(line, this.#waits, value);
    read(execution, this.#resources.usable(image, execution));
    this.#reserveValue(line);
    this.#schedule(line, this.#waits, label, frame, this.#now(), costMicros);
    return { line: "present", value };
  }

  /** When everything that is sealed and presented will have passed; a host moves its clock there to drain it. */
  get idleMicros(): number {
    return Math.max(...this.#lines.map((line) => line.endMicros));
  }
  /** Visits what was scheduled since the last call, future ends included, and forgets it. */
  drainTimeline(visit: (span: DeviceSpan) => void): void {
    this.#timeline.drain(visit);
  }
  /** Spans that were not drained in time. */
  get droppedSpanCount(): number {
    return this.#timeline.droppedCount;
  }

  /** Sorts what a queue was handed by place. Work done twice, after a thread died, counts once. */
  #sortHanded(queue: QueueName): void {
    const list = this.#handed[lines[queue]]!;
    sortByPlace(list);
    let keptCount = 0;
    let last = this.#lastPlaces[lines[queue]]!;
    for (let i = 0; i < list.length; i++) {
      const handed = list[i]!;
      const order = comparePlaces(last, handed);
      if (order === 0 && keptCount > 0 && isSameSubmission(last, handed)) {
        this.#spare.push(handed);
        continue;
      }
      if (order >= 0 && last.signalValue > 0)
        this.#refuse(
          this.#useText(queue, handed),
          order === 0 ? "another submission has its place" : `its place lies before ${placeText(last)}, taken already`,
          "Give each submission of a queue its own place, higher than all that are sealed.",
        );
      list[keptCount++] = handed;
      last = handed;
    }
    list.length = keptCount;
    if (keptCount > 0) this.#lastPlaces[lines[queue]]!.copy(last);
  }

  #canStart(handed: Handed): boolean {
    for (let i = 0; i < lineCount; i++) if (handed.waits[i]! > this.#lines[i]!.scheduledValue) return false;
    return true;
  }

  #start(queue: number, handed: Handed, nowMicros: number): void {
    const line = this.#lines[queue]!;
    const { signalValue, waits, words, firstWord, wordCount } = handed;
    this.#running = handed;
    this.#execution.line = queue;
    if (signalValue <= line.scheduledValue || signalValue > line.reservedValue)
      this.#refuse(
        this.#runningText(),
        `it signals ${signalValue}, which is not between ${line.scheduledValue + 1} and ${line.reservedValue}`,
        "Reserve fences in the order of places and signal each once.",
      );
    const execution = this.#prepare(line, waits, signalValue);
    const costMicros = execute(execution, this.#reader.open(words, firstWord, wordCount), this.#resources);
    this.#schedule(line, waits, handed.label, handed.frame, nowMicros, costMicros);
  }

  /** Makes the execution ready: what has surely passed when something begins on `line` after `waits`. */
  #prepare(line: DeviceLine, waits: Uint32Array, signalValue: number): Execution {
    const execution = this.#execution;
    execution.serial++;
    execution.line = line.number;
    execution.signalValue = signalValue;
    execution.known.set(this.#seen);
    if (line.scheduledValue > 0) line.learn(line.scheduledValue, execution.known);
    for (let i = 0; i < lineCount; i++) if (waits[i]! > 0) this.#lines[i]!.learn(waits[i]!, execution.known);
    return execution;
  }

  #schedule(
    line: DeviceLine,
    waits: Uint32Array,
    label: number,
    frame: number,
    nowMicros: number,
    costMicros: number,
  ): void {
    const startMicros = this.#startMicros(line, waits, nowMicros);
    const endMicros = startMicros + costMicros;
    line.schedule(this.#execution.signalValue, nowMicros, endMicros, this.#execution.known);
    this.#timeline.add(line.number, label, frame, startMicros, endMicros);
  }

  #startMicros(line: DeviceLine, waits: Uint32Array, nowMicros: number): number {
    let startMicros = Math.max(nowMicros, line.endMicros);
    for (let i = 0; i < lineCount; i++)
      if (waits[i]! > 0) startMicros = Math.max(startMicros, this.#lines[i]!.endOf(waits[i]!));
    return startMicros;
  }

  #checkNoneWaits(): void {
    const waits: string[] = [];
    for (let queue = 0; queue < queueNames.length; queue++) {
      const head = this.#handed[queue]![this.#heads[queue]!];
      if (head === undefined) continue;
      waits.push(`${this.#useText(queueNames[queue]!, head)} waits for ${this.#blockedBy(head.waits)}`);
    }
    if (waits.length > 0) raise("queue-deadlock", { waits: waits.join("; ") });
  }

  /** The first fence of `waits` that nothing scheduled signals. */
  #blockedBy(waits: Uint32Array): string | undefined {
    for (let i = 0; i < lineCount; i++)
      if (waits[i]! > this.#lines[i]!.scheduledValue) return fenceText({ line: lineNames[i]!, value: waits[i]! });
    return undefined;
  }

  #reserveValue(line: DeviceLine): number {
    assert(line.reservedValue < fenceValueMax, "a line has values left", { value: line.reservedValue });
    return ++line.reservedValue;
  }
  #checkReserved(fence: Fence, use: string): void {
    const { reservedValue } = this.#line(fence.line);
    if (fence.value > reservedValue)
      raise("queue-deadlock", { waits: `${use} waits for ${fenceText(fence)}, which nobody reserved` });
  }
  #open(queue: QueueName): Handed {
    this.#checkNotLost(`submit to ${queue}`);
    return this.#spare.pop() ?? new Handed();
  }
  #checkNotLost(operation: string): void {
    if (this.#isLost) this.#refuse(`\`${operation}\``, "a fault while sealing lost the device", "Make a new device.");
  }
  #line(name: LineName): DeviceLine {
    return this.#lines[lines[name]]!;
  }
  #now(): number {
    return Math.floor(this.#clock.nowMicros());
  }
  #runningText(): string {
    const running = this.#running;
    if (running === undefined) return `Presenting "${this.labelText(this.#presentedLabel)}"`;
    return this.#useText(queueNames[this.#execution.line]!, running);
  }
  #useText(queue: QueueName, handed: Handed): string {
    return `Submission "${this.labelText(handed.label)}" to ${queue} at ${placeText(handed)}`;
  }
  #refuse(use: string, problem: string, remedy: string): never {
    raise("gpu-misuse", { use, problem, remedy });
  }
}
