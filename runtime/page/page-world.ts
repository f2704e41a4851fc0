/**
 * A world in a page: the browser's twin of runtime/world/world-thread.ts. The page owns the engine worker
 * and the pool's workers, hands packets and journal blocks on as they come, and never blocks.
 */
import { type Fault, faultOf, makeFault, raise } from "../../engine/base/faults.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import { type Game, gameJobs } from "../../engine/game.ts";
import type { ByteSink } from "../../engine/ports/storage.ts";
import { type HealthReport, healthText } from "../../engine/sim/health.ts";
import { TraceMemory } from "../../engine/trace/memory.ts";
import { JournalOutlet } from "../flight/journal-outlet.ts";
import { tailEventsPerTrack } from "../flight/trace-tail.ts";
import { type WorkerHandle, WorkerKeeper } from "../jobs/worker-keeper.ts";
import { allocateChannel, Channel, controlWord } from "../world/channel.ts";
import { packetCountsOf } from "../world/packet-counts.ts";
import { engineTrack, workerTrack } from "../world/tracks.ts";
import type { RunOutcome } from "../world/world-thread.ts";
import { browser } from "./browser.ts";
import { allocateChunkCounts } from "./chunk-counts.ts";
import { compressShared } from "./compression.ts";
import type { EngineWorkerData, EngineWorkerMessage } from "./engine-worker.ts";
import { showFaultScreen } from "./fault-screen.ts";
import type { JobWorkerMessage } from "./job-worker.ts";
import { type PageBox, PageFlight } from "./page-flight.ts";
import { WebThread } from "./web-thread.ts";

export interface PageWorldOptions {
  /** Seeds every random stream; a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Web workers for jobs; one for each core but the engine's when left out. 0 leaves all jobs to the engine worker. */
  readonly workerCount?: number;
  /** "clock", in step with time, when left out. */
  readonly pace?: "clock" | "free";
  /** Ticks after which the run ends by itself; 0, when left out, never. */
  readonly tickCount?: number;
  /** Takes the journal's bytes. */
  readonly journal?: ByteSink;
  /** Takes the newest packet after each frame. The bytes are the engine's again when it returns. */
  onPacket?(packet: Uint8Array): void;
  /** Told of what failed and was mended; the world goes on. */
  onReport?(fault: Fault): void;
  /** Told of infinities in the state; the console is when this is left out. */
  onHealth?(report: HealthReport): void;
  /** Audits every step of every tick: several times slower. */
  readonly audit?: boolean;
  /** Keeps the end of the run in memory for a black box, unless it is false. */
  readonly flightRecorder?: boolean;
  /** Shows a fault that ends the run over the page, with its black box to save, unless it is false. */
  readonly faultScreen?: boolean;
}

/** How long a stop may take before the engine's thread is ended. */
const stopWaitMillis = 5_000;

export class PageWorld {
  /** Settles when the run is over, its threads have ended and the journal has been handed on. Never rejects. */
  readonly outcome: Promise<RunOutcome>;
  /** Owns the workers; undefined when there are none. */
  readonly keeper: WorkerKeeper | undefined;
  /** What the flight recorder made of a run that a fault has ended, once it is over. */
  blackBox: PageBox | undefined;
  readonly #options: PageWorldOptions;
  readonly #channel: Channel;
  readonly #engine: WebThread;
  readonly #chunkCounts: SharedArrayBuffer;
  readonly #flight: PageFlight | undefined;
  #firstTickMillis = 0;
  #isOver = false;
  #isSilent = false;

