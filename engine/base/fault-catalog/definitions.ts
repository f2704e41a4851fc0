/** Mistakes in definitions: found when a game is compiled, before anything runs. Faults E01xx. */
import { entry } from "./entry.ts";

export const definitionsFaults = {
  "duplicate-name": entry<{ what: string; name: string }>({
    id: "E0101",
    text: (f) => `Two ${f.what}s are named "${f.name}".`,
    mend: (f) => `Rename one of the ${f.what}s; names are identities in plans, journals and saves.`,
    explain:
      "Components, systems, events, controls and subsystems are found by name: in the plan, in the layout of the arena, in a journal's schema. Two definitions with one name would make those ambiguous.",
  }),
  "unknown-name": entry<{ what: string; name: string; where: string; known: string }>({
    id: "E0102",
    text: (f) => `${f.where} names the ${f.what} "${f.name}", which does not exist.`,
    mend: (f) => `Add it to the game, or use one of: ${f.known}.`,
    explain:
      "A system may only name components, events and systems that the game (or a subsystem of it) defines. The name is compared exactly.",
  }),
  "order-cycle": entry<{ phase: string; systems: string }>({
    id: "E0103",
    text: (f) => `The systems of phase "${f.phase}" wait for one another in a circle: ${f.systems}.`,
    mend: () => "Remove one of the `before` or `after` entries along the circle.",
    explain: "`before` and `after` must leave at least one order that satisfies all of them.",
  }),
  "order-ambiguous": entry<{ phase: string; first: string; second: string; column: string; writers: string }>({
    id: "E0104",
    text: (f) =>
      `Systems "${f.first}" and "${f.second}" of phase "${f.phase}" both touch ${f.column}, written by ${f.writers}, and nothing says which runs first.`,
    mend: (f) => `Add \`after: ["${f.first}"]\` to "${f.second}", or \`before: ["${f.first}"]\` if it must run first.`,
    explain:
      "Two systems that touch the same data, one of them writing, give different results in different orders. Orrery never picks an order silently: registration order must not matter, so the order is declared.",
  }),
  "phase-write": entry<{ system: string; phase: string; component: string; allowed: string }>({
    id: "E0105",
    text: (f) =>
      `System "${f.system}" declares a write to ${f.component} in phase "${f.phase}", which may not write it.`,
    mend: (f) => `Move the write to phase ${f.allowed}, or write another component there and copy it.`,
    explain:
      "Each component says in which phases it may be written. WorldTransform belongs to `transforms`, Parent to staged commands, Controls to the door. A phase that runs later relies on the earlier ones being finished.",
  }),
  "bad-definition": entry<{ what: string; name: string; problem: string; remedy: string }>({
    id: "E0106",
    text: (f) => `The ${f.what} "${f.name}" is not valid: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain: "Definitions are checked when the plan is built, before anything runs.",
  }),
  "undeclared-event": entry<{ system: string; event: string }>({
    id: "E0107",
    text: (f) => `System "${f.system}" used the event ${f.event} without declaring it.`,
    mend: (f) => `Add ${f.event} to the \`emits\` or \`hears\` of "${f.system}".`,
    explain:
      "The plan orders writers and readers of an event by their declarations, so an undeclared use would be out of order.",
  }),
  "job-cycle": entry<{ jobs: string }>({
    id: "E0108",
    text: (f) => `The jobs wait for one another in a circle: ${f.jobs}.`,
    mend: () => "Take one of the outputs along the circle out of the inputs of the job that reads it.",
    explain:
      "A job runs when the jobs whose outputs it reads are done. In a circle none could ever begin; what is needed from the last frame is there as `before`.",
  }),
  "job-output-conflict": entry<{ output: string; first: string; second: string }>({
    id: "E0109",
    text: (f) => `Jobs "${f.first}" and "${f.second}" both write the output ${f.output}.`,
    mend: () => "Give each job an output of its own and let the reader name both.",
    explain: "An output has one writer, so that what is in it never depends on which job ended last.",
  }),
  "not-shared": entry<{ job: string; component: string; shared: string }>({
    id: "E0110",
    text: (f) => `Job "${f.job}" reads ${f.component}, which is in no snapshot.`,
    mend: (f) => `Define ${f.component} with \`shared: true\`, or read one of: ${f.shared}.`,
    explain: "A job sees a snapshot and nothing else of a world; only shared components are copied into it.",
  }),
  "undeclared-derived": entry<{ system: string; derived: string }>({
    id: "E0111",
    text: (f) => `System "${f.system}" used the derived value ${f.derived} without declaring it.`,
    mend: (f) => `Add ${f.derived} to the \`derived\` of "${f.system}".`,
    explain: "The plan says who reads what, derived values too; what a system does not declare it is not given.",
  }),
  "derived-read": entry<{ derived: string; component: string; field: string }>({
    id: "E0112",
    text: (f) =>
      `The derived value ${f.derived} reads ${f.component}${f.field === "" ? "" : `.${f.field}`}, which it does not name.`,
    mend: (f) => `Name ${f.component} in its \`from\`${f.field === "" ? "" : `, with the field ${f.field}`}.`,
    explain:
      "A derived value is computed again when a column that it names has changed. One that it reads and does not name would change unseen.",
  }),
} as const;
