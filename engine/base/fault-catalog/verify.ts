/** What `verify determinism` finds and refuses. Faults E0631 to E0639. */
import { entry } from "./entry.ts";

/** An element that parts in two runs, and who wrote it last in each; "" where nobody knows. */
interface ElementDiffers {
  readonly component: string;
  readonly field: string;
  readonly entity: number;
  readonly expected: string;
  readonly found: string;
  readonly expectedWriter: string;
  readonly foundWriter: string;
}

/** `both` and `one` say what the two are. */
function writersText({ expectedWriter, foundWriter }: ElementDiffers, both: string, one: string): string {
  return expectedWriter === foundWriter
    ? `; who wrote it last in that tick is ${foundWriter} in ${both}`
    : `; who wrote it last in that tick is ${expectedWriter} in ${one} and ${foundWriter} in the other`;
}

export const verifyFaults = {
  "run-differs": entry<ElementDiffers & { comparison: string; tick: number; place: string }>({
    id: "E0631",
    text: (f) =>
      `${f.comparison}: ${f.place} differs at tick ${f.tick}: expected ${f.expected}, found ${f.found}${writersText(f, "both runs", "one run")}.`,
    mend: (f) => `Look at what reaches ${f.place} from outside the state: clocks, chance, order, memory of its own.`,
    explain:
      "Two runs of one world part here for the first time. Both were run again up to this tick, so the element and who wrote it last are known. The same records must give the same bits in every run.",
  }),
  "flip-impossible": entry<{ flip: string; problem: string; suggestion: string }>({
    id: "E0632",
    text: (f) => `${f.flip} cannot be done: ${f.problem}.`,
    mend: (f) => f.suggestion,
    explain:
      "--inject flip:Component.field:entity@tick flips the lowest bit of one element of one run after the systems of that tick, so that everybody can see the verdict name it. The entity must be alive then and have the component.",
  }),
  "heavy-differs": entry<ElementDiffers & { saved: number; tick: number; what: string }>({
    id: "E0633",
    text: (f) =>
      `A world restored from the save of tick ${f.saved} differs at tick ${f.tick} from the one that was saved: ${f.what}: expected ${f.expected}, found ${f.found}${
        f.expectedWriter === "" ? "" : writersText(f, "both", "the one that was saved")
      }.`,
    mend: () =>
      "Look for state outside components and parts: a module variable, a cache that a restore does not renew, an order that follows from history.",
    explain:
      "Heavy mode restores a save of every tick into a fresh world, runs some ticks, spawns and despawns, and compares hashes, entity ids, the order of queries and the bytes of a second save with the world that went on. Where a column parts, both are run again, so the element and who wrote it last are known.",
  }),
  "mode-missing": entry<{ modes: string }>({
    id: "E0634",
    text: (f) => `Not everything could be checked: ${f.modes}.`,
    mend: () => "Install what is missing, or leave out --require-all.",
    explain: "With --require-all a mode that this machine has not is a failure; without it the verdict names it.",
  }),
  "child-run-failed": entry<{ mode: string; problem: string }>({
    id: "E0635",
    text: (f) => `The run in the mode "${f.mode}" failed: ${f.problem}.`,
    mend: () => "Run that program by itself to see more.",
    explain: "Some modes are processes or pages of their own. One of them ended without saying what it saw.",
  }),
} as const;
