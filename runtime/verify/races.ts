/**
 * Races, planted on purpose: `verify determinism --inject race:NAME` adds a probe that does what no job or system may
 * do, so that everybody can see the verdict fail. A race is a change of the game's definition and nothing
 * else: the engine that runs it is the one that runs the game.
 *
 * All threads of a run are given the same plan and add the same probe. The probe never touches what the
 * game's own jobs read or write.
 */

import { resolveLimits } from "../../engine/base/limits.ts";
import { ArenaLayout } from "../../engine/ecs/arena.ts";
import { type Component, defineComponent } from "../../engine/ecs/component.ts";
import { f32, type ReadonlyColumn, u32 } from "../../engine/ecs/field.ts";
import { reserveStore } from "../../engine/ecs/store.ts";
import { type Game, jobProgram } from "../../engine/game.ts";
import { answerWriter, encodeAnswerRow } from "../../engine/input/answer.ts";
import { type AnyJob, defineJob, defineTickJob } from "../../engine/jobs/definition.ts";
import { defineOutput } from "../../engine/jobs/output.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import { isTaskDone, taskWord } from "../../engine/jobs/task.ts";
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { defineSystem } from "../../engine/sim/system.ts";

/** How a race must be found. */
interface RaceKind {
  readonly text: string;
  readonly found: "race-found" | "snapshot-written" | "job-wrote-outside" | "undeclared-read";
  /** It shows between no worker and some. */
  readonly needsWorkers: boolean;
}

export const races = {
  "snapshot-write": {
    text: "a frame job writes into the snapshot that it reads",
    found: "snapshot-written",
    needsWorkers: false,
  },
  "outside-region": {
    text: "a frame job writes into the rows of the chunk before its own",
    found: "job-wrote-outside",
    needsWorkers: false,
  },
  "worker-dependent-chunks": {
    text: "a frame job divides its items by the number of workers and sums up each chunk",
    found: "race-found",
    needsWorkers: true,
  },
  "unordered-merge": {
    text: "a frame job merges its chunks in the order in which they end",
    found: "race-found",
    needsWorkers: false,
  },
  "late-answer": {
    text: "a tick job's answer enters as soon as it is ready",
    found: "race-found",
    needsWorkers: true,
  },
  "unsynchronised-read": {
    text: "a tick job reads the columns of the world that runs on, and not its snapshot",
    found: "race-found",
    needsWorkers: true,
  },
  "later-write": {
    text: "a system reads a column that it does not declare, in the tick in which a later system writes it",
    found: "undeclared-read",
    needsWorkers: false,
  },
} as const satisfies Readonly<Record<string, RaceKind>>;

export type RaceName = keyof typeof races;
export const raceNames = Object.keys(races) as RaceName[];

/** What every thread of a run is told of the race in it. */
export interface PlantedRace {
  readonly name: RaceName;
  readonly workerCount: number;
  /** One counter that all threads share: the order of arrival. */
  readonly arrivals: SharedArrayBuffer;
}

const RaceClock = defineComponent("RaceClock", { tick: f32 }, { shared: true });
const RaceMark = defineComponent("RaceMark", { value: f32 }, { writtenIn: [], writer: "door" });
const RaceTide = defineComponent("RaceTide", { height: f32 }, { shared: true });
const RaceGauge = defineComponent("RaceGauge", { height: f32 }, { shared: true });
const RaceRows = defineOutput("RaceRows", { value: f32 });

const itemCount = 64;
const chunkItems = 8;
const latency = 3;
/** After each tick the world waits this long, so that workers answer well before their tick. */
const answerWaitMillis = 2;

/** The game with the race in it. */
export function withRace(game: Game, race: PlantedRace): Game {
  if (race.name === "later-write") return withLaterWrite(game);
  const isOfTicks = race.name === "late-answer" || race.name === "unsynchronised-read";
  const limits = resolveLimits(game.limits);
  const planted: Game = {
    ...game,
    // Room for the snapshots of the probe's own runs and for its entity.
    limits: { ...game.limits, snapshotSlots: limits.snapshotSlots + latency + 2, entities: limits.entities + 1 },
    components: [...game.components, RaceClock, RaceMark],
    systems: [...game.systems, raceClock],
    jobs: [...(game.jobs ?? []), isOfTicks ? tickProbe(race, () => planted) : frameProbe(race)],
    subsystems: [...(game.subsystems ?? []), ...(isOfTicks ? [arrivalsOf(race)] : [])],
    setup(context) {
      game.setup(context);
      context.commands.spawn(RaceClock, RaceMark);
    },
  };
  return planted;
}

