/** Calls of an engine out of order. Faults E02xx. */
import { entry } from "./entry.ts";

export const lifecycleFaults = {
  lifecycle: entry<{ operation: string; status: string; allowed: string }>({
    id: "E0201",
    text: (f) => `\`${f.operation}\` was called on an engine that is ${f.status}.`,
    mend: (f) => `Call it only when the engine is ${f.allowed}.`,
    explain:
      "An engine goes created -> starting -> running -> stopping -> stopped, or to faulted. Start and stop may be called twice; everything else out of order is an error, because it would act on state that does not exist.",
  }),
  reentered: entry<{ operation: string; during: string }>({
    id: "E0202",
    text: (f) => `\`${f.operation}\` was called from inside ${f.during}.`,
    mend: (f) => `Call \`${f.operation}\` after the frame has returned.`,
    explain: "A frame is one piece: nothing may start, stop or step the engine from within it.",
  }),
  disposed: entry<{ operation: string }>({
    id: "E0203",
    text: (f) => `\`${f.operation}\` was called on an engine that has been disposed of.`,
    mend: () => "Make a new engine.",
    explain:
      "Disposal releases the arena and the physics world; nothing of the engine can be used after it, and it can be done only once.",
  }),
  "subsystem-failed": entry<{ subsystem: string; operation: string; problem: string }>({
    id: "E0204",
    text: (f) => `Subsystem "${f.subsystem}" failed to ${f.operation}: ${f.problem}`,
    mend: (f) => `See the message of "${f.subsystem}"; subsystems started before it have been stopped again.`,
    explain:
      "Subsystems start in the order of their needs and stop in reverse. When one fails, the engine is faulted and what was started is stopped.",
  }),
  "physics-shared": entry<{ operation: string; worlds: number }>({
    id: "E0205",
    text: (f) => `\`${f.operation}\` was called in a thread that has ${f.worlds} worlds with physics.`,
    mend: () => "Stop the other engines of the thread first, or give each a worker thread of its own.",
    explain:
      "A save copies the memory of Rapier's module, in which all worlds of a thread lie: putting it back would take the other worlds back too.",
  }),
} as const;
