/**
 * The director: the subsystem that makes a simulation eventful and writes down in which order things happen.
 * Half-way one surface comes and one goes, in the last quarter one is drawn less often; loads are published
 * in the frames in which they are due. It starts last, so its part of a stage comes after everybody's.
 *
 * A load is told when to be published, as a journal tells it in a replay: its bytes may be there earlier, and
 * should they be late the frame waits for them. So the frame of a publication never depends on time.
 */
import { resourceIndex } from "../../engine/asset/handle.ts";
import { makeResourceView } from "../../engine/asset/resource-table.ts";
import { type Fault, raise } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import { CommandRecorder } from "../../engine/gpu/commands.ts";
import { type JobsSubsystem, jobsOf } from "../../engine/jobs/subsystem.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { type SurfacesSubsystem, surfacesOf } from "../../engine/render/surfaces.ts";
import { defineSubsystem, type Frame, type Subsystem, type SubsystemHost } from "../../engine/sim/subsystem.ts";
import type { World } from "../../engine/sim/world.ts";
import { resourceNumbers } from "../../engine/streaming/definition.ts";
import { type StreamingSubsystem, streamingOf } from "../../engine/streaming/subsystem.ts";
import { comingSurface, leavingSurface, rareSurface, type SimulatedLoad, uploadBytesPerMicro } from "./costs.ts";
import type { OrderLog } from "./order-log.ts";
import type { SlowSource } from "./slow-source.ts";

/** What became of a load. */
export interface LoadReport {
  readonly name: string;
  readonly kind: string;
  readonly byteLength: number;
  readonly failedAttempts: number;
  /** The frame in which it became ready; 0 while it is still loading. */
  readonly readyFrame: number;
  /** How long that frame waited for it. */
  readonly waitedMicros: number;
}

export interface DirectorOptions {
  readonly order: OrderLog;
  readonly source: SlowSource;
  readonly loads: readonly SimulatedLoad[];
  /** Frames of the run: what happens half-way depends on it. */
  readonly frameCount: number;
}

/** A load that is late by more than this will not come. */
const lateMicrosMax = 10_000_000;

export class Director implements Subsystem {
  readonly #options: DirectorOptions;
  readonly #order: OrderLog;
  readonly #failedAttempts = new Map<string, number>();
  readonly #ready = new Map<string, { readonly frame: number; readonly waitedMicros: number }>();
  readonly #view = makeResourceView();
  #numbered: readonly { readonly load: SimulatedLoad; readonly handle: number }[] = [];
  #uploads: { readonly name: string; readonly byteLength: number }[] = [];
  #jobs!: JobsSubsystem;
  #surfaces!: SurfacesSubsystem;
  #streaming!: StreamingSubsystem;
  #clock!: Clock;

