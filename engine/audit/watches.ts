/**
 * Watches: fields of entities whose every change is written to a ring, with frame, tick, system and value. Which fields is
 * wished for from outside while the world runs; the engine looks for new wishes once a frame, one load of a shared word.
 * While nothing is watched the world has no observer and a tick costs what it always does.
 *
 * A wish is "Velocity.x:512" for one entity, or "Velocity.x" for all that have it. The one entity need not live yet: that
 * the component came or went is written as well, whatever it held. What the structure phase writes is of the step that
 * staged the command. Changes of single entities are counters of the trace, when the run is traced; those of all members
 * are instants.
 */
import { type Fault, faultOf } from "../base/faults.ts";
import type { ComponentWatcher, Store } from "../ecs/store.ts";
import type { Clock } from "../ports/clock.ts";
import { defineSubsystem, type SubsystemDefinition } from "../sim/subsystem.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import type { TracePort } from "../trace/trace-port.ts";
import { WatchRing, watchStep } from "../trace/watch-ring.ts";
import { CommandLog } from "./command-log.ts";
import { observeTicks } from "./observers.ts";
import { Shadow } from "./shadow.ts";
import { entityOfElement, type StatePart, stateParts } from "./state-map.ts";
import { readWatchPlace } from "./watch-place.ts";

/** What the columns and steps of records are called, from record number `from` on. */
export interface WatchNames {
  readonly from: number;
  readonly columns: readonly string[];
  readonly steps: readonly string[];
}

/** A wish that cannot be met, as it was made. */
export interface RefusedWatch {
  readonly place: string;
  readonly fault: Fault;
}

export interface WatchOptions {
  /** Memory of the ring. */
  readonly buffer: SharedArrayBuffer;
  /** Told the names when something is watched for the first time, and when the world comes back from another program. */
  onWatching?(names: WatchNames): void;
  /** Told of wishes that cannot be met; the others are. */
  onRefused?(refused: readonly RefusedWatch[]): void;
}

interface Watch {
  /** As it was wished for. */
  readonly place: string;
  readonly shadow: Shadow;
  /** Which entities have the component. */
  readonly presence: ReturnType<Store["presenceOf"]>;
  readonly from: number;
  readonly to: number;
  /** Name of its counter or instant in the trace. */
  readonly traceName: number;
  readonly isSingle: boolean;
  /** By entity, the step whose command was the last to write the field in the structure phase of this tick. */
  readonly stagers: Map<number, TickStep>;
  /** Ends to look at what commands write. */
  readonly end: () => void;
  /** Whether the one entity had the component when it was last looked at. */
  isThere: boolean;
}

export class Watches implements TickObserver {
  readonly #world: World;
  readonly #ring: WatchRing;
  readonly #clock: Clock;
  readonly #trace: TracePort;
  readonly #options: WatchOptions;
  #version = 0;
  #frame = 0;
  #watches: readonly Watch[] = [];
  #end: (() => void) | undefined;
  /** While anything is watched. */
  #commands: CommandLog | undefined;
  #hasNames = false;

  constructor(world: World, options: WatchOptions, clock: Clock, trace: TracePort) {
    this.#world = world;
    this.#ring = new WatchRing(options.buffer);
    this.#clock = clock;
    this.#trace = trace;
    this.#options = options;
  }

  /** Whether anything is watched. */
  get isOn(): boolean {
    return this.#end !== undefined;
  }

