/**
 * The trial of new code: a part of the engine after that keeps the records of its ticks, so that the world before can
 * make those ticks itself when the new code faults in its first ones.
 */
import type { WorldRecord } from "../input/record.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition } from "../sim/subsystem.ts";

/** Code that has come so far is believed. */
const trialSeconds = 2;

export interface TrialSubsystem extends Subsystem {
  /** Records of each tick since the swap. */
  readonly ticks: readonly (readonly WorldRecord[])[];
  /** Records of the tick that failed, or those that wait when none did. */
  readonly failed: readonly WorldRecord[];
  readonly isOver: boolean;
  /** Keeps nothing from here on: whoever has the code on trial believes it, or somebody else's trial is over with it. */
  end(): void;
}

/** Of one swap; make one for each. */
export function trialSubsystem(): SubsystemDefinition<TrialSubsystem> {
  return defineSubsystem<TrialSubsystem>({
    name: "trial",
    create(): TrialSubsystem {
      let ticks: (readonly WorldRecord[])[] = [];
      let failed: readonly WorldRecord[] = [];
      let tickCount = 0;
      let tickCountMax = 0;
      let hasEnded = false;
      return {
        get ticks() {
          return ticks;
        },
        get failed() {
          return failed;
        },
        get isOver() {
          return tickCount >= tickCountMax;
        },
        end() {
          hasEnded = true;
          ticks = [];
        },
        start({ world }) {
          tickCountMax = trialSeconds * world.program.tickRate;
        },
        afterTick({ door }) {
          tickCount++;
          if (!hasEnded) ticks.push([...door.entered]);
        },
        faulted(_fault, { door, tickCount: made }) {
          // A tick that another part failed in behind it is whole, and was noted; what waits is meant for the next one.
          const isWhole = made > 0 && ticks.at(-1) !== undefined && sameRecords(ticks.at(-1)!, door.entered);
          failed = isWhole ? [...door.queued] : [...door.entered];
        },
      };
    },
  });
}

function sameRecords(a: readonly WorldRecord[], b: readonly WorldRecord[]): boolean {
  return a.length === b.length && a.every((record, at) => record === b[at]);
}
