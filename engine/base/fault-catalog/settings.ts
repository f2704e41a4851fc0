/** Settings of a program: orrery.toml and what of it a journal carries. Faults E0611 to E0619. */
import { entry } from "./entry.ts";

/** One mistake of a configuration file, where it stands. */
export interface ConfigMistake {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly remedy: string;
}

export const settingsFaults = {
  "settings-refused": entry<{ where: string; problem: string; remedy: string }>({
    id: "E0611",
    text: (f) => `The settings cannot be used: ${f.where}: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "Settings change the order of systems, leave systems out and set the tick rate, all within what the definitions allow: an order that systems declare is never given up, because they touch the same data.",
  }),
  /** `problem` and `remedy` tell of all the mistakes; `mistakes` are for programs. */
  "config-file": entry<{ path: string; problem: string; remedy: string; mistakes: readonly ConfigMistake[] }>({
    id: "E0612",
    text: (f) => f.problem,
    mend: (f) => f.remedy,
    explain:
      "orrery.toml beside the game's main file, or the file given with --config, sets the order of systems, which are left out, the tick rate and priorities. It is checked whole, against the game's plan, before anything of it is used; while a world runs, a file with a mistake changes nothing.",
  }),
} as const;
