/**
 * The pool's own memory: what the coordinator, the workers and the keeper share whatever world is being
 * run. The keeper is whoever owns the worker threads and never blocks: it starts them, ends them when
 * asked, and says here when one has ended.
 *
 *     words   0 epoch       bumped when there may be work; sleeping workers wait on it
 *             1 serial      of the attachment; a worker leaves a world whose serial is no longer this
 *             2 progress    bumped when a task is done or a chunk has failed; the coordinator waits on it
 *             3 waiting     1 while the coordinator waits
 *             4 sleepers    workers that wait on epoch
 *             5 stopping    1: workers end
 *             6 failures    bumped when a chunk has failed
 *             7 deaths      bumped by the keeper when a worker has ended
 *     16 + 16 w             worker w: state, task, chunk, failed, the times it was started, asleep
 *     behind the words      worker w: 2,048 bytes for the text of a failure
 *
 *     state   absent ─keeper─▶ starting ─worker─▶ ready ─coordinator─▶ unwanted
 *                ▲                 │                │                      │
 *                └──coordinator── ended ◀───────────┴──── keeper ──────────┘
 */
import { ByteReader, ByteWriter, decodeUtf8 } from "../base/bytes.ts";

export const workerCountMax = 64;
const headWords = 16;
const workerWords = 16;
const failureBytes = 2_048;
const failureOffset = (headWords + workerCountMax * workerWords) * 4;

export const poolWord = {
  epoch: 0,
  serial: 1,
  progress: 2,
  waiting: 3,
  sleepers: 4,
  stopping: 5,
  failures: 6,
  deaths: 7,
} as const;
export const workerWord = { state: 0, task: 1, chunk: 2, failed: 3, starts: 4, asleep: 5 } as const;
export const workerState = { absent: 0, starting: 1, ready: 2, unwanted: 3, ended: 4 } as const;

export function allocatePool(): SharedArrayBuffer {
  return new SharedArrayBuffer(failureOffset + workerCountMax * failureBytes);
}

/** Word `word` of worker `worker`. */
export function wordOf(worker: number, word: number): number {
  return headWords + worker * workerWords + word;
}

export function poolWords(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, 0, failureOffset >> 2);
}

/** What a worker says of a chunk that threw. */
export interface ChunkFailure {
  readonly task: number;
  readonly chunk: number;
  readonly message: string;
  readonly place: string;
  /** The fault that was thrown, as JSON; "" when it was no fault. */
  readonly fault: string;
}

/** Characters of each part that are kept; one takes 3 bytes at most, a pair of surrogates 4. */
const messageLengthMax = 240;
const placeLengthMax = 200;
const faultLengthMax = 230;

/** Worker: leaves the failure for the coordinator. It claims nothing more until that has read it. */
export function writeFailure(memory: SharedArrayBuffer, worker: number, failure: ChunkFailure): void {
  const writer = new ByteWriter(failureBytes);
  writer.u32(failure.task).u32(failure.chunk);
  // A place says the most at its end: file, line and column.
  writer.text(failure.message.slice(0, messageLengthMax)).text(failure.place.slice(-placeLengthMax));
  writer.text(failure.fault.length > faultLengthMax ? "" : failure.fault);
  new Uint8Array(memory, failureOffset + worker * failureBytes, failureBytes).set(writer.view());
  const words = poolWords(memory);
  Atomics.store(words, wordOf(worker, workerWord.failed), 1);
  Atomics.add(words, poolWord.failures, 1);
}

/** Coordinator: the failure of a worker that has one, which may then go on. */
export function takeFailure(memory: SharedArrayBuffer, words: Int32Array, worker: number): ChunkFailure | undefined {
  if (Atomics.load(words, wordOf(worker, workerWord.failed)) === 0) return undefined;
  const bytes = new Uint8Array(memory, failureOffset + worker * failureBytes, failureBytes).slice();
  const reader = new ByteReader(bytes);
  const text = (): string => decodeUtf8(reader.bytes(reader.u16()));
  const failure = { task: reader.u32(), chunk: reader.u32(), message: text(), place: text(), fault: text() };
  Atomics.store(words, wordOf(worker, workerWord.failed), 0);
  return failure;
}
