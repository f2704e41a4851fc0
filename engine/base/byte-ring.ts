/**
 * A byte ring: messages of any length from one thread to another through shared memory, in order,
 * without a lock and without loss. One writer, one reader.
 *
 *     0  ┌───────────────────────────┐
 *        │ written   u32             │  bytes ever written, modulo 2^32: moved by the writer only
 *        │ read      u32             │  bytes ever read: moved by the reader only
 *        │ closed    i32             │  1 when the writer is done
 *    64  ├───────────────────────────┤
 *        │ length u32, message, pad  │  each message at a multiple of 4; a message may wrap around
 *        │ ...                       │
 *        └───────────────────────────┘
 * The capacity is a power of two, so the counters may overflow without harm.
 */
import { assert } from "./assertions.ts";

const headBytes = 64;
const writtenWord = 0;
const readWord = 1;
const closedWord = 2;

/** Bytes of shared memory for a ring that holds `capacity` bytes. */
export function byteRingBytes(capacity: number): number {
  return headBytes + capacity;
}

export class ByteRing {
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #length = new Uint8Array(4);

  /** One side's view over shared memory that starts out zeroed. Its length is byteRingBytes(2^n). */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, capacity: number) {
    assert((capacity & (capacity - 1)) === 0 && capacity >= 64, "a ring's capacity is a power of two", { capacity });
    this.capacity = capacity;
    this.#words = new Int32Array(buffer, byteOffset, headBytes >> 2);
    this.#bytes = new Uint8Array(buffer, byteOffset + headBytes, capacity);
  }

  /** Writer: appends a message. False when there is no room now; one that never fits is a bug. */
  write(message: Uint8Array): boolean {
    const needed = messageBytes(message.length);
    assert(needed <= this.capacity, "a message fits the ring", { length: message.length, capacity: this.capacity });
    const written = Atomics.load(this.#words, writtenWord);
    const free = this.capacity - ((written - Atomics.load(this.#words, readWord)) >>> 0);
    if (needed > free) return false;
    const length = this.#length;
    length[0] = message.length & 255;
    length[1] = (message.length >>> 8) & 255;
    length[2] = (message.length >>> 16) & 255;
    length[3] = message.length >>> 24;
    this.#copyIn(written, length);
    this.#copyIn(written + 4, message);
    Atomics.store(this.#words, writtenWord, (written + needed) | 0);
    Atomics.notify(this.#words, writtenWord);
    return true;
  }

  /** Writer: appends a message, waiting at most `timeoutMillis` for room. False when there was none. */
  writeWaiting(message: Uint8Array, timeoutMillis: number): boolean {
    while (!this.write(message)) {
      const read = Atomics.load(this.#words, readWord);
      if (this.write(message)) return true;
      if (Atomics.wait(this.#words, readWord, read, timeoutMillis) === "timed-out") return this.write(message);
    }
    return true;
  }

  /** Writer: says that nothing more will come. */
  close(): void {
    Atomics.store(this.#words, closedWord, 1);
    Atomics.notify(this.#words, writtenWord);
  }

  /** Wakes a reader that waits, which then finds nothing new. */
  wake(): void {
    Atomics.notify(this.#words, writtenWord);
  }

  get isClosed(): boolean {
    return Atomics.load(this.#words, closedWord) === 1;
  }

  /** Reader: the next message as a copy, or undefined when there is none now. */
  read(): Uint8Array | undefined {
    const read = Atomics.load(this.#words, readWord);
    if (Atomics.load(this.#words, writtenWord) === read) return undefined;
    this.#copyOut(read, this.#length);
    const [a, b, c, d] = this.#length as unknown as [number, number, number, number];
    const message = new Uint8Array(a | (b << 8) | (c << 16) | (d << 24));
    this.#copyOut(read + 4, message);
    Atomics.store(this.#words, readWord, (read + messageBytes(message.length)) | 0);
    Atomics.notify(this.#words, readWord);
    return message;
  }

  /** Reader: resolves when there may be something to read; at once when there is. */
  async readable(): Promise<void> {
    const written = Atomics.load(this.#words, writtenWord);
    if (written !== Atomics.load(this.#words, readWord) || this.isClosed) return;
    // A close does not change the counter, so the wait is bounded and the caller asks again.
    const result = Atomics.waitAsync(this.#words, writtenWord, written, 1_000);
    if (result.async) await result.value;
  }

  #copyIn(at: number, source: Uint8Array): void {
    const from = at & (this.capacity - 1);
    const first = Math.min(source.length, this.capacity - from);
    this.#bytes.set(first === source.length ? source : source.subarray(0, first), from);
    if (first < source.length) this.#bytes.set(source.subarray(first), 0);
  }

  #copyOut(at: number, target: Uint8Array): void {
    const from = at & (this.capacity - 1);
    const first = Math.min(target.length, this.capacity - from);
    target.set(this.#bytes.subarray(from, from + first));
    if (first < target.length) target.set(this.#bytes.subarray(0, target.length - first), first);
  }
}

function messageBytes(length: number): number {
  return 4 + ((length + 3) & ~3);
}
