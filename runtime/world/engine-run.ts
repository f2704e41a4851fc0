/**
 * The run of an engine in a thread of its own, the same in every host: frames in step with time or as fast
 * as they go, records from the channel, packets, journal blocks and the newest hash to it.
 *
 * The wait for the next frame blocks the thread's event loop on purpose: nothing else may run there.
 */
import { FaultError } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import type { PacketSink, PacketSpace } from "../../engine/ports/packet-sink.ts";
import { beat, ownPulse, type Pulse, pulseWord } from "../../engine/ports/pulse.ts";
import type { ByteSink } from "../../engine/ports/storage.ts";
import type { TracePort } from "../../engine/trace/trace-port.ts";
import { type Channel, controlWord } from "./channel.ts";
import { doing, says } from "./doing.ts";
import type { RunSummary } from "./engine-thread.ts";
import { waitUntil } from "./pacer.ts";
import { RunCounts } from "./run-counts.ts";
import type { SpokenNames } from "./spoken-names.ts";

export interface RunPace {
  /** "clock": in step with time. "free": as fast as possible. */
  readonly pace: "clock" | "free";
  /** Ticks after which the run ends by itself; 0 never. */
  readonly tickCount: number;
}

/** How long the journal may wait for the main thread to make room. */
const journalWaitMillis = 10_000;

/** What goes on beside the frames of a run. */
export interface RunCompany {
  /** Where another thread sees that frames are made. */
  readonly pulse?: Pulse;
  /** The engine that makes frames now: a swap of code changes it between two of them. */
  engine(): Engine;
  /** Told of each frame. */
  afterFrame(): void;
  /**
   * Work that fits between two frames, before the next one is due at `dueMicros` by the clock; undefined when there is none,
   * which costs nothing. True when another thread had the world meanwhile: this one counts its time anew.
   */
  between?(dueMicros: number): Promise<unknown> | undefined;
  /** Whether another thread makes the frames from here on. */
  isGone?(): boolean;
  /** Told what a frame threw; true when the run goes on, with the engine that is then there. */
  rescue?(thrown: unknown): boolean;
}

/**
 * Makes frames until the run is over; undefined when another thread goes on with it. `spoken` is what numbers mean in the
 * records of drivers, `counts` are of the whole run.
 */
export async function runEngine(
  company: RunCompany,
  channel: Channel,
  clock: Clock,
  { pace, tickCount }: RunPace,
  trace: TracePort,
  spoken: SpokenNames,
  counts: RunCounts = new RunCounts(clock.nowMicros()),
): Promise<RunSummary | undefined> {
  const { control } = channel;
  const { pulse = ownPulse() } = company;
  const startMicros = clock.nowMicros();
  const message = trace.number("record message", "records");
  const admitting = trace.number("admit records", "records", "messages");
  let engine = company.engine();
  let frames = new FrameTimes(startMicros, startMicros, engine.program.tickRate);
  const isDone = (): boolean => tickCount !== 0 && engine.world.tickCount >= tickCount;
  while (!channel.isStopRequested && !isDone()) {
    says(pulse, doing.frame);
    beat(pulse);
    const admitMicros = trace.track.isOn ? clock.nowMicros() : 0;
    const admitted = admitFromDrivers(engine, channel, spoken, () => {
      counts.messageCount++;
      if (trace.track.isOn) trace.track.flowEnd(message, counts.messageCount, clock.nowMicros());
    });
    if (admitted > 0 && admitMicros > 0) trace.track.span(admitting, admitMicros, clock.nowMicros(), admitted);
    let isFrame = true;
    try {
      if (pace === "free") engine.step();
      else {
        // A frame happens at the whole period that is due, not at the moment of waking: no jitter, no drift.
        says(pulse, doing.idle);
        waitUntil(clock, frames.dueMicros, control, controlWord.stop, 0);
        says(pulse, doing.frame);
        // Woken before its time, for a message: there may be work to do before the frame.
        isFrame = clock.nowMicros() >= frames.dueMicros || channel.isStopRequested;
      }
      if (isFrame && pace === "clock") {
        const ticksLeft = tickCount === 0 ? Number.POSITIVE_INFINITY : tickCount - engine.world.tickCount;
        engine.frame(frames.next(clock.nowMicros(), ticksLeft));
      }
    } catch (thrown) {
      try {
        if (company.rescue?.(thrown) !== true) throw thrown;
      } catch (last) {
        // It may have gone back first: code before it failed as well, at an earlier tick, which is not whole.
        const wholeCount = company.engine().world.tickCount - 1;
        Atomics.store(control, controlWord.tick, Math.min(Atomics.load(control, controlWord.tick), wholeCount));
        throw last;
      }
    }
    says(pulse, doing.swap);
    const between = company.between?.(pace === "free" ? Number.POSITIVE_INFINITY : frames.dueMicros);
    const isAnew = between !== undefined && (await between) === true;
    says(pulse, doing.frame);
    if (company.isGone?.() === true) return undefined;
    if (company.engine() !== engine || isAnew) {
      const { tickRate } = engine.program;
      engine = company.engine();
      if (engine.program.tickRate !== tickRate || isAnew)
        frames = new FrameTimes(startMicros, clock.nowMicros(), engine.program.tickRate);
    }
    const { world } = engine;
    Atomics.store(control, controlWord.tick, world.tickCount);
    Atomics.store(control, controlWord.hashLow, world.hash.low | 0);
    Atomics.store(control, controlWord.hashHigh, world.hash.high | 0);
    Atomics.store(control, controlWord.droppedTicks, engine.droppedTickCount);
    if (isFrame) company.afterFrame();
  }
  const { world } = engine;
  const { droppedTickCount, refusedRecordCount, fallbacks, timings } = counts.with(engine);
  return {
    tickCount: world.tickCount,
    hash: hashHex(world.hash.high, world.hash.low),
    ...{ droppedTickCount, refusedRecordCount, fallbacks },
    elapsedMillis: (clock.nowMicros() - counts.startMicros) / 1_000,
    timings,
  };
}

