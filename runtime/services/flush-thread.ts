/**
 * The flush thread: the one reader of the log ring and of telemetry. It turns messages into lines of a file or
 * of standard error, and metrics into a line a second. It is given shared memory and paths, sleeps in
 * Atomics.wait between passes, and is woken by errors, by a ring that fills and by whoever stops it.
 *
 *     pass:   ring ──at most 256 messages──► lines ──► file     flushed, or counted as unwritten
 *     pause:  50 ms, or until woken, or until the next second's line of telemetry is due
 *     stop:   what the ring holds, a last line of telemetry, `done`
 *
 * The rule: nothing here may end a run. A file that cannot be written is told to the main thread once; the
 * ring is emptied all the same, because producers must find room.
 */

import { parentPort } from "node:worker_threads";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { counted } from "../../engine/base/wording.ts";
import type { LogMemory, NoteDefinition } from "../../engine/services/log.ts";
import { LogReader } from "../../engine/services/log-reader.ts";
import { type TelemetryMemory, TelemetryReader } from "../../engine/services/telemetry.ts";
import type { ThreadData } from "../host/threads.ts";
import { epochClock } from "./epoch-clock.ts";
import { LineSink, type SinkOutcome } from "./line-sink.ts";
import { type LogFormat, logLine } from "./log-line.ts";
import { telemetryLine } from "./telemetry-line.ts";

/** What the main thread tells the flush thread when it starts it. */
export interface FlushThreadData extends ThreadData {
  readonly role: "service";
  readonly log: LogMemory;
  readonly notes: readonly NoteDefinition[];
  /** Names of threads by number. */
  readonly sources: readonly string[];
  /** undefined: standard error. */
  readonly logPath: string | undefined;
  readonly logFormat: LogFormat;
  readonly telemetry: TelemetryMemory;
  /** undefined: no lines of telemetry. */
  readonly telemetryPath: string | undefined;
  /** An i32 for each of `serviceWord`. */
  readonly control: SharedArrayBuffer;
}

/** `stop` is set by the main thread, the others by the flush thread; all are counts but `stop` and `done`. */
export const serviceWord = { stop: 0, done: 1, flushed: 2, unwritten: 3, telemetryLines: 4 } as const;
export const serviceControlBytes = 64;

export interface FlushThreadMessage {
  readonly kind: "fault";
  readonly fault: Fault;
}

const batchCount = 256;
const pauseMillis = 50;
/** While a pipe is full, or the next message in order is still being written. */
const shortPauseMillis = 2;
const telemetryMicros = 1_000_000;

/** Runs the role "service" until it is told to stop and has written what the ring held then. */
export function runFlushThread(data: FlushThreadData): void {
  const control = new Int32Array(data.control);
  const reader = new LogReader(data.log, data.notes, epochClock);
  const { consumer } = reader;
  const log = new LogFlush(data, reader, control);
  const telemetry = new TelemetryFlush(data, reader, control);
  // A stop waits for what can be in the ring at that moment, not for producers that go on writing.
  let leftAtStop = data.log.ring.cellCount;
  for (;;) {
    const wakeCount = consumer.wakeCount;
    const isStopping = Atomics.load(control, serviceWord.stop) === 1;
    const count = log.pass();
    const dueMicros = telemetry.pass();
    if (isStopping) {
      leftAtStop -= count;
      if (!log.isStuck && ((count === 0 && consumer.isEmpty) || leftAtStop <= 0)) break;
    }
    // A full batch means that more is waiting.
    if (count === batchCount) continue;
    const isHeldUp = log.isStuck || (isStopping && !consumer.isEmpty);
    consumer.wait(wakeCount, isHeldUp ? shortPauseMillis : Math.min(pauseMillis, Math.max(1, dueMicros / 1_000)));
  }
  telemetry.finish();
  log.finish();
  Atomics.store(control, serviceWord.done, 1);
  Atomics.notify(control, serviceWord.done);
}

