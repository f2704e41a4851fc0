/**
 * What looks on while a world runs, on the main thread's side: the trace, the services that write log and telemetry, and
 * the flight recorder. Given the options of the run; hands memory to the engine thread and files to the user. The rule a
 * reader could break: whatever is wrong with a path is told here before the run, and nothing that goes wrong later ends it.
 */
import { closeSync, openSync } from "node:fs";
import { type Fault, raise } from "../../engine/base/faults.ts";
import type { Game } from "../../engine/game.ts";
import { deviceTrackLabels } from "../../engine/render/device-tracks.ts";
import { TraceMemory } from "../../engine/trace/memory.ts";
import { openTrace, type TracePort } from "../../engine/trace/trace-port.ts";
import type { BlackBox } from "../flight/box-file.ts";
import { FlightRecorder, type RunFault } from "../flight/flight-recorder.ts";
import { tailEventsPerTrack } from "../flight/trace-tail.ts";
import { hostClock } from "../host/clock.ts";
import type { Code } from "../hot/code.ts";
import { type FlushReport, type ServiceSeat, Services } from "../services/services.ts";
import { TraceFile, type TraceSummary } from "../trace/trace-file.ts";
import { runMetrics, runNotes, runSources } from "./run-notes.ts";
import { SwapReporter } from "./swap-reporter.ts";
import { engineTrack, mainTrack, workerTrack } from "./tracks.ts";

export interface RunInstrumentOptions {
  readonly game: Game;
  readonly seed: number;
  readonly workerCount: number;
  /** Where a trace is written; undefined for none. */
  readonly tracePath?: string | undefined;
  /** Files of the log and of telemetry; without either the run has no services. */
  readonly logPath?: string | undefined;
  readonly telemetryPath?: string | undefined;
  /** Where the flight recorder keeps the end of the run; undefined for none. */
  readonly flightFolder?: string | undefined;
  onReport?(fault: Fault): void;
}

/** How long the log may take to be flushed when the run is over; of a short run, its thread has yet to start. */
const flushMillis = 5_000;

export class RunInstruments {
  readonly flight: FlightRecorder | undefined;
  readonly #options: RunInstrumentOptions;
  readonly #traceFile: { readonly file: TraceFile; readonly memory: TraceMemory; readonly port: TracePort } | undefined;
  /** Rings of a trace that nobody asked for, for a black box. */
  readonly #flightTrace: TraceMemory | undefined;
  readonly #services: Services | undefined;
  readonly #seat: ServiceSeat | undefined;
  readonly #mainSeat: ServiceSeat | undefined;
  #swaps: SwapReporter | undefined;

  /** `codeOf`: code that was handed to the run, by its hash. */
  constructor(options: RunInstrumentOptions, codeOf: (hash: string) => Code | undefined) {
    this.#options = options;
    if (options.tracePath !== undefined) this.#traceFile = this.#openTrace(options.tracePath);
    this.#services = this.#openServices();
    this.#seat = this.#services?.seat("engine");
    this.#mainSeat = this.#services?.seat("main");
    if (this.#mainSeat !== undefined) this.#swaps = new SwapReporter(this.#mainSeat);
    const { flightFolder: folder, game, seed, workerCount } = options;
    if (folder === undefined) return;
    if (this.#traceFile === undefined) {
      this.#flightTrace = this.#allocateTrace(tailEventsPerTrack);
      this.#flightTrace.turn(true);
    }
    const run = { game: game.id, seed, workerCount };
    const onOff = (fault: Fault): void => options.onReport?.(fault);
    const trace = this.#traceFile?.memory ?? this.#flightTrace!;
    this.flight = new FlightRecorder({ folder, run, codeOf, onOff }, trace);
  }

  /** Memory that the threads of the run trace into; undefined when nothing is traced. */
  get traceBuffer(): TraceMemory["buffer"] | undefined {
    return (this.#traceFile?.memory ?? this.#flightTrace)?.buffer;
  }

  /** The engine thread's place among those that write log and telemetry. */
  get seat(): ServiceSeat | undefined {
    return this.#seat;
  }

  /** The log's voice for code and settings that are edited; undefined without a log, and once its files are closed. */
  get swaps(): SwapReporter | undefined {
    return this.#swaps;
  }

  /** What was traced, once the files are closed. */
  get traceSummary(): TraceSummary | undefined {
    return this.#traceFile?.file.summary;
  }

  /** Traces that record message `messageCount` was handed over since `startMicros`. */
  recordsSent(messageCount: number, startMicros: number): void {
    if (this.#traceFile === undefined) return;
    const { track, number } = this.#traceFile.port;
    track.flowBegin(number("record message", "records"), messageCount, startMicros);
    track.span(number("send records", "records"), startMicros, hostClock.nowMicros());
  }

  /** Closes trace, log and telemetry, once no thread of the run goes on. Says what became of the log. */
  async closeFiles(): Promise<FlushReport | undefined> {
    this.#traceFile?.file.close();
    if (this.#services === undefined) return undefined;
    this.#swaps = undefined;
    this.#services.leave(this.#seat!);
    this.#services.leave(this.#mainSeat!);
    return await this.#services.close(flushMillis);
  }

  /** Closes the flight recorder; makes a black box first of a run that a fault has ended. */
  endFlight(faulted: RunFault | undefined): BlackBox | undefined {
    this.#flightTrace?.turn(false);
    const box = faulted === undefined ? undefined : this.flight?.crash(faulted);
    this.flight?.close();
    return box;
  }

  #openServices(): Services | undefined {
    const { logPath, telemetryPath, onReport } = this.#options;
    if (logPath === undefined && telemetryPath === undefined) return undefined;
    // What was asked for and cannot be is told before the run, as for a trace or a journal.
    for (const [path, purpose] of [
      [logPath, "log"],
      [telemetryPath, "telemetry"],
    ] as const)
      if (path !== undefined) checkAppendable(path, purpose);
    return new Services({
      sources: runSources,
      notes: runNotes,
      metrics: runMetrics,
      level: "info",
      ...(logPath === undefined ? {} : { logPath }),
      ...(telemetryPath === undefined ? {} : { telemetryPath }),
      onFault: (fault) => onReport?.(fault),
    });
  }

  #allocateTrace(eventsPerTrack?: number): TraceMemory {
    const { game, workerCount } = this.#options;
    const workers = Array.from({ length: workerCount }, (_, worker) => workerTrack(worker));
    // A device's queues have tracks of their own, where the game presents surfaces.
    const device = (game.subsystems ?? []).some(({ name }) => name === "surfaces") ? deviceTrackLabels : [];
    const tracks = [engineTrack, ...workers, ...device, mainTrack];
    return TraceMemory.allocate(eventsPerTrack === undefined ? { tracks } : { tracks, eventsPerTrack });
  }

  #openTrace(path: string) {
    const { game, seed, workerCount } = this.#options;
    const memory = this.#allocateTrace();
    const port = openTrace(memory.buffer, mainTrack);
    // The coordinator names the rest; these are told before it runs, so that numbers are the same.
    port.number("record message", "records");
    port.number("send records", "records");
    const onFault = (fault: Fault): void => this.#options.onReport?.(fault);
    const file = TraceFile.open({ path, memory, run: { game: game.id, seed, workerCount }, onFault });
    return { file, memory, port };
  }
}

function checkAppendable(path: string, purpose: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (thrown) {
    raise("file-write", { path, purpose, problem: (thrown as Error).message }, thrown);
  }
}
