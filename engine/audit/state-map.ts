/**
 * The state by its places: what each hashed span of a world holds, so that a byte that differs can be named as
 * "Velocity.x of entity 512". Given a world, it hands on one part for each span, in span order, with a typed view and the
 * meaning of every element. Audit, attribution and watches all name state by it.
 *
 * The rule a reader could break: a part views the whole region, but only its used elements are state.
 */
import { phaseNames } from "../base/phases.ts";
import { randomStateWords } from "../base/random.ts";
import type { Region } from "../ecs/arena.ts";
import { type Component, fieldNames } from "../ecs/component.ts";
import { type Column, columnOver, type Field, type Scalar, u16, u32 } from "../ecs/field.ts";
import type { HashedSpan } from "../ecs/store.ts";
import type { EventKind } from "../events/event.ts";
import type { World } from "../sim/world.ts";

export type StateKind = "structure" | "column" | "random" | "event" | "seats" | "resources" | "other";

/** One hashed span and what it means. */
export interface StatePart {
  readonly kind: StateKind;
  /** The span's name and its number in `world.hash.spans`. */
  readonly name: string;
  readonly number: number;
  /** The component or event kind of a column; the first half of the name of anything else. */
  readonly owner: string;
  readonly field: string;
  readonly component: Component | undefined;
  readonly event: EventKind | undefined;
  readonly scalar: Scalar;
  /** Elements of a slot. */
  readonly length: number;
  readonly elements: Column;
  readonly span: HashedSpan;
}

/** Where in a part an element is: the entity of a column, the row of an event, the word of anything else. */
export interface Place {
  readonly part: StatePart;
  readonly element: number;
  /** Index of the entity, 0 for what belongs to none. */
  readonly entity: number;
}

/** The parts of a world's state, in the order of its hashed spans. */
export function stateParts(world: World): readonly StatePart[] {
  const regions = new Map<number, Region>(world.arena.regions.map((region) => [region.byteOffset, region]));
  const components = new Map(world.program.schema.components.map((component) => [component.name, component]));
  const events = new Map(world.program.events.map((event) => [event.name, event]));
  return world.hash.spans.map((span, number) => {
    const dot = span.name.indexOf(".");
    const owner = span.name.slice(0, dot);
    const field = span.name.slice(dot + 1);
    const component = components.get(owner);
    const event = component === undefined ? events.get(owner) : undefined;
    const type = typeOf(component, event, field, span);
    const { byteLength } = regions.get(span.byteOffset)!;
    const slotCount = Math.floor(byteLength / (bytesOf(type) * type.length));
    return {
      kind: component === undefined ? kindOf(owner, event) : "column",
      ...{ name: span.name, number, owner, field, component, event, span },
      ...{ scalar: type.scalar, length: type.length },
      elements: columnOver(type, world.arena.buffer, span.byteOffset, slotCount),
    };
  });
}

/** Elements of the part that are state now. */
export function usedElements({ span, elements }: StatePart): number {
  const usedBytes = span.slotBytes * span.counter[span.counterIndex]!;
  return Math.min(elements.length, usedBytes / elements.BYTES_PER_ELEMENT);
}

/** The entity to which an element belongs, 0 for none. */
export function entityOfElement(part: StatePart, element: number): number {
  if (part.kind === "column") return Math.floor(element / part.length);
  return part.kind === "structure" && part.field !== "dense" ? element : 0;
}

/** The part and first element of a field of an entity; undefined when the world has no such field or entity. */
export function placeOfField(
  parts: readonly StatePart[],
  component: string,
  field: string,
  entity: number,
): Place | undefined {
  const part = parts.find((candidate) => candidate.name === `${component}.${field}`);
  if (part === undefined) return undefined;
  const element = entity * part.length;
  return element >= 0 && element < part.elements.length ? { part, element, entity } : undefined;
}

/** "Velocity.x of entity 512", "Delivered.crate in row 3", "word 2 of the random stream of steer-tugs". */
export function placeText(world: World, part: StatePart, element: number): string {
  const slot = Math.floor(element / part.length);
  const inSlot = part.length > 1 ? `[${element % part.length}]` : "";
  if (part.kind === "column") return `${part.name}${inSlot} of entity ${slot}`;
  if (part.kind === "random")
    return `word ${element % randomStateWords} of the random stream of ${streamName(world, element)}`;
  if (part.kind === "structure" && part.field !== "dense") return `${part.name} of entity ${slot}`;
  if (part.owner === "Events") return `${part.name} of ${world.program.events[element]?.name ?? element}`;
  if (part.kind === "event") return `${part.name}${inSlot} in row ${slot}`;
  return `${part.name} at ${element}`;
}

/** Whose stream a word of "Random.streams" belongs to: a system's name or "setup". */
export function streamName(world: World, element: number): string {
  const number = Math.floor(element / randomStateWords);
  return phaseNames.flatMap((phase) => world.program.order[phase])[number]?.name ?? "setup";
}

const words = new DataView(new ArrayBuffer(8));

/** The bits of a value as its scalar holds them: "0x3f800000". */
export function bitsText(scalar: Scalar, value: number): string {
  switch (scalar) {
    case "f64":
      words.setFloat64(0, value);
      return `0x${hex(words.getUint32(0), 8)}${hex(words.getUint32(4), 8)}`;
    case "f32":
      words.setFloat32(0, value);
      return `0x${hex(words.getUint32(0), 8)}`;
    case "i8":
    case "u8":
    case "bool":
      return `0x${hex(value & 0xff, 2)}`;
    case "i16":
    case "u16":
      return `0x${hex(value & 0xffff, 4)}`;
    default:
      return `0x${hex(value >>> 0, 8)}`;
  }
}

/** A value as text that tells -0 from 0. */
export function valueText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function kindOf(owner: string, event: EventKind | undefined): StateKind {
  if (event !== undefined || owner === "Events") return "event";
  if (owner === "Entities") return "structure";
  if (owner === "Random") return "random";
  if (owner === "Input") return "seats";
  return owner === "Resources" ? "resources" : "other";
}

function typeOf(
  component: Component | undefined,
  event: EventKind | undefined,
  field: string,
  span: HashedSpan,
): Field {
  if (component !== undefined && fieldNames(component).includes(field)) return component.fields[field]!;
  // Rows of the tick before lie beside those of this one.
  const eventField = event?.fields[field.replace(/^before\./, "")];
  if (eventField !== undefined) return eventField;
  return span.slotBytes === 2 ? u16 : u32;
}

function bytesOf({ scalar }: Field): number {
  if (scalar === "f64") return 8;
  if (scalar === "i8" || scalar === "u8" || scalar === "bool") return 1;
  return scalar === "i16" || scalar === "u16" ? 2 : 4;
}
