/**
 * A flipped bit, planted on purpose: `--inject flip:Component.field:entity@tick` changes the lowest bit of one element of
 * one run after the systems of that tick and before its hash, as a failing memory would. The verdict must name it.
 */
import { observeTicks } from "../../engine/audit/observers.ts";
import { placeOfField, stateParts } from "../../engine/audit/state-map.ts";
import { raise } from "../../engine/base/faults.ts";
import type { World } from "../../engine/sim/world.ts";
import type { Examination } from "./examination.ts";

export interface Flip {
  /** As it was written, for messages. */
  readonly text: string;
  readonly component: string;
  readonly field: string;
  /** Element of a fixed array; 0 for a plain field. */
  readonly inSlot: number;
  readonly entity: number;
  readonly tick: number;
}

const form = /^flip:([A-Za-z_]\w*)\.(\w+?)(?:\[(\d+)\])?:(\d+)@(\d+)$/;
const formText = "flip:Component.field:entity@tick, such as flip:Position.x:12@100";

/** Reads "flip:Velocity.x:512@1841"; undefined when it does not begin like one. Raises "usage". */
export function parseFlip(text: string, tickCount: number): Flip | undefined {
  if (!text.startsWith("flip:")) return undefined;
  const found = form.exec(text);
  if (found === null) raise("usage", { problem: `"${text}" is not a flip.`, suggestion: `Write ${formText}.` });
  const [, component = "", field = "", inSlot = "0", entity = "", tick = ""] = found;
  const flip = { text, component, field, inSlot: Number(inSlot), entity: Number(entity), tick: Number(tick) };
  if (flip.tick < 1 || flip.tick > tickCount)
    raise("usage", {
      problem: `Tick ${flip.tick} of ${text} is not made: the runs have ${tickCount} ticks.`,
      suggestion: "Give an earlier tick, or more --ticks.",
    });
  return flip;
}

/** Raises "flip-impossible" unless the entity is there with its component at the tick. */
export function checkFlip({ text, component, entity, tick, inSlot }: Flip, seen: Examination): void {
  const refuse = (problem: string, suggestion: string): never =>
    raise("flip-impossible", { flip: text, problem, suggestion });
  const holders =
    seen.holders.length === 0
      ? `Nobody has ${component} at tick ${tick}; choose another component.`
      : `Choose one that has ${component} at tick ${tick}: ${seen.holders.join(", ")} and maybe others.`;
  if (!seen.isAlive) refuse(`entity ${entity} is not alive at tick ${tick}`, holders);
  if (!seen.hasComponent) refuse(`entity ${entity} has no ${component} at tick ${tick}`, holders);
  if (inSlot >= seen.length)
    refuse(`the field has ${seen.length} elements`, `Give a place from 0 to ${seen.length - 1}.`);
}

/** Flips the bit at the end of the tick that comes next. Observes after whoever observes already, so that they see it come. */
export function plantFlip(world: World, { component, field, entity, inSlot }: Flip): void {
  const { part, element } = placeOfField(stateParts(world), component, field, entity)!;
  const { elements } = part;
  const lastStep = world.steps.at(-1)!.number;
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  const end = observeTicks(world, {
    tickBegins() {},
    stepDone({ number }) {
      // The lowest bit of a number lies in its first byte.
      if (number === lastStep) bytes[(element + inSlot) * elements.BYTES_PER_ELEMENT]! ^= 1;
    },
    tickEnds: () => end(),
  });
}
