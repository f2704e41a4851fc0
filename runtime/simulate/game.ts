/**
 * The game of the simulation: systems, jobs and surfaces that cost what costs.ts says and do nothing else
 * of interest. It is a game like any other, so what runs it is the real engine; every thread makes its own
 * from the same settings, and workers find its jobs in it by name.
 */
import { definePipeline, defineStage, keepBytes, type PipelineDefinition } from "../../engine/asset/stage.ts";
import { defineComponent } from "../../engine/ecs/component.ts";
import { entity, f32, u32 } from "../../engine/ecs/field.ts";
import { defineGame, type Game } from "../../engine/game.ts";
import { type AnyJob, defineJob, defineTickJob } from "../../engine/jobs/definition.ts";
import { defineOutput, type Output } from "../../engine/jobs/output.ts";
import { type SurfacesDefinition, surfacesSubsystem } from "../../engine/render/surfaces.ts";
import { type AnySystem, defineSystem } from "../../engine/sim/system.ts";
import { defineResource } from "../../engine/streaming/definition.ts";
import { drawDeclared } from "../../engine/surface/declared-drawing.ts";
import type { SurfaceDefinition } from "../../engine/surface/surface.ts";
import {
  compileMicros,
  decodeMicrosPerKilobyte,
  routeEvery,
  routeLatency,
  type SimulatedJob,
  simulatedJobs,
  simulatedLoads,
  simulatedSurfaces,
  simulatedSystems,
} from "./costs.ts";
import type { OrderLog } from "./order-log.ts";
import { Spinner } from "./spin.ts";
import { WatchedDevice } from "./watched-device.ts";

/** What every thread of a simulation is told. Plain data. */
export interface SimulationSettings {
  /** Rounds of a spinning loop a microsecond, measured once for all threads; 0 makes all work free. */
  readonly roundsPerMicro: number;
  /** Other surfaces than the usual ones: for tests. */
  readonly surfaces?: readonly SurfaceDefinition[];
}

export interface Simulation {
  readonly game: Game;
  readonly surfaces: SurfacesDefinition;
}

const Actor = defineComponent("Actor", { heading: f32, speed: f32 }, { shared: true });
const Route = defineComponent("Route", { next: entity, length: f32 }, { writtenIn: [], writer: "door" });
const actorCount = 64;

/** The simulation as a game. `order` is the coordinator's; workers have none. */
export function makeSimulation(settings: SimulationSettings, order?: OrderLog): Simulation {
  const spinner = new Spinner(settings.roundsPerMicro);
  const surfaces = surfacesSubsystem({
    surfaces: settings.surfaces ?? simulatedSurfaces,
    draw(recorder, turn) {
      drawDeclared(recorder, turn);
      spinner.spend(turn.recordMicros);
    },
    handIn: ({ submitMicros }) => spinner.spend(submitMicros),
    show({ name, costs }) {
      order?.note(`present ${name}`);
      spinner.spend(costs.presentMicros);
    },
    device: (clock, commandMemory) => new WatchedDevice({ clock, commandMemory }, order),
    limits: { surfaceCount: 16, commandWordCount: 256 },
  });
  const game = defineGame({
    id: "simulation",
    tickRate: 60,
    limits: { entities: 256, snapshotSlots: 8 },
    components: [Actor, Route],
    systems: systems(spinner, order),
    jobs: [...jobs(spinner, order), surfaces.job],
    pipelines: pipelines(spinner),
    resources: simulatedLoads
      .filter(({ kind }) => kind === "shader")
      .map(({ name, byteLength }) =>
        defineResource({ name, pipeline: "shader", kind: "bytes", parameters: [byteLength] }),
      ),
    subsystems: [surfaces],
    setup({ commands, random }) {
      for (let i = 0; i < actorCount; i++)
        commands.spawn(Actor.of({ heading: random.between(-1, 1), speed: random.unit() }), Route);
    },
  });
  return { game, surfaces };
}

function systems(spinner: Spinner, order: OrderLog | undefined): readonly AnySystem[] {
  return simulatedSystems.map(({ name, phase, micros, after }) => {
    const work = (): void => {
      order?.note(`system ${name}`);
      spinner.spend(micros);
    };
    const shared = { name, phase, ...(after === undefined ? {} : { after: [after] }) } as const;
    if (name !== "steer-actors") return defineSystem({ ...shared, run: work });
    // The one that changes the world, from chance and from what the tick job answered.
    return defineSystem({
      ...shared,
      query: [Actor, Route],
      reads: [Route],
      writes: [Actor],
      run({ entities, columns: { Actor, Route }, random, deltaSeconds }) {
        work();
        for (let i = 0; i < entities.length; i++) {
          const e = entities[i]!;
          Actor.heading[e] = Actor.heading[e]! + (random.between(-1, 1) - Route.length[e]!) * deltaSeconds;
        }
      },
    });
  });
}

