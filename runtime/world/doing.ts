/**
 * What an engine thread does, as it says in its pulse, and what that is in words when it never comes back from it. It knows
 * no host: threads of pages say it, too.
 *
 * The rule a reader could break: "idle" is said only before a wait that something else bounds, for nobody looks at a thread
 * that is idle.
 */
import type { FaultMoment } from "../../engine/base/fault-place.ts";
import { type Pulse, pulseWord } from "../../engine/ports/pulse.ts";
import { stageNames } from "../../engine/sim/plan.ts";
import type { World } from "../../engine/sim/world.ts";

/** `idle`: it waits for its next frame, or for another thread. `start` and `end` may take long. */
export const doing = { idle: 0, start: 1, frame: 2, swap: 3, arrive: 4, end: 5 } as const;

export function says(pulse: Pulse, what: number): void {
  pulse[pulseWord.doing] = what;
}

/** Where a step of a tick belongs. Plain data. */
export interface StepPlace {
  readonly phase: string;
  /** "" for the door and for the application of commands. */
  readonly system: string;
}

/** Places of the steps of a world's tick, by their numbers. */
export function stepPlaces({ steps }: World): readonly StepPlace[] {
  return steps.map(({ phase, system }) => ({ phase, system: system?.name ?? "" }));
}

/** What a thread does without end: what it "did not" do in a fault, and when that was. */
export interface Hang {
  readonly doing: string;
  /** Undefined when it makes no frame. */
  readonly moment: FaultMoment | undefined;
}

/** Reads a pulse that stands still. `codeTick` is the tick behind which the code that runs took over, if any did. */
export function hangOf(pulse: Pulse, steps: readonly StepPlace[], codeTick: number | undefined): Hang {
  const tick = pulse[pulseWord.tick]!;
  switch (pulse[pulseWord.doing]) {
    case doing.start:
      return { doing: "start its world", moment: undefined };
    case doing.swap:
      return { doing: `finish a swap of code behind tick ${tick}`, moment: undefined };
    case doing.arrive:
      return { doing: "take the world over", moment: undefined };
    case doing.end:
      return { doing: `end its world behind tick ${tick}`, moment: undefined };
  }
  const frame = pulse[pulseWord.frame]!;
  const number = pulse[pulseWord.step]!;
  const code = codeTick === undefined ? "" : `, whose code took over behind tick ${codeTick},`;
  if (number <= 0) {
    const stage = stageNames[-1 - number] ?? "";
    const where = stage === "" ? "" : `the stage ${stage} of `;
    return {
      doing: `come back from ${where}frame ${frame} behind tick ${tick}${code}`,
      moment: { tick, frame, phase: stage, system: "" },
    };
  }
  const { phase, system } = steps[number - 1] ?? { phase: "", system: "" };
  const where = system === "" ? phase : `system ${system} of ${phase}`;
  return {
    doing: `come back from tick ${tick}${where === "" ? "" : ` (${where})`}${code}`,
    moment: { tick, frame, phase, system },
  };
}
