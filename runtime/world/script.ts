/** Records of an input file, as a part of the engine: each enters at its own tick, in whichever thread that is made. */
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { World } from "../../engine/sim/world.ts";
import type { ScriptedRecord } from "./engine-thread.ts";

export interface Script extends SubsystemDefinition {
  /** Records up to this tick have entered, or wait, by other ways. */
  skipTo(tick: number): void;
}

/** Admits scripted records, each at its own tick, also when a late frame makes several. */
export function scriptSubsystem(script: readonly ScriptedRecord[]): Script {
  let at = 0;
  const admitFor = (world: World, tick: number): void => {
    while (at < script.length && script[at]!.tick <= tick) world.door.admit(script[at++]!.record);
  };
  const skipTo = (tick: number): void => {
    while (at < script.length && script[at]!.tick <= tick) at++;
  };
  const definition = defineSubsystem({
    name: "script",
    create: () => ({
      start({ world, isSuccessor }) {
        if (!isSuccessor) admitFor(world, 1);
      },
      afterTick: (world) => admitFor(world, world.tickCount + 1),
      // What was admitted in another thread came along in its door.
      restored: (world) => skipTo(world.tickCount + 1),
    }),
  });
  return { ...definition, skipTo };
}
