/**
 * The running parts of an engine: its subsystems from start to stop, what each does at which place of a frame, and their
 * share of a save. The engine decides when; this file knows only in which order: as parts start, and back when they stop.
 */
import { assert } from "./base/assertions.ts";
import { type Fault, faultOf, faultText, makeFault, raise } from "./base/faults.ts";
import type { SubsystemStatus } from "./engine-options.ts";
import type { Fallback } from "./sim/fallback.ts";
import { stageNames } from "./sim/plan.ts";
import type { Part } from "./sim/program.ts";
import type { SavedPart, SavedState } from "./sim/saved-state.ts";
import type { Frame, PartState, StageName, Subsystem, SubsystemDefinition, SubsystemHost } from "./sim/subsystem.ts";
import type { World } from "./sim/world.ts";

type StageHooks = Readonly<Record<StageName, readonly ((frame: Frame) => void)[]>>;

export class RunningParts {
  /** In the order in which they started. */
  readonly list: Part[] = [];
  /** What is called in each stage of a frame, in the order of the parts. */
  stages: StageHooks = noHooks();

  /** Starts parts in order; `starting` is told of each before. Raises what a part raises; those that started run then. */
  async start(parts: readonly Part[], host: SubsystemHost, starting: (name: string) => void): Promise<void> {
    for (const part of parts) {
      starting(part.name);
      // Listed first, so that a start that fails midway is stopped like the others.
      this.list.push(part);
      await part.subsystem.start?.(host);
    }
    const hooks = noHooks();
    for (const part of parts)
      for (const stage of stageNames) {
        const hook = part.subsystem.stages?.[stage];
        if (hook !== undefined) hooks[stage].push(hook);
      }
    this.stages = hooks;
  }

  /** Stops what was started, last first; returns the first failure after all have been stopped. */
  stop(): Fault | undefined {
    let failure: Fault | undefined;
    for (const part of this.list.reverse()) {
      try {
        part.subsystem.stop?.();
      } catch (thrown) {
        failure ??= subsystemFailed(part.name, "stop", thrown);
      }
    }
    this.list.length = 0;
    this.stages = noHooks();
    return failure;
  }

  beginFrame(index: number): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.subsystem.beginFrame?.(index);
  }

  beforeTick(world: World): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.subsystem.beforeTick?.(world);
  }

  afterTick(world: World): void {
    for (let i = 0; i < this.list.length; i++) this.list[i]!.subsystem.afterTick?.(world);
  }

  /** Tells every part of the fault. One that fails at it adds nothing: the first fault is the one that counts. */
  tellFault(fault: Fault, world: World): void {
    for (const part of this.list) {
      try {
        part.subsystem.faulted?.(fault, world);
      } catch {
        // The part is stopped with the others, where a failure of its own is reported.
      }
    }
  }

  /** The state outside the arena; `into` is an older save of these parts. */
  save(into: SavedState | undefined): SavedPart[] {
    return this.list.flatMap(({ name, subsystem: { state } }) => {
      if (state === undefined) return [];
      return [{ name, state: state.save(into?.parts.find((part) => part.name === name)?.state) }];
    });
  }

  /** Puts a save's share back; the arena is that of the save already. */
  restore(saved: SavedState, world: World): void {
    for (const { name, subsystem } of this.list) {
      if (subsystem.state === undefined) continue;
      const part = saved.parts.find((candidate) => candidate.name === name);
      assert(part !== undefined, "a save has the state of every part", { name });
      subsystem.state.restore(part.state);
    }
    this.#restored(world);
  }

  /** Goes on where the parts of another engine stand; `moved` has the state of those that hand nothing over. */
  takeOver(before: RunningParts, moved: SavedState, world: World): void {
    for (const { name, subsystem } of this.list) {
      const other = before.list.find((part) => part.name === name)?.subsystem;
      if (subsystem.takeOver?.(other) === true || subsystem.state === undefined) continue;
      const part = moved.parts.find((candidate) => candidate.name === name);
      if (part !== undefined) subsystem.state.restore(part.state);
    }
    this.#restored(world);
  }

  /** What the world and each of `parts` does, in the order in which they start. */
  status(parts: readonly Part[], hasWorld: boolean, isFaulted: boolean): SubsystemStatus[] {
    const stateOf = (isUp: boolean): SubsystemStatus["state"] => (isUp ? "running" : isFaulted ? "faulted" : "idle");
    const others = parts.map(({ name }) => ({ name, state: stateOf(this.list.some((part) => part.name === name)) }));
    return [{ name: "world", state: stateOf(hasWorld && !isFaulted) }, ...others];
  }

  get fallbacks(): readonly Fallback[] {
    return this.list.flatMap(({ subsystem }) => subsystem.fallbacks?.() ?? []);
  }

  #restored(world: World): void {
    for (const { subsystem } of this.list) subsystem.restored?.(world);
  }
}

export function subsystemFailed(subsystem: string, operation: "start" | "stop", thrown: unknown): Fault {
  return makeFault("subsystem-failed", { subsystem, operation, problem: faultText(faultOf(thrown)) });
}

/** A subsystem by its definition. Raises "unknown-name". */
export function partOf<S extends Subsystem>(parts: readonly Part[], { name }: SubsystemDefinition<S>): S {
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined)
    raise("unknown-name", {
      ...{ what: "subsystem", name, where: "The engine", known: parts.map((known) => known.name).join(", ") },
    });
  return part.subsystem as S;
}

/** Names of the parts that have state outside the arena, in the order of a save. */
export function stateNamesOf(parts: readonly Part[]): readonly string[] {
  return parts.filter(({ subsystem }) => subsystem.state !== undefined).map(({ name }) => name);
}

/** The state of a part of a save, by the name of its subsystem: its bytes are made and read by it. */
export function partStateOf(parts: readonly Part[], name: string): PartState {
  const state = parts.find((part) => part.name === name)?.subsystem.state;
  assert(state !== undefined, "a part of a save is of a subsystem with state", { name });
  return state;
}

function noHooks(): Record<StageName, ((frame: Frame) => void)[]> {
  return Object.fromEntries(stageNames.map((name) => [name, []])) as unknown as Record<
    StageName,
    ((frame: Frame) => void)[]
  >;
}
