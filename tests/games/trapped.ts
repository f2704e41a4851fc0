/**
 * Trapped: a game in which one system for each banned call makes that call at one tick, when it is the one that was
 * asked for. Beside them stands presentation code that makes such calls all the time, as it may.
 */
import { workerData } from "node:worker_threads";
import {
  type AnyJob,
  defineComponent,
  defineDerived,
  defineGame,
  defineJob,
  definePipeline,
  defineResource,
  defineStage,
  defineSystem,
  defineTickJob,
  f32,
  type Game,
  type SubsystemDefinition,
} from "../../engine/index.ts";
import { defineOutput } from "../../engine/jobs/output.ts";

const Mark = defineComponent("Mark", { value: f32 }, { shared: true });
const Echo = defineComponent("Echo", { value: f32 }, { writtenIn: [], writer: "door" });
const Rows = defineOutput("Rows", { value: f32 });

/** The tick at which the call is made. */
export const trappedTick = 3;

const isOnWorker = (workerData as { readonly role?: unknown } | null)?.role === "job-worker";

const oldDate = new Date(0);
const oldEvent = new Event("old");
const cell = new Int32Array(new SharedArrayBuffer(4));
/** Of Node 26; the compiler's libraries do not have it. */
interface Temporals {
  readonly Temporal: { readonly Now: { instant(): unknown } };
}
const oldReference = new WeakRef(oldDate);
const later = (): void => {};
// What a module keeps when it is loaded.
const { random, sin } = Math;
const { now } = Date;
const KeptDate = Date;
const kept = { crypto, fetch, navigator, process, setTimeout };

/** A call a line, so that its place is known by its line. */
export const calls = {
  "math-random": () => Math.random(),
  "math-sin": () => Math.sin(1),
  "math-cos": () => Math.cos(1),
  "math-tan": () => Math.tan(1),
  "math-asin": () => Math.asin(1),
  "math-acos": () => Math.acos(1),
  "math-atan": () => Math.atan(1),
  "math-atan2": () => Math.atan2(1, 2),
  "math-sinh": () => Math.sinh(1),
  "math-cosh": () => Math.cosh(1),
  "math-tanh": () => Math.tanh(1),
  "math-asinh": () => Math.asinh(1),
  "math-acosh": () => Math.acosh(1),
  "math-atanh": () => Math.atanh(1),
  "math-exp": () => Math.exp(1),
  "math-expm1": () => Math.expm1(1),
  "math-log": () => Math.log(2),
  "math-log2": () => Math.log2(2),
  "math-log10": () => Math.log10(2),
  "math-log1p": () => Math.log1p(2),
  // biome-ignore lint/style/useExponentiationOperator: the function is what is trapped.
  "math-pow": () => Math.pow(2, 3),
  "math-cbrt": () => Math.cbrt(2),
  "math-hypot": () => Math.hypot(3, 4),
  "date-now": () => Date.now(),
  "new-date": () => new Date(),
  "date-call": () => Date(),
  "date-of-date": () => new (oldDate.constructor as DateConstructor)(),
  "performance-now": () => performance.now(),
  "performance-origin": () => performance.timeOrigin,
  "performance-mark": () => performance.mark("a").startTime,
  "temporal-now": () => (globalThis as unknown as Temporals).Temporal.Now.instant(),
  "event-time": () => oldEvent.timeStamp,
  "process-id": () => process.pid,
  "process-environment": () => process.env["HOME"],
  "process-use": () => process.resourceUsage(),
  "process-module": () => process.getBuiltinModule("node:os"),
  "process-output": () => process.stdout,
  "atomics-wait": () => Atomics.wait(cell, 0, 1, 0),
  "unsafe-buffer": () => Buffer.allocUnsafe(8),
  "process-hrtime": () => process.hrtime(),
  "process-hrtime-bigint": () => process.hrtime.bigint(),
  "process-uptime": () => process.uptime(),
  "process-memory": () => process.memoryUsage(),
  "set-timeout": () => setTimeout(later, 1),
  "set-interval": () => setInterval(later, 1),
  "set-immediate": () => setImmediate(later),
  microtask: () => queueMicrotask(later),
  "next-tick": () => process.nextTick(later),
  promise: () => Promise.resolve(1),
  "async-function": () => (async () => 1)(),
  collator: () => new Intl.Collator("de"),
  "date-format": () => Intl.DateTimeFormat(),
  "locale-compare": () => "a".localeCompare("b"),
  "upper-case": () => "a".toLocaleUpperCase("tr"),
  "number-text": () => (1e6).toLocaleString(),
  "date-text": () => oldDate.toLocaleDateString(),
  "random-values": () => crypto.getRandomValues(new Uint8Array(1)),
  "fetch-call": () => fetch("data:,"),
  navigator: () => navigator.hardwareConcurrency,
  "weak-reference": () => new WeakRef(oldDate),
  "weak-read": () => oldReference.deref(),
  registry: () => new FinalizationRegistry(later),
  "kept-random": () => random(),
  "kept-sin": () => sin(1),
  "kept-now": () => now(),
  "kept-date": () => new KeptDate(),
  "kept-timer": () => kept.setTimeout(later, 1),
  "kept-crypto": () => kept.crypto.randomUUID(),
  "kept-fetch": () => kept.fetch("data:,"),
  "kept-navigator": () => kept.navigator.hardwareConcurrency,
  "kept-process": () => kept.process.pid,
  swallowed: () => {
    try {
      return Math.random();
    } catch {
      return 0.5;
    }
  },
} satisfies Readonly<Record<string, () => unknown>>;