  /** Starts `game` from `script`. Raises "page-not-isolated" where there is no shared memory. */
  constructor(game: Game, script: URL, options: PageWorldOptions) {
    if (!browser.crossOriginIsolated) raise("page-not-isolated", {});
    this.#options = options;
    this.#chunkCounts = allocateChunkCounts();
    const counts = options.onPacket === undefined ? undefined : packetCountsOf(game, resolveLimits(game.limits));
    this.#channel = new Channel(allocateChannel(counts));
    const workerCount = options.workerCount ?? Math.max(0, browser.navigator.hardwareConcurrency - 1);
    if (workerCount > 0 && gameJobs(game).length > 0)
      this.keeper = new WorkerKeeper(workerCount, (worker, pool) => this.#startWorker(script, worker, pool));
    const ended = Promise.withResolvers<RunOutcome>();
    const hasFlight = options.flightRecorder !== false;
    const trace = hasFlight ? allocateTrace(this.keeper?.workerCount ?? 0) : undefined;
    const run = { game: game.id, seed: options.seed, workerCount: this.keeper?.workerCount ?? 0 };
    if (trace !== undefined) this.#flight = new PageFlight(trace, run, (fault) => options.onReport?.(fault));
    this.#engine = new WebThread(script, "engine", (message) =>
      this.#hear(message as EngineWorkerMessage, ended.resolve),
    );
    this.#engine.post({
      channel: this.#channel.memory,
      seed: options.seed,
      pace: options.pace ?? "clock",
      tickCount: options.tickCount ?? 0,
      records: options.journal !== undefined,
      hasFlight,
      audit: options.audit === true,
      trace: trace?.buffer,
      pool: this.keeper?.memory,
      chunkCounts: this.#chunkCounts,
    } satisfies EngineWorkerData);
    void this.#engine.ended.then((problem) => ended.resolve(this.#died(problem)));
    this.outcome = this.#watch(ended.promise);
  }

  /** Ticks made so far. */
  get tick(): number {
    return Atomics.load(this.#channel.control, controlWord.tick);
  }

  /** Chunks that each participant has run: the engine's thread first, then the workers, over all their threads. */
  get chunkCounts(): readonly number[] {
    return [...new Int32Array(this.#chunkCounts, 0, 1 + (this.keeper?.workerCount ?? 0))];
  }

  /** Makes a black box of the run as it is; undefined without a flight recorder, before the first tick and behind a good end. */
  async demandBlackBox(): Promise<PageBox | undefined> {
    return await this.#flight?.demand();
  }

  /** Hands record bytes to the world. False when it has no room for them now. */
  admit(bytes: Uint8Array): boolean {
    return this.#channel.records.write(bytes);
  }

  /** Asks the world to stop after its frame; ends its thread when it does not. */
  async stop(): Promise<RunOutcome> {
    this.#channel.requestStop();
    const timer = setTimeout(() => {
      this.#isSilent = true;
      void this.#engine.end();
    }, stopWaitMillis);
    try {
      return await this.outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  #startWorker(script: URL, worker: number, pool: SharedArrayBuffer): WorkerHandle {
    const thread = new WebThread(script, `job-worker ${worker}`, () => {});
    const post = (message: JobWorkerMessage): void => thread.post(message);
    post({ kind: "data", data: { pool, worker, chunkCounts: this.#chunkCounts } });
    return {
      attach: (attachment) => post({ kind: "attach", attachment }),
      end: () => thread.end(),
      ended: thread.ended,
    };
  }

  #hear(message: EngineWorkerMessage, settle: (outcome: RunOutcome) => void): void {
    switch (message.kind) {
      case "started":
        break;
      case "ticking":
        this.#firstTickMillis = message.firstTickMillis;
        // Not before: the first tick would share the machine with threads that load.
        this.keeper?.start();
        break;
      case "attach":
        this.keeper?.attach(message.attachment);
        break;
      case "report":
        this.#options.onReport?.(message.fault);
        break;
      case "health":
        if (this.#options.onHealth === undefined) console.warn(healthText(message.report));
        else this.#options.onHealth(message.report);
        break;
      case "hash-ring":
        this.#flight?.addRing(message.ring);
        break;
      case "compress":
        void compressShared(message.memory);
        break;
      case "ended":
        settle({ ...message, firstTickMillis: this.#firstTickMillis });
        break;
      case "faulted":
        settle({ ...message, tick: this.tick });
        break;
    }
  }

  #died(problem: string): RunOutcome {
    const fault = this.#isSilent
      ? makeFault("thread-silent", { role: "engine", waitedMillis: stopWaitMillis, doing: "stop" })
      : makeFault("thread-died", { role: "engine", problem: problem || "it ended without a word" });
    return { kind: "faulted", fault, stack: "", sourceText: "", moment: undefined, tick: this.tick };
  }

  async #watch(ended: Promise<RunOutcome>): Promise<RunOutcome> {
    void ended.then(() => {
      this.#isOver = true;
      // Both pumps wait on shared words; awake they see that it is over.
      this.#channel.packets.wake();
      this.#channel.journal.wake();
    });
    let [outcome, ...atEdges] = await Promise.all([
      ended,
      this.#edge(() => this.#pumpJournal()),
      this.#edge(() => this.#pumpPackets()),
    ]);
    // The engine's thread has said its last word but waits for messages; a worker waits for work.
    await Promise.all([this.#engine.end(), this.keeper?.close()]);
    if (outcome.kind === "faulted") this.blackBox = await this.#flight?.crash(outcome);
    const fault = atEdges.find((found) => found !== undefined);
    if (fault !== undefined && outcome.kind === "faulted") this.#options.onReport?.(fault);
    else if (fault !== undefined)
      outcome = { kind: "faulted", fault, stack: "", sourceText: "", moment: undefined, tick: this.tick };
    if (outcome.kind === "ended") return outcome;
    if (this.#options.faultScreen !== false) showFaultScreen(outcome.fault, this.blackBox);
    return outcome;
  }

  /** Runs a pump. When what takes its bytes breaks, the run is stopped, and the fault comes back. */
  async #edge(pump: () => Promise<void>): Promise<Fault | undefined> {
    try {
      await pump();
      return undefined;
    } catch (thrown) {
      void this.stop();
      return faultOf(thrown);
    }
  }

  async #pumpJournal(): Promise<void> {
    const { journal } = this.#options;
    if (journal === undefined && this.#flight === undefined) return;
    const asked = journal && { append: (bytes: Uint8Array) => journal.append(bytes), close: () => journal.flush() };
    const outlet = new JournalOutlet(asked, 0, this.#flight);
    const ring = this.#channel.journal;
    for (;;) {
      // Asked before the ring is emptied: what was written before the end is read after this.
      const isLast = this.#isOver || ring.isClosed;
      for (let bytes = ring.read(); bytes !== undefined; bytes = ring.read()) outlet.append(bytes);
      if (isLast) break;
      await ring.readable();
    }
    outlet.close();
  }

  async #pumpPackets(): Promise<void> {
    if (this.#options.onPacket === undefined) return;
    const ring = this.#channel.packets;
    let seen = -1;
    while (!this.#isOver) {
      const changed = ring.changed(seen);
      if (changed !== undefined) await changed;
      const slot = ring.pin();
      if (slot < 0) continue;
      seen = slot;
      try {
        this.#options.onPacket(this.#channel.packetIn(slot));
      } finally {
        ring.unpin(slot);
      }
    }
  }
}

/** A trace that nobody asked for, switched on. */
function allocateTrace(workerCount: number): TraceMemory {
  const tracks = [engineTrack, ...Array.from({ length: workerCount }, (_, worker) => workerTrack(worker))];
  const memory = TraceMemory.allocate({ tracks, eventsPerTrack: tailEventsPerTrack });
  memory.turn(true);
  return memory;
}