const Poses = defineOutput("Poses", { angle: f32 });
const Sparks = defineOutput("Sparks", { age: u32 });
const Visible = defineOutput("Visible", { item: u32 });
const Levels = defineOutput("Levels", { level: u32 });

function jobs(spinner: Spinner, order: OrderLog | undefined): readonly AnyJob[] {
  const { routes } = simulatedJobs;
  const frameJob = (
    name: string,
    { itemCount, chunkItems, chunkMicros }: SimulatedJob,
    output: Output,
    inputs: readonly Output[],
    fill: (row: { [index: number]: number }, at: number, item: number, tick: number) => void,
  ): AnyJob => {
    const field = Object.keys(output.fields)[0]!;
    return defineJob({
      name,
      output,
      inputs: [...inputs],
      chunkItems,
      itemsMax: () => itemCount,
      begin(context) {
        const views = context.inputs as Readonly<Record<string, { readonly tick: number }>>;
        const over = inputs.map((input) => `${input.name} of tick ${views[input.name]!.tick}`);
        order?.opened(name, over.length === 0 ? "opened" : `opened over ${over.join(", ")}`);
        return itemCount;
      },
      run({ first, count, tick, output: columns }) {
        spinner.spend(chunkMicros);
        const rows = (columns as Readonly<Record<string, { [index: number]: number }>>)[field]!;
        for (let i = 0; i < count; i++) fill(rows, i, first + i, tick);
        return count;
      },
    });
  };
  return [
    frameJob("animation", simulatedJobs.animation, Poses, [], (rows, i, item, tick) => {
      rows[i] = item + tick;
    }),
    frameJob("particles", simulatedJobs.particles, Sparks, [], (rows, i, item, tick) => {
      rows[i] = (item * 7 + tick) % 120;
    }),
    frameJob("culling", simulatedJobs.culling, Visible, [Poses], (rows, i, item) => {
      rows[i] = item;
    }),
    frameJob("level-of-detail", simulatedJobs.levels, Levels, [Visible], (rows, i, item, tick) => {
      rows[i] = (item + tick) % 4;
    }),
    defineTickJob({
      name: "routes",
      every: routeEvery,
      latency: routeLatency,
      reads: [Actor],
      params: { actors: { scalar: "u32", length: routes.itemCount } },
      answer: Route,
      chunkItems: routes.chunkItems,
      itemsMax: () => routes.itemCount,
      begin({ snapshot, params, tick }) {
        const { row, bit } = snapshot.presenceOf(Actor);
        let count = 0;
        for (let e = 1; e < snapshot.slotCount && count < routes.itemCount; e++)
          if ((row[e]! & bit) !== 0) params.actors[count++] = e;
        order?.note(`routes launched after tick ${tick}`);
        return count;
      },
      run({ first, count, params, columns, output, snapshot }) {
        spinner.spend(routes.chunkMicros);
        const { heading } = columns.Actor;
        for (let i = 0; i < count; i++) {
          const e = params.actors[first + i]!;
          output.entity[i] = snapshot.handleOf(e);
          output.next[i] = snapshot.handleOf(params.actors[(first + i + 1) % routes.itemCount]!);
          output.length[i] = heading[e]! * 0.5;
        }
        return count;
      },
    }),
  ];
}

function pipelines(spinner: Spinner): readonly PipelineDefinition[] {
  const decode = defineStage({
    name: "decode",
    run(context) {
      spinner.spend((context.input.length / 1_000) * decodeMicrosPerKilobyte);
      context.keepInput();
    },
  });
  const compile = defineStage({
    name: "compile-shader",
    run(context) {
      spinner.spend(compileMicros);
      context.allocate(context.parameters[0]!).fill(1);
    },
  });
  const optimize = defineStage({
    name: "optimize-shader",
    run(context) {
      spinner.spend(compileMicros);
      context.keepInput();
    },
  });
  // Textures and meshes are of the engine's own pipelines of that name; these are made to cost something.
  return [
    definePipeline({ name: "picture", host: true, stages: [decode] }),
    definePipeline({ name: "material", host: true, stages: [keepBytes] }),
    definePipeline({ name: "shader", host: false, stages: [compile, optimize] }),
  ];
}