export type TrappedCall =
  | keyof typeof calls
  | "job-begin"
  | "job-run"
  | "job-run-late"
  | "derived"
  | "resource"
  | "setup"
  | "console"
  | "none";

/** Uses what only world code may not. */
function useClocks(): void {
  if (Math.sin(Date.now()) + Math.random() + performance.now() < -1e9) throw new Error("there is such a number");
  if ((0.5).toLocaleString().localeCompare(new Date(Date.now()).toLocaleTimeString()) > 2) throw new Error("no order");
  void Promise.resolve(1).then(later);
  setTimeout(later, 0);
}

const presentation: SubsystemDefinition = {
  name: "presentation",
  create: () => ({
    start: async () => useClocks(),
    beginFrame: useClocks,
    beforeTick: useClocks,
    afterTick: useClocks,
    stages: { snapshot: useClocks, jobs: useClocks, present: useClocks },
  }),
};

const frameJob: AnyJob = defineJob({
  name: "show-marks",
  output: Rows,
  chunkItems: 1,
  itemsMax: () => 4,
  begin() {
    useClocks();
    return 4;
  },
  run({ output, count }) {
    useClocks();
    output.value[0] = 1;
    return count;
  },
});

/** The game in which `wanted` happens. */
export function makeTrapped(wanted: TrappedCall): Game {
  const marks = defineDerived({
    name: "marks",
    from: [Mark],
    params: { tick: ({ tick }) => tick },
    compute: ({ params }) => (wanted === "derived" && params.tick === trappedTick ? Math.random() : 1),
  });
  return defineGame({
    id: "trapped",
    tickRate: 60,
    limits: { entities: 32, snapshotSlots: 8 },
    components: [Mark, Echo],
    systems: [
      ...Object.entries(calls).map(([name, call]) =>
        defineSystem({
          name,
          phase: "gameplay",
          run({ tick }) {
            if (name === wanted && tick === trappedTick) call();
          },
        }),
      ),
      defineSystem({
        name: "say",
        phase: "gameplay",
        derived: [marks],
        run({ tick }) {
          if (wanted === "console" && tick === trappedTick) console.error("printed in a tick");
        },
      }),
    ],
    jobs: [
      frameJob,
      defineTickJob({
        name: "echo-marks",
        every: 1,
        latency: 2,
        reads: [Mark],
        answer: Echo,
        chunkItems: 1,
        itemsMax: () => 1,
        begin: ({ tick }) => (wanted === "job-begin" && tick === trappedTick ? Math.floor(Math.random()) : 1),
        run({ tick, snapshot, output, columns }) {
          const e = snapshot.first(Mark);
          // On workers only, which are there after a while.
          const isLate = wanted === "job-run-late" && isOnWorker;
          if (isLate) output.value[0] = Math.random();
          output.entity[0] = snapshot.handleOf(e);
          output.value[0] = wanted === "job-run" && tick === trappedTick ? Math.random() : columns.Mark.value[e]!;
          return 1;
        },
      }),
    ],
    pipelines: [
      definePipeline({
        name: "chart",
        host: false,
        stages: [defineStage({ name: "copy", run: (context) => void context.allocate(4).set(context.input) })],
      }),
    ],
    resources: [
      defineResource({
        name: "chart",
        pipeline: "chart",
        kind: "bytes",
        world: {
          every: trappedTick,
          latency: 1,
          input: ({ tick }) => new Uint8Array([wanted === "resource" ? Math.random() : tick, 0, 0, 0]),
        },
      }),
    ],
    subsystems: [presentation],
    setup({ commands }) {
      commands.spawn(Mark.of({ value: wanted === "setup" ? Math.random() : 1 }), Echo);
    },
  });
}

/** The game that ORRERY_TEST_GAME names. */
export function namedTrapped(): Game {
  return makeTrapped((process.env["ORRERY_TEST_GAME"] ?? "none") as TrappedCall);
}
