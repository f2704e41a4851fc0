/** What is found when the state around each step of a tick is compared, or changed on trial. Faults E0315 to E0320. */
import { entry } from "./entry.ts";

/** Who wrote, where, and both values as text with their bits. */
interface Write {
  /** `System "steer-tugs" (phase gameplay)`, "The door", "The structure phase". */
  writer: string;
  system: string;
  phase: string;
  /** "Velocity.x of entity 512". */
  written: string;
  component: string;
  field: string;
  entity: number;
  tick: number;
  before: string;
  after: string;
}

const change = ({ before, after }: { readonly before: string; readonly after: string }): string =>
  `${before} became ${after}`;

export const auditFaults = {
  "undeclared-write": entry<Write & { problem: string }>({
    id: "E0315",
    text: (f) => `${f.writer} wrote ${f.written} at tick ${f.tick}, ${f.problem}: ${change(f)}.`,
    mend: (f) =>
      f.system === ""
        ? `Look for an index that is no entity's among the systems that write ${f.component}.`
        : `Name ${f.component} in the \`writes\` of "${f.system}", or leave it alone.`,
    explain:
      "The order of systems follows from what they declare. A write that is not declared has no order: another system may see it one tick earlier or later after the next change of the plan. Audit mode hashes every column around each system and finds it.",
  }),
  "write-out-of-phase": entry<Write & { allowed: string }>({
    id: "E0316",
    text: (f) =>
      `${f.writer} wrote ${f.written} at tick ${f.tick}, but ${f.component} is written in ${f.allowed}: ${change(f)}.`,
    mend: (f) => `Write ${f.component} where it is allowed, or change its \`writtenIn\` or \`writer\`.`,
    explain:
      "Each barrier of a tick promises that certain columns change no more. A write behind it would be seen by some readers and not by others.",
  }),
  "write-between-ticks": entry<Omit<Write, "writer" | "system" | "phase"> & { during: string }>({
    id: "E0317",
    text: (f) => `${f.written} was written outside a tick, after tick ${f.tick}, ${f.during}: ${change(f)}.`,
    mend: () =>
      "Only ticks change authoritative state: send a record, or keep what presentation needs in memory of its own.",
    explain:
      "Stages of a frame, drivers and hosts read snapshots. What they write into the state is in no journal, so no replay can reach it.",
  }),
  "foreign-random": entry<Write & { owner: string }>({
    id: "E0318",
    text: (f) => `${f.writer} drew from the random stream of "${f.owner}" at tick ${f.tick} (${f.written}).`,
    mend: () => "Draw from `random` of the system's own context only, and do not keep it for others.",
    explain:
      "Each system has a stream of its own, so that adding a draw to one leaves the numbers of all others alone. A stream that two systems share couples their orders.",
  }),
  "undeclared-emission": entry<Write & { event: string }>({
    id: "E0319",
    text: (f) =>
      `${f.writer} changed the table of event ${f.event} at tick ${f.tick} without declaring it (${f.written}).`,
    mend: (f) => `Name ${f.event} in the \`emits\` of "${f.system}"; who only hears an event reads its rows.`,
    explain:
      "Rows of an event are in the order of the plan, then of emission. An emission that is not declared has no place in that order.",
  }),
  "undeclared-read": entry<{
    system: string;
    phase: string;
    component: string;
    field: string;
    writer: string;
    result: string;
    entity: number;
    tick: number;
  }>({
    id: "E0320",
    text: (f) =>
      `System "${f.system}" (phase ${f.phase}) read ${f.component}.${f.field} at tick ${f.tick} without declaring it, before system "${f.writer}" wrote it: with other values there, ${f.result} came out otherwise.`,
    mend: (f) =>
      `Name ${f.component} in the \`reads\` of "${f.system}", and say whether it runs before or after "${f.writer}".`,
    explain:
      "The order of systems follows from what they declare. A read that is not declared has no order: after the next change of the plan it may see the values of this tick instead of those of the last. `verify determinism --modes reads` makes ticks again with other values in the columns that a system must not see.",
  }),
} as const;