/** The moments of frames: multiples of the tick's length from where counting began. */
class FrameTimes {
  readonly #originMicros: number;
  readonly #startMicros: number;
  readonly #periodMicros: number;
  #frame = 0;

  /** `originMicros` is where the engine's time begins, `startMicros` where frames of this rate do. */
  constructor(originMicros: number, startMicros: number, tickRate: number) {
    this.#originMicros = originMicros;
    this.#startMicros = startMicros;
    this.#periodMicros = 1_000_000 / tickRate;
  }

  get dueMicros(): number {
    return this.#startMicros + this.#frame * this.#periodMicros;
  }

  /** The engine's time of the frame that is made now: a late frame makes several ticks, but none beyond `ticksLeft`. */
  next(nowMicros: number, ticksLeft: number): number {
    const now = Math.floor((nowMicros - this.#startMicros) / this.#periodMicros);
    const due = Math.max(this.#frame, Math.min(now, this.#frame - 1 + ticksLeft));
    this.#frame = due + 1;
    return Math.ceil(this.#startMicros - this.#originMicros + due * this.#periodMicros);
  }
}

/** Admits what drivers sent. Returns how many messages came. */
function admitFromDrivers(engine: Engine, channel: Channel, spoken: SpokenNames, onMessage: () => void): number {
  let count = 0;
  for (let bytes = channel.records.read(); bytes !== undefined; bytes = channel.records.read()) {
    count++;
    onMessage();
    for (const record of spoken.recordsOf(bytes, engine.program)) engine.world.door.admit(record);
  }
  return count;
}

/** Packets go straight into slots of the channel. */
export function packetSink(channel: Channel): PacketSink {
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

/** Journal blocks go through the channel's ring, in parts; a full ring is waited for. Raises "thread-silent". */
export function journalSink(channel: Channel, pulse: Pulse = ownPulse()): ByteSink {
  const part = 1024 * 1024;
  return {
    append(bytes: Uint8Array): void {
      const before = pulse[pulseWord.doing]!;
      // It is the main thread that is silent when there is no room.
      says(pulse, doing.idle);
      for (let at = 0; at < bytes.length; at += part)
        if (!channel.journal.writeWaiting(bytes.subarray(at, at + part), journalWaitMillis))
          throw new FaultError({
            kind: "thread-silent",
            fields: { role: "main", waitedMillis: journalWaitMillis, doing: "take the journal" },
          });
      says(pulse, before);
    },
    flush(): void {},
  };
}
