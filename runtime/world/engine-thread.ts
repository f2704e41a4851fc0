/**
 * The engine thread: a world process's second thread, in which the engine runs. It is paced by the
 * clock or goes as fast as it can, takes record bytes from the channel and gives packets and journal
 * blocks to it. It never touches a file or a socket: the main thread does input and output.
 *
 * The wait for the next frame blocks this thread's event loop on purpose: nothing else may run here.
 */
import { parentPort } from "node:worker_threads";
import { type Fault, FaultError, faultOf, placeInStack } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import { decodeRecords, type WorldRecord } from "../../engine/input/record.ts";
import type { WorldAttachment } from "../../engine/jobs/job-memory.ts";
import type { PoolPort } from "../../engine/jobs/pool.ts";
import type { PacketSink, PacketSpace } from "../../engine/ports/packet-sink.ts";
import type { ByteSink } from "../../engine/ports/storage.ts";
import { renderSubsystem } from "../../engine/render/subsystem.ts";
import { recorderSubsystem } from "../../engine/replay/recorder.ts";
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { World } from "../../engine/sim/world.ts";
import { hostClock } from "../host/clock.ts";
import { sourceTextAt, withSourcePlaces } from "../host/source-places.ts";
import { markThreadWarm, type ThreadData } from "../host/threads.ts";
import { Channel, type ChannelMemory, controlWord } from "./channel.ts";
import { waitUntil } from "./pacer.ts";

/** A record and the tick at which it enters, from an input file. */
export interface ScriptedRecord {
  readonly tick: number;
  readonly record: WorldRecord;
}

/** What the main thread tells the engine thread when it starts it. */
export interface EngineThreadData extends ThreadData {
  readonly role: "engine";
  readonly channel: ChannelMemory;
  readonly seed: number;
  /** "clock": in step with time. "free": as fast as possible, and a script or a tick count is what ends it. */
  readonly pace: "clock" | "free";
  /** Ticks after which the run ends by itself; 0 never. */
  readonly tickCount: number;
  readonly script: readonly ScriptedRecord[];
  readonly records: boolean;
  /** The pool that the main thread keeps; undefined when it keeps none. */
  readonly pool: SharedArrayBuffer | undefined;
}

/** What the engine thread says; a run begins and ends once. */
export type EngineThreadMessage =
  | { readonly kind: "started"; readonly startedMicros: number }
  | { readonly kind: "ticking"; readonly firstTickMillis: number }
  /** A world for the workers. */
  | { readonly kind: "attach"; readonly attachment: WorldAttachment }
  /** Something failed and was mended; the world goes on. */
  | { readonly kind: "report"; readonly fault: Fault }
  | { readonly kind: "faulted"; readonly fault: Fault; readonly stack: string; readonly sourceText: string }
  | { readonly kind: "ended"; readonly summary: RunSummary };

export interface RunSummary {
  readonly tickCount: number;
  readonly hash: string;
  readonly droppedTickCount: number;
  readonly refusedRecordCount: number;
  /** From the first tick to the last. */
  readonly elapsedMillis: number;
  readonly timings: readonly { readonly system: string; readonly meanMicros: number; readonly maxMicros: number }[];
}

/** How long the journal may wait for the main thread to make room. */
const journalWaitMillis = 10_000;
/** Ticks after which V8 has seen the hot paths, for the packager's code cache. */
const warmTickCount = 100;

/** Runs the role "engine" until it is told to stop, has made its ticks, or faults. */
export async function runEngineThread(game: Game, data: EngineThreadData): Promise<void> {
  const port = parentPort!;
  const say = (message: EngineThreadMessage): void => port.postMessage(message);
  const channel = new Channel(data.channel);
  const subsystems: SubsystemDefinition[] = [];
  if (game.view !== undefined && data.channel.packetSlotBytes > 0) {
    subsystems.push(renderSubsystem(game.view, packetSink(channel), hostClock));
  }
  if (data.script.length > 0) subsystems.push(scriptSubsystem(data.script));
  if (data.records) subsystems.push(recorderSubsystem(journalSink(channel)));
  let engine: Engine | undefined;
  try {
    engine = new Engine(
      game,
      { clock: hostClock, jobs: { pool: poolPort(data.pool, say) } },
      { seed: data.seed, subsystems },
    );
    await engine.start();
    say({ kind: "started", startedMicros: hostClock.nowMicros() });
    const elapsedMillis = run(engine, channel, data, say);
    const { hash, door, tickCount } = engine.world;
    const summary: RunSummary = {
      tickCount,
      hash: hashHex(hash.high, hash.low),
      droppedTickCount: engine.status.droppedTickCount,
      refusedRecordCount: door.refusedCount,
      elapsedMillis,
      timings: engine.timings,
    };
    engine.dispose();
    say({ kind: "ended", summary });
  } catch (thrown) {
    // The innermost error knows where it happened. In an executable its stack names the bundle, so the
    // author's places are put in before the first one that counts is looked for.
    const cause = thrown instanceof FaultError && thrown.cause !== undefined ? thrown.cause : thrown;
    const stack = withSourcePlaces(cause instanceof Error ? (cause.stack ?? "") : "");
    const place = placeInStack(stack, cause instanceof FaultError);
    say({ kind: "faulted", fault: withPlace(faultOf(thrown), place), stack, sourceText: sourceTextAt(place) });
    try {
      engine?.dispose();
    } catch {
      // The fault that was said is the one that matters; a subsystem that cannot stop either adds nothing.
    }
  } finally {
    channel.journal.close();
    port.close();
  }
}

