/**
 * The main thread's side of a world: starts the engine thread, writes its journal, hands packets to
 * drivers and records to it, and says how it ended. Whatever ends the engine thread, the journal is
 * first drained and written.
 */
import type { FaultMoment } from "../../engine/base/fault-place.ts";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import type { Decision } from "../../engine/budget/budget.ts";
import { type Game, gameJobs } from "../../engine/game.ts";
import type { Driver, DriverHost } from "../../engine/render/driver.ts";
import { describeScene } from "../../engine/render/scene-of-game.ts";
import type { HealthReport } from "../../engine/sim/health.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { BlackBox } from "../flight/box-file.ts";
import { flightSeconds } from "../flight/flight-pace.ts";
import { JournalOutlet } from "../flight/journal-outlet.ts";
import { hostClock } from "../host/clock.ts";
import type { Code } from "../hot/code.ts";
import { codeFolderOf, storeCode } from "../hot/code-store.ts";
import { SwapDesk } from "../hot/swap-desk.ts";
import type { SwapNews } from "../hot/swapper.ts";
import { Keeper } from "../jobs/keeper.ts";
import type { FlushReport } from "../services/services.ts";
import type { TraceSummary } from "../trace/trace-file.ts";
import { AssetHost, type AssetHostOptions } from "./asset-host.ts";
import { allocateChannel, Channel, controlWord } from "./channel.ts";
import { type EngineSide, type KeyframePace, startSide } from "./engine-side.ts";
import type {
  EngineHostMessage,
  EngineThreadData,
  EngineThreadMessage,
  RunSummary,
  ScriptedRecord,
} from "./engine-thread.ts";
import type { JournalFile } from "./journal-file.ts";
import { JournalPump } from "./journal-pump.ts";
import { packetCountsOf } from "./packet-counts.ts";
import { pumpPackets } from "./packet-pump.ts";
import { RelayDesk } from "./relay-desk.ts";
import { RunInstruments } from "./run-instruments.ts";
import { SeatKeys } from "./seat-keys.ts";
import type { WatchHost } from "./watch-host.ts";

export interface WorldThreadOptions {
  readonly game: Game;
  readonly seed: number;
  readonly pace: "clock" | "free";
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  /** What the program is compiled with beside the game; see runtime/config. */
  readonly settings?: PlanSettings;
  readonly journal: JournalFile | undefined;
  /** The journal has a keyframe behind every so many ticks; 0 for none. */
  readonly keyframeEvery?: number;
  /** Where the flight recorder keeps the end of the run; undefined for none. */
  readonly flightFolder?: string | undefined;
  readonly drivers: readonly Driver[];
  /** Worker threads for jobs; 0 leaves all jobs to the engine thread. */
  readonly workerCount: number;
  /** Where assets come from, for a world that is shown; undefined loads none. */
  readonly assets?: AssetHostOptions | undefined;
  /** Where a trace is written; undefined for none. */
  readonly tracePath?: string | undefined;
  /** Files of the log and of telemetry; without either the run has no services. */
  readonly logPath?: string | undefined;
  readonly telemetryPath?: string | undefined;
  /** Told what a driver reports at its edge; the world goes on. */
  onReport?(fault: Fault): void;
  /** The text of the game's code, when its sources may be edited while it runs. */
  readonly code?: Code | undefined;
  /** Told what came of other code or settings. */
  onSwap?(news: SwapNews): void;
  /** Told what the budget decides. */
  onDecision?(decision: Decision): void;
  /** Told of infinities in the state. */
  onHealth?(report: HealthReport): void;
  /** Audits every step of every tick: several times slower. */
  readonly audit?: boolean | undefined;
  /** What is watched while the world runs; it is closed with the run. */
  readonly watches?: WatchHost | undefined;
}

/** How a run ended: with its summary, or with a fault and the stack of what caused it. */
export type RunOutcome =
  | { readonly kind: "ended"; readonly summary: RunSummary; readonly firstTickMillis: number }
  | {
      readonly kind: "faulted";
      readonly fault: Fault;
      readonly stack: string;
      readonly sourceText: string;
      readonly moment: FaultMoment | undefined;
      readonly tick: number;
    };

