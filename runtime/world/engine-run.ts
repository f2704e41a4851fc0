/**
 * The run of an engine in a thread of its own, the same in every host: frames in step with time or as fast
 * as they go, records from the channel, packets, journal blocks and the newest hash to it.
 *
 * The wait for the next frame blocks the thread's event loop on purpose: nothing else may run there.
 */
import { FaultError } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import type { Engine } from "../../engine/engine.ts";
import { decodeRecords } from "../../engine/input/record.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import type { PacketSink, PacketSpace } from "../../engine/ports/packet-sink.ts";
import type { ByteSink } from "../../engine/ports/storage.ts";
import { takenFallbacks } from "../../engine/sim/fallback.ts";
import type { TracePort } from "../../engine/trace/trace-port.ts";
import { type Channel, controlWord } from "./channel.ts";
import type { RunSummary } from "./engine-thread.ts";
import { waitUntil } from "./pacer.ts";

export interface RunPace {
  /** "clock": in step with time. "free": as fast as possible. */
  readonly pace: "clock" | "free";
  /** Ticks after which the run ends by itself; 0 never. */
  readonly tickCount: number;
}

/** How long the journal may wait for the main thread to make room. */
const journalWaitMillis = 10_000;

/** Makes frames until the run is over; `afterFrame` is told of each. */
export function runEngine(
  engine: Engine,
  channel: Channel,
  clock: Clock,
  { pace, tickCount }: RunPace,
  trace: TracePort,
  afterFrame: () => void,
): RunSummary {
  const { world } = engine;
  const { control } = channel;
  const periodMicros = 1_000_000 / engine.program.tickRate;
  const startMicros = clock.nowMicros();
  const message = trace.number("record message", "records");
  const admitting = trace.number("admit records", "records", "messages");
  let messageCount = 0;
  let frame = 0;
  while (!channel.isStopRequested && (tickCount === 0 || world.tickCount < tickCount)) {
    const admitMicros = trace.track.isOn ? clock.nowMicros() : 0;
    const admitted = admitFromDrivers(engine, channel, () => {
      messageCount++;
      if (trace.track.isOn) trace.track.flowEnd(message, messageCount, clock.nowMicros());
    });
    if (admitted > 0 && admitMicros > 0) trace.track.span(admitting, admitMicros, clock.nowMicros(), admitted);
    if (pace === "free") engine.step();
    else {
      // A frame happens at the whole period that is due, not at the moment of waking: no jitter, no drift.
      waitUntil(clock, startMicros + frame * periodMicros, control, controlWord.stop, 0);
      const now = Math.floor((clock.nowMicros() - startMicros) / periodMicros);
      // A late frame makes several ticks, but none beyond the count that was asked for.
      const last = tickCount === 0 ? now : frame - 1 + tickCount - world.tickCount;
      const due = Math.max(frame, Math.min(now, last));
      engine.frame(Math.ceil(due * periodMicros));
      frame = due + 1;
    }
    Atomics.store(control, controlWord.tick, world.tickCount);
    Atomics.store(control, controlWord.hashLow, world.hash.low | 0);
    Atomics.store(control, controlWord.hashHigh, world.hash.high | 0);
    Atomics.store(control, controlWord.droppedTicks, engine.droppedTickCount);
    afterFrame();
  }
  return {
    tickCount: world.tickCount,
    hash: hashHex(world.hash.high, world.hash.low),
    droppedTickCount: engine.status.droppedTickCount,
    refusedRecordCount: world.door.refusedCount,
    fallbacks: takenFallbacks(engine.fallbacks),
    elapsedMillis: (clock.nowMicros() - startMicros) / 1_000,
    timings: engine.timings,
  };
}

/** Admits what drivers sent. A message that cannot be read is dropped whole; drivers check theirs before. Returns how many came. */
function admitFromDrivers(engine: Engine, channel: Channel, onMessage: () => void): number {
  let count = 0;
  for (let bytes = channel.records.read(); bytes !== undefined; bytes = channel.records.read()) {
    count++;
    onMessage();
    const records = decodeRecords(bytes);
    if ("problem" in records) continue;
    for (const record of records) engine.world.door.admit(record);
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
export function journalSink(channel: Channel): ByteSink {
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
