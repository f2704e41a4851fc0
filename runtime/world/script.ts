/** Records of an input file, as a part of the engine: each enters at its own tick, in whichever thread that is made. */
import { type RecordNames, recordTranslator } from "../../engine/replay/record-names.ts";
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { World } from "../../engine/sim/world.ts";
import type { ScriptedRecord } from "./engine-thread.ts";

export interface Script extends SubsystemDefinition {
  /** Records up to this tick have entered, or wait, by other ways. */
  skipTo(tick: number): void;
}

/**
 * Admits scripted records, each at its own tick, also when a late frame makes several. `names` are what their numbers mean;
 * each engine takes them for the controls and settings that its own program has under these names.
 */
export function scriptSubsystem(script: readonly ScriptedRecord[], names: RecordNames): Script {
  let at = 0;
  const skipTo = (tick: number): void => {
    while (at < script.length && script[at]!.tick <= tick) at++;
  };
  const definition = defineSubsystem({
    name: "script",
    create() {
      let translate: ReturnType<typeof recordTranslator>;
      const admitFor = (world: World, tick: number): void => {
        while (at < script.length && script[at]!.tick <= tick) {
          const record = translate(script[at++]!.record);
          if (record !== undefined) world.door.admit(record);
        }
      };
      return {
        start({ world, isSuccessor }) {
          translate = recordTranslator(names, world.program);
          if (!isSuccessor) admitFor(world, 1);
        },
        afterTick: (world) => admitFor(world, world.tickCount + 1),
        // What was admitted in another thread came along in its door.
        restored: (world) => skipTo(world.tickCount + 1),
      };
    },
  });
  return { ...definition, skipTo };
}
