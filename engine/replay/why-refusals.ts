/**
 * Questions that have no answer, refused before anything is claimed: fields that the world does not have at that tick,
 * entities that do not live then, components that they do not have. Each says what there is instead.
 */
import type { StatePart } from "../audit/state-map.ts";
import { nameAdvice } from "../base/closest-name.ts";
import { raise } from "../base/faults.ts";
import type { Presence } from "./entity-watch.ts";
import type { Journal } from "./journal.ts";
import type { WhyQuestion } from "./why-chain.ts";
import type { Stretch, Stretches } from "./why-stretches.ts";

/** Raises "usage" for a field that a swap took before the tick, or brings behind it: the journal alone says so. */
export function refuseSwappedField(journal: Journal, { component, field, tick }: WhyQuestion): void {
  const name = `${component}.${field}`;
  const isThere = (of: number): boolean => journal.spansAt(of).includes(name);
  if (isThere(tick)) return;
  const problem = `There is no ${name} behind tick ${tick}:`;
  // A swap stands behind its tick, which the program before it makes.
  const taken = journal.swaps.findLast((swap) => swap.tick < tick && isThere(swap.tick));
  if (taken !== undefined)
    raise("usage", {
      problem: `${problem} the swap behind tick ${taken.tick} took the field.`,
      suggestion: `Give a tick up to ${taken.tick}.`,
    });
  const given = journal.swaps.find((swap) => swap.tick >= tick && isThere(swap.tick + 1));
  if (given !== undefined)
    raise("usage", {
      problem: `${problem} the swap behind tick ${given.tick} brings the field.`,
      suggestion: `Give a tick from ${given.tick + 1} on.`,
    });
}

/** The part of a field. Raises "usage" with what there is. */
export function findPart({ parts, world }: Stretch, { component, field }: WhyQuestion): StatePart {
  const names = world.program.schema.components.map(({ name }) => name);
  if (!names.includes(component))
    raise("usage", { problem: `There is no component "${component}".`, suggestion: nameAdvice(component, names) });
  const owned = parts.filter(({ kind, owner }) => kind === "column" && owner === component);
  const part = owned.find((candidate) => candidate.field === field);
  if (part !== undefined) return part;
  const fields = owned.map((other) => other.field);
  return raise("usage", { problem: `${component} has no field "${field}".`, suggestion: nameAdvice(field, fields) });
}

/** Raises "usage" for an element or entity that the part has no room for. */
export function refuseOutside(part: StatePart, { inSlot, entity }: WhyQuestion): void {
  const slots = part.elements.length / part.length;
  if (inSlot >= part.length)
    raise("usage", {
      problem: `${part.name} has no element ${inSlot}.`,
      suggestion: `Give one from 0 to ${part.length - 1}.`,
    });
  if (entity < 1 || entity >= slots)
    raise("usage", {
      problem: `No entity has the index ${entity}.`,
      suggestion: `Give an index from 1 to ${slots - 1}.`,
    });
}

/** Raises "usage" when the entity does not live behind the tick, or does not have the component; says when it did. */
export async function refuseAbsent(stretches: Stretches, { component, entity, tick }: WhyQuestion): Promise<void> {
  const { presences } = (await stretches.last()).watch;
  const now = presences.at(-1)!;
  if (!now.isAlive) {
    const lived = await spanOf(stretches, ({ isAlive }) => isAlive);
    raise("usage", {
      problem: `No entity ${entity} lives behind tick ${tick}.`,
      suggestion:
        lived === undefined
          ? `None had this index before, as far back as ${sinceText(stretches)}.`
          : `One lived ${lived}.`,
    });
  }
  if (now.components.includes(component)) return;
  const had = await spanOf(stretches, ({ components }) => components.includes(component));
  raise("usage", {
    problem: `Entity ${entity} has no ${component} behind tick ${tick}.`,
    suggestion: `${had === undefined ? "" : `One that had this index had it ${had}. `}It has ${now.components.length === 0 ? "no components" : now.components.join(", ")}.`,
  });
}

/** The last time before now for which something holds, as "from tick 6 to tick 190"; undefined when it never did. */
async function spanOf(stretches: Stretches, holds: (presence: Presence) => boolean): Promise<string | undefined> {
  let toTick: number | undefined;
  let fromText = "";
  let later: Presence | undefined;
  for (let number = 0; ; number++) {
    const stretch = await stretches.at(number);
    if (stretch === undefined) break;
    const { presences } = stretch.watch;
    for (let at = presences.length - 1; at >= 0; at--) {
      const presence = presences[at]!;
      if (holds(presence)) {
        // What a stretch begins with is so behind the tick before its first.
        toTick ??= later === undefined ? 0 : later.step === undefined ? later.tick : later.tick - 1;
        fromText = presence.step === undefined ? sinceText(stretches) : `tick ${presence.tick}`;
      } else if (toTick !== undefined) return `from ${fromText} to tick ${toTick}`;
      later = presence;
    }
  }
  return toTick === undefined ? undefined : `from ${fromText} to tick ${toTick}`;
}

function sinceText({ horizon }: Stretches): string {
  return horizon === 0 ? "the set-up of the game" : `tick ${horizon}, or before`;
}
