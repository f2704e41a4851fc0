/**
 * The main thread's side of a world: starts the engine thread, writes its journal, hands packets to
 * drivers and records to it, and says how it ended. Whatever ends the engine thread, the journal is
 * first drained and written.
 */
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { resolveLimits } from "../../engine/base/limits.ts";
import { gameJobs } from "../../engine/game.ts";
import type { DriverHost } from "../../engine/render/driver.ts";
import { describeScene } from "../../engine/render/scene-of-game.ts";
import { recordNamesOf } from "../../engine/replay/record-names.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import { withSettingsPlace } from "../config/settings-place.ts";
import type { BlackBox } from "../flight/box-file.ts";
import { flightSeconds } from "../flight/flight-pace.ts";
import { JournalOutlet } from "../flight/journal-outlet.ts";
import { hostClock } from "../host/clock.ts";
import type { Code } from "../hot/code.ts";
import { codeFolderOf, storeCode } from "../hot/code-store.ts";
import { SwapDesk } from "../hot/swap-desk.ts";
import { Keeper } from "../jobs/keeper.ts";
import type { FlushReport } from "../services/services.ts";
import type { TraceSummary } from "../trace/trace-file.ts";
import { AssetHost } from "./asset-host.ts";
import { allocateChannel, Channel, controlWord } from "./channel.ts";
import { type EngineSide, type KeyframePace, startSide } from "./engine-side.ts";
import type { EngineHostMessage, EngineThreadData, EngineThreadMessage } from "./engine-thread.ts";
import { JournalPump } from "./journal-pump.ts";
import { packetCountsOf } from "./packet-counts.ts";
import { pumpPackets } from "./packet-pump.ts";
import { RelayDesk } from "./relay-desk.ts";
import { RunInstruments } from "./run-instruments.ts";
import type { RunOutcome, WorldThreadOptions } from "./run-options.ts";
import { SeatKeys } from "./seat-keys.ts";
import { usualSilenceMillis } from "./silence-watch.ts";
import { namesMessage } from "./spoken-names.ts";

export type { RunOutcome, WorldThreadOptions } from "./run-options.ts";

