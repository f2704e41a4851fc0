/**
 * Services of a process, as its main thread has them: the memory of log and telemetry, and the flush thread.
 * Threads are given a seat each (plain data) and open it; whoever sees a thread end gives its seat back.
 *
 * The rule: call `leave` for every seat whose thread has ended, also after a crash, and not before: until then
 * a message that the thread was writing holds up all messages behind it.
 */
import { isatty } from "node:tty";
import type { Worker } from "node:worker_threads";
import { type Fault, makeFault, raise } from "../../engine/base/faults.ts";
import {
  allocateLog,
  defaultLogSize,
  Log,
  type LogLevel,
  type LogMemory,
  type NoteDefinition,
  setLogLevel,
} from "../../engine/services/log.ts";
import { MessageRing, type ProducerToken, type RingAudit } from "../../engine/services/message-ring.ts";
import type { RingSize } from "../../engine/services/ring-layout.ts";
import {
  allocateTelemetry,
  type MetricDefinition,
  Telemetry,
  type TelemetryMemory,
} from "../../engine/services/telemetry.ts";
import { startThread } from "../host/threads.ts";
import { epochClock } from "./epoch-clock.ts";
import { type FlushThreadData, type FlushThreadMessage, serviceControlBytes, serviceWord } from "./flush-thread.ts";

export interface ServicesOptions {
  /** Names of all threads that may speak, such as "main", "engine", "job-worker 0". */
  readonly sources: readonly string[];
  readonly notes: readonly NoteDefinition[];
  readonly metrics: readonly MetricDefinition[];
  readonly level: LogLevel;
  /** File that lines are appended to; without one they go to standard error, as text where that is a terminal. */
  readonly logPath?: string;
  /** File that gets a line of metrics each second; none without it. */
  readonly telemetryPath?: string;
  readonly logSize?: RingSize;
  /** Told once when a file cannot be written, and when the flush thread dies; the run goes on. */
  onFault?(fault: Fault): void;
  /** The program to start the thread from, when it is not the one that the process was started with. */
  readonly entry?: URL;
}

/** A thread's right to speak and to count. Plain data: goes to the thread as it is. */
export interface ServiceSeat {
  readonly log: LogMemory;
  readonly token: ProducerToken;
  readonly source: number;
  readonly notes: readonly NoteDefinition[];
  readonly telemetry: TelemetryMemory;
}

/** Opens a seat in the thread that it was given to. Once a seat: two logs of one seat would write into one cell. */
export function openSeat(seat: ServiceSeat): { readonly log: Log; readonly telemetry: Telemetry } {
  const { token, source, notes } = seat;
  return {
    log: new Log(seat.log, { token, source, notes, clock: epochClock }),
    telemetry: new Telemetry(seat.telemetry),
  };
}

/** What a close has flushed and what not. Counts of messages but `telemetryLineCount`. */
export interface FlushReport {
  readonly flushedCount: number;
  /** Taken from the ring, but the file could not be written. */
  readonly unwrittenCount: number;
  /** Found the ring full. */
  readonly droppedCount: number;
  /** Of threads that ended while writing. */
  readonly lostCount: number;
  /** In the ring or in hand when the flush thread ended. */
  readonly unflushedCount: number;
  readonly telemetryLineCount: number;
  /** The deadline came first, or the flush thread had died. */
  readonly wasCutShort: boolean;
}

/**
 * How long the end of a process may wait for the flush thread when nobody has closed it: one that ends in its first moments
 * has a flush thread that is still being started, and what it said last is what its author wants to know.
 */
const exitWaitMillis = 2_000;