/** Tells the main thread of a sink's failure, the first time only. */
class FailureTeller {
  readonly #purpose: string;
  #hasTold = false;
  constructor(purpose: string) {
    this.#purpose = purpose;
  }
  tell({ path, problem }: LineSink): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const fault = makeFault("file-write", { path: path ?? "standard error", purpose: this.#purpose, problem });
    parentPort?.postMessage({ kind: "fault", fault } satisfies FlushThreadMessage);
  }
}

/** From the ring to the log's file. */
class LogFlush {
  readonly #data: FlushThreadData;
  readonly #reader: LogReader;
  readonly #control: Int32Array;
  readonly #sink: LineSink;
  readonly #failure = new FailureTeller("log");
  /** Messages in the lines that are being written. */
  #count = 0;
  /** Messages that could not be written since the last line that could. */
  #missingCount = 0;

  constructor(data: FlushThreadData, reader: LogReader, control: Int32Array) {
    this.#data = data;
    this.#reader = reader;
    this.#control = control;
    this.#sink = new LineSink(data.logPath);
  }

  get isStuck(): boolean {
    return this.#sink.isStuck;
  }

  /** Writes what there is, at most a batch; returns how many messages were taken from the ring. */
  pass(): number {
    if (this.#sink.isStuck) {
      this.#settle(this.#sink.retry());
      if (this.#sink.isStuck) return 0;
    }
    const { sources, logFormat } = this.#data;
    let lines = "";
    const count = this.#reader.pass(batchCount, (message) => {
      lines += logLine(message, sources, logFormat);
    });
    if (lines === "") return 0;
    if (this.#missingCount > 0) lines = this.#missingLine() + lines;
    this.#count = count;
    this.#settle(this.#sink.append(lines));
    return count;
  }

  finish(): void {
    if (this.#missingCount > 0) this.#settle(this.#sink.append(this.#missingLine()));
    this.#sink.close();
  }

  #settle(outcome: SinkOutcome): void {
    if (outcome === "stuck") return;
    const isWritten = outcome === "written";
    Atomics.add(this.#control, isWritten ? serviceWord.flushed : serviceWord.unwritten, this.#count);
    if (isWritten) this.#missingCount = 0;
    else {
      this.#missingCount += this.#count;
      this.#failure.tell(this.#sink);
    }
    this.#count = 0;
  }

  #missingLine(): string {
    const { sources, logFormat } = this.#data;
    const text = `${counted(this.#missingCount, "message")} before this one could not be written: ${this.#sink.problem}`;
    const numbers = [this.#missingCount];
    const micros = epochClock.nowMicros();
    const note = "messages-unwritten";
    return logLine(
      { level: "warn", source: -1, tick: 0, micros, note, text, isCut: false, numbers },
      sources,
      logFormat,
    );
  }
}

/** From the metrics to the telemetry's file. */
class TelemetryFlush {
  readonly #reader: TelemetryReader;
  readonly #log: LogReader;
  readonly #control: Int32Array;
  readonly #sink: LineSink | undefined;
  readonly #failure = new FailureTeller("telemetry");
  #nextMicros = epochClock.nowMicros() + telemetryMicros;

  constructor(data: FlushThreadData, log: LogReader, control: Int32Array) {
    this.#reader = new TelemetryReader(data.telemetry);
    this.#log = log;
    this.#control = control;
    this.#sink = data.telemetryPath === undefined ? undefined : new LineSink(data.telemetryPath);
  }

  /** Writes a line when one is due; returns the microseconds until the next. */
  pass(): number {
    const now = epochClock.nowMicros();
    if (now >= this.#nextMicros) {
      // A second that was missed is not made up for: the next line has it.
      this.#nextMicros = Math.max(this.#nextMicros + telemetryMicros, now);
      this.#write(now);
    }
    return this.#nextMicros - now;
  }

  finish(): void {
    this.#write(epochClock.nowMicros());
    this.#sink?.close();
  }

  #write(micros: number): void {
    this.#reader.read();
    const sink = this.#sink;
    if (sink === undefined) return;
    const line = telemetryLine(this.#reader, this.#log.consumer.ring.audit(), micros);
    const outcome = sink.isStuck ? sink.retry() : sink.append(line);
    if (outcome === "written") Atomics.add(this.#control, serviceWord.telemetryLines, 1);
    if (outcome === "failed") this.#failure.tell(sink);
  }
}
