/**
 * What waits at the door while the world goes over: records that a driver was told are taken. They enter in the program
 * after, by its numbers, and settings of them go the way of those that the world has: to the nearest value that fits.
 *
 * Given records in the names of the program before, hands on records of the program after. The rule a reader could break:
 * its door believes a record no more than it does a driver's, so what it would refuse is lost without a word.
 */
import { fitsSetting, nearestFit, settingNames } from "../input/config.ts";
import type { WorldRecord } from "../input/record.ts";
import { type RecordNames, recordTranslator } from "../replay/record-names.ts";
import type { Program } from "../sim/program.ts";
import { settingSentence } from "./plan-move.ts";

export interface QueuedRecords {
  readonly records: readonly WorldRecord[];
  /** What became of them, a sentence each. */
  readonly report: readonly string[];
}

/** The records of `queued` that mean something in `after`. */
export function moveQueued(queued: readonly WorldRecord[], names: RecordNames, after: Program): QueuedRecords {
  const translate = recordTranslator(names, after);
  const settings = settingNames(after.config);
  const report: string[] = [];
  const records = queued.flatMap((record): WorldRecord[] => {
    const meant = translate(record);
    if (meant === undefined) return [];
    if (meant.kind !== "config") return [meant];
    const name = settings[meant.setting]!;
    const setting = after.config.settings[name]!;
    if (fitsSetting(setting, meant.value)) return [meant];
    report.push(settingSentence(name, setting, meant.value));
    return [{ ...meant, value: nearestFit(setting, meant.value) }];
  });
  return { records, report };
}
