/**
 * The trace's file, written as the run goes on: the main thread drains the rings about ten times a
 * second and appends what came. After every piece the closing brackets follow, and the next piece is
 * written over them: whatever ends the process, the file on the disk is whole.
 *
 * Rule: tracing never ends a run. A file that cannot be written any more switches tracing off, is
 * reported once and keeps what it had.
 */

import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { type Fault, makeFault, raise } from "../../engine/base/faults.ts";
import { counted } from "../../engine/base/wording.ts";
import { ChromeTrace, type TraceRun } from "../../engine/trace/chrome.ts";
import type { TraceSink } from "../../engine/trace/event.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { TraceReader } from "../../engine/trace/reader.ts";
import { hostClock } from "../host/clock.ts";

const drainMillis = 100;

export interface TraceFileOptions {
  readonly path: string;
  readonly memory: TraceMemory;
  readonly run: Omit<TraceRun, "originMicros">;
  /** Called at most once, when the file cannot be written while the run goes on. */
  readonly onFault: (fault: Fault) => void;
  /** Is handed every event as well: the memory has one reader, so whoever else wants its events gets them here. */
  readonly also?: TraceSink | undefined;
}

/** What became of a trace. */
export interface TraceSummary {
  readonly path: string;
  readonly eventCount: number;
  readonly droppedCount: number;
  readonly byteCount: number;
}

/** A trace in one line. */
export function traceText({ path, eventCount, droppedCount, byteCount }: TraceSummary): string {
  const dropped = droppedCount === 0 ? "" : `, ${droppedCount} dropped`;
  return `trace ${path} (${counted(eventCount, "event")}${dropped}, ${byteCount} bytes)`;
}

/** Hands each event to both. */
function bothSinks(first: TraceSink, second: TraceSink): TraceSink {
  return {
    event(track, kind, name, startMicros, durationMicros, a, b) {
      first.event(track, kind, name, startMicros, durationMicros, a, b);
      second.event(track, kind, name, startMicros, durationMicros, a, b);
    },
    lost(track, count) {
      first.lost(track, count);
      second.lost(track, count);
    },
  };
}

export class TraceFile {
  readonly path: string;
  readonly #memory: TraceMemory;
  readonly #reader: TraceReader;
  readonly #chrome: ChromeTrace;
  readonly #sink: TraceSink;
  readonly #onFault: (fault: Fault) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #descriptor: number;
  /** Pipes and devices cannot be written over: they get their closing at the end alone. */
  readonly #isFile: boolean;
  #isOpen = true;
  /** Bytes up to the end of the newest event. */
  #position = 0;
  /** Bytes with the closing. */
  #length = 0;

  private constructor({ path, memory, run, onFault, also }: TraceFileOptions, descriptor: number) {
    this.path = path;
    this.#memory = memory;
    this.#onFault = onFault;
    this.#descriptor = descriptor;
    this.#isFile = fstatSync(descriptor).isFile();
    this.#reader = new TraceReader(memory);
    this.#chrome = new ChromeTrace(memory, { ...run, originMicros: hostClock.nowMicros() });
    this.#sink = also === undefined ? this.#chrome : bothSinks(this.#chrome, also);
    this.#write(this.#chrome.opening);
    this.#timer = setInterval(() => this.flush(), drainMillis);
    this.#timer.unref();
  }

  /** Makes the file, switches tracing on and drains from then on. Raises "trace-unwritable". */
  static open(options: TraceFileOptions): TraceFile {
    const { path } = options;
    let descriptor = -1;
    try {
      descriptor = openSync(path, "w");
      const file = new TraceFile(options, descriptor);
      options.memory.turn(true);
      return file;
    } catch (thrown) {
      if (descriptor >= 0) closeSync(descriptor);
      return raise("trace-unwritable", { path, what: "trace", problem: (thrown as Error).message }, thrown);
    }
  }

  get summary(): TraceSummary {
    let droppedCount = 0;
    for (let track = 0; track < this.#memory.trackCount; track++) droppedCount += this.#reader.lostOf(track);
    return { path: this.path, eventCount: this.#chrome.eventCount, droppedCount, byteCount: this.#length };
  }

  /** Takes what is in the rings to the file now. */
  flush(): void {
    if (!this.#isOpen) return;
    try {
      this.#reader.drain(this.#sink);
      const text = this.#chrome.take();
      if (text !== "") this.#write(text);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Switches tracing off and completes the file. The threads that write should have ended. May be called twice. */
  close(): TraceSummary {
    if (!this.#isOpen) return this.summary;
    this.#memory.turn(false);
    this.flush();
    if (!this.#isOpen) return this.summary;
    try {
      this.#write("", true);
      this.#end();
    } catch (thrown) {
      this.#fail(thrown);
    }
    return this.summary;
  }

  #write(text: string, isLast = false): void {
    const body = Buffer.from(text);
    this.#put(body, this.#position);
    this.#position += body.length;
    this.#length = this.#position;
    if (!this.#isFile && !isLast) return;
    const closing = Buffer.from(this.#chrome.closing(hostClock.nowMicros()));
    this.#put(closing, this.#position);
    this.#length += closing.length;
    if (this.#isFile) ftruncateSync(this.#descriptor, this.#length);
  }

  #put(bytes: Buffer, position: number): void {
    const place = this.#isFile ? position : null;
    for (let at = 0; at < bytes.length; )
      at += writeSync(this.#descriptor, bytes, at, bytes.length - at, place === null ? null : place + at);
  }

  #fail(thrown: unknown): void {
    this.#memory.turn(false);
    this.#end();
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    this.#onFault(makeFault("trace-unwritable", { path: this.path, what: "trace", problem }));
  }

  #end(): void {
    this.#isOpen = false;
    clearInterval(this.#timer);
    try {
      closeSync(this.#descriptor);
    } catch {
      // What was written is written; a descriptor that does not close is the system's to clean up.
    }
  }
}
