/**
 * Small worlds for unit tests: a world made from a few definitions, without an engine around it, and
 * the two things that tests do with one all the time: change its structure, and catch a fault.
 */
import { type Fault, FaultError } from "../../engine/base/faults.ts";
import type { Limits } from "../../engine/base/limits.ts";
import type { Commands } from "../../engine/ecs/commands.ts";
import { ManualClock } from "../../engine/ports/clock.ts";
import { compileProgram, type Program, type WorldDefinition } from "../../engine/sim/program.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { World } from "../../engine/sim/world.ts";
import { snapshotSubsystem } from "../../engine/snapshot/subsystem.ts";

export const smallLimits: Partial<Limits> = {
  entities: 64,
  commandsPerTick: 4_096,
  eventsPerTick: 32,
  players: 4,
  recordsPerTick: 64,
};

export interface SmallWorldOptions extends Partial<WorldDefinition> {
  readonly seed?: number;
  readonly subsystems?: readonly SubsystemDefinition[];
}

export function smallProgram({ seed: _, subsystems, ...definition }: SmallWorldOptions = {}): Program {
  const { limits, ...rest } = definition;
  const base = { id: "small", tickRate: 60, components: [], systems: [], setup: () => {} };
  const whole = { ...base, ...rest, limits: { ...smallLimits, ...limits } };
  return compileProgram(whole, subsystems ?? [snapshotSubsystem]);
}

/** A world of the given definitions at tick 0. Its entity 1 is the Config entity. */
export function smallWorld(options: SmallWorldOptions = {}): World {
  return new World(smallProgram(options), options.seed ?? 1, new ManualClock());
}

/** Stages commands and applies them at once, as the structure phase of a tick does. */
export function change<T>(world: World, stage: (commands: Commands) => T, tick = world.tickCount): T {
  world.commands.isOpen = true;
  try {
    const result = stage(world.commands);
    world.commands.apply(tick);
    return result;
  } finally {
    world.commands.isOpen = false;
  }
}

/** The fault that `act` raises; throws when it raises none. */
export function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error("no fault was raised");
}

/** As faultOf, for what ends later. */
export async function faultOfAsync(act: () => Promise<unknown>): Promise<Fault> {
  try {
    await act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error("no fault was raised");
}

/** The bytes of every region of the arena whose name passes, by name. */
export function regionBytes(world: World, wanted: (name: string) => boolean = () => true): Record<string, string> {
  const found: Record<string, string> = {};
  for (const region of world.arena.regions)
    if (wanted(region.name)) found[region.name] = Buffer.from(world.arena.bytes(region).slice()).toString("hex");
  return found;
}