/** Two systems of which nothing says that they meet: the plan lets them run in either order. */
function withLaterWrite(game: Game): Game {
  const limits = resolveLimits(game.limits);
  let live: Float32Array | undefined;
  const probe = defineSystem({
    name: "race-probe",
    phase: "gameplay",
    query: [RaceGauge],
    writes: [RaceGauge],
    run({ entities, columns }) {
      const gauge = columns.RaceGauge.height;
      live ??= liveColumn(planted, RaceTide, "height", gauge.buffer);
      for (let i = 0; i < entities.length; i++) gauge[entities[i]!] = live[entities[i]!]!;
    },
  });
  const tide = defineSystem({
    name: "race-tide",
    phase: "gameplay",
    query: [RaceTide],
    writes: [RaceTide],
    run({ entities, columns, tick }) {
      for (let i = 0; i < entities.length; i++) columns.RaceTide.height[entities[i]!] = tick % 12;
    },
  });
  const planted: Game = {
    ...game,
    limits: { ...game.limits, entities: limits.entities + 1 },
    components: [...game.components, RaceTide, RaceGauge],
    systems: [...game.systems, probe, tide],
    setup(context) {
      game.setup(context);
      context.commands.spawn(RaceTide, RaceGauge);
    },
  };
  return planted;
}

const raceClock = defineSystem({
  name: "race-clock",
  phase: "gameplay",
  query: [RaceClock],
  writes: [RaceClock],
  run({ entities, columns, tick }) {
    for (let i = 0; i < entities.length; i++) columns.RaceClock.tick[entities[i]!] = tick;
  },
});

function frameProbe({ name, workerCount, arrivals }: PlantedRace): AnyJob {
  const arrived = new Int32Array(arrivals);
  return defineJob({
    name: "race-probe",
    reads: [RaceClock],
    params: { entity: u32 },
    output: RaceRows,
    chunkItems: name === "worker-dependent-chunks" ? Math.floor(itemCount / (workerCount + 1)) : chunkItems,
    itemsMax: () => itemCount,
    begin({ snapshot, params }) {
      params.entity[0] = snapshot.first(RaceClock);
      return itemCount;
    },
    run({ number, first, count, params, columns, output, before }) {
      const clock = writable(columns.RaceClock.tick);
      const rows = output.value;
      for (let i = 0; i < count; i++) rows[i] = clock[params.entity[0]!]! + first + i;
      if (name === "worker-dependent-chunks") {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += rows[i]!;
        rows[0] = sum;
      }
      if (name === "unordered-merge") rows[0] = Atomics.add(arrived, 0, 1) % (itemCount / chunkItems);
      if (name === "snapshot-write") flip(clock.buffer, clock.byteOffset + params.entity[0]! * 4);
      if (name === "outside-region")
        if (number > 0) flip(rows.buffer, rows.byteOffset - 4);
        else flip(before.value.buffer, before.value.byteOffset);
      return count;
    },
  });
}

/** What the types of a snapshot forbid and its memory does not. */
function writable(column: ReadonlyColumn): Float32Array {
  return column as unknown as Float32Array;
}

/** One bit, so that a value always changes, whatever it is. */
function flip(buffer: ArrayBufferLike, byteOffset: number): void {
  new Uint8Array(buffer, byteOffset, 1)[0]! ^= 1;
}

function tickProbe({ name }: PlantedRace, game: () => Game): AnyJob {
  let live: Float32Array | undefined;
  return defineTickJob({
    name: "race-probe",
    every: 1,
    latency,
    reads: [RaceClock],
    params: { entity: u32 },
    answer: RaceMark,
    chunkItems: 1,
    itemsMax: () => 1,
    begin({ snapshot, params }) {
      params.entity[0] = snapshot.first(RaceClock);
      return 1;
    },
    run({ params, columns, output, snapshot }) {
      const entity = params.entity[0]!;
      const clock = writable(columns.RaceClock.tick);
      if (name === "unsynchronised-read") live ??= liveColumn(game(), RaceClock, "tick", clock.buffer);
      output.entity[0] = snapshot.handleOf(entity);
      output.value[0] = (live ?? clock)[entity]!;
      return 1;
    },
  });
}

/** A column of the world's own, found as the world finds it: by laying its memory out again. */
function liveColumn(game: Game, component: Component, field: string, buffer: ArrayBufferLike): Float32Array {
  const { schema, limits } = jobProgram(game);
  const region = reserveStore(new ArenaLayout(), schema, limits).columns.get(component)!.get(field)!;
  return new Float32Array(buffer, region.byteOffset, limits.entities + 1);
}

/** Lets answers in before their tick when they are there, and gives workers the time to have them. */
function arrivalsOf({ name, workerCount }: PlantedRace): SubsystemDefinition {
  return defineSubsystem({
    name: "race-arrivals",
    needs: ["jobs"],
    create() {
      let jobs: ReturnType<typeof jobsOf>;
      const pause = new Int32Array(new SharedArrayBuffer(4));
      return {
        start(host) {
          jobs = jobsOf(host);
        },
        beforeTick(world) {
          if (name !== "late-answer") return;
          for (const { job, words, statuses, turns } of jobs.memory.tasks) {
            if (job.answer !== RaceMark || words[taskWord.state] === 0 || !isTaskDone(words, statuses, true)) continue;
            const writer = answerWriter(RaceMark, 1);
            const { columns } = turns[words[taskWord.turn] as 0 | 1];
            encodeAnswerRow(writer, RaceMark, columns, 0, job.name, world.tickCount);
            world.door.answer(RaceMark, writer.take());
          }
        },
        afterTick() {
          if (workerCount > 0) Atomics.wait(pause, 0, 0, answerWaitMillis);
        },
      };
    },
  });
}
