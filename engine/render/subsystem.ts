/**
 * The render subsystem: moves the cameras, feeds them to the frame's jobs, and assembles a packet from what
 * those found, in each frame that made a tick. Made by the host for a game with a view; a headless run
 * goes without.
 */

import { type JobsSubsystem, jobsOf } from "../jobs/subsystem.ts";
import type { Clock } from "../ports/clock.ts";
import type { PacketSink } from "../ports/packet-sink.ts";
import type { Fallback } from "../sim/fallback.ts";
import {
  defineSubsystem,
  type Frame,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { type SnapshotSubsystem, snapshotSubsystem } from "../snapshot/subsystem.ts";
import { type StreamingSubsystem, streamingOf } from "../streaming/subsystem.ts";
import { Assembler } from "./assembler.ts";
import { CameraRig } from "./camera-rig.ts";
import type { ViewDefinition } from "./view.ts";

export interface RenderSubsystem extends Subsystem {
  readonly assembler: Assembler | undefined;
  /** Rungs of the budget that are taken, for the packet. */
  rung: number;
}

const noAssets: Uint32Array = new Uint32Array(0);

/** `clock` times the frame for the packet's header. */
export function renderSubsystem(
  view: ViewDefinition,
  sink: PacketSink,
  clock: Clock,
): SubsystemDefinition<RenderSubsystem> {
  return defineSubsystem<RenderSubsystem>({
    name: "render",
    needs: ["snapshot", "jobs", "look"],
    create: () => new Render(view, sink, clock),
  });
}

class Render implements RenderSubsystem {
  assembler: Assembler | undefined;
  rung = 0;
  readonly #view: ViewDefinition;
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  #snapshots!: SnapshotSubsystem;
  #jobs!: JobsSubsystem;
  #rig!: CameraRig;
  #streaming: StreamingSubsystem | undefined;
  #world: World | undefined;
  /** Filled anew in every frame. */
  readonly #facts = { frameMicros: 0, tickMicros: 0, rung: 0, workerCount: 0, idlePercent: 0, assets: noAssets };
  #frameStartMicros = 0;
  #frameCostMicros = 0;

  constructor(view: ViewDefinition, sink: PacketSink, clock: Clock) {
    this.#view = view;
    this.#sink = sink;
    this.#clock = clock;
  }

  readonly stages = {
    snapshot: (frame: Frame): void => {
      if (frame.tickCount > 0 && this.#snapshots.current !== undefined) this.#rig.move(this.#snapshots.current);
    },
    integrate: (frame: Frame): void => {
      if (frame.tickCount > 0) this.assembler!.integrate();
    },
    assemble: (frame: Frame): void => {
      if (frame.tickCount > 0) this.#assemble(frame);
    },
    budget: (frame: Frame): void => {
      if (frame.tickCount > 0) this.#frameCostMicros = this.#clock.nowMicros() - this.#frameStartMicros;
    },
  };

  start(host: SubsystemHost): void {
    this.#world = host.world;
    this.#snapshots = host.of(snapshotSubsystem);
    this.#jobs = jobsOf(host);
    this.#streaming = host.has("streaming") ? streamingOf(host) : undefined;
    this.#rig = new CameraRig(this.#view, host.world.program.tickRate);
    this.#jobs.feed("cameras", this.#rig.feed);
    this.#jobs.present();
    if (!host.isSuccessor) {
      this.#rig.move(this.#snapshots.current!);
      this.#jobs.runFrameJobs();
    }
    this.assembler = new Assembler(this.#view, host.world, this.#jobs, this.#rig, this.#sink);
    // What a successor shows first is the frame behind its first tick: until then the picture is the other's.
    if (host.isSuccessor) return;
    this.assembler.integrate();
    this.#assemble({ index: 0, tickCount: 0, elapsedMicros: 0, droppedTickCount: 0 });
  }

  takeOver(before: Subsystem | undefined): boolean {
    if (before instanceof Render) this.#rig.takeOver(before.#rig);
    return false;
  }

  fallbacks(): readonly Fallback[] {
    const count = this.assembler?.skippedCount ?? 0;
    return [{ name: "packets-skipped", count, text: "frames were not shown because drivers held every packet" }];
  }

  stop(): void {
    this.assembler = undefined;
    this.#world = undefined;
  }

  beginFrame(): void {
    this.#frameStartMicros = this.#clock.nowMicros();
  }

  afterTick(world: World): void {
    this.assembler!.noteSounds(world);
  }

  #assemble(frame: Frame): void {
    const { current } = this.#snapshots;
    if (current === undefined) return;
    const periodMicros = 1_000_000 / this.#world!.program.tickRate;
    const facts = this.#facts;
    facts.frameMicros = this.#frameCostMicros;
    facts.tickMicros = this.#world!.lastTickMicros;
    facts.rung = this.rung;
    facts.workerCount = this.#jobs.crew.pool?.readyCount ?? 0;
    facts.idlePercent = Math.round(Math.max(0, Math.min(1, 1 - this.#frameCostMicros / periodMicros)) * 100);
    facts.assets = this.#streaming?.rows ?? noAssets;
    this.assembler!.assemble(current, frame, facts);
  }
}
