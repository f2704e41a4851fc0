/**
 * The engine thread: a world process's second thread, in which the engine runs. It is paced by the
 * clock or goes as fast as it can, takes record bytes from the channel and gives packets and journal
 * blocks to it. It never touches a file or a socket: the main thread does input and output.
 *
 * The wait for the next frame blocks this thread's event loop on purpose: nothing else may run here.
 */
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { FaultMoment } from "../../engine/base/fault-place.ts";
import { type Fault, FaultError, faultOf, faultText, makeFault, placeInStack } from "../../engine/base/faults.ts";
import type { Decision } from "../../engine/budget/budget.ts";
import { Engine, type EnginePorts } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { WorldRecord } from "../../engine/input/record.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import { budgetSubsystem } from "../../engine/render/budget.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { KeyframeTaker } from "../../engine/replay/keyframe-taker.ts";
import type { RecordNames } from "../../engine/replay/record-names.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import type { Fallback } from "../../engine/sim/fallback.ts";
import type { HealthReport } from "../../engine/sim/health.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { streamingOf } from "../../engine/streaming/subsystem.ts";
import { successorPorts } from "../../engine/swap/swap.ts";
import { trialSubsystem } from "../../engine/swap/trial.ts";
import { noTrace, openTrace } from "../../engine/trace/trace-port.ts";
import type { RingNews } from "../flight/tree-rings.ts";
import { hostClock } from "../host/clock.ts";
import { sourceTextAt, withSourcePlaces } from "../host/source-places.ts";
import { markThreadWarm, type ThreadData } from "../host/threads.ts";
import { codeTopic } from "../hot/code-topic.ts";
import { placed, type SwapNews, Swapper, type SwapRequest } from "../hot/swapper.ts";
import { portCompressor } from "../replay/compression.ts";
import type { ServiceSeat } from "../services/services.ts";
import { type ArrivedWorld, arrive } from "./arrival.ts";
import type { AssetHostData } from "./asset-host.ts";
import { Channel, type ChannelMemory } from "./channel.ts";
import { depart } from "./departure.ts";
import { doing, type StepPlace, says, stepPlaces } from "./doing.ts";
import { assetPort, checkPackets, onlookers, poolPort, recorderOptions } from "./engine-parts.ts";
import { journalSink, packetSink, type RunCompany, runEngine } from "./engine-run.ts";
import { type RelayData, RelayLine } from "./relay.ts";
import { RunCounts } from "./run-counts.ts";
import { RunReporter } from "./run-notes.ts";
import { scriptSubsystem } from "./script.ts";
import { SpokenNames } from "./spoken-names.ts";
import { engineTrack } from "./tracks.ts";
import type { WatchNews } from "./watch-host.ts";

/** A record and the tick at which it enters, from an input file. */
export interface ScriptedRecord {
  readonly tick: number;
  readonly record: WorldRecord;
}

/** What the main thread tells the engine thread when it starts it. */
export interface EngineThreadData extends ThreadData {
  readonly role: "engine";
  readonly channel: ChannelMemory;
  /** Where the thread leaves what it does. */
  readonly pulse: SharedArrayBuffer;
  readonly seed: number;
  /** "clock": in step with time. "free": as fast as possible, and a script or a tick count is what ends it. */
  readonly pace: "clock" | "free";
  /** Ticks after which the run ends by itself; 0 never. */
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  /** What numbers mean in the script, and at first in records of drivers. */
  readonly recordNames: RecordNames;
  /** What the program is compiled with beside the game. */
  readonly settings: PlanSettings;
  /** Hash of the game's code, where the main thread keeps it beside the journal; undefined when it does not. */
  readonly codeHash?: string | undefined;
  readonly records: boolean;
  /** Whether a flight recorder reads along, which loses no more than a moment when this thread is lost. */
  readonly hasFlight: boolean;
  /**
   * Who makes keyframes small, and behind how many ticks one is taken for the journal and how many seconds for the flight
   * recorder; 0 for none. Undefined for a journal without keyframes.
   */
  readonly keyframes:
    | { readonly port: MessagePort; readonly everyTicks: number; readonly flightSeconds: number }
    | undefined;
  /** The pool that the main thread keeps; undefined when it keeps none. */
  readonly pool: SharedArrayBuffer | undefined;
  /** Memory of the trace; undefined when the run is not traced. */
  readonly trace: SharedArrayBuffer | undefined;
  /** The thread's seat at the services; undefined when the run has none. */
  readonly services: ServiceSeat | undefined;
  /** Assets that the main thread reads; undefined when it reads none. */
  readonly assets: AssetHostData | undefined;
  /** Whether every step of a tick is audited. */
  readonly audit: boolean;
  /** Memory of the watch ring; undefined when nothing can be watched. */
  readonly watches: SharedArrayBuffer | undefined;
  /** For a thread that takes a world over from another one. */
  readonly relay?: RelayData | undefined;
}

