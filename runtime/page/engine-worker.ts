/**
 * The engine in a web worker: role "engine" of the page's script. It is the browser's twin of
 * runtime/world/engine-thread.ts and says the same messages to the page.
 */
import { hashRingSubsystem } from "../../engine/audit/hash-ring.ts";
import { auditSubsystem } from "../../engine/audit/subsystem.ts";
import { FaultError, faultOf, placeInStack } from "../../engine/base/faults.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { KeyframeTaker } from "../../engine/replay/keyframe-taker.ts";
import { recordNamesOf } from "../../engine/replay/record-names.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { noTrace, openTrace, type TracePort } from "../../engine/trace/trace-port.ts";
import { flightSeconds, flightTicksPerBlock } from "../flight/flight-pace.ts";
import { Channel, type ChannelMemory } from "../world/channel.ts";
import { journalSink, packetSink, type RunPace, runEngine } from "../world/engine-run.ts";
import type { EngineThreadMessage } from "../world/engine-thread.ts";
import { SpokenNames } from "../world/spoken-names.ts";
import { engineTrack } from "../world/tracks.ts";
import { browser } from "./browser.ts";
import { coordinatorNumber, countingWatch } from "./chunk-counts.ts";
import { browserClock } from "./clock.ts";
import { sharedCompressor } from "./compression.ts";

/** What the page tells the engine worker. */
export interface EngineWorkerData extends RunPace {
  readonly channel: ChannelMemory;
  readonly seed: number;
  readonly records: boolean;
  /** Whether the page keeps the end of the journal for a black box. */
  readonly hasFlight: boolean;
  /** Whether every step of a tick is audited. */
  readonly audit: boolean;
  /** Memory of the trace; undefined when the run is not traced. */
  readonly trace: SharedArrayBuffer | undefined;
  /** The pool that the page keeps; undefined when it keeps none. */
  readonly pool: SharedArrayBuffer | undefined;
  readonly chunkCounts: SharedArrayBuffer;
}

/** What the engine worker says: what every engine thread says, and bytes that the page is to make small. */
export type EngineWorkerMessage =
  | EngineThreadMessage
  | { readonly kind: "compress"; readonly memory: SharedArrayBuffer };

const say = (message: EngineWorkerMessage): void => browser.postMessage(message);

/** Runs one world until it is told to stop, has made its ticks, or faults. The page ends the thread then. */
export async function runEngineWorker(
  game: Game,
  subsystems: readonly SubsystemDefinition[],
  data: EngineWorkerData,
): Promise<void> {
  const channel = new Channel(data.channel);
  const { records, hasFlight } = data;
  const trace = data.trace === undefined ? noTrace : openTrace(data.trace, engineTrack);
  const options = hasFlight ? { ticksPerBlock: flightTicksPerBlock, notesInput: true } : {};
  const recorder = records || hasFlight ? recorderSubsystem(journalSink(channel), options) : undefined;
  let engine: Engine | undefined;
  try {
    const own = [...subsystems, ...shown(game, channel)];
    if (recorder !== undefined) own.push(recorder);
    if (hasFlight) own.push(trees);
    // Last, so that it sees what the others do.
    if (data.audit) own.push(auditSubsystem());
    engine = makeEngine(game, own, data, trace);
    await engine.start();
    engine.world.health.onReport = (report) => say({ kind: "health", report });
    say({ kind: "started", startedMicros: browserClock.nowMicros() });
    let saidTicking = false;
    const running = engine;
    const keyframes =
      recorder === undefined || !hasFlight
        ? undefined
        : new KeyframeTaker({
            engine: () => running,
            recorder: () => running.of(recorder),
            compressor: sharedCompressor((memory) => say({ kind: "compress", memory })),
            ...{ everyTicks: 0, alsoEverySeconds: flightSeconds },
          });
    const company = {
      engine: () => running,
      afterFrame: () => {
        keyframes?.afterFrame();
        if (saidTicking) return;
        saidTicking = true;
        say({ kind: "ticking", firstTickMillis: browserClock.nowMicros() / 1_000 });
      },
    };
    const spoken = new SpokenNames(recordNamesOf(engine.program));
    const summary = await runEngine(company, channel, browserClock, data, trace, spoken);
    engine.dispose();
    channel.journal.close();
    if (summary !== undefined) say({ kind: "ended", summary });
  } catch (thrown) {
    // The innermost error knows where it happened.
    const cause = thrown instanceof FaultError && thrown.cause !== undefined ? thrown.cause : thrown;
    const stack = cause instanceof Error ? (cause.stack ?? "") : "";
    const fault = faultOf(thrown);
    const place = placeInStack(stack, cause instanceof FaultError);
    const placed = "place" in fault.fields ? ({ ...fault, fields: { ...fault.fields, place } } as typeof fault) : fault;
    const moment = engine?.status.faultMoment;
    try {
      engine?.dispose();
    } catch {
      // The fault that is said is the one that matters; a subsystem that cannot stop either adds nothing.
    }
    channel.journal.close();
    say({ kind: "faulted", fault: placed, stack, sourceText: "", moment });
  }
}

/** Keeps the hash trees of the last ticks where the page finds them. */
const trees = hashRingSubsystem({
  onRing: ({ buffer, shape: { leafNames } }, afterTick) =>
    say({ kind: "hash-ring", ring: { buffer, leafNames, afterTick } }),
});

/** Packets, where somebody takes them. */
function shown({ view }: Game, channel: Channel): SubsystemDefinition[] {
  if (view === undefined || channel.memory.packetSlotBytes === 0) return [];
  return [renderSubsystem(view, packetSink(channel), browserClock)];
}

function makeEngine(
  game: Game,
  subsystems: readonly SubsystemDefinition[],
  { pool, chunkCounts, seed }: EngineWorkerData,
  trace: TracePort,
): Engine {
  const port = {
    memory: pool!,
    attach: (attachment: unknown) => say({ kind: "attach", attachment } as EngineWorkerMessage),
    report: (fault: unknown) => say({ kind: "report", fault } as EngineWorkerMessage),
  };
  const watch = countingWatch(chunkCounts, coordinatorNumber);
  return new Engine(
    game,
    { clock: browserClock, jobs: { pool: pool === undefined ? undefined : port, watch }, trace },
    { seed, subsystems },
  );
}