function run(
  engine: Engine,
  channel: Channel,
  data: EngineThreadData,
  say: (message: EngineThreadMessage) => void,
): number {
  const { world } = engine;
  const { control } = channel;
  const { tickCount } = data;
  const periodMicros = 1_000_000 / engine.program.tickRate;
  const startMicros = hostClock.nowMicros();
  let frame = 0;
  let saidTicking = false;
  while (!channel.isStopRequested && (tickCount === 0 || world.tickCount < tickCount)) {
    admitFromDrivers(engine, channel);
    if (data.pace === "free") engine.step();
    else {
      // A frame happens at the whole period that is due, not at the moment of waking: no jitter, no drift.
      waitUntil(hostClock, startMicros + frame * periodMicros, control, controlWord.stop, 0);
      const now = Math.floor((hostClock.nowMicros() - startMicros) / periodMicros);
      // A late frame makes several ticks, but none beyond the count that was asked for.
      const last = tickCount === 0 ? now : frame - 1 + tickCount - world.tickCount;
      const due = Math.max(frame, Math.min(now, last));
      engine.frame(Math.ceil(due * periodMicros));
      frame = due + 1;
    }
    Atomics.store(control, controlWord.tick, world.tickCount);
    Atomics.store(control, controlWord.hashLow, world.hash.low | 0);
    Atomics.store(control, controlWord.hashHigh, world.hash.high | 0);
    Atomics.store(control, controlWord.droppedTicks, engine.status.droppedTickCount);
    if (!saidTicking && world.tickCount > 0) {
      saidTicking = true;
      say({ kind: "ticking", firstTickMillis: performance.timeOrigin + performance.now() });
    }
    if (world.tickCount === warmTickCount) markThreadWarm();
  }
  return (hostClock.nowMicros() - startMicros) / 1_000;
}

/** Admits scripted records, each at its own tick, also when a late frame makes several. */
function scriptSubsystem(script: readonly ScriptedRecord[]): SubsystemDefinition {
  let at = 0;
  const admitFor = (world: World, tick: number): void => {
    while (at < script.length && script[at]!.tick <= tick) world.door.admit(script[at++]!.record);
  };
  return defineSubsystem({
    name: "script",
    create: () => ({
      start: ({ world }) => admitFor(world, 1),
      afterTick: (world) => admitFor(world, world.tickCount + 1),
    }),
  });
}

/** Admits what drivers sent. A message that cannot be read is dropped whole; drivers check theirs before. */
function admitFromDrivers(engine: Engine, channel: Channel): void {
  for (let bytes = channel.records.read(); bytes !== undefined; bytes = channel.records.read()) {
    const records = decodeRecords(bytes);
    if ("problem" in records) continue;
    for (const record of records) engine.world.door.admit(record);
  }
}

function packetSink(channel: Channel): PacketSink {
  let slot = -1;
  return {
    byteCapacity: channel.memory.packetSlotBytes,
    claim(): PacketSpace | undefined {
      slot = channel.packets.claim();
      if (slot < 0) return undefined;
      const { buffer, packetSlotBytes } = channel.memory;
      return { buffer, byteOffset: channel.packetOffset(slot), byteCapacity: packetSlotBytes };
    },
    publish(byteLength: number): void {
      Atomics.store(channel.control, controlWord.packetBytes + slot, byteLength);
      channel.packets.publish(slot);
    },
  };
}

function poolPort(
  memory: SharedArrayBuffer | undefined,
  say: (message: EngineThreadMessage) => void,
): PoolPort | undefined {
  if (memory === undefined) return undefined;
  return {
    memory,
    attach: (attachment) => say({ kind: "attach", attachment }),
    report: (fault) => say({ kind: "report", fault }),
  };
}

function journalSink(channel: Channel): ByteSink {
  const part = 1024 * 1024;
  return {
    append(bytes: Uint8Array): void {
      for (let at = 0; at < bytes.length; at += part)
        if (!channel.journal.writeWaiting(bytes.subarray(at, at + part), journalWaitMillis))
          throw new FaultError({
            kind: "thread-silent",
            fields: { role: "main", waitedMillis: journalWaitMillis, doing: "take the journal" },
          });
    },
    flush(): void {},
  };
}

/** In an executable, places in a fault name the bundle; the reader wants the author's file. */
function withPlace(fault: Fault, place: string): Fault {
  return "place" in fault.fields ? ({ ...fault, fields: { ...fault.fields, place } } as Fault) : fault;
}