/** What the main thread says to an engine thread that runs; it is looked for between frames. */
export type EngineHostMessage =
  /** Code, or the operator's settings, which the game's plan allows: they enter as a swap. */
  | ({ readonly kind: "swap" } & SwapRequest)
  /** Another thread is ready to take the world over; this is the line to it. */
  | { readonly kind: "relay"; readonly port: MessagePort };

/** What the engine thread says; a run begins and ends once. */
export type EngineThreadMessage =
  | { readonly kind: "started"; readonly startedMicros: number }
  /** The steps of a tick from here on, by their numbers. */
  | { readonly kind: "steps"; readonly places: readonly StepPlace[] }
  | { readonly kind: "ticking"; readonly firstTickMillis: number }
  /** A world for the workers, and the hash of the code that it runs; "" for what the process was started with. */
  | { readonly kind: "attach"; readonly attachment: WorldAttachment; readonly code: string }
  /** Code or settings were to take over. */
  | SwapNews
  /** This thread is ready to take the world over; "in-charge": it has. */
  | { readonly kind: "ready" | "in-charge" }
  /** This thread has given the world away, to the next one or back to the one before. */
  | { readonly kind: "gone" | "returned" }
  /** Something failed and was mended; the world goes on. */
  | { readonly kind: "report"; readonly fault: Fault }
  /** Handles of resources, in the order of their numbers: the main thread may begin to read files. */
  | { readonly kind: "assets"; readonly handles: readonly number[] }
  /** The budget took a rung or gave one back. */
  | { readonly kind: "decided"; readonly decision: Decision }
  /** The hash trees of ticks are in this ring from now on. */
  | { readonly kind: "hash-ring"; readonly ring: RingNews }
  | WatchNews
  /** Infinities were found; the world goes on. */
  | { readonly kind: "health"; readonly report: HealthReport }
  | {
      readonly kind: "faulted";
      readonly fault: Fault;
      readonly stack: string;
      readonly sourceText: string;
      /** When it happened; undefined for a fault outside of frames. */
      readonly moment: FaultMoment | undefined;
    }
  | { readonly kind: "ended"; readonly summary: RunSummary };

export interface RunSummary {
  readonly tickCount: number;
  readonly hash: string;
  readonly droppedTickCount: number;
  readonly refusedRecordCount: number;
  /** What was done instead of what was asked, and how often; those that happened. */
  readonly fallbacks: readonly Fallback[];
  /** From the first tick to the last. */
  readonly elapsedMillis: number;
  readonly timings: readonly { readonly system: string; readonly meanMicros: number; readonly maxMicros: number }[];
}

/** Ticks after which V8 has seen the hot paths, for the packager's code cache. */
const warmTickCount = 100;

