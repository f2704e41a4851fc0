/**
 * A world: all authoritative state of a game and the one function that advances it, `tick`. A world
 * has no clock; whoever owns it decides when a tick is made. Read `tick` first: it is the frame's
 * inner half, phase by phase.
 *
 * Given the same game, seed and records, `tick` gives the same hash on every machine.
 */
import { assert } from "../base/assertions.ts";
import type { Limits } from "../base/limits.ts";
import { type PhaseName, phaseNames } from "../base/phases.ts";
import { RandomStream, randomStateWords, seedStream } from "../base/random.ts";
import type { SharedMemory } from "../base/wasm.ts";
import { Arena, ArenaLayout, type Region } from "../ecs/arena.ts";
import { AuthoredIds } from "../ecs/authored-ids.ts";
import { CommandQueue } from "../ecs/commands.ts";
import { Hierarchy } from "../ecs/hierarchy.ts";
import { PreparedQuery, type QueryTerm } from "../ecs/prepared-query.ts";
import { type HashedSpan, headerWord, reserveStore, Store, type StoreRegions } from "../ecs/store.ts";
import { Events, reserveEvents } from "../events/events.ts";
import { controlNames } from "../input/controls.ts";
import { Door } from "../input/door.ts";
import { reserveSeats, Seats } from "../input/seats.ts";
import { bindKernels, type Kernels } from "../kernels/kernels.ts";
import type { Clock } from "../ports/clock.ts";
import { ownPulse, type Pulse, pulseWord } from "../ports/pulse.ts";
import { noTrace, type TracePort } from "../trace/trace-port.ts";
import type { Track } from "../trace/track.ts";
import { type BoundSystem, bindSystem, systemThrew } from "./bound-system.ts";
import { DerivedValues } from "./derived.ts";
import type { Fallback } from "./fallback.ts";
import { Health, type WatchedColumn, watchedColumns } from "./health.ts";
import type { Program } from "./program.ts";
import { originOf, type SaveOrigin } from "./saved-state.ts";
import { type SavedWorld, StateParts } from "./saved-world.ts";
import { reserveHashScratch, StateHash } from "./state-hash.ts";
import type { SubsystemDefinition } from "./subsystem.ts";
import type { AnySystem, Lookup } from "./system.ts";
import type { TickObserver, TickStep } from "./tick-observer.ts";
import { TimingRing } from "./timing.ts";

/** What a world may be given beside its game. */
export interface WorldHost {
  readonly trace?: TracePort | undefined;
  readonly pulse?: Pulse | undefined;
  /** Memory of an arena that nobody has any more. */
  readonly arena?: SharedMemory | undefined;
  /** Without the game's set-up: the state comes from elsewhere. */
  readonly isEmpty?: boolean | undefined;
}

export class World {
  readonly program: Program;
  readonly seed: number;
  readonly saveOrigin: SaveOrigin;
  readonly limits: Limits;
  readonly arena: Arena;
  readonly regions: StoreRegions;
  readonly store: Store;
  readonly hierarchy: Hierarchy;
  readonly commands: CommandQueue;
  readonly events: Events;
  readonly door: Door;
  readonly hash: StateHash;
  readonly health: Health;
  readonly timing: TimingRing;
  readonly kernels: Kernels;
  readonly lookup: Lookup;
  /** What follows from columns; brought up to date when a tick begins. */
  readonly derived: DerivedValues;
  /** Where the tick is, for who watches this thread from another one. */
  readonly pulse: Pulse;
  /** How long the last tick took by the host's clock; presentation only. */
  lastTickMicros = 0;

  readonly #clock: Clock;
  readonly #track: Track;
  readonly #spans: { readonly door: number; readonly structure: number; readonly hash: number };
  readonly #order: Readonly<Record<PhaseName, readonly BoundSystem[]>>;
  readonly #stateParts: StateParts;
  readonly #authoredIds: AuthoredIds;
  readonly #queries = new Map<string, PreparedQuery>();
  readonly #scratch = new Map<SubsystemDefinition, Region>();
  readonly #steps: { readonly door: TickStep; readonly structure: TickStep };
  /** Float columns that the door writes: answers of jobs. */
  readonly #answered: readonly WatchedColumn[];
  #running: BoundSystem | undefined;
  #observer: TickObserver | undefined;