export class Services {
  readonly #log: LogMemory;
  readonly #ring: MessageRing;
  readonly #telemetry: TelemetryMemory;
  readonly #control: Int32Array;
  readonly #options: ServicesOptions;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #atExit = (): void => {
    this.flushBlocking(exitWaitMillis);
  };
  #closing: Promise<FlushReport> | undefined;

  /** Starts the flush thread. Raises "duplicate-name" or "bad-definition" for metrics that make no sense. */
  constructor(options: ServicesOptions) {
    const { logPath, telemetryPath } = options;
    this.#options = options;
    this.#log = allocateLog(options.logSize ?? defaultLogSize);
    setLogLevel(this.#log, options.level);
    this.#ring = new MessageRing(this.#log.ring);
    this.#telemetry = allocateTelemetry(options.metrics);
    const control = new SharedArrayBuffer(serviceControlBytes);
    this.#control = new Int32Array(control);
    const data: FlushThreadData = {
      role: "service",
      log: this.#log,
      notes: options.notes,
      sources: options.sources,
      logPath,
      logFormat: logPath === undefined && isatty(2) ? "text" : "json",
      telemetry: this.#telemetry,
      telemetryPath,
      control,
    };
    this.#worker = startThread(data, {
      name: "service",
      ...(options.entry === undefined ? {} : { entry: options.entry }),
    });
    this.#ended = this.#watch();
    // A service keeps no process alive; at its end the hook flushes what is left, also after a crash.
    this.#worker.unref();
    process.once("exit", this.#atExit);
  }

  /** A seat for the thread named `source`. Raises "unknown-name", or "producers-full" when there are too many. */
  seat(source: string): ServiceSeat {
    const { sources, notes } = this.#options;
    const number = sources.indexOf(source);
    if (number < 0)
      raise("unknown-name", { what: "log source", name: source, where: "`seat`", known: sources.join(", ") });
    return { log: this.#log, token: this.#ring.register(), source: number, notes, telemetry: this.#telemetry };
  }

  /** Gives a seat back whose thread has ended, in whichever way; wakes the flush thread. */
  leave(seat: ServiceSeat): void {
    this.#ring.revoke(seat.token);
  }

  /** What has become of all messages so far. */
  audit(): RingAudit {
    return this.#ring.audit();
  }

  set level(level: LogLevel) {
    setLogLevel(this.#log, level);
  }

  /**
   * Flushes what the ring holds and ends the flush thread, at the latest after `deadlineMillis`. Never rejects;
   * calling it again gives the same promise. Let threads that speak end first.
   */
  close(deadlineMillis: number): Promise<FlushReport> {
    this.#closing ??= this.#close(deadlineMillis);
    return this.#closing;
  }

  /** Like `close` for the moment at which nothing asynchronous runs any more: blocks this thread. */
  flushBlocking(deadlineMillis: number): FlushReport {
    this.#requestStop();
    Atomics.wait(this.#control, serviceWord.done, 0, deadlineMillis);
    return this.#report();
  }

  async #close(deadlineMillis: number): Promise<FlushReport> {
    process.off("exit", this.#atExit);
    this.#worker.ref();
    this.#requestStop();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMillis);
    });
    await Promise.race([this.#ended, deadline]);
    clearTimeout(timer);
    const report = this.#report();
    // Not waited for: a thread that hangs in a call of the operating system ends when that call returns.
    void this.#worker.terminate();
    this.#worker.unref();
    return report;
  }

  #requestStop(): void {
    Atomics.store(this.#control, serviceWord.stop, 1);
    this.#ring.wake();
  }

  #report(): FlushReport {
    const count = (word: number): number => Atomics.load(this.#control, word) >>> 0;
    const wasCutShort = count(serviceWord.done) === 0;
    const flushedCount = count(serviceWord.flushed);
    const unwrittenCount = count(serviceWord.unwritten);
    const { written, dropped, lost } = this.#ring.audit();
    return {
      flushedCount,
      unwrittenCount,
      droppedCount: dropped,
      lostCount: lost,
      unflushedCount: written - dropped - lost - flushedCount - unwrittenCount,
      telemetryLineCount: count(serviceWord.telemetryLines),
      wasCutShort,
    };
  }

  /** Resolves when the thread has ended. Its death before a close is told; messages are then dropped and counted. */
  #watch(): Promise<void> {
    const tell = (fault: Fault): void => this.#options.onFault?.(fault);
    this.#worker.on("message", ({ fault }: FlushThreadMessage) => tell(fault));
    let problem = "it ended by itself";
    this.#worker.on("error", (thrown: unknown) => {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    });
    return new Promise((resolve) => {
      this.#worker.once("exit", () => {
        const isDone = Atomics.load(this.#control, serviceWord.done) === 1;
        if (!isDone && this.#closing === undefined) tell(makeFault("thread-died", { role: "service", problem }));
        resolve();
      });
    });
  }
}
