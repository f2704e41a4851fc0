/**
 * Watches: fields of entities whose every change is written to a ring, with frame, tick, system and value. Which fields is
 * wished for from outside while the world runs; the engine looks for new wishes once a frame, one load of a shared word.
 * While nothing is watched the world has no observer and a tick costs what it always does.
 *
 * A wish is "Velocity.x:512" for one entity, or "Velocity.x" for all that have it. The one entity need not live yet: that
 * the component came or went is written as well, whatever it held. Changes of single entities are counters of the trace,
 * when the run is traced; those of all members are instants.
 */
import { type Fault, faultOf } from "../base/faults.ts";
import type { Store } from "../ecs/store.ts";
import type { Clock } from "../ports/clock.ts";
import { defineSubsystem, type SubsystemDefinition } from "../sim/subsystem.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import type { TracePort } from "../trace/trace-port.ts";
import { WatchRing, watchStep } from "../trace/watch-ring.ts";
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

export interface WatchOptions {
  /** Memory of the ring. */
  readonly buffer: SharedArrayBuffer;
  /** Told the names when something is watched for the first time, and when the world comes back from another program. */
  onWatching?(names: WatchNames): void;
  /** Told of each wish that cannot be met; the others are. */
  onRefused?(fault: Fault): void;
}

interface Watch {
  readonly shadow: Shadow;
  /** Which entities have the component. */
  readonly presence: ReturnType<Store["presenceOf"]>;
  readonly from: number;
  readonly to: number;
  /** Name of its counter or instant in the trace. */
  readonly traceName: number;
  readonly isSingle: boolean;
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
    this.#end?.();
    this.#end = undefined;
    this.#watches = [];
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
    this.#compare(watchStep.outside, tick);
  }

  stepDone(step: TickStep, tick: number): void {
    this.#compare(step.number, tick);
  }

  tickEnds(_tick: number): void {}

  #takeUp(): void {
    const wishes = this.#ring.wishes();
    if (wishes === undefined) return;
    this.#version = wishes.version;
    this.stop();
    const parts = stateParts(this.#world);
    const watches: Watch[] = [];
    for (const place of wishes.places) {
      try {
        watches.push(this.#watchOf(parts, place));
      } catch (thrown) {
        this.#options.onRefused?.(faultOf(thrown));
      }
    }
    if (watches.length === 0) return;
    if (!this.#hasNames) this.#sayNames();
    this.#watches = watches;
    this.#end = observeTicks(this.#world, this);
    // What is watched begins with what it is now.
    for (const watch of watches) if (watch.isSingle) this.#writeSlot(watch, watchStep.found, this.#world.tickCount);
  }

  #sayNames(): void {
    this.#hasNames = true;
    const columns = stateParts(this.#world).map(({ name }) => name);
    const steps = this.#world.steps.map(({ name }) => name);
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
    const watch: Watch = {
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

  #compare(step: number, tick: number): void {
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

  #writeSlot(watch: Watch, step: number, tick: number): void {
    for (let element = watch.from; element < watch.to; element++) this.#write(watch, element, step, tick);
  }

  #write(watch: Watch, element: number, step: number, tick: number): void {
    const { traceName, isSingle } = watch;
    const { part } = watch.shadow;
    const value = part.elements[element]!;
    const entity = entityOfElement(part, element);
    const known = has(watch, element) ? value : undefined;
    this.#ring.write(this.#frame, tick, step, part.number, entity, element % part.length, known);
    const { track } = this.#trace;
    if (!track.isOn) return;
    if (isSingle) track.counter(traceName, this.#clock.nowMicros(), value);
    else track.instant(traceName, this.#clock.nowMicros(), entity, value);
  }
}

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