/** A minute at 60 ticks a second: what a replay has to make again at most before it is where it should be. */
export const keyframeEveryTicks = 3_600;

/** How long a stop may take before the thread is ended. */
const stopWaitMillis = 5_000;

/** Messages of drivers that may wait for room. */
const waitingMessageMax = 4_096;

export class WorldThread {
  /** Settles when the run is over and the journal is written and closed. Never rejects. */
  readonly outcome: Promise<RunOutcome>;
  /** Where other code and settings are asked for. */
  readonly swaps: SwapDesk;

  readonly #options: WorldThreadOptions;
  readonly #channel: Channel;
  readonly #relays: RelayDesk;
  #settings: PlanSettings;
  readonly #keeper: Keeper | undefined;
  readonly #instruments: RunInstruments;
  #messageCount = 0;
  #firstTickMillis = 0;
  #isOver = false;
  /** Messages that found the ring of records full. */
  readonly #waiting: Uint8Array[] = [];
  #isSilent = false;
  #end: (outcome: RunOutcome) => void = () => {};

  private constructor(options: WorldThreadOptions, assets: AssetHost | undefined) {
    this.#options = options;
    this.#settings = options.settings ?? {};
    const limits = resolveLimits(options.game.limits);
    const memory = allocateChannel(options.drivers.length > 0 ? packetCountsOf(options.game, limits) : undefined);
    this.#channel = new Channel(memory);
    const hasJobs = gameJobs(options.game).length > 0;
    this.#keeper = options.workerCount > 0 && hasJobs ? new Keeper({ workerCount: options.workerCount }) : undefined;
    this.#instruments = new RunInstruments(options);
    const data: EngineThreadData = {
      role: "engine",
      channel: memory,
      seed: options.seed,
      pace: options.pace,
      tickCount: options.tickCount,
      script: options.script,
      settings: this.#settings,
      records: options.journal !== undefined,
      hasFlight: this.#instruments.flight !== undefined,
      keyframes: undefined,
      pool: this.#keeper?.memory,
      trace: this.#instruments.traceBuffer,
      services: this.#instruments.seat,
      assets: assets?.data,
      audit: options.audit === true,
      watches: options.watches?.ring.buffer,
      codeHash: options.code?.hash,
    };
    const pace: KeyframePace = {
      everyTicks: this.#journalKeyframes,
      flightTicks: data.hasFlight ? flightSeconds * tickRateOf(options) : 0,
    };
    this.#relays = new RelayDesk({
      assets: options.assets,
      first: startSide(data, pace, assets, undefined),
      isOver: () => this.#isOver,
      start: (others, relay) => startSide({ ...data, settings: this.#settings }, pace, others, relay),
      listen: (side) => this.#listen(side),
      keep: (code) => this.swaps.keep(code),
      refused: (fault) => {
        options.onReport?.(fault);
        this.swaps.refuse(fault);
      },
    });
    this.swaps = new SwapDesk({
      ...{ game: options.game, code: options.code, drivers: options.drivers, journalPath: options.journal?.path },
      resources: () => this.#relays.side.assets?.resources ?? [],
      ask: (request) => {
        this.#relays.side.worker.postMessage({ kind: "swap", ...request } satisfies EngineHostMessage);
        this.#channel.wakeEngine();
      },
      onSwap: (news) => {
        this.#settings = news.settings;
        options.onSwap?.(news);
      },
    });
    this.outcome = this.#watch();
  }