  readonly stages = {
    snapshot: (frame: Frame): void => this.#snapshot(frame.index),
    jobs: (): void => this.#order.note("stage jobs"),
    integrate: (): void => this.#integrate(),
    assemble: (frame: Frame): void => this.#assemble(frame.index),
    submit: (): void => this.#submit(),
    present: (frame: Frame): void => this.#present(frame.index),
    publish: (frame: Frame): void => this.#publish(frame),
    budget: (): void => {
      this.#order.note("stage budget");
      this.#order.endFrame();
    },
  };

  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#order = options.order;
  }

  /** For an engine's subsystems. */
  get definition() {
    return defineSubsystem({
      name: "director",
      needs: ["snapshot", "jobs", "streaming", "surfaces"],
      create: () => this,
    });
  }

  /** In the order in which they became ready, then those that are still loading. */
  get loads(): readonly LoadReport[] {
    const reports = this.#numbered.map(({ load: { name, kind, byteLength } }) => ({
      name,
      kind,
      byteLength,
      failedAttempts: this.#failedAttempts.get(name) ?? 0,
      readyFrame: this.#ready.get(name)?.frame ?? 0,
      waitedMicros: this.#ready.get(name)?.waitedMicros ?? 0,
    }));
    return reports.sort((a, b) => (a.readyFrame || Number.MAX_VALUE) - (b.readyFrame || Number.MAX_VALUE));
  }

  attemptFailed({ fields }: Fault): void {
    const name = "name" in fields ? fields.name : "";
    this.#failedAttempts.set(name, (this.#failedAttempts.get(name) ?? 0) + 1);
  }

  start(host: SubsystemHost): void {
    this.#jobs = jobsOf(host);
    this.#surfaces = surfacesOf(host);
    this.#streaming = streamingOf(host);
    this.#clock = host.clock;
    const { loads } = this.#options;
    const isMade = ({ kind }: SimulatedLoad): boolean => kind === "shader";
    const all = resourceNumbers(
      loads.filter(isMade),
      loads.filter((load) => !isMade(load)),
    );
    this.#numbered = all.map((load, number) => ({ load, handle: this.#streaming.handles[number]! }));
    for (const { handle } of this.#numbered) this.#streaming.pipelines.holdPublications(handle);
  }

  beginFrame(): void {
    this.#options.source.frame++;
  }

  afterTick(world: World): void {
    this.#order.note(`tick ${world.tickCount}`);
    for (const record of world.door.entered)
      if (record.kind === "answer") this.#order.note(`answers enter at tick ${world.tickCount}`);
      else if (record.kind === "publish")
        this.#order.note(`resource ${record.resource} version ${record.version} enters at tick ${world.tickCount}`);
  }

  #snapshot(index: number): void {
    const { graph } = this.#surfaces;
    const half = Math.floor(this.#options.frameCount / 2) + 1;
    const isUsual = graph.current.order.some(({ name }) => name === leavingSurface);
    if (index === half && isUsual) {
      graph.change({ add: [comingSurface], remove: [leavingSurface] });
      this.#order.note(`surface ${comingSurface.name} comes, ${leavingSurface} goes`);
    }
    if (index === half + Math.floor(this.#options.frameCount / 4) && isKnown(graph.current.order, rareSurface)) {
      graph.setEveryFrames(rareSurface, 2);
      this.#order.note(`surface ${rareSurface} every 2 frames`);
    }
    this.#order.note("stage snapshot");
  }

  #integrate(): void {
    this.#closeTasks("jobs");
    this.#order.note("stage integrate");
  }

  /** Uploads what was published in the frame before, on the copy queue. */
  #assemble(index: number): void {
    const { device } = this.#surfaces;
    this.#uploads.forEach(({ name, byteLength }, order) => {
      const buffer = device.createResource({ name, kind: "buffer", byteLength });
      const words = new Uint32Array(8);
      const recorder = new CommandRecorder(words);
      recorder.upload(buffer, 0, byteLength, Math.ceil(byteLength / uploadBytesPerMicro));
      device.submit({
        queue: "copy",
        frame: index,
        order,
        sequence: 0,
        label: device.label(name),
        commands: words.subarray(0, recorder.wordCount),
        waits: [],
        signal: device.reserve("copy"),
      });
    });
    this.#uploads = [];
    const { levels, surfaces, idle } = this.#surfaces.frame!;
    const names = levels.map((level) => level.map((turn) => surfaces[turn]!.name).join(" + "));
    this.#order.note(`turns ${names.join(", then ")}; ${idle.map(({ name }) => name).join(", ") || "none"} idle`);
    this.#order.note("stage assemble");
  }

  #submit(): void {
    this.#order.opened("surfaces", "opened");
    this.#closeTasks("submit");
    this.#order.note("stage submit");
  }

  #present(index: number): void {
    this.#order.note("stage present");
    for (const { load, handle } of this.#numbered)
      if (load.dueFrame === index) this.#streaming.pipelines.publishOnly(handle, 1);
  }

  #publish(frame: Frame): void {
    this.#numbered.forEach(({ load, handle }, number) => {
      const { name, dueFrame } = load;
      if (dueFrame !== frame.index) return;
      const waitedMicros = this.#await(name, handle, frame);
      this.#ready.set(name, { frame: frame.index, waitedMicros });
      this.#uploads.push({ name, byteLength: this.#view.byteLength });
      const { hashHigh, hashLow, version } = this.#view;
      this.#order.note(`publish ${number} ${name} version ${version} ${hashHex(hashHigh, hashLow)}`);
    });
    this.#order.note("stage publish");
  }

  /** Returns when the table shows the load, and how long that took. */
  #await(name: string, handle: number, frame: Frame): number {
    const { pipelines } = this.#streaming;
    const { pool } = this.#jobs.crew;
    const startMicros = this.#clock.nowMicros();
    let polls = 0;
    while (!(pipelines.current(handle, this.#view) && this.#view.version === 1)) {
      if (pipelines.stateOf(handle) === "failed" || this.#clock.nowMicros() - startMicros > lateMicrosMax)
        raise("asset-failed", {
          name,
          stage: "publish",
          attempt: polls,
          attemptsMax: polls,
          problem: `it was due in frame ${frame.index} and did not come (resource ${resourceIndex(handle)})`,
        });
      if (!pipelines.runOne(0)) pool?.waitForProgress(pool.progress, 1);
      this.#streaming.stages!.publish!(frame);
      polls++;
    }
    return polls === 0 ? 0 : this.#clock.nowMicros() - startMicros;
  }

  #closeTasks(stage: "jobs" | "submit"): void {
    for (const { job, view } of this.#jobs.memory.tasks) {
      if (job.kind !== "frame" || job.stage !== stage) continue;
      let rowCount = 0;
      for (let chunk = 0; chunk < view.chunkCount; chunk++) rowCount += view.rowCounts[chunk]!;
      this.#order.closed(job.name, view.chunkCount, rowCount);
    }
  }
}

function isKnown(surfaces: readonly { readonly name: string }[], name: string): boolean {
  return surfaces.some((surface) => surface.name === name);
}
