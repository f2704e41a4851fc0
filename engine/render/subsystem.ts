/**
 * The render subsystem: assembles a packet in each frame that made a tick and hands it to the host's
 * sink. Made by the host for a game with a view; a headless run goes without.
 */
import type { Clock } from "../ports/clock.ts";
import type { PacketSink } from "../ports/packet-sink.ts";
import {
  defineSubsystem,
  type Frame,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { type SnapshotSubsystem, snapshotSubsystem } from "../snapshot/subsystem.ts";
import { Assembler } from "./assembler.ts";
import type { ViewDefinition } from "./view.ts";

export interface RenderSubsystem extends Subsystem {
  readonly assembler: Assembler | undefined;
}

/** `clock` times the frame for the packet's header. */
export function renderSubsystem(
  view: ViewDefinition,
  sink: PacketSink,
  clock: Clock,
): SubsystemDefinition<RenderSubsystem> {
  return defineSubsystem<RenderSubsystem>({
    name: "render",
    needs: ["snapshot", "look"],
    create: () => new Render(view, sink, clock),
  });
}

class Render implements RenderSubsystem {
  assembler: Assembler | undefined;
  readonly #view: ViewDefinition;
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  #snapshots: SnapshotSubsystem | undefined;
  #world: World | undefined;
  #frameStartMicros = 0;
  #frameCostMicros = 0;

  constructor(view: ViewDefinition, sink: PacketSink, clock: Clock) {
    this.#view = view;
    this.#sink = sink;
    this.#clock = clock;
  }

  readonly stages = {
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
    this.#snapshots.want();
    this.assembler = new Assembler(this.#view, this.#sink, host.world.limits, host.world.program.tickRate);
    this.#assemble({ index: 0, tickCount: 0, elapsedMicros: 0, droppedTickCount: 0 });
  }

  stop(): void {
    this.assembler = undefined;
    this.#snapshots = undefined;
    this.#world = undefined;
  }

  beginFrame(): void {
    this.#frameStartMicros = this.#clock.nowMicros();
  }

  afterTick(world: World): void {
    this.assembler!.noteSounds(world);
  }

  #assemble(frame: Frame): void {
    const { current, previous } = this.#snapshots!;
    if (current === undefined || previous === undefined) return;
    this.assembler!.assemble(current, previous, frame, {
      frameMicros: this.#frameCostMicros,
      tickMicros: this.#world!.lastTickMicros,
    });
  }
}
