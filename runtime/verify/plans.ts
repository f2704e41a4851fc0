/** The runs of `verify determinism`: which modes there are, and the runs that each is made of, in the order of the table. */
import { counted } from "../../engine/base/wording.ts";
import type { Flip } from "./flip.ts";
import type { RegistrationOrder } from "./order.ts";

/** Modes in the order of the table, with what distinguishes each from the plain run. */
export const modes = {
  plain: "the run that all others are compared with",
  workers: "with other numbers of workers",
  guarded: "in guard mode, which names a job that writes where it must not",
  shuffled: "with chunks of jobs claimed in other orders",
  heavy: "with every tick saved, restored into a fresh world and run on there",
  interpreted: "by V8's interpreter alone, in a process of its own",
  packaged: "by the game packaged as one executable",
  browser: "in a page of an installed browser of the Chromium family",
  javascriptcore: "by JavaScriptCore, through Bun",
  order: "with components, systems, events and jobs registered in other orders",
  keyframes: "continued from the bytes of keyframes",
  audit: "with every step held against what it declares, and with traps in world code",
  reads: "with ticks made again for each system, with other values in what it does not declare and a later one writes",
} as const;

export type ModeName = keyof typeof modes;
export const modeNames = Object.keys(modes) as ModeName[];
/** What --workers, --shuffle-jobs and --guard-snapshot speak of; asking for one of them asks for no other mode. */
export const jobModes: readonly ModeName[] = ["plain", "workers", "guarded", "shuffled"];

/** What distinguishes one run from another. */
export interface RunPlan {
  readonly mode: ModeName;
  /** What the table calls it. */
  readonly name: string;
  readonly workers: number;
  /** Seed of the order in which chunks are claimed; 0 is their own. */
  readonly shuffle: number;
  readonly guard: boolean;
  readonly registration: RegistrationOrder;
  readonly flip: Flip | undefined;
}

export interface PlanOptions {
  readonly modes: readonly ModeName[];
  readonly workers: readonly number[];
  readonly shuffleJobs: number;
  readonly guardSnapshot: boolean;
  readonly flip: Flip | undefined;
}

/** In guard mode one shuffled run in this many is made: it costs a multiple of the others. */
const guardEvery = 25;
/** Seeds of the shuffled orders of registration. */
const orderSeeds: readonly number[] = [1, 2];

/** The runs. The first is the reference; a flipped bit has a run of its own behind it. */
export function plansOf({ modes: chosen, workers, shuffleJobs, guardSnapshot, flip }: PlanOptions): readonly RunPlan[] {
  const first = workers[0]!;
  const plan = (mode: ModeName, name: string, more: Partial<RunPlan> = {}): RunPlan => ({
    ...{ mode, name, workers: first, shuffle: 0, guard: false, registration: "written", flip: undefined },
    ...more,
  });
  const guarded = guardSnapshot ? [...new Set([first, Math.max(...workers)])] : [];
  const serial = { workers: 0 };
  const byMode: Readonly<Record<ModeName, readonly RunPlan[]>> = {
    plain: [],
    workers: workers.slice(1).map((count) => plan("workers", "workers", { workers: count })),
    guarded: guarded.map((count) => plan("guarded", "guarded", { workers: count, guard: true })),
    shuffled: Array.from({ length: shuffleJobs }, (_, at) =>
      plan("shuffled", "shuffled", {
        workers: workers[at % workers.length]!,
        shuffle: at + 1,
        guard: guardSnapshot && at % guardEvery === guardEvery - 1,
      }),
    ),
    heavy: [plan("heavy", "heavy", serial)],
    interpreted: [plan("interpreted", "interpreted", serial)],
    packaged: [plan("packaged", "packaged", serial)],
    browser: [plan("browser", "browser", serial)],
    javascriptcore: [plan("javascriptcore", "javascriptcore", serial)],
    order: [
      plan("order", "order reversed", { ...serial, registration: "reversed" }),
      ...orderSeeds.map((seed) => plan("order", `order shuffled ${seed}`, { ...serial, registration: seed })),
    ],
    keyframes: [plan("keyframes", "keyframes", serial)],
    audit: [plan("audit", "audit", serial)],
    reads: [plan("reads", "reads", serial)],
  };
  return [
    plan("plain", "plain"),
    ...(flip === undefined ? [] : [plan("plain", "plain, flipped", { flip })]),
    ...modeNames.filter((mode) => chosen.includes(mode)).flatMap((mode) => byMode[mode]),
  ];
}

/** Names a run in a sentence. */
export function planText({ mode, name, workers, shuffle, guard }: RunPlan): string {
  if (!jobModes.includes(mode)) return name;
  const what = name === mode ? "" : `${name}, `;
  return `${what}${counted(workers, "worker")}${shuffle === 0 ? "" : `, shuffle ${shuffle}`}${guard ? ", guarded" : ""}`;
}