/** A minute at 60 ticks a second: what a replay has to make again at most before it is where it should be. */
export const keyframeEveryTicks = 3_600;

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
  /** When it was asked to stop first. */
  #stopMicros: number | undefined;
  #isOver = false;
  #broken: { readonly fault: Fault; readonly stack: string } | undefined;
  /** Messages that found the ring of records full. */
  readonly #waiting: Uint8Array[] = [];
  #end: (outcome: RunOutcome) => void = () => {};

  private constructor(options: WorldThreadOptions, assets: AssetHost | undefined) {
    this.#options = options;
    this.#settings = options.settings ?? {};
    const limits = resolveLimits(options.game.limits);
    const memory = allocateChannel(options.drivers.length > 0 ? packetCountsOf(options.game, limits) : undefined);
    this.#channel = new Channel(memory);
    const hasJobs = gameJobs(options.game).length > 0;
    this.#keeper = options.workerCount > 0 && hasJobs ? new Keeper({ workerCount: options.workerCount }) : undefined;
    this.#instruments = new RunInstruments(options, (hash) =>
      options.code?.hash === hash ? options.code : this.swaps.codeOf(hash),
    );
    const data: Omit<EngineThreadData, "pulse"> = {
      role: "engine",
      channel: memory,
      seed: options.seed,
      pace: options.pace,
      tickCount: options.tickCount,
      script: options.script,
      recordNames: recordNamesOf(options.game),
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
      flightSeconds: data.hasFlight ? flightSeconds : 0,
    };
    this.#relays = new RelayDesk({
      assets: options.assets,
      first: startSide(data, this.#silenceMillis, pace, assets, undefined),
      isOver: () => this.#isOver,
      start: (others, relay) =>
        startSide({ ...data, settings: this.#settings }, this.#silenceMillis, pace, others, relay),
      listen: (side) => this.#listen(side),
      keep: (code) => this.swaps.keep(code),
      refused: (fault) => {
        options.onSwap?.({ kind: "swap-refused", fault, settings: this.#settings });
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
      speaks: (names) => {
        // Behind what waits, and whatever waits: without it the records that follow would mean something else.
        this.#waiting.push(namesMessage(names));
        this.#sendWaiting();
      },
      onSwap: (news) => {
        this.#settings = news.settings;
        this.#instruments.swaps?.told(news, this.tick);
        options.onSwap?.(news);
      },
      onRefused: (fault) => this.#instruments.swaps?.refused(fault, this.tick),
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
      try {
        for (const driver of drivers) await driver.open(scene, host);
      } catch (thrown) {
        journal?.close();
        throw thrown;
      }
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
    const waitMillis = this.#silenceMillis || usualSilenceMillis;
    const timer = setTimeout(() => this.abandon(), waitMillis);
    this.#stopMicros ??= hostClock.nowMicros();
    try {
      return await this.outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the thread wherever it is, which was asked to stop and has not; what came from it until then is written. */
  abandon(): void {
    const nowMicros = hostClock.nowMicros();
    const waitedMillis = Math.round((nowMicros - (this.#stopMicros ?? nowMicros)) / 1_000);
    void this.#relays.side.life.giveUp(waitedMillis);
  }

  /** Asks the world to stop after its frame for a fault of this thread, which becomes how the run ended. */
  breakOff(fault: Fault, stack: string): void {
    this.#broken ??= { fault, stack };
    void this.stop();
  }

  get #silenceMillis(): number {
    return this.#options.silenceMillis ?? usualSilenceMillis;
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
    const faults = atEdges.map((fault) => (fault === undefined ? undefined : { fault, stack: "" }));
    let isOutside = false;
    for (const broken of [this.#broken, ...faults]) {
      if (broken === undefined) continue;
      // The run was stopped for this fault's sake; when there is another one already, both are told.
      if (outcome.kind === "faulted") this.#options.onReport?.(broken.fault);
      else {
        outcome = this.#brokenOff(broken.fault, broken.stack);
        isOutside = broken === this.#broken;
      }
    }
    await this.#keeper?.close();
    await this.#relays.close();
    this.#options.watches?.close();
    this.flushReport = await this.#instruments.closeFiles();
    this.blackBox = this.#instruments.endFlight(outcome.kind === "faulted" ? { ...outcome, isOutside } : undefined);
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
    side.life.knowCode = () => this.swaps.know();
    worker.on("message", (message: EngineThreadMessage) => {
      side.life.hear(message);
      if (message.kind === "ready") this.#relays.offer(side);
      else if (message.kind === "in-charge") this.#relays.arrived(side);
      else if (message.kind === "returned") this.#relays.returned(side);
      else if (message.kind === "gone") {
        if (!this.#relays.left(side)) this.#end(this.#died("it ended while it took the world over"));
      } else if (message.kind === "ticking") {
        this.#firstTickMillis = message.firstTickMillis;
        // Not before: the first tick would share the machine with threads that load.
        this.#keeper?.start();
      } else if (message.kind === "assets") side.assets?.serve(message.handles);
      else if (message.kind === "attach") {
        // Of a thread that has given the world back meanwhile nobody wants to know.
        if (side === this.#relays.side) this.#keeper?.attach(message.attachment, this.swaps.codeOf(message.code));
      } else if (message.kind === "swapped" || message.kind === "swap-refused" || message.kind === "swap-undone")
        void this.swaps.tell(withSettingsPlace(message, this.#options.settingsPath));
      else if (message.kind === "decided") this.#options.onDecision?.(message.decision);
      else if (message.kind === "hash-ring") this.#instruments.flight?.addRing(message.ring);
      else if (message.kind === "watching") this.#options.watches?.named(message.names);
      else if (message.kind === "watches-refused") {
        for (const { fault } of message.refused) this.#options.onReport?.(fault);
        this.#options.watches?.refused(message.refused);
      } else if (message.kind === "health") this.#options.onHealth?.(message.report);
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
      const { lost } = side.life;
      if (lost !== undefined) outcome ??= { kind: "faulted", ...lost, tick: this.#channel.control[controlWord.tick]! };
      // Ended before it had the world: whoever saved the code is told, and the world goes on.
      if (lost !== undefined && this.#relays.next === side)
        void this.swaps.tell({ kind: "swap-refused", fault: lost.fault, settings: this.#settings });
      if (this.#relays.ended(side)) this.#end(outcome ?? this.#died(`it exited with code ${code}`));
    });
  }

  #died(problem: string, stack = ""): RunOutcome {
    return this.#brokenOff(makeFault("thread-died", { role: "engine", problem }), stack);
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