  /** Opens the drivers, then starts the engine thread. Rejects when a driver cannot be opened, or code not be kept. */
  static async start(options: WorldThreadOptions): Promise<WorldThread> {
    const { game, drivers, code, journal } = options;
    // The journal names it at its beginning: its sources may be others when it is replayed.
    if (code !== undefined && journal !== undefined) storeCode(codeFolderOf(journal.path), code);
    const queued: Uint8Array[] = [];
    const seats = new SeatKeys(resolveLimits(game.limits).players);
    let thread: WorldThread | undefined;
    const host: DriverHost = {
      admit: (bytes) => {
        if (thread === undefined) queued.push(bytes.slice());
        else thread.admit(bytes);
      },
      takeSeat: () => seats.take(),
      leaveSeat: (player) => seats.leave(player),
      report: (fault) => options.onReport?.(fault),
      resource: (number, version) => (thread?.assets ?? assets)?.resource(number, version),
    };
    const assets = options.assets === undefined ? undefined : new AssetHost(game, options.assets);
    if (game.view !== undefined) {
      const resources = assets?.resources ?? [];
      const scene = describeScene(game.id, tickRateOf(options), game.view, game.controls, resources);
      for (const driver of drivers) await driver.open(scene, host);
    }
    thread = new WorldThread(options, assets);
    for (const bytes of queued) thread.admit(bytes);
    return thread;
  }

  /**
   * Asks for a restart from a keyframe: another thread makes the ticks from there on, with this code. Until it has the state
   * the world goes on; when it cannot have it, for good. Raises "file-write" and "swap-unloadable".
   */
  async restart(code: Code): Promise<void> {
    await this.#relays.restart(code);
  }

  /** The assets of the thread that has the world. */
  get assets(): AssetHost | undefined {
    return this.#relays.side.assets;
  }

  /** Ticks made so far. */
  get tick(): number {
    return Atomics.load(this.#channel.control, controlWord.tick);
  }

  /**
   * Hands record bytes to the world, in order. What finds no room now waits for the next frame; a driver
   * that fills that as well is a flood, is told so, and loses the message.
   */
  admit(bytes: Uint8Array): void {
    this.#sendWaiting();
    if (this.#waiting.length === 0 && this.#send(bytes)) return;
    if (this.#waiting.length < waitingMessageMax) this.#waiting.push(bytes.slice());
    else
      this.#options.onReport?.({
        kind: "record-malformed",
        fields: { source: "A driver", problem: "more records than the world takes" },
      });
  }

  #sendWaiting(): void {
    while (this.#waiting.length > 0 && this.#send(this.#waiting[0]!)) this.#waiting.shift();
  }

  #send(bytes: Uint8Array): boolean {
    const startMicros = hostClock.nowMicros();
    if (!this.#channel.records.write(bytes)) return false;
    this.#messageCount++;
    this.#instruments.recordsSent(this.#messageCount, startMicros);
    return true;
  }

  /** What was traced, once the run is over. */
  get traceSummary(): TraceSummary | undefined {
    return this.#instruments.traceSummary;
  }

  /** What the flush thread made of the log, once the run is over. */
  flushReport: FlushReport | undefined;

  /** What the flight recorder made of a run that a fault has ended, once it is over. */
  blackBox: BlackBox | undefined;

  /** Makes a black box of the run as it is; undefined without a flight recorder. */
  demandBlackBox(): BlackBox | undefined {
    return this.#instruments.flight?.demand();
  }

  get #journalKeyframes(): number {
    const { journal, keyframeEvery = keyframeEveryTicks } = this.#options;
    return journal === undefined ? 0 : keyframeEvery;
  }

