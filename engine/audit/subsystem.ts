/**
 * Audit mode as a part of an engine: an auditor over its ticks, and a look after each stage of a frame. List it last, so
 * that what the other parts of a stage wrote is found at that stage.
 */

import { checkDerived } from "../sim/derived-check.ts";
import { stageNames } from "../sim/plan.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition } from "../sim/subsystem.ts";
import { type AuditOptions, Auditor } from "./auditor.ts";
import { observeTicks } from "./observers.ts";

export interface AuditSubsystem extends Subsystem {
  /** Comparisons made so far, 0 before the start. */
  readonly checkedCount: number;
}

/** An engine in audit mode: every breach of a tick's barriers is a fault E0315 to E0319; wrong derived values are E0311. */
export function auditSubsystem(options: AuditOptions = { checkDerived }): SubsystemDefinition<AuditSubsystem> {
  return defineSubsystem({
    name: "audit",
    create(): AuditSubsystem {
      let auditor: Auditor | undefined;
      let end: () => void = () => {};
      const stages = Object.fromEntries(
        stageNames.map((name) => [name, () => auditor?.lookBetween(`in stage ${name}`)]),
      );
      return {
        get checkedCount() {
          return auditor?.checkedCount ?? 0;
        },
        start({ world }) {
          auditor = new Auditor(world, options);
          end = observeTicks(world, auditor);
        },
        stop: () => end(),
        restored: () => auditor?.rebase(),
        beginFrame: () => auditor?.lookBetween("between two frames"),
        afterTick: () => auditor?.lookBetween("as parts of the engine looked at it"),
        stages,
      };
    },
  });
}