  /** Takes up new wishes; called when a frame begins. */
  beginFrame(index: number): void {
    this.#frame = index;
    if (this.#ring.wishVersion !== this.#version) this.#takeUp();
  }

  /** Ends all watches. */
  stop(): void {
    this.#observe([]);
  }

  /** The world came from another program, or back from it, whose columns and steps had other numbers. */
  takenOver(): void {
    this.#hasNames = false;
    if (this.isOn) this.#sayNames();
  }

  /** Takes values as they are: the state was replaced. */
  rebase(): void {
    for (const watch of this.#watches) {
      watch.shadow.takeWhole();
      watch.isThere = has(watch, watch.from);
    }
  }

  tickBegins(tick: number): void {
    this.#compare("outside", tick);
    this.#commands!.forget();
  }

  stepDone(step: TickStep, tick: number): void {
    this.#compare(step, tick);
    if (step.kind === "structure") for (const { stagers } of this.#watches) if (stagers.size > 0) stagers.clear();
  }

  tickEnds(_tick: number): void {}

  #takeUp(): void {
    const wishes = this.#ring.wishes();
    if (wishes === undefined) return;
    this.#version = wishes.version;
    const parts = stateParts(this.#world);
    const before = new Map(this.#watches.map((watch) => [watch.place, watch]));
    const watches: Watch[] = [];
    const refused: RefusedWatch[] = [];
    for (const place of wishes.places) {
      try {
        watches.push(before.get(place) ?? this.#watchOf(parts, place));
      } catch (thrown) {
        refused.push({ place, fault: faultOf(thrown) });
      }
    }
    this.#observe(watches);
    if (this.isOn && !this.#hasNames) this.#sayNames();
    // What is watched begins with what it is now.
    for (const watch of watches)
      if (watch.isSingle && !before.has(watch.place)) this.#writeSlot(watch, "found", this.#world.tickCount);
    if (refused.length > 0) this.#options.onRefused?.(refused);
  }

  /** Watches these from now on; looks at the world only while there are any. */
  #observe(watches: readonly Watch[]): void {
    for (const watch of this.#watches) if (!watches.includes(watch)) watch.end();
    this.#watches = watches;
    if (watches.length === 0) {
      this.#end?.();
      this.#commands?.end();
      this.#end = undefined;
      this.#commands = undefined;
    } else if (!this.isOn) {
      this.#commands = new CommandLog(this.#world);
      this.#end = observeTicks(this.#world, this);
    }
  }

  #sayNames(): void {
    this.#hasNames = true;
    const columns = stateParts(this.#world).map(({ name }) => name);
    const steps = this.#world.steps.map(({ kind, name }) =>
      kind === "door" ? "the door" : kind === "structure" ? "the structure phase" : name,
    );
    this.#options.onWatching?.({ from: this.#ring.rename(), columns, steps });
  }

  #watchOf(parts: readonly StatePart[], place: string): Watch {
    const columns = parts.filter(({ kind }) => kind === "column");
    const { column, entity = 0 } = readWatchPlace(
      place,
      columns.map(({ name }) => name),
      this.#world.limits.entities,
    );
    const part = columns.find(({ name }) => name === column)!;
    const isSingle = entity > 0;
    const stagers = new Map<number, TickStep>();
    const watch: Watch = {
      ...{ place, stagers, end: this.#world.store.watch(part.component!, this.#noterOf(part, stagers)) },
      shadow: new Shadow(part),
      presence: this.#world.store.presenceOf(part.component!),
      from: isSingle ? entity * part.length : 0,
      to: isSingle ? (entity + 1) * part.length : part.elements.length,
      traceName: isSingle ? this.#trace.number(place, "watch") : this.#trace.number(column, "watch", "entity", "value"),
      isSingle,
      isThere: false,
    };
    watch.isThere = has(watch, watch.from);
    return watch;
  }

  /** Notes for each entity of a part whose command comes to write it. */
  #noterOf({ component, field }: StatePart, stagers: Map<number, TickStep>): ComponentWatcher {
    const note = (index: number): void => {
      const applying = this.#commands?.applying;
      if (applying !== undefined) stagers.set(index, applying.step);
    };
    return {
      added: note,
      removing: note,
      overwritten: (index) => {
        const command = this.#commands?.applying?.command;
        const part = command?.kind === "add" ? command.part : undefined;
        // Of a component that is there, only the fields that are given are written.
        if (part?.component !== component || part?.values[field] !== undefined) note(index);
      },
    };
  }

  /** Whose command made the structure phase write; undefined where several may have, as into the lists of children. */
  #stagerOf({ stagers }: Watch, entity: number): TickStep | undefined {
    const { staged } = this.#commands!;
    const only = staged[0]?.step;
    return stagers.get(entity) ?? (staged.every(({ step }) => step === only) ? only : undefined);
  }

  #compare(step: Writer, tick: number): void {
    const watches = this.#watches;
    for (let i = 0; i < watches.length; i++) {
      const watch = watches[i]!;
      const { shadow, from, to } = watch;
      if (watch.isSingle && has(watch, from) !== watch.isThere) {
        watch.isThere = !watch.isThere;
        this.#writeSlot(watch, step, tick);
        shadow.take();
        continue;
      }
      let element = shadow.nextDifference(from, to);
      if (element < 0) continue;
      for (; element >= 0; element = shadow.nextDifference(element + 1, to)) this.#write(watch, element, step, tick);
      shadow.take();
    }
  }

  #writeSlot(watch: Watch, step: Writer, tick: number): void {
    for (let element = watch.from; element < watch.to; element++) this.#write(watch, element, step, tick);
  }

  #write(watch: Watch, element: number, step: Writer, tick: number): void {
    const { traceName, isSingle } = watch;
    const { part } = watch.shadow;
    const value = part.elements[element]!;
    const entity = entityOfElement(part, element);
    const known = has(watch, element) ? value : undefined;
    const isStructure = typeof step !== "string" && step.kind === "structure";
    const stager = isStructure ? this.#stagerOf(watch, entity) : undefined;
    const number = typeof step === "string" ? watchStep[step] : (stager ?? step).number;
    this.#ring.write(
      ...([this.#frame, tick, number, part.number, entity, element % part.length, known] as const),
      stager !== undefined,
    );
    const { track } = this.#trace;
    if (!track.isOn) return;
    if (isSingle) track.counter(traceName, this.#clock.nowMicros(), value);
    else track.instant(traceName, this.#clock.nowMicros(), entity, value);
  }
}

type Writer = TickStep | keyof typeof watchStep;

/** Whether the entity of an element has the component. */
function has({ shadow: { part }, presence: { row, bit } }: Watch, element: number): boolean {
  return (row[entityOfElement(part, element)]! & bit) !== 0;
}

/** Watches over the worlds of an engine, wished for through the ring in `options.buffer`. */
export function watchSubsystem(options: WatchOptions): SubsystemDefinition {
  return defineSubsystem({
    name: "watches",
    create() {
      let watches: Watches | undefined;
      return {
        start({ world, clock, trace }) {
          watches = new Watches(world, options, clock, trace);
        },
        stop: () => watches?.stop(),
        takeOver() {
          watches?.takenOver();
          return true;
        },
        restored: () => watches?.rebase(),
        beginFrame: (index) => watches?.beginFrame(index),
      };
    },
  });
}
