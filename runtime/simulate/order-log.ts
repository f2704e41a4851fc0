/**
 * The ordering hash: one hash over what must happen in the same order in every run, whatever the number of
 * workers, their speed and their deaths.
 *
 * In the hash, frame by frame, as lines of text in this order:
 *   - the phases' systems, in the order in which they ran, tick by tick
 *   - the stages of the frame, in the order in which they ended
 *   - tick jobs: the tick at which each was launched and at which its answers entered
 *   - tasks: of each frame job, in the order of the job graph, which outputs it was opened over and of which
 *     tick these were, and its chunks and rows when it was closed
 *   - surfaces: who came, went, or is drawn less often; turns by level with who was drawn; the order of presentation
 *   - the device: which line worked on what, in the order of each line
 *   - resources: publications in the order of resource numbers, each in the frame in which it is due, with version
 *     and content hash
 *
 * Not in the hash: every time and duration; which thread ran what; when a chunk, a read or a stage of a load ended
 * within the time it has, and after how many attempts (a worker that dies in a stage costs one); in which order
 * tasks were opened that do not wait for one another. The state of the world has a hash of its own.
 */

import { hashTextHex } from "../../engine/base/hash.ts";
import { counted } from "../../engine/base/wording.ts";

export interface OrderFacts {
  /** The hash over all frames. */
  readonly hash: string;
  /** The hash after each frame: the first that differs between two runs says where to look. */
  readonly frameHashes: readonly string[];
  /** The facts of frame 1, for readers. */
  readonly firstFrame: readonly string[];
}

export class OrderLog {
  #hash = hashTextHex("");
  #lines: string[] = [];
  readonly #frameHashes: string[] = [];
  #firstFrame: readonly string[] = [];
  /** What each job that was opened in this frame found. */
  readonly #opened = new Map<string, string>();

  note(fact: string): void {
    this.#lines.push(fact);
  }

  /** A frame job was opened over outputs of these ticks. Told in the order of the graph, when all are closed. */
  opened(job: string, over: string): void {
    this.#opened.set(job, this.#opened.has(job) ? "twice" : over);
  }

  closed(job: string, chunkCount: number, rowCount: number): void {
    const over = this.#opened.get(job);
    this.#opened.delete(job);
    this.note(
      over === undefined
        ? `task ${job} left out`
        : `task ${job} ${over}: ${counted(chunkCount, "chunk")}, ${counted(rowCount, "row")}`,
    );
  }

  endFrame(): void {
    if (this.#frameHashes.length === 0) this.#firstFrame = this.#lines;
    this.#hash = hashTextHex(`${this.#hash}\n${this.#lines.join("\n")}`);
    this.#frameHashes.push(this.#hash);
    this.#lines = [];
  }

  get facts(): OrderFacts {
    return { hash: this.#hash, frameHashes: this.#frameHashes, firstFrame: this.#firstFrame };
  }
}