/** Runs the role "engine" until it is told to stop, has made its ticks, or faults. */
export async function runEngineThread(game: Game, data: EngineThreadData): Promise<void> {
  const port = parentPort!;
  const say = (message: EngineThreadMessage): void => port.postMessage(message);
  const channel = new Channel(data.channel);
  const pulse = new Int32Array(data.pulse);
  const { relay } = data;
  // A track has one writer at a time: a thread that takes a world over takes it up with the world.
  const trace = data.trace === undefined ? noTrace : openTrace(data.trace, engineTrack, relay === undefined);
  const recorder =
    data.records || data.hasFlight ? recorderSubsystem(journalSink(channel, pulse), recorderOptions(data)) : undefined;
  const decided = (decision: Decision): void => {
    if (recorder !== undefined) engine!.of(recorder).note("budget", JSON.stringify(decision));
    reporter?.decided(decision);
    say({ kind: "decided", decision });
  };
  const script = data.script.length > 0 ? scriptSubsystem(data.script, data.recordNames) : undefined;
  /** The parts of an engine of any code of the game; what they keep is each engine's own. */
  const partsOf = ({ view, budget }: Game): SubsystemDefinition[] => [
    ...(view === undefined || data.channel.packetSlotBytes === 0
      ? []
      : [
          renderSubsystem(view, packetSink(channel), hostClock),
          ...(budget !== undefined && data.pace === "clock" ? [budgetSubsystem(budget, decided)] : []),
        ]),
    ...(script === undefined ? [] : [script]),
    ...(recorder === undefined ? [] : [recorder]),
    ...onlookers(data, say),
  ];
  const assets = assetPort(data.assets, say);
  const attachments: EngineThreadMessage[] = [];
  const handOut = (message: EngineThreadMessage): void => void attachments.push(message);
  /** Behind a swap, not within it: workers to whom code is new would take up work that the swap waits for. */
  const attachWorkers = (): void => {
    for (const message of attachments) say(message);
    attachments.length = 0;
  };
  const portsFor = (code: string): EnginePorts => ({
    ...{ clock: hostClock, jobs: { pool: poolPort(data.pool, code, say, handOut) }, trace, assets, pulse },
  });
  let engine: Engine | undefined;
  let reporter: RunReporter | undefined;
  /** A world that came from another thread. */
  let arrived: ArrivedWorld | undefined;
  /** Whether this thread has the world: channel, journal and workers are another's until then, and after. */
  let isInCharge = relay === undefined;
  const codeHash = relay?.code.hash ?? "";
  try {
    const { seed, settings } = data;
    if (relay !== undefined) checkPackets(game, data.channel.packetSlotBytes);
    const trial = trialSubsystem();
    engine = new Engine(game, portsFor(codeHash), {
      ...{ seed, settings, isSuccessor: relay !== undefined },
      subsystems: relay === undefined ? partsOf(game) : [...partsOf(game), trial],
    });
    await engine.start();
    if (recorder !== undefined && data.codeHash !== undefined) engine.of(recorder).note(codeTopic, data.codeHash);
    if (relay !== undefined) {
      arrived = await arrive(engine, game, { recorder, trial }, relay, () => say({ kind: "ready" }), pulse);
      if (arrived === undefined) return;
      isInCharge = true;
      trace.takeUp();
      say({ kind: "in-charge" });
      arrived.enter(codeHash);
      say({
        ...{ kind: "swapped", tick: engine.world.tickCount, code: codeHash, settings, report: arrived.report },
        ...{ totalMicros: hostClock.nowMicros() - relay.askedMicros, commitMicros: arrived.pauseMicros },
        isRestart: true,
      });
    }
    if (data.assets !== undefined) say({ kind: "assets", handles: streamingOf(engine).handles });
    say({ kind: "started", startedMicros: hostClock.nowMicros() });
    if (data.services !== undefined) reporter = new RunReporter(data.services, engine);
    const listen = ({ world }: Engine): void => {
      say({ kind: "steps", places: stepPlaces(world) });
      world.health.onReport = (report) => {
        reporter?.unhealthy(report);
        say({ kind: "health", report });
      };
    };
    listen(engine);
    const counts = new RunCounts(hostClock.nowMicros(), arrived?.counts);
    const spoken = new SpokenNames(arrived?.spoken ?? data.recordNames);
    const swapper = new Swapper({
      ...{ engine, game, code: codeHash, settings, clock: hostClock, recorder, trace, say },
      successor(before, next, part, arena) {
        checkPackets(next.game, data.channel.packetSlotBytes);
        return new Engine(next.game, successorPorts(before, { ...portsFor(next.code), arena }), {
          ...{ seed, settings: next.settings, subsystems: [...partsOf(next.game), part], isSuccessor: true },
        });
      },
      replaced(other) {
        // There is no way back to another thread from an engine that it does not know.
        arrived?.believe();
        counts.goOn(engine!, other);
        engine = other;
        reporter?.engineIs(other);
        listen(other);
      },
    });
    const keyframes =
      recorder === undefined || data.keyframes === undefined
        ? undefined
        : new KeyframeTaker({
            engine: () => swapper.engine,
            recorder: () => swapper.engine.of(recorder),
            compressor: portCompressor(data.keyframes.port),
            everyTicks: data.keyframes.everyTicks,
            alsoEverySeconds: data.keyframes.flightSeconds,
          });
    attachWorkers();
    let saidTicking = relay !== undefined;
    const left = (kind: "gone" | "returned"): void => {
      isInCharge = false;
      trace.putDown();
      say({ kind });
    };
    /** Waits until the next thread has the world for good, or this one has it again: true when it was another's meanwhile. */
    const handOver = async (line: RelayLine): Promise<boolean> => {
      says(pulse, doing.idle);
      const before = swapper.engine;
      const { tickCount: tick } = before.world;
      const returned = await depart(
        line,
        before,
        { recorder, counts, script, spoken },
        {
          leaving() {
            // There is one way back over threads: what is on trial here is believed once another one has the world.
            swapper.close();
            arrived?.believe();
            // The frame behind which the world goes is counted here: nobody comes back to it.
            reporter?.frameMade();
            if (data.records) keyframes?.finish();
            left("gone");
          },
          back() {
            isInCharge = true;
            says(pulse, doing.swap);
            trace.takeUp();
            // The frame that failed may have had a packet in hand.
            channel.packets.reclaim();
            say({ kind: "in-charge" });
          },
        },
      );
      if (returned === undefined || returned === "gone") return false;
      reporter?.engineIs(before);
      const { failedTick, problem } = returned;
      const { code, settings: own } = swapper.running;
      const fault = makeFault("swap-undone", { tick, failedTick, problem });
      say({ kind: "swap-undone", fault, code, settings: own });
      return true;
    };
    const company: RunCompany = {
      pulse,
      engine: () => swapper.engine,
      between(dueMicros) {
        if (!isInCharge) return undefined;
        arrived?.look();
        let line: RelayLine | undefined;
        for (let asked = receiveMessageOnPort(port); asked !== undefined; asked = receiveMessageOnPort(port)) {
          const { message } = asked as { readonly message: EngineHostMessage };
          if (message.kind === "swap") swapper.ask(message);
          else line = new RelayLine(message.port);
        }
        return line === undefined ? swapper.between(dueMicros) : handOver(line);
      },
      isGone: () => !isInCharge,
      rescue(thrown) {
        if (swapper.rescue(thrown)) {
          channel.packets.reclaim();
          return true;
        }
        if (arrived?.giveBack(thrown, counts, spoken, () => left("returned")) !== true) return false;
        reporter?.failed(withSourcePlaces(faultText(faultOf(thrown))));
        return true;
      },
      afterFrame() {
        if (attachments.length > 0) attachWorkers();
        const { tickCount } = swapper.engine.world;
        if (!saidTicking && tickCount > 0) {
          saidTicking = true;
          say({ kind: "ticking", firstTickMillis: performance.timeOrigin + performance.now() });
        }
        if (tickCount === warmTickCount) markThreadWarm();
        reporter?.frameMade();
        keyframes?.afterFrame();
      },
    };
    const summary = await runEngine(company, channel, hostClock, data, trace, spoken, counts);
    says(pulse, doing.end);
    swapper.close();
    if (summary === undefined) return disposed(engine);
    arrived?.believe();
    reporter?.over();
    // The flight recorder's files are deleted in a moment; a journal's last keyframe is worth waiting for.
    if (data.records) keyframes?.finish();
    engine.dispose();
    say({ kind: "ended", summary });
  } catch (thrown) {
    says(pulse, doing.end);
    if (relay !== undefined && !isInCharge) {
      say({ kind: "swap-refused", fault: placed(thrown), settings: data.settings });
      return;
    }
    // The innermost error knows where it happened. In an executable its stack names the bundle, so the
    // author's places are put in before the first one that counts is looked for.
    const cause = thrown instanceof FaultError && thrown.cause !== undefined ? thrown.cause : thrown;
    const stack = withSourcePlaces(cause instanceof Error ? (cause.stack ?? "") : "");
    const ofTrap = faultOf(thrown);
    const place =
      ofTrap.kind === "banned-call" ? ofTrap.fields.place : placeInStack(stack, cause instanceof FaultError);
    reporter?.failed(withSourcePlaces(faultText(faultOf(thrown))));
    const moment = engine?.status.faultMoment;
    say({ kind: "faulted", fault: withPlace(faultOf(thrown), place), stack, sourceText: sourceTextAt(place), moment });
    disposed(engine);
  } finally {
    if (isInCharge) channel.journal.close();
    relay?.port.close();
    data.keyframes?.port.close();
    port.close();
  }
}

/** What was said of its world is what matters; a subsystem that cannot stop either adds nothing. */
function disposed(engine: Engine | undefined): void {
  try {
    engine?.dispose();
  } catch {
    // Its other parts have been stopped.
  }
}

/** In an executable, places in a fault name the bundle; the reader wants the author's file. */
function withPlace(fault: Fault, place: string): Fault {
  // A trap has named the author's file where it was sprung, perhaps in another thread.
  if (fault.kind === "banned-call") return fault;
  return "place" in fault.fields ? ({ ...fault, fields: { ...fault.fields, place } } as Fault) : fault;
}
