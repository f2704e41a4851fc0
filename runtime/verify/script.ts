/** Scripted records of a world that is held against others: each enters at its own tick, also in a world that was restored. */
import { defineSubsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { ScriptedRecord } from "../world/engine-thread.ts";

/** Admits the records of each tick before it is made, whatever was made before. */
export function scriptSubsystem(script: readonly ScriptedRecord[]): SubsystemDefinition {
  const byTick = Map.groupBy(script, ({ tick }) => Math.max(1, tick));
  return defineSubsystem({
    name: "script",
    create: () => ({
      beforeTick(world) {
        for (const { record } of byTick.get(world.tickCount + 1) ?? []) world.door.admit(record);
      },
    }),
  });
}
