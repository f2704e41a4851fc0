/** Records, input files and settings. Faults E05xx. */
import { entry } from "./entry.ts";

export const inputFaults = {
  "input-file": entry<{ path: string; line: number; column: number; problem: string }>({
    id: "E0501",
    text: (f) => `${f.path}:${f.line}:${f.column}: ${f.problem}.`,
    mend: () =>
      'Each line is one JSON object with a tick, such as {"tick":60,"player":1,"control":"thrust","value":1}.',
    explain: 'An input file is JSON Lines: one record a line, in ascending order of ticks. See README, "Input files".',
  }),
  "record-malformed": entry<{ source: string; problem: string }>({
    id: "E0502",
    text: (f) => `${f.source} sent a record that cannot be read: ${f.problem}.`,
    mend: () => "Nothing of that message was admitted; check that client and host are of the same build.",
    explain: "Records from a driver are checked byte by byte before the door admits them.",
  }),
  "config-invalid": entry<{ setting: string; value: string; expected: string }>({
    id: "E0503",
    text: (f) => `Setting "${f.setting}" cannot be ${f.value}: expected ${f.expected}.`,
    mend: () => "Give a value in range; `plan --json` lists the settings of the game.",
    explain: "Settings enter the world as records at the door and are part of the journal.",
  }),
} as const;
