/** Black boxes of runs. Faults E043x. */
import { entry } from "./entry.ts";

export const flightFaults = {
  "flight-off": entry<{ folder: string; problem: string }>({
    id: "E0431",
    text: (f) => `Nothing more of this run is kept for a black box: ${f.folder} cannot be written (${f.problem}).`,
    mend: () =>
      "Name another folder with --black-box, or go without by --no-flight-recorder; in a page, by flightRecorder: false.",
    explain:
      "While a world runs, its last half minute to minute is kept in a folder, so that a crash leaves a file that makes it happen again. The run itself does not depend on it.",
  }),
  "fault-not-reproduced": entry<{ path: string; tick: number; recorded: string; found: string }>({
    id: "E0432",
    text: (f) => `${f.path} ends with a fault behind tick ${f.tick} (${f.recorded}); here ${f.found}.`,
    mend: () => "Look for what is not of the ticks: presentation, the machine's memory, or code that has changed.",
    explain:
      "A black box holds what decides its ticks. A fault within a tick happens again when it is run; one that came from elsewhere, such as a stage of the frame or a machine that was out of memory, need not.",
  }),
} as const;
