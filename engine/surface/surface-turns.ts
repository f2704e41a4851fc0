/**
 * Turns: what a frame asks of its surfaces, in shared memory, so that any thread can record and submit
 * one knowing its number alone. The coordinator fills the rows (surface-frames.ts) and presents; workers
 * call `record` and `submit`. States move by compare-and-exchange: a step out of order is a fault, also
 * when two threads try the same one.
 *
 *     idle ─▶ planned ─▶ recording ─▶ recorded ─▶ submitting ─▶ submitted ─▶ sealed ─▶ presented
 *     begin   │          record       │           submit        │           seal      present
 *             ◀───────── redo, by the coordinator, once the thread is gone ─┘
 *
 *     region  ┌───────────────────────┐  row of 28 words:
 *             │ row of turn 0         │    0 state   1 frame   2 order   3 queue   4 label   5 picture
 *             │ ...                   │    6 value to signal   7 recorded words   8 width   9 height
 *             ├───────────────────────┤   10 record, 11 submit, 12 present cost in micros
 *             │ ring of graphics      │   13..16 waits, a value a line
 *             ├───────────────────────┤   17 number of reads   18..25 pictures read
 *             │ ring of compute       │
 *             ├───────────────────────┤
 *             │ commands of turn 0    │  commandWordCount words a turn
 *             │ ...                   │
 *             └───────────────────────┘
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";
import { CommandRecorder } from "../gpu/commands.ts";
import { lineCount, queueNames } from "../gpu/queues.ts";
import { RingEntry, SubmissionRing, submissionRingWords } from "../gpu/submission-ring.ts";
import { readCountMax } from "./surface.ts";

export interface SurfaceLimits {
  /** Surfaces that may be drawn in one frame. */
  readonly surfaceCount: number;
  /** Words of commands that each may record. */
  readonly commandWordCount: number;
}

export const defaultSurfaceLimits: SurfaceLimits = { surfaceCount: 32, commandWordCount: 4_096 };

export const turnStates = [
  "idle",
  "planned",
  "recording",
  "recorded",
  "submitting",
  "submitted",
  "sealed",
  "presented",
] as const;
export type TurnState = (typeof turnStates)[number];
const states = { idle: 0, planned: 1, recording: 2, recorded: 3, submitting: 4, submitted: 5, sealed: 6, presented: 7 };

const rowWords = 28;

/** Words of shared memory that the turns of a world need. */
export function surfaceMemoryWords({ surfaceCount, commandWordCount }: SurfaceLimits): number {
  // A ring holds each surface twice: once from a thread that died after submitting, once done again.
  return surfaceCount * (rowWords + commandWordCount) + 2 * submissionRingWords(2 * surfaceCount);
}

/** One turn as its drawer sees it: read from the row into a record that is used again. */
export class SurfaceTurn {
  number = 0;
  frame = 0;
  order = 0;
  /** Number of the queue (lines of gpu/queues.ts) that it is submitted to. */
  queue = 0;
  /** What the device's timeline calls it. */
  label = 0;
  /** The resource to draw into. */
  picture = 0;
  signalValue = 0;
  width = 0;
  height = 0;
  recordMicros = 0;
  submitMicros = 0;
  presentMicros = 0;
  readonly waits = new Uint32Array(lineCount);
  readCount = 0;
  /** Pictures of the surfaces that it reads, in the order of its definition. */
  readonly reads = new Uint32Array(readCountMax);
}

/** Records a turn's commands. The same turn must give the same words on every thread. */
export type DrawTurn = (recorder: CommandRecorder, turn: SurfaceTurn) => void;

/** A thread's view of the turns. Each thread makes its own over the same memory. */
export class SurfaceTurns {
  readonly limits: SurfaceLimits;
  /** All words of the memory, as the device needs them: ring entries point into these. */
  readonly commandMemory: Uint32Array;
  /** The rings of graphics and compute. */
  readonly rings: readonly SubmissionRing[];
  readonly #words: Int32Array;
  readonly #rowsAt: number;
  readonly #commandsAt: number;
  readonly #turn = new SurfaceTurn();
  readonly #entry = new RingEntry();
  readonly #recorder: CommandRecorder;

  /** `words` is a view of shared memory, with surfaceMemoryWords(limits) zeroed words from `firstWord` on. */
  constructor(words: Int32Array, firstWord: number, limits: SurfaceLimits = defaultSurfaceLimits) {
    const wordCount = surfaceMemoryWords(limits);
    assert(words.length >= firstWord + wordCount, "the turns have their memory", { length: words.length, wordCount });
    this.limits = limits;
    this.#words = words;
    this.commandMemory = new Uint32Array(words.buffer, words.byteOffset, words.length);
    this.#recorder = new CommandRecorder(this.commandMemory, firstWord, 0);
    const { surfaceCount } = limits;
    const ringWords = submissionRingWords(2 * surfaceCount);
    this.#rowsAt = firstWord;
    const ringsAt = firstWord + surfaceCount * rowWords;
    this.rings = (["graphics", "compute"] as const).map((queue, i) => {
      const at = ringsAt + i * ringWords;
      return new SubmissionRing(words.subarray(at, at + ringWords), queue, 2 * surfaceCount);
    });
    this.#commandsAt = ringsAt + 2 * ringWords;
  }

