/**
 * The flight recorder of a run: keeps the last half minute to minute on disk while the world runs, and makes a black box of
 * it when something happens. On the main thread; what it is given comes from the engine thread.
 *
 * Rule: it never ends a run. When its files cannot be written it says so once and is off from then on.
 */
import { type Fault, faultId, faultText, makeFault } from "../../engine/base/faults.ts";
import type { TraceRun } from "../../engine/trace/chrome.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { hostClock } from "../host/clock.ts";
import type { StreamedBlock } from "./block-stream.ts";
import type { BlackBox } from "./box-file.ts";
import { type BoxNote, FlightFiles } from "./flight-files.ts";
import { boxTopic } from "./flight-pace.ts";
import { takeTraceTail } from "./trace-tail.ts";

export interface FlightRecorderOptions {
  readonly folder: string;
  readonly run: Omit<TraceRun, "originMicros">;
  /** Told why nothing is kept any more. */
  onOff(fault: Fault): void;
}

/** What ended a run. */
export interface RunFault {
  readonly fault: Fault;
  readonly stack: string;
  /** Ticks that were made. */
  readonly tick: number;
}

export class FlightRecorder {
  readonly #options: FlightRecorderOptions;
  /** The rings of the run's trace; undefined for a run whose trace is written to a file of its own. */
  readonly #trace: TraceMemory | undefined;
  #files: FlightFiles | undefined;

  constructor(options: FlightRecorderOptions, trace: TraceMemory | undefined) {
    this.#options = options;
    this.#trace = trace;
    this.#attempt(() => {
      this.#files = new FlightFiles(options.folder);
    });
  }

  add(block: StreamedBlock): void {
    this.#attempt(() => this.#files?.add(block));
  }

  /** Makes a black box of a run that goes on. */
  demand(): BlackBox | undefined {
    return this.#attempt(() => this.#files?.box("box", this.#traceNotes(), new Date()));
  }

  /** Makes a black box of a run that a fault has ended; undefined when the fault was not the world's. */
  crash({ fault, stack, tick }: RunFault): BlackBox | undefined {
    const text = `${faultId(fault)} ${faultText(fault)}`;
    return this.#attempt(() => {
      const notes: BoxNote[] = [{ topic: boxTopic.fault, text: stack === "" ? text : stack }, ...this.#traceNotes()];
      return this.#files?.box("crash", notes, new Date(), { text, tick });
    });
  }

  /** Deletes what nobody needs any more. */
  close(): void {
    this.#attempt(() => this.#files?.close());
    this.#files = undefined;
  }

  #traceNotes(): BoxNote[] {
    if (this.#trace === undefined) return [];
    return [{ topic: boxTopic.trace, text: takeTraceTail(this.#trace, this.#options.run, hostClock.nowMicros()) }];
  }

  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (thrown) {
      this.#files = undefined;
      const { folder, onOff } = this.#options;
      onOff(makeFault("flight-off", { folder, problem: thrown instanceof Error ? thrown.message : String(thrown) }));
      return undefined;
    }
  }
}
