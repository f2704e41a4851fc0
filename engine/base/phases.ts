/**
 * The phases of a tick, in their order. A phase is a value: its name, what belongs in it and whether
 * authors may put systems there. Which phases may write a component is said by the component.
 *
 * The order of this list is the order of the frame; nothing else in the engine decides it.
 */

export type PhaseName = "input" | "physics" | "gameplay" | "structure" | "transforms";

export interface Phase {
  readonly name: PhaseName;
  /** What belongs in it and what holds when it ends. */
  readonly purpose: string;
  /** False where only the engine itself acts. */
  readonly openToSystems: boolean;
}

export const phases: readonly Phase[] = [
  {
    name: "input",
    purpose:
      "Records stamped with this tick enter by the door and set Controls and Config. After it (B0) input is fixed for the tick.",
    openToSystems: true,
  },
  {
    name: "physics",
    purpose: "Forces are gathered, the physics world steps once, poses and contacts are read back.",
    openToSystems: true,
  },
  {
    name: "gameplay",
    purpose:
      "The game's rules. Reads poses and contacts of this tick, writes game components, stages commands. After it (B1) no column changes but by structure.",
    openToSystems: true,
  },
  {
    name: "structure",
    purpose:
      "Staged commands are applied in the order in which they were staged. After it (B2) membership and queries are fixed.",
    openToSystems: false,
  },
  {
    name: "transforms",
    purpose:
      "World transforms follow from local ones, parents before children; no command is staged. After it (B3) the tick is hashed.",
    openToSystems: true,
  },
];

export const phaseNames: readonly PhaseName[] = phases.map((phase) => phase.name);
