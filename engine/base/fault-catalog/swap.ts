/** Code and settings that take over a running world. Faults E0421 to E0429. */
import { entry } from "./entry.ts";

export const swapFaults = {
  "swap-refused": entry<{ subject: string; before: string; after: string; remedy: string }>({
    id: "E0421",
    text: (f) =>
      `The new code cannot take over the running world: ${f.subject} is ${f.before} there and ${f.after} in the new code.`,
    mend: (f) => f.remedy,
    explain:
      "When code is replaced while a world runs, the state moves by the names of components and fields. Whatever would be lost or mean something else is refused, and the world goes on with the code that it has.",
  }),
  "swap-unloadable": entry<{ problem: string; place: string }>({
    id: "E0422",
    text: (f) =>
      `The new code could not be loaded: ${f.problem.replace(/\.$/, "")}${f.place === "" ? "" : ` (${f.place})`}.`,
    mend: () => "Mend it and save again; the world goes on with the code that it has.",
    explain:
      "New code is bundled, run and compiled beside the running world. When one of that fails, the world has not been touched.",
  }),
  "swap-undone": entry<{ tick: number; failedTick: number; problem: string }>({
    id: "E0423",
    text: (f) =>
      `The new code failed at tick ${f.failedTick} and was taken back; the world goes on from tick ${f.tick} with the code before: ${f.problem}`,
    mend: () => "Mend the new code and save again.",
    explain:
      "For its first two seconds new code is on trial. When it faults, the world is put back to the tick before the swap, the records since then enter again, and the code before goes on.",
  }),
  "swap-code-changed": entry<{ path: string; hash: string; found: string }>({
    id: "E0424",
    text: (f) => `${f.path} is not the code that its journal goes on with: it has hash ${f.found}, not ${f.hash}.`,
    mend: () => "Restore the folder of code beside the journal as it was recorded.",
    explain:
      "A journal names swapped code by the hash of its text. A file with another text is another program, so it is not run.",
  }),
  "migration-failed": entry<{ migration: string; entity: number; problem: string; place: string }>({
    id: "E0425",
    text: (f) =>
      `The migration ${f.migration} failed for entity ${f.entity}: ${f.problem.replace(/\.$/, "")}${f.place === "" ? "" : ` (${f.place})`}.`,
    mend: () => "Mend the migration and save again; the world goes on with the code that it has.",
    explain: "A migration gives values for a component, each within the range of its field, and throws for none.",
  }),
  "swap-code-form": entry<{ path: string; found: string; known: string }>({
    id: "E0426",
    text: (f) =>
      `The code in ${f.path} is kept in a form that cannot be read: ${f.found}; this program reads ${f.known}.`,
    mend: () => "Replay the journal with the version of Orrery that recorded it, or record it anew.",
    explain:
      "The code of a journal is kept as a text of its modules. What another version of Orrery kept in another form is not guessed at.",
  }),
} as const;
