/**
 * The threads of the pacing row. Each notes the moments at which its ticks begin, in microseconds, in
 * shared memory: the engine thread as the runtime runs it, a `setInterval`, and a `setTimeout` that
 * aims at each deadline anew.
 */
import { defineGame } from "../../engine/game.ts";
import { pulseBytes } from "../../engine/ports/pulse.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { hostClock } from "../../runtime/host/clock.ts";
import { allocateChannel } from "../../runtime/world/channel.ts";
import { runEngineThread } from "../../runtime/world/engine-thread.ts";
import { benchSeed } from "./measure.ts";
import type { BenchThreadData } from "./threads.ts";

export const pacerPart = "pacer";
export const pacingRate = 60;
const periodMillis = 1_000 / pacingRate;

export interface PacerThreadData extends BenchThreadData {
  readonly pacer: "engine" | "interval" | "timeout";
  /** One f64 for each tick: when it began. Its length says how many ticks there are. */
  readonly startMicros: Float64Array;
}

export async function runPacer({ pacer, startMicros }: PacerThreadData): Promise<void> {
  if (pacer === "engine") await runEngine(startMicros);
  else if (pacer === "interval") runInterval(startMicros);
  else runTimeout(startMicros);
}

/** The runtime's own engine thread with a game whose first system notes the time. */
function runEngine(startMicros: Float64Array): Promise<void> {
  const note = defineSystem({
    name: "note-time",
    phase: "input",
    run({ tick }) {
      startMicros[tick - 1] = hostClock.nowMicros();
    },
  });
  const game = defineGame({
    id: "bench-pacing",
    tickRate: pacingRate,
    components: [],
    systems: [note],
    setup: () => {},
  });
  return runEngineThread(game, {
    role: "engine",
    settings: {},
    channel: allocateChannel(undefined),
    pulse: new SharedArrayBuffer(pulseBytes),
    seed: benchSeed,
    pace: "clock",
    tickCount: startMicros.length,
    script: [],
    recordNames: { controls: [], settings: [] },
    records: false,
    keyframes: undefined,
    pool: undefined,
    trace: undefined,
    services: undefined,
    assets: undefined,
    hasFlight: false,
    audit: false,
    watches: undefined,
  });
}

function runInterval(startMicros: Float64Array): void {
  let tick = 0;
  const timer = setInterval(() => {
    startMicros[tick++] = hostClock.nowMicros();
    if (tick === startMicros.length) clearInterval(timer);
  }, periodMillis);
}

function runTimeout(startMicros: Float64Array): void {
  const firstMillis = performance.now();
  let tick = 0;
  const next = (): void => {
    startMicros[tick++] = hostClock.nowMicros();
    if (tick < startMicros.length) setTimeout(next, Math.max(1, firstMillis + tick * periodMillis - performance.now()));
  };
  next();
}