  state(number: number): TurnState {
    return turnStates[Atomics.load(this.#words, this.#rowAt(number))]!;
  }

  /** Any thread: records the turn's commands with `draw`. */
  record(number: number, draw: DrawTurn): void {
    this.#move(number, "record", states.planned, states.recording);
    const { commandWordCount } = this.limits;
    const recorder = this.#recorder.open(this.commandMemory, this.#commandAt(number), commandWordCount);
    draw(recorder, this.turn(number));
    this.#words[this.#rowAt(number) + 7] = recorder.wordCount;
    this.#move(number, "record", states.recording, states.recorded);
  }

  /** Any thread: hands the recorded commands to the ring of the turn's queue. */
  submit(number: number): void {
    this.#move(number, "submit", states.recorded, states.submitting);
    const turn = this.turn(number);
    const entry = this.#entry;
    entry.frame = turn.frame;
    entry.order = turn.order;
    entry.sequence = 0;
    entry.label = turn.label;
    entry.commandAt = this.#commandAt(number);
    entry.commandWordCount = this.#words[this.#rowAt(number) + 7]!;
    entry.signalValue = turn.signalValue;
    entry.waits.set(turn.waits);
    if (!this.rings[turn.queue]!.submit(entry))
      raise("gpu-misuse", {
        use: `Submitting turn ${number}`,
        problem: `the ring of ${queueNames[turn.queue]} is full`,
        remedy: "Seal before turns are done again a second time.",
      });
    this.#move(number, "submit", states.submitting, states.submitted);
  }

  /** The turn's row in a record that the next call overwrites. */
  turn(number: number): SurfaceTurn {
    const at = this.#rowAt(number);
    const words = this.commandMemory;
    const turn = this.#turn;
    turn.number = number;
    turn.frame = words[at + 1]!;
    turn.order = words[at + 2]!;
    turn.queue = words[at + 3]!;
    turn.label = words[at + 4]!;
    turn.picture = words[at + 5]!;
    turn.signalValue = words[at + 6]!;
    turn.width = words[at + 8]!;
    turn.height = words[at + 9]!;
    turn.recordMicros = words[at + 10]!;
    turn.submitMicros = words[at + 11]!;
    turn.presentMicros = words[at + 12]!;
    for (let line = 0; line < lineCount; line++) turn.waits[line] = words[at + 13 + line]!;
    turn.readCount = words[at + 17]!;
    for (let i = 0; i < readCountMax; i++) turn.reads[i] = words[at + 18 + i]!;
    return turn;
  }

  /** Coordinator: lays out a turn, which must have been presented or never used. */
  plan(turn: SurfaceTurn): void {
    const { number } = turn;
    const before = this.state(number);
    assert(before === "idle" || before === "presented", "a turn is planned when it is over", { number, before });
    const at = this.#rowAt(number);
    const words = this.commandMemory;
    words[at + 1] = turn.frame;
    words[at + 2] = turn.order;
    words[at + 3] = turn.queue;
    words[at + 4] = turn.label;
    words[at + 5] = turn.picture;
    words[at + 6] = turn.signalValue;
    words[at + 7] = 0;
    words[at + 8] = turn.width;
    words[at + 9] = turn.height;
    words[at + 10] = turn.recordMicros;
    words[at + 11] = turn.submitMicros;
    words[at + 12] = turn.presentMicros;
    for (let line = 0; line < lineCount; line++) words[at + 13 + line] = turn.waits[line]!;
    words[at + 17] = turn.readCount;
    for (let i = 0; i < readCountMax; i++) words[at + 18 + i] = turn.reads[i]!;
    Atomics.store(this.#words, at, states.planned);
  }

  /** Coordinator: takes back a turn whose thread is gone, so that it can be recorded and submitted again. */
  redo(number: number): void {
    const at = this.#rowAt(number);
    const before = Atomics.load(this.#words, at);
    if (before < states.planned || before > states.submitted) this.#refuse(number, "redo", before, "not sealed yet");
    Atomics.store(this.#words, at, states.planned);
  }
  /** Coordinator: the turn's submission is sealed. */
  seal(number: number): void {
    this.#move(number, "seal", states.submitted, states.sealed);
  }
  /** Coordinator: the turn's picture is presented. */
  present(number: number): void {
    this.#move(number, "present", states.sealed, states.presented);
  }
  /** Coordinator: raises "surface-order" unless the turn may be presented. */
  checkSealed(number: number): void {
    const state = Atomics.load(this.#words, this.#rowAt(number));
    if (state !== states.sealed) this.#refuse(number, "present", state, "sealed");
  }

  /** What faults call a turn. The coordinator, who knows, says the surface's name; a worker says the number. */
  nameOf: (number: number) => string = (number) => `turn ${number}`;

  #move(number: number, operation: string, from: number, to: number): void {
    const before = Atomics.compareExchange(this.#words, this.#rowAt(number), from, to);
    if (before !== from) this.#refuse(number, operation, before, turnStates[from]!);
  }
  #refuse(number: number, operation: string, before: number, needed: string): never {
    raise("surface-order", { surface: this.nameOf(number), operation, state: turnStates[before]!, needed });
  }
  #rowAt(number: number): number {
    assert(number >= 0 && number < this.limits.surfaceCount, "a turn has a row", { number });
    return this.#rowsAt + number * rowWords;
  }
  #commandAt(number: number): number {
    return this.#commandsAt + number * this.limits.commandWordCount;
  }
}
