/**
 * Tide: the reference game of world resources. A chart is made from snapshots every 10 ticks and enters 6 later; a
 * tick job launched every 2 ticks reads it over 3, and its answer moves buoys, so every wrong chart is another hash.
 * Variants make the chart slowly, by failing now and then, on workers that end, or not at all.
 */
// lint-allow-file host: mishaps are planted on workers, and one ends its thread.
import { workerData } from "node:worker_threads";
import {
  defineComponent,
  defineGame,
  definePipeline,
  defineResource,
  defineStage,
  defineSystem,
  f32,
  type Game,
  Position,
  u32,
  WorldTransform,
} from "../../engine/index.ts";
import { type AnyJob, defineTickJob } from "../../engine/jobs/definition.ts";

export const Buoy = defineComponent("Buoy", { speed: f32 }, { shared: true });
/** What a reader found in the chart: the tick of its launch, the chart's, and a sum over the chart's bytes. */
export const Reading = defineComponent(
  "Reading",
  { launchedTick: u32, chartTick: u32, sum: u32 },
  { writtenIn: [], writer: "door" },
);

export const chartEvery = 10;
export const chartLatency = 6;
export const readEvery = 2;
export const readLatency = 3;
const chartWords = 512;
const buoyCount = 24;

/** The tick of the chart that a reader launched after `tick` has; 0 before the first. */
export function chartTickAt(tick: number): number {
  return Math.max(0, Math.floor((tick - chartLatency) / chartEvery) * chartEvery);
}

export const readChart: AnyJob = defineTickJob({
  name: "read-chart",
  every: readEvery,
  latency: readLatency,
  reads: [Buoy],
  resources: ["chart"],
  answer: Reading,
  chunkItems: 8,
  itemsMax: () => buoyCount + 8,
  begin: ({ snapshot }) => snapshot.slotCount,
  run({ first, count, tick, snapshot, resources, output }) {
    const bytes = resources["chart"];
    const words = bytes === undefined ? undefined : new Uint32Array(bytes.buffer, bytes.byteOffset, chartWords);
    let rows = 0;
    for (let e = first; e < first + count; e++) {
      if (!snapshot.has(e, Buoy)) continue;
      let sum = e;
      for (let i = 0; words !== undefined && i < chartWords; i++) sum = (Math.imul(sum, 31) + words[i]!) >>> 0;
      output.entity[rows] = snapshot.handleOf(e);
      output.launchedTick[rows] = tick;
      output.chartTick[rows] = words === undefined ? 0 : words[0]!;
      output.sum[rows++] = sum;
    }
    return rows;
  },
});

const drift = defineSystem({
  name: "drift",
  phase: "gameplay",
  query: [Buoy, Reading, Position],
  reads: [Reading],
  writes: [Buoy, Position],
  run({ entities, columns: { Buoy, Reading, Position }, deltaSeconds }) {
    for (const e of entities) {
      Buoy.speed[e] = Buoy.speed[e]! * 0.9 + (Reading.sum[e]! % 1_000) / 1_000;
      Position.x[e] = Position.x[e]! + (Buoy.speed[e]! - 3) * deltaSeconds;
    }
  },
});

const role: unknown = (workerData as { readonly role?: unknown } | null)?.role;
const isOnWorker = role === "job-worker" || role === "witness-worker";
const pause = new Int32Array(new SharedArrayBuffer(4));
const rest = (millis: number): void => {
  Atomics.wait(pause, 0, 0, millis);
};
// lint-allow module-state: a mishap counts its runs.
let runCount = 0;

/** What happens in a stage before its own work, by the tick of its input. */
const mishaps = {
  tide: () => {},
  slow: () => rest(12),
  "fails-twice": () => {
    runCount++;
    if (runCount % 3 !== 0) throw new Error("planted");
  },
  "ends-worker": (tick: number) => {
    if (!isOnWorker || tick % 20 !== 0) return;
    rest(2);
    process.exit(5);
  },
  fails: (tick: number) => {
    if (tick >= 30) throw new Error(`no chart for tick ${tick}`);
  },
  "hangs-on-workers": (tick: number) => {
    if (isOnWorker && tick >= 30) rest(1_000_000);
  },
} satisfies Record<string, (tick: number) => void>;

export type TideVariant = keyof typeof mishaps;

export interface TideOptions {
  readonly variant?: TideVariant;
  readonly every?: number;
  readonly latency?: number;
  /** Whether a rebuild after `tick` has an input. */
  readonly hasInput?: (tick: number) => boolean;
  readonly change?: Partial<Game>;
}

export function makeTide(options: TideOptions = {}): Game {
  const { variant = "tide", every = chartEvery, latency = chartLatency, hasInput = () => true, change } = options;
  const mishap: (tick: number) => void = mishaps[variant];
  return defineGame({
    id: "tide",
    tickRate: 60,
    limits: { entities: 64, snapshotSlots: 12 },
    components: [Buoy, Reading],
    systems: [drift],
    jobs: [readChart],
    pipelines: [
      definePipeline({
        name: "chart",
        host: false,
        stages: [
          defineStage({
            name: "sound",
            run(context) {
              const { input } = context;
              mishap(new Uint32Array(input.buffer, input.byteOffset, 1)[0]!);
              context.allocate(input.length).set(input);
            },
          }),
          defineStage({
            name: "draw-chart",
            run(context) {
              const { buffer, byteOffset, byteLength } = context.input;
              const input = new Uint32Array(buffer, byteOffset, byteLength / 4);
              const bytes = context.allocate(chartWords * 4);
              const words = new Uint32Array(bytes.buffer, bytes.byteOffset, chartWords);
              for (let i = 0; i < chartWords; i++)
                words[i] = i === 0 ? input[0]! : Math.imul(input[i % input.length]!, i);
            },
          }),
        ],
      }),
    ],
    resources: [
      defineResource({
        name: "chart",
        pipeline: "chart",
        kind: "bytes",
        world: {
          every,
          latency,
          input(snapshot) {
            if (!hasInput(snapshot.tick)) return undefined;
            const speeds = snapshot.columnsOf(Buoy).speed;
            const words = new Uint32Array(1 + buoyCount + 2);
            words[0] = snapshot.tick;
            const floats = new Float32Array(words.buffer);
            for (let e = 1; e < snapshot.slotCount && e < words.length; e++) floats[e] = speeds[e]!;
            return new Uint8Array(words.buffer);
          },
        },
      }),
    ],
    setup({ commands, random }) {
      for (let i = 0; i < buoyCount; i++)
        commands.spawn(Buoy, Reading, WorldTransform, Position.of({ x: random.between(-5, 5) }));
    },
    ...change,
  });
}

/** The variant that ORRERY_TEST_GAME names. */
export function namedTide(): Game {
  return makeTide({ variant: (process.env["ORRERY_TEST_GAME"] ?? "tide") as TideVariant });
}
