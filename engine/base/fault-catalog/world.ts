/** What goes wrong within a tick or a view. Faults E03xx. */
import { entry } from "./entry.ts";

export const worldFaults = {
  "limit-reached": entry<{ limit: string; value: number; setting: string }>({
    id: "E0301",
    text: (f) => `The limit "${f.limit}" of ${f.value} is reached.`,
    mend: (f) => `Raise it with \`${f.setting}\` in the game's definition.`,
    explain:
      "All storage is laid out before the first tick, so that a steady tick allocates nothing and every column has a fixed address. Limits are part of a journal's header.",
  }),
  "stale-handle": entry<{ operation: string; entity: number; index: number; generation: number; current: number }>({
    id: "E0302",
    text: (f) =>
      `\`${f.operation}\` was given entity ${f.index} of generation ${f.generation}, but that entity is gone (the slot is at generation ${f.current}).`,
    mend: () => "Ask `isAlive(handle)` before using a handle that was kept from an earlier tick.",
    explain:
      "A handle is an index and a generation. The generation of a slot grows each time its entity is despawned, so an old handle can be told from the entity that now has the slot.",
  }),
  "system-threw": entry<{
    system: string;
    phase: string;
    tick: number;
    entity: number;
    message: string;
    place: string;
  }>({
    id: "E0303",
    text: (f) =>
      `System "${f.system}" (phase ${f.phase}) threw at tick ${f.tick}${f.entity > 0 ? `, entity ${f.entity}` : ""}: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "Mend the system; the journal up to the tick before is whole and replays to the same point.",
    explain:
      "A system that throws leaves the tick half done. The world is stopped at once: going on would make a state that no replay can reach.",
  }),
  "not-a-number": entry<{
    component: string;
    field: string;
    entity: number;
    system: string;
    tick: number;
    /** What the system read that was NaN already, as "Position.y of entity 3". */
    source?: string;
  }>({
    id: "E0304",
    text: (f) =>
      `System "${f.system}" left NaN in ${f.component}.${f.field} of entity ${f.entity} at tick ${f.tick}.${f.source === undefined ? "" : ` ${f.source}, which it reads, was NaN before; no system that declares to write it left that there.`}`,
    mend: (f) =>
      f.source === undefined
        ? "Look for 0/0, the square root of a negative number, or a vector of length zero that is normalised; if it is none of these, run with --audit, which names who writes what it does not declare."
        : `Run with --audit, or the black box with \`replay run --audit\`: that names the system that wrote ${f.source.replace(/ of entity.*/, "")} without declaring it.`,
    explain:
      "NaN has many bit patterns and differs between engines, so it must never reach the hash; and everything computed from it is NaN as well. Columns are searched behind each system that declares to write them.",
  }),
  "missing-component": entry<{ operation: string; component: string; entity: number }>({
    id: "E0305",
    text: (f) => `\`${f.operation}\` names ${f.component}, which entity ${f.entity} does not have.`,
    mend: () => "Add the component first, or check `has(entity, component)`.",
    explain: "Removing or reading a component that is not there is almost always a mistake in the order of commands.",
  }),
  "parent-cycle": entry<{ child: number; parent: number }>({
    id: "E0306",
    text: (f) =>
      `Entity ${f.child} cannot become a child of ${f.parent}: that is itself or one of its own descendants.`,
    mend: () => "Detach the descendant first.",
    explain: "The hierarchy is a forest; a circle has no world transform.",
  }),
  "wrong-type": entry<{ component: string; field: string; value: string; expected: string }>({
    id: "E0307",
    text: (f) => `${f.component}.${f.field} was given ${f.value}; it holds ${f.expected}.`,
    mend: () => "Give a value of that type and range.",
    explain: "Initial values are checked when a command is staged, so that the error names the place that made it.",
  }),
  "physics-invalid": entry<{ entity: number; problem: string }>({
    id: "E0308",
    text: (f) => `Entity ${f.entity} cannot have a physics body: ${f.problem}.`,
    mend: () => "Correct the RigidBody or Collider values given when it was spawned.",
    explain: "Bodies and colliders are made at the start of the physics phase that follows the command.",
  }),
  "view-failed": entry<{ what: string; message: string; place: string }>({
    id: "E0310",
    text: (f) => `The view's ${f.what} threw: ${f.message}${f.place === "" ? "" : ` at ${f.place}`}.`,
    mend: () => "Mend the view; a view reads snapshots and must cope with any of them.",
    explain:
      "Views are run once a frame. One that throws cannot be left out silently, so the run ends; its journal is whole.",
  }),
  "commands-closed": entry<{ operation: string }>({
    id: "E0309",
    text: (f) => `\`${f.operation}\` was called outside a tick, or behind its structure phase.`,
    mend: () =>
      "Stage structural changes from a system of an earlier phase, such as gameplay; from outside the world send a record instead.",
    explain:
      "Only ticks change authoritative state. Whatever enters from outside goes through the door as a record, so that a journal holds all of it. Within a tick commands are staged up to the structure phase, which applies them: what waited beyond it would be in no hash and in no save.",
  }),
  "derived-wrong": entry<{
    derived: string;
    path: string;
    problem: string;
    remedy: string;
    computedTick: number;
    tick: number;
  }>({
    id: "E0311",
    text: (f) =>
      `The derived value ${f.derived}, computed from the state of tick ${f.computedTick}, is not what the state of tick ${f.tick} gives (first at ${f.path}): ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "A derived value is a function of the columns and parameters that it names, and is computed again only when one of them changed. Audit mode computes each again and compares: a difference means that it reads something else, or that something wrote into it. Equal states would then give different ticks.",
  }),
  "derived-failed": entry<{ derived: string; message: string; place: string }>({
    id: "E0312",
    text: (f) => `Computing the derived value ${f.derived} threw: ${f.message} (${f.place}).`,
    mend: () => "Mend the compute function at the place named.",
    explain: "Derived values are computed when a tick begins; systems of that tick cannot run without them.",
  }),
} as const;
