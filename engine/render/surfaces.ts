/**
 * Surfaces in the frame. The subsystem plans turns, the job records and submits them, the subsystem presents:
 *
 *     assemble   changes of the graph take effect; each surface that is due gets a turn
 *     submit     a chunk a turn, on any threads (surface-job.ts); joined and sealed: B5
 *     present    in sequence, in the order that follows from who reads whom
 *
 * Given: surfaces, how they are drawn, a device. Used by a game that lists the definition among its subsystems
 * and `definition.job` among its jobs. The rule: what draws is pure; the same turn gives the same words on every
 * thread, for a turn whose thread died is drawn again.
 */
import { NullDevice } from "../gpu/null-device.ts";
import type { AnyJob } from "../jobs/definition.ts";
import { jobsOf } from "../jobs/subsystem.ts";
import type { Clock } from "../ports/clock.ts";
import {
  defineSubsystem,
  type Frame,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "../sim/subsystem.ts";
import type { Surface, SurfaceDefinition } from "../surface/surface.ts";
import { type SurfaceFrame, SurfaceFrames } from "../surface/surface-frames.ts";
import { SurfaceGraph } from "../surface/surface-graph.ts";
import { type DrawTurn, defaultSurfaceLimits, type SurfaceLimits, SurfaceTurns } from "../surface/surface-turns.ts";
import type { TracePort } from "../trace/trace-port.ts";
import { DeviceTracks, type SurfaceDevice } from "./device-tracks.ts";
import { type HandIn, surfaceJob, turnSpan } from "./surface-job.ts";

export interface SurfacesOptions {
  /** The surfaces of the first frame; the subsystem's graph changes them while running. */
  readonly surfaces: readonly SurfaceDefinition[];
  readonly draw: DrawTurn;
  /** Makes the device of an engine that starts; ring entries point into `commandMemory`. The null device if left out. */
  readonly device?: (clock: Clock, commandMemory: Uint32Array) => SurfaceDevice;
  /** Called on the drawing thread before its commands are handed in. */
  readonly handIn?: HandIn;
  /** Called on the coordinator before a surface is presented. */
  readonly show?: (surface: Surface) => void;
  readonly limits?: SurfaceLimits;
}

export interface SurfacesSubsystem extends Subsystem {
  /** Changes take effect in the next frame; the budget lowers how often a surface is drawn with `setEveryFrames`. */
  readonly graph: SurfaceGraph;
  /** The device of a started engine. */
  readonly device: SurfaceDevice;
  /** What the last frame drew. */
  readonly frame: SurfaceFrame | undefined;
}

export interface SurfacesDefinition extends SubsystemDefinition<SurfacesSubsystem> {
  /** To be listed among the game's jobs. */
  readonly job: AnyJob;
}

/** The surfaces of an engine, for other subsystems. */
export function surfacesOf(host: Pick<SubsystemHost, "of">): SurfacesSubsystem {
  return host.of({ name: "surfaces" } as SubsystemDefinition<SurfacesSubsystem>);
}

/** Making an engine with it raises what SurfaceGraph raises: "surface-cycle", "surface-unknown", "bad-definition". */
export function surfacesSubsystem(options: SurfacesOptions): SurfacesDefinition {
  const limits = options.limits ?? defaultSurfaceLimits;
  const job = surfaceJob(options.draw, options.handIn, limits);
  return {
    ...defineSubsystem<SurfacesSubsystem>({
      name: "surfaces",
      needs: ["jobs", "snapshot"],
      create: () => new Surfaces(options, limits, job),
    }),
    job,
  };
}

/** Numbers of a surface's spans in the trace. */
interface SurfaceSpans {
  readonly record: number;
  readonly submit: number;
  readonly present: number;
}

class Surfaces implements SurfacesSubsystem {
  readonly graph: SurfaceGraph;
  frame: SurfaceFrame | undefined;
  readonly #options: SurfacesOptions;
  readonly #limits: SurfaceLimits;
  readonly #job: AnyJob;
  readonly #spans = new Map<Surface, SurfaceSpans>();
  #frames: SurfaceFrames | undefined;
  #device: SurfaceDevice | undefined;
  #tracks: DeviceTracks | undefined;
  #names = new Uint32Array(0);
  #turnCount = new Uint32Array(1);
  #trace!: TracePort;
  #clock!: Clock;

  readonly stages = {
    assemble: (frame: Frame): void => this.#begin(frame.index),
    // The jobs subsystem starts before this one, so its turn in the stage comes first: all is joined here.
    submit: (): void => this.#frames!.seal(),
    present: (): void => this.#present(),
    budget: (): void => this.#tracks!.flush(this.#clock.nowMicros()),
  };

  constructor(options: SurfacesOptions, limits: SurfaceLimits, job: AnyJob) {
    this.#options = options;
    this.#limits = limits;
    this.#job = job;
    this.graph = new SurfaceGraph(options.surfaces);
  }

  get device(): SurfaceDevice {
    return this.#device!;
  }

  start(host: SubsystemHost): void {
    const jobs = jobsOf(host);
    this.#trace = host.trace;
    this.#clock = host.clock;
    const params = jobs.memory.taskOf(this.#job).params;
    const turns = new SurfaceTurns(params["words"] as Int32Array, 0, this.#limits);
    this.#names = params["names"] as Uint32Array<ArrayBuffer>;
    this.#turnCount = params["turnCount"] as Uint32Array<ArrayBuffer>;
    const { commandMemory } = turns;
    this.#device =
      this.#options.device?.(host.clock, commandMemory) ?? new NullDevice({ clock: host.clock, commandMemory });
    this.#frames = new SurfaceFrames({ graph: this.graph, device: this.#device, turns });
    this.#tracks = new DeviceTracks(host.trace, this.#device);
    jobs.present();
  }

  stop(): void {
    this.#frames?.close();
    this.#tracks?.flush(this.#clock.nowMicros());
    this.#frames = undefined;
    this.frame = undefined;
    this.#spans.clear();
  }

  #begin(index: number): void {
    const frame = this.#frames!.begin(index);
    this.frame = frame;
    this.#turnCount[0] = frame.turnCount;
    for (let number = 0; number < frame.turnCount; number++) {
      const { record, submit } = this.#spansOf(frame.surfaces[number]!);
      this.#names[number * 2 + turnSpan.record] = record;
      this.#names[number * 2 + turnSpan.submit] = submit;
    }
  }

  #present(): void {
    const { order, surfaces, frame } = this.frame!;
    const { track } = this.#trace;
    for (let i = 0; i < order.length; i++) {
      const surface = surfaces[order[i]!]!;
      const startMicros = track.isOn ? this.#clock.nowMicros() : 0;
      this.#options.show?.(surface);
      this.#frames!.present(order[i]!);
      if (startMicros > 0) track.span(this.#spansOf(surface).present, startMicros, this.#clock.nowMicros(), frame);
    }
    this.#frames!.end();
  }

  #spansOf(surface: Surface): SurfaceSpans {
    const known = this.#spans.get(surface);
    if (known !== undefined) return known;
    const number = (step: string, a: string): number =>
      this.#trace.number(`${surface.name} ${step}`, `surface ${step}`, a);
    const made = {
      record: number("record", "tick"),
      submit: number("submit", "tick"),
      present: number("present", "frame"),
    };
    this.#spans.set(surface, made);
    return made;
  }
}