  /** Asks the world to stop after its frame; ends the thread when it does not. */
  async stop(): Promise<RunOutcome> {
    this.#channel.requestStop();
    const timer = setTimeout(() => {
      this.#isSilent = true;
      void this.#relays.side.worker.terminate();
    }, stopWaitMillis);
    try {
      return await this.outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  async #watch(): Promise<RunOutcome> {
    const ended = this.#ending();
    const journal = this.#journalPump();
    void ended.then(() => {
      this.#isOver = true;
      // Both pumps wait; awake they see that it is over.
      this.#channel.packets.wake();
      journal?.over();
    });
    const packets = pumpPackets(this.#channel, this.#options.drivers, {
      isOver: () => this.#isOver,
      awake: () => this.#sendWaiting(),
      broken: () => void this.stop(),
    });
    let [outcome, ...atEdges] = await Promise.all([ended, journal?.run(), packets]);
    for (const fault of atEdges) {
      if (fault === undefined) continue;
      // The run was stopped for this fault's sake; when there is another one already, both are told.
      if (outcome.kind === "faulted") this.#options.onReport?.(fault);
      else outcome = this.#brokenOff(fault);
    }
    await this.#keeper?.close();
    await this.#relays.close();
    this.#options.watches?.close();
    this.flushReport = await this.#instruments.closeFiles();
    this.blackBox = this.#instruments.endFlight(outcome.kind === "faulted" ? outcome : undefined);
    if (outcome.kind === "faulted")
      for (const driver of this.#options.drivers) driver.fault(outcome.fault, outcome.sourceText);
    return outcome;
  }

  #journalPump(): JournalPump | undefined {
    const { journal } = this.#options;
    const { flight } = this.#instruments;
    if (journal === undefined && flight === undefined) return undefined;
    return new JournalPump(this.#channel, new JournalOutlet(journal, this.#journalKeyframes, flight));
  }

  #ending(): Promise<RunOutcome> {
    return new Promise((resolve) => {
      this.#end = resolve;
      this.#listen(this.#relays.side);
    });
  }

  #listen(side: EngineSide): void {
    const { worker } = side;
    let outcome: RunOutcome | undefined;
    worker.on("message", (message: EngineThreadMessage) => {
      if (message.kind === "ready") {
        const relay: EngineHostMessage = { kind: "relay", port: side.line! };
        this.#relays.side.worker.postMessage(relay, [side.line!]);
      } else if (message.kind === "in-charge") this.#relays.passed(side, true);
      else if (message.kind === "gone") {
        side.isGone = true;
        if (this.#relays.next === undefined) {
          if (this.#relays.side === side) this.#end(this.#died("it ended while it took the world over"));
        } else this.#relays.passed(this.#relays.next, true);
      } else if (message.kind === "ticking") {
        this.#firstTickMillis = message.firstTickMillis;
        // Not before: the first tick would share the machine with threads that load.
        this.#keeper?.start();
      } else if (message.kind === "assets") side.assets?.serve(message.handles);
      else if (message.kind === "attach") this.#keeper?.attach(message.attachment, this.swaps.codeOf(message.code));
      else if (message.kind === "swapped" || message.kind === "swap-refused" || message.kind === "swap-undone")
        void this.swaps.tell(message);
      else if (message.kind === "decided") this.#options.onDecision?.(message.decision);
      else if (message.kind === "watching") this.#options.watches?.named(message.names);
      else if (message.kind === "health") this.#options.onHealth?.(message.report);
      else if (message.kind === "report") this.#options.onReport?.(message.fault);
      else if (message.kind === "ended") outcome = { ...message, firstTickMillis: this.#firstTickMillis };
      else if (message.kind === "faulted") outcome = { ...message, tick: this.#channel.control[controlWord.tick]! };
    });
    worker.on("error", (thrown: unknown) => {
      outcome ??= this.#died(
        thrown instanceof Error ? thrown.message : String(thrown),
        thrown instanceof Error ? thrown.stack : "",
      );
    });
    worker.on("exit", (code) => {
      if (this.#relays.side === side && !side.isGone) this.#end(outcome ?? this.#died(`it exited with code ${code}`));
      else this.#relays.passed(side, false);
    });
  }

  #died(problem: string, stack = ""): RunOutcome {
    const fault = this.#isSilent
      ? makeFault("thread-silent", { role: "engine", waitedMillis: stopWaitMillis, doing: "stop" })
      : makeFault("thread-died", { role: "engine", problem });
    return this.#brokenOff(fault, stack);
  }

  #brokenOff(fault: Fault, stack = ""): RunOutcome {
    return {
      kind: "faulted",
      fault,
      stack,
      sourceText: "",
      moment: undefined,
      tick: this.#channel.control[controlWord.tick]!,
    };
  }
}

function tickRateOf({ game, settings }: WorldThreadOptions): number {
  return settings?.tick?.rate ?? game.tickRate;
}