  constructor(program: Program, seed: number, clock: Clock, host: WorldHost = {}) {
    const { trace = noTrace, pulse = ownPulse(), isEmpty = false } = host;
    this.program = program;
    this.pulse = pulse;
    this.seed = seed;
    this.saveOrigin = originOf(program, seed);
    this.limits = program.limits;
    this.#clock = clock;
    this.#track = trace.track;
    this.#spans = {
      door: trace.number("door", "phase"),
      structure: trace.number("structure", "phase"),
      hash: trace.number("hash", "phase"),
    };
    const { schema, events, controls, limits } = program;
    const systems = phaseNames.flatMap((phase) => program.order[phase]);
    const controlCount = controlNames(controls.controls).length;

    const layout = new ArenaLayout();
    this.regions = reserveStore(layout, schema, limits);
    const streams = layout.reserve("Random.streams", (systems.length + 1) * randomStateWords * 4);
    const eventRegions = reserveEvents(layout, events, limits, program.streams);
    const seatsRegion = reserveSeats(layout, limits, controlCount);
    const resources = layout.reserve("Resources.versions", limits.resources * 4);
    const scratch = reserveHashScratch(layout, layout.regions.length);
    for (const { name, definition } of program.parts)
      if (definition.scratchBytes !== undefined) {
        const byteLength = definition.scratchBytes(limits, schema);
        this.#scratch.set(definition, layout.reserve(`Scratch.${name}`, byteLength));
      }
    this.arena = new Arena(layout, host.arena);

