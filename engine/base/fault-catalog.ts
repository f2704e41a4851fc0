/**
 * The catalogue of faults: every operating error that the engine and its runtime can report, each
 * with a stable id, its fields, the sentence that states it and the sentence that says how to mend it.
 *
 * The union `Fault` (faults.ts) is derived from this table, so it is closed: a fault that is not here
 * cannot be raised. Ids are never reused or renumbered: `explain E0302` must mean the same next year.
 *   E01 definitions   E02 lifecycle   E03 world   E04 journal   E05 input   E06 runtime   E07 jobs
 *   E08 assets   E09 traces, services, surfaces, budget, navigation
 * Each group is a file of fault-catalog/.
 */
import { assetsFaults } from "./fault-catalog/assets.ts";
import { auditFaults } from "./fault-catalog/audit.ts";
import { definitionsFaults } from "./fault-catalog/definitions.ts";
import { determinismFaults } from "./fault-catalog/determinism.ts";
import { flightFaults } from "./fault-catalog/flight.ts";
import { frameFaults } from "./fault-catalog/frame.ts";
import { inputFaults } from "./fault-catalog/input.ts";
import { jobsFaults } from "./fault-catalog/jobs.ts";
import { journalFaults } from "./fault-catalog/journal.ts";
import { lifecycleFaults } from "./fault-catalog/lifecycle.ts";
import { runtimeFaults } from "./fault-catalog/runtime.ts";
import { settingsFaults } from "./fault-catalog/settings.ts";
import { swapFaults } from "./fault-catalog/swap.ts";
import { verifyFaults } from "./fault-catalog/verify.ts";
import { worldFaults } from "./fault-catalog/world.ts";

export const faultCatalog = {
  ...definitionsFaults,
  ...lifecycleFaults,
  ...worldFaults,
  ...auditFaults,
  ...journalFaults,
  ...flightFaults,
  ...inputFaults,
  ...runtimeFaults,
  ...settingsFaults,
  ...determinismFaults,
  ...jobsFaults,
  ...assetsFaults,
  ...verifyFaults,
  ...swapFaults,
  ...frameFaults,
} as const;

export type FaultKind = keyof typeof faultCatalog;
export type FaultFields<K extends FaultKind> = Parameters<(typeof faultCatalog)[K]["text"]>[0];
