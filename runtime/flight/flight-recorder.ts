/**
 * The flight recorder of a run: keeps the last half minute to minute on disk while the world runs, and makes a black box of
 * it when something happens. On the main thread; what it is given comes from the engine thread.
 *
 * Rule: it never ends a run. When its files cannot be written it says so once and is off from then on.
 */
import { join } from "node:path";
import { type Fault, faultId, faultText, makeFault } from "../../engine/base/faults.ts";
import { encodeAttachment } from "../../engine/replay/wire.ts";
import type { TraceRun } from "../../engine/trace/chrome.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { hostClock } from "../host/clock.ts";
import type { Code } from "../hot/code.ts";
import { compressNow } from "../replay/compression.ts";
import type { StreamedBlock } from "./block-stream.ts";
import type { BoxExtras, BoxNote } from "./box-extras.ts";
import { type BlackBox, traceFileName } from "./box-file.ts";
import { FlightFiles } from "./flight-files.ts";
import { boxTopic, lifeMillis } from "./flight-pace.ts";
import { encodeTrees } from "./recorded-trees.ts";
import { traceTail } from "./trace-tail.ts";
import { TraceTailFile } from "./trace-tail-file.ts";
import { type RingNews, TreeRings } from "./tree-rings.ts";

export interface FlightRecorderOptions {
  readonly folder: string;
  readonly run: Omit<TraceRun, "originMicros">;
  /** Code that was handed to the run, by its hash. */
  codeOf(hash: string): Code | undefined;
  /** Told why nothing is kept any more. */
  onOff(fault: Fault): void;
}

/** What ended a run. */
export interface RunFault {
  readonly fault: Fault;
  readonly stack: string;
  /** Ticks that were made. */
  readonly tick: number;
  /** Whether the world was stopped for a fault that none of its ticks had. */
  readonly isOutside?: boolean;
}

export class FlightRecorder {
  readonly #options: FlightRecorderOptions;
  /** The rings of the run's trace, of which a file may be made as well. */
  readonly #trace: TraceMemory;
  readonly #trees = new TreeRings();
  #files: FlightFiles | undefined;
  #tail: TraceTailFile | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FlightRecorderOptions, trace: TraceMemory) {
    this.#options = options;
    this.#trace = trace;
    this.#attempt(() => {
      this.#files = new FlightFiles(options.folder, { codeOf: (hash) => options.codeOf(hash) });
    });
    if (this.#files !== undefined)
      this.#timer = setInterval(() => this.#attempt(() => this.#showLife()), lifeMillis).unref();
  }

  /** The engine thread keeps the hash trees of its ticks here. */
  addRing(news: RingNews): void {
    this.#trees.add(news);
  }

  add(block: StreamedBlock): void {
    this.#attempt(() => this.#files?.add(block));
  }

  /** Makes a black box of a run that goes on. */
  demand(): BlackBox | undefined {
    return this.#attempt(() => this.#files?.box("box", this.#extras(), new Date()));
  }

  /** Makes a black box of a run that a fault has ended; undefined when the fault was not the world's. */
  crash({ fault, stack, tick, isOutside = false }: RunFault): BlackBox | undefined {
    const text = `${faultId(fault)} ${faultText(fault)}`;
    return this.#attempt(() => {
      this.#endTail();
      const note: BoxNote = { topic: boxTopic.fault, text: stack === "" ? text : stack };
      const notes = isOutside ? [note, { topic: boxTopic.outside, text }] : [note];
      return this.#files?.box("crash", this.#extras(...notes), new Date(), { text, tick, isOutside });
    });
  }

  /** Deletes what nobody needs any more. */
  close(): void {
    this.#attempt(() => {
      this.#endTail();
      this.#files?.close();
    });
    this.#files = undefined;
  }

  #showLife(): void {
    this.#files?.touch();
    const name = this.#files?.firstName;
    if (name === undefined) return;
    const { folder, run } = this.#options;
    this.#tail ??= new TraceTailFile(join(folder, traceFileName(name)), this.#trace, run);
    this.#tail.write(hostClock.nowMicros());
  }

  #endTail(): void {
    clearInterval(this.#timer);
    this.#tail?.remove();
    this.#tail = undefined;
  }

  #extras(...notes: readonly BoxNote[]): BoxExtras {
    return {
      notes: [...notes, this.#traceNote()],
      attachments: (firstTick) => {
        const segments = this.#trees.segments(firstTick);
        if (segments.length === 0) return [];
        return [encodeAttachment({ topic: boxTopic.trees, name: "", ...compressNow(encodeTrees(segments)) })];
      },
    };
  }

  #traceNote(): BoxNote {
    return { topic: boxTopic.trace, text: traceTail(this.#trace, this.#options.run, hostClock.nowMicros()) };
  }

  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (thrown) {
      clearInterval(this.#timer);
      this.#tail = undefined;
      this.#files = undefined;
      const { folder, onOff } = this.#options;
      onOff(makeFault("flight-off", { folder, problem: thrown instanceof Error ? thrown.message : String(thrown) }));
      return undefined;
    }
  }
}
