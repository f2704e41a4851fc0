/**
 * Commands of a graphics device as words: the recorder that workers write with and the reader that a
 * device walks with. Recording is pure: it writes into the words it is given and nowhere else, so any
 * thread may record into its own region and the bytes do not depend on which.
 *
 *     command   ┌────────────────────────────────┐
 *        word 0 │ opcode u8 │ word count u8 │ 0  │   the count includes this word
 *             1 │ operands, u32 each             │
 *               └────────────────────────────────┘
 *     begin-pass 1  target                         draw      4  vertices, instances, cost in us
 *     end-pass   2                                 dispatch  5  groups x, y, z, cost in us
 *     bind       3  place, resource, access 0|1    copy      6  source, target, bytes, cost in us
 *     barrier    8  resource                       upload    7  target, source offset, bytes, cost in us
 *
 * A command buffer is a run of commands. A pass writes its target; a bind says that what follows reads
 * (0) or writes (1) the resource. Whatever a buffer has written needs a barrier before it reads it.
 */
import { raise } from "../base/faults.ts";

export const opcodes = {
  beginPass: 1,
  endPass: 2,
  bind: 3,
  draw: 4,
  dispatch: 5,
  copy: 6,
  upload: 7,
  barrier: 8,
} as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** Words of a command with this opcode; 0 where there is none. */
export const commandWords: readonly number[] = [0, 2, 1, 4, 4, 5, 5, 5, 2];
export const commandNames: readonly string[] = [
  "",
  "begin-pass",
  "end-pass",
  "bind",
  "draw",
  "dispatch",
  "copy",
  "upload",
  "barrier",
];
export const access = { read: 0, write: 1 } as const;

/**
 * Writes commands. Raises "gpu-misuse" when its words are full. One recorder serves many buffers: `open`
 * gives it the next.
 */
export class CommandRecorder {
  #words: Uint32Array;
  #end = 0;
  #first = 0;
  #at = 0;

  constructor(words: Uint32Array, first = 0, capacity = words.length - first) {
    this.#words = words;
    this.open(words, first, capacity);
  }

  /** Begins a command buffer in words[first .. first + capacity). */
  open(words: Uint32Array, first = 0, capacity = words.length - first): this {
    this.#words = words;
    this.#first = first;
    this.#end = first + capacity;
    this.#at = first;
    return this;
  }

  /** Words written so far. */
  get wordCount(): number {
    return this.#at - this.#first;
  }

  beginPass(target: number): void {
    const at = this.#open(opcodes.beginPass);
    this.#words[at + 1] = target;
  }
  endPass(): void {
    this.#open(opcodes.endPass);
  }
  bind(place: number, resource: number, mode: 0 | 1 = access.read): void {
    const at = this.#open(opcodes.bind);
    this.#words[at + 1] = place;
    this.#words[at + 2] = resource;
    this.#words[at + 3] = mode;
  }
  draw(vertexCount: number, instanceCount: number, costMicros: number): void {
    const at = this.#open(opcodes.draw);
    this.#words[at + 1] = vertexCount;
    this.#words[at + 2] = instanceCount;
    this.#words[at + 3] = costMicros;
  }
  dispatch(x: number, y: number, z: number, costMicros: number): void {
    const at = this.#open(opcodes.dispatch);
    this.#words[at + 1] = x;
    this.#words[at + 2] = y;
    this.#words[at + 3] = z;
    this.#words[at + 4] = costMicros;
  }
  copy(source: number, target: number, byteLength: number, costMicros: number): void {
    const at = this.#open(opcodes.copy);
    this.#words[at + 1] = source;
    this.#words[at + 2] = target;
    this.#words[at + 3] = byteLength;
    this.#words[at + 4] = costMicros;
  }
  upload(target: number, sourceOffset: number, byteLength: number, costMicros: number): void {
    const at = this.#open(opcodes.upload);
    this.#words[at + 1] = target;
    this.#words[at + 2] = sourceOffset;
    this.#words[at + 3] = byteLength;
    this.#words[at + 4] = costMicros;
  }
  barrier(resource: number): void {
    const at = this.#open(opcodes.barrier);
    this.#words[at + 1] = resource;
  }

  #open(opcode: Opcode): number {
    const at = this.#at;
    const count = commandWords[opcode]!;
    if (at + count > this.#end)
      raise("gpu-misuse", {
        use: `Recording ${commandNames[opcode]}`,
        problem: `the ${this.#end - this.#first} words of this command buffer are full`,
        remedy: "Give the recorder more words, or split the commands over two submissions.",
      });
    this.#words[at] = opcode | (count << 8);
    this.#at = at + count;
    return at;
  }
}

/** Walks commands. One reader serves many buffers: `open` stands it before the next. */
export class CommandReader {
  #words: Uint32Array = new Uint32Array(0);
  #end = 0;
  #next = 0;
  #at = 0;
  /** Opcode of the current command. */
  opcode = 0;

  /** Goes before the commands in words[first .. first + wordCount). */
  open(words: Uint32Array, first = 0, wordCount = words.length - first): this {
    this.#words = words;
    this.#next = first;
    this.#end = first + wordCount;
    return this;
  }

  /** Goes to the next command. False at the end; a text when the words there are no command. */
  next(): boolean | string {
    const at = this.#next;
    if (at === this.#end) return false;
    const head = this.#words[at];
    if (head === undefined || at > this.#end) return `its commands reach beyond the words of the device`;
    const opcode = head & 255;
    const count = commandWords[opcode] ?? 0;
    if (count === 0 || head >>> 8 !== count) return `word ${head} is no head of a command`;
    if (at + count > this.#end) return `its last command, ${commandNames[opcode]}, is cut off`;
    this.#at = at;
    this.#next = at + count;
    this.opcode = opcode;
    return true;
  }

  /** Operand `i` of the current command, from 0. */
  operand(i: number): number {
    return this.#words[this.#at + 1 + i]!;
  }
}

/** The commands as text, a line each: for tests, traces and faults. Stops at words that are no command. */
export function commandsText(words: Uint32Array): string[] {
  const reader = new CommandReader().open(words);
  const text: string[] = [];
  for (let step = reader.next(); step === true; step = reader.next()) {
    const operands = Array.from({ length: commandWords[reader.opcode]! - 1 }, (_, i) => reader.operand(i));
    text.push([commandNames[reader.opcode], ...operands].join(" "));
  }
  return text;
}