    this.kernels = bindKernels(this.arena.memory);
    this.store = new Store(this.arena, schema, limits, this.regions);
    this.hierarchy = new Hierarchy(this.store);
    this.commands = new CommandQueue(this.store, this.hierarchy);
    this.events = new Events(this.arena, events, limits, eventRegions, program.streams);
    this.door = new Door(
      this.store,
      this.commands,
      new Seats(this.arena, seatsRegion, limits, controlCount),
      controls,
      program.config,
      this.arena.u32(resources),
    );
    const fixed = (region: Region): HashedSpan => ({
      name: region.name,
      byteOffset: region.byteOffset,
      slotBytes: region.byteLength,
      counter: this.store.header,
      counterIndex: headerWord.one,
    });
    const spans = [
      ...this.store.hashedSpans,
      fixed(streams),
      fixed(eventRegions.counts),
      fixed(eventRegions.before),
      fixed(eventRegions.dropped),
      fixed(eventRegions.droppedTotal),
      ...this.events.hashedSpans,
      fixed(seatsRegion),
      fixed(resources),
    ];
    this.hash = new StateHash(this.arena, scratch, spans, this.store.header, this.kernels);
    this.timing = new TimingRing(
      systems.map((system) => system.name),
      limits.timingFrames,
    );
    const { store, hierarchy } = this;
    this.health = new Health(store, this.kernels, program.tickRate);
    this.#answered = watchedColumns(
      store,
      schema.components.filter(({ writer }) => writer === "door"),
    );
    const authoredIds = new AuthoredIds(store);
    this.#authoredIds = authoredIds;
    this.#stateParts = new StateParts(this.arena, store, this.regions, spans);
    const resourceVersions = this.arena.u32(resources);
    this.lookup = {
      handleOf: (index) => store.handleOf(index),
      indexOf: (handle) => store.indexOf(handle),
      isAlive: (handle) => store.isAlive(handle),
      has: (index, component) => store.has(index, component),
      parentOf: (index) => hierarchy.parentOf(index),
      authored: (id) => authoredIds.find(id),
      resourceVersion: (resource) => resourceVersions[resource] ?? 0,
    };

    this.derived = new DerivedValues(program.derived, this);

    const states = this.arena.u32(streams);
    const stream = (number: number, name: string): RandomStream => {
      seedStream(states, number * randomStateWords, seed, name);
      return new RandomStream(states, number * randomStateWords);
    };
    let stepNumber = 0;
    const step = (kind: TickStep["kind"], name: string, phase: PhaseName, system?: AnySystem): TickStep => ({
      ...{ kind, name, phase, system, number: stepNumber++ },
    });
    const door = step("door", "door", "input");
    let structure = door;
    let number = 0;
    const order = {} as Record<PhaseName, readonly BoundSystem[]>;
    for (const phase of phaseNames) {
      if (phase === "structure") structure = step("structure", "structure", phase);
      order[phase] = program.order[phase].map((system) =>
        bindSystem(
          this,
          system,
          number,
          stream(number++, system.name),
          trace.number(system.name, `system of ${phase}`),
          step("system", system.name, phase, system),
        ),
      );
    }
    this.#steps = { door, structure };
    this.#order = order;
    const setup = stream(number, "setup");
    if (!isEmpty) this.#setUp(setup);
  }

  /** Ticks made so far. */
  get tickCount(): number {
    return this.store.header[headerWord.tick]!;
  }

  /** The part of the arena that a subsystem asked for with `scratchBytes`. */
  scratchOf(definition: SubsystemDefinition): Region {
    const region = this.#scratch.get(definition);
    assert(region !== undefined, "a subsystem with scratch memory says how much", { name: definition.name });
    return region;
  }

  /** A prepared query of this world; the same terms give the same one. */
  query(terms: readonly QueryTerm[]): PreparedQuery {
    const key = terms
      .map((term) =>
        "not" in term
          ? `!${term.not.name}`
          : "any" in term
            ? term.any
                .map((component) => component.name)
                .sort()
                .join("|")
            : term.name,
      )
      .sort()
      .join(" ");
    let query = this.#queries.get(key);
    if (query === undefined) {
      query = new PreparedQuery(this.store, terms);
      this.#queries.set(key, query);
    }
    return query;
  }

  /** Makes one tick. Throws a FaultError; the world is then half done and must not be used again. */
  tick(): void {
    const startMicros = this.#clock.nowMicros();
    const tick = this.tickCount + 1;
    this.store.header[headerWord.tick] = tick;
    this.pulse[pulseWord.tick] = tick;
    this.pulse[pulseWord.step] = 1 + this.#steps.door.number;
    this.timing.beginTick();
    this.commands.isOpen = true;
    this.#observer?.tickBegins(tick);
    this.derived.beginTick(tick);
    this.events.beginTick();

    this.door.enter(tick);
    this.health.check(this.#answered, "door", tick);
    this.#observer?.stepDone(this.#steps.door, tick);
    this.#span(this.#spans.door, startMicros);
    this.#run(this.#order.input, tick); // B0: input of this tick is fixed.
    this.#run(this.#order.physics, tick);
    this.#run(this.#order.gameplay, tick); // B1: columns change no more but by structure.
    const structureMicros = this.#clock.nowMicros();
    this.pulse[pulseWord.step] = 1 + this.#steps.structure.number;
    this.commands.apply(tick); // B2: membership and queries are fixed, so nothing is staged from here on.
    this.commands.isOpen = false;
    this.#observer?.stepDone(this.#steps.structure, tick);
    this.#span(this.#spans.structure, structureMicros);
    this.#run(this.#order.transforms, tick);
    const hashMicros = this.#clock.nowMicros();
    this.hash.update(tick); // B3: the tick is complete and has its hash.
    this.#span(this.#spans.hash, hashMicros);
    this.#observer?.tickEnds(tick);
    this.health.tickDone(tick);
    this.pulse[pulseWord.step] = 0;

    this.lastTickMicros = this.#clock.nowMicros() - startMicros;
  }

  #span(name: number, startMicros: number): void {
    if (this.#track.isOn) this.#track.span(name, startMicros, this.#clock.nowMicros());
  }

  #run(systems: readonly BoundSystem[], tick: number): void {
    const track = this.#track;
    let startMicros = this.#clock.nowMicros();
    for (let i = 0; i < systems.length; i++) {
      const bound = systems[i]!;
      const { context, query, queries, written } = bound;
      context.tick = tick;
      if (query !== undefined) context.entities = query.entities;
      for (let q = 0; q < queries.length; q++) bound.members[queries[q]!.name] = queries[q]!.query.entities;
      this.#running = bound;
      this.pulse[pulseWord.step] = 1 + bound.step.number;
      try {
        bound.system.run(context);
      } catch (thrown) {
        throw systemThrew(thrown, bound.system, tick);
      }
      for (let w = 0; w < written.length; w++) this.store.changed[written[w]!] = tick;
      this.health.check(bound.watched, bound.system.name, tick, bound.system.reads);
      this.#observer?.stepDone(bound.step, tick);
      const endMicros = this.#clock.nowMicros();
      this.timing.note(bound.number, endMicros - startMicros);
      track.span(bound.span, startMicros, endMicros);
      startMicros = endMicros;
    }
    this.#running = undefined;
  }

  /** Shows every step of the ticks that follow to `observer`; undefined ends it. Returns the observer before. */
  observe(observer: TickObserver | undefined): TickObserver | undefined {
    const before = this.#observer;
    this.#observer = observer;
    return before;
  }

  /** The steps of a tick, in their order. */
  get steps(): readonly TickStep[] {
    return [
      this.#steps.door,
      this.#steps.structure,
      ...phaseNames.flatMap((phase) => this.#order[phase].map(({ step }) => step)),
    ].sort((a, b) => a.number - b.number);
  }

  /** Names of the regions of a save, in their order. */
  get regionNames(): readonly string[] {
    return this.#stateParts.parts.map(({ name }) => name);
  }

  /** Copies the state that lies in the arena, between two ticks; `into` is an older save whose memory is used again. */
  save(into?: SavedWorld): SavedWorld {
    assert(this.commands.stagedCount === 0, "a world is saved between two ticks, with nothing staged");
    return this.#stateParts.save(into);
  }

  /** Puts a save of a world of the same program back, between two ticks. What is queued at the door is forgotten. */
  restore(saved: SavedWorld): void {
    assert(!this.commands.isOpen, "a world is restored between two ticks");
    this.#stateParts.restore(saved);
    this.hierarchy.version++;
    this.#authoredIds.restored();
    this.door.restored();
    this.hash.rebase(this.tickCount);
    this.derived.restored(this.tickCount);
  }

  /** Prepared queries by their terms, in the order of their names; for comparing worlds. */
  get preparedQueries(): readonly (readonly [terms: string, query: PreparedQuery])[] {
    return [...this.#queries.keys()].sort().map((terms) => [terms, this.#queries.get(terms)!] as const);
  }

  /** What the world has done instead of what it was asked, so far. */
  get fallbacks(): readonly Fallback[] {
    return [
      { name: "records-refused", count: this.door.refusedCount, text: "records could not apply and were left out" },
      {
        name: "commands-skipped",
        count: this.commands.skippedCount,
        text: "commands were for entities or components that were gone and were left out",
      },
      ...this.events.tables.map(({ kind, droppedTotal }) => ({
        name: `events-dropped ${kind.name}`,
        count: droppedTotal,
        text: `events ${kind.name} found their table full and were dropped, as declared`,
      })),
    ];
  }

  /** The name of the system that is running, or "". */
  get runningSystem(): string {
    return this.#running?.system.name ?? "";
  }

  /** The phase of the system that is running, or "". */
  get runningPhase(): string {
    return this.#running?.system.phase ?? "";
  }

  /** Spawns the Config entity, lets the game set the world up, and applies it as tick 0. */
  #setUp(random: RandomStream): void {
    this.commands.isOpen = true;
    this.commands.spawn(Door.configDefaults(this.program.config));
    this.program.setup({ commands: this.commands, random, world: this.lookup });
    this.commands.apply(0);
    this.commands.isOpen = false;
  }
}
