/**
 * A tick under the loupe: a replay goes to the tick before, makes the tick under a step log and keeps the state before
 * and behind it. Two such traces of one tick are compared step by step; the first write that only one of them made, or
 * made otherwise, is what the worlds part by.
 *
 * The rule a reader could break: traces are taken one after the other, because a thread has one physics world; a trace
 * shares nothing with the engine that it was taken of.
 */
import { CommandLog, type StagedCommand } from "../audit/command-log.ts";
import { type Emission, EmissionLog } from "../audit/emission-log.ts";
import { bitsText, type StatePart, stateParts } from "../audit/state-map.ts";
import { type StepChange, StepLog } from "../audit/step-log.ts";
import { type Fault, faultOf } from "../base/faults.ts";
import { columnOver } from "../ecs/field.ts";
import type { Game } from "../game.ts";
import type { SavedWorld } from "../sim/saved-world.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { identityOf, type ProgramIdentity } from "./identity.ts";
import type { Journal } from "./journal.ts";
import { Replay, type ReplayHost } from "./replay.ts";

export interface TickTrace {
  readonly tick: number;
  /** For the names of places only: it goes on to be whatever its engine makes of it. */
  readonly world: World;
  readonly parts: readonly StatePart[];
  readonly steps: readonly TickStep[];
  /** How many of the steps came to their end: all of them, unless there is a fault. */
  readonly doneSteps: number;
  readonly changes: readonly StepChange[];
  /** What the structure phase was asked for, by whom. */
  readonly commands: readonly StagedCommand[];
  /** Who emitted which rows of events. */
  readonly emissions: readonly Emission[];
  readonly before: SavedWorld;
  /** The state behind it; of a tick that a fault ended, which has none, that before it. */
  readonly after: SavedWorld;
  /** Whether the tick before, and this one, came out as recorded. */
  readonly beganAsRecorded: boolean;
  readonly isAsRecorded: boolean;
  /** Low half of the hash of each span behind the tick. */
  readonly spans: ReadonlyMap<string, number>;
  /** Who made it. */
  readonly program: ProgramIdentity;
  /** What ended the tick before its end. */
  readonly fault: Fault | undefined;
}

/** Makes `tick` of a journal on `game`, from the nearest keyframe. */
export async function traceTick(journal: Journal, game: Game, host: ReplayHost, tick: number): Promise<TickTrace> {
  using replay = await Replay.at(journal, game, host, tick - 1);
  const recorded = journal.hashOf(tick - 1) ?? { high: 0, low: 0 };
  const { hash } = replay.world;
  const beganAsRecorded = hash.high === recorded.high && hash.low === recorded.low;
  if (replay.isSwapDue) await replay.passSwaps();
  const { world } = replay;
  const before = world.save();
  const log = new StepLog(world);
  const commandLog = new CommandLog(world);
  const emissionLog = new EmissionLog(world);
  let isAsRecorded = false;
  let fault: Fault | undefined;
  try {
    isAsRecorded = replay.step() === undefined;
  } catch (thrown) {
    fault = faultOf(thrown);
  }
  log.end();
  commandLog.end();
  emissionLog.end();
  const after = fault === undefined ? world.save() : before;
  const spans = new Map(world.hash.spans.map(({ name }, at) => [name, world.hash.results[at * 2]!]));
  return {
    ...{ tick, world, parts: stateParts(world), steps: world.steps, changes: log.changes, before, after },
    ...{ beganAsRecorded, isAsRecorded: isAsRecorded && fault === undefined, spans, fault },
    ...{ doneSteps: log.doneSteps, commands: commandLog.staged, emissions: emissionLog.emissions },
    program: identityOf(world.program),
  };
}

/** A value of one side, and who wrote it last. */
export interface SideValue {
  readonly value: number;
  readonly bits: string;
  /**
   * The step of this tick that wrote it last, of a row of an event the one that emitted it; undefined when it is from an
   * earlier tick, or there is no such row.
   */
  readonly writer: TickStep | "outside" | undefined;
  /** Whether it is in a row of an event that this side does not have. */
  readonly isRowless: boolean;
}

/** A write that two traces do not share. */
export interface WriteDifference {
  readonly step: TickStep | "outside";
  /** The side that alone has this step; undefined when both have it. */
  readonly only: "a" | "b" | undefined;
  /** "Velocity.x of entity 512". */
  readonly place: string;
  readonly component: string;
  readonly field: string;
  readonly entity: number;
  readonly a: SideValue;
  readonly b: SideValue;
  /** Elements that this step wrote otherwise, this one included. */
  readonly count: number;
}

/**
 * The first step whose writes to `spans` differ, and the first of them; undefined when all writes are the same. Behind a
 * fault nothing is compared: one side has not come there.
 */
export function firstWriteDifference(
  a: TickTrace,
  b: TickTrace,
  spans: ReadonlySet<string>,
): WriteDifference | undefined {
  const ours = byStep(a, spans);
  const theirs = byStep(b, spans);
  const passed = new Set<string>();
  const undone = new Set([a, b].flatMap(({ steps, doneSteps }) => steps.slice(doneSteps).map(stepName)));
  for (const name of mergedSteps(a, b)) {
    if (undone.has(name)) return undefined;
    passed.add(name);
    const one = ours.get(name) ?? new Map<string, StepChange>();
    const other = theirs.get(name) ?? new Map<string, StepChange>();
    const differing = differingKeys(one, other);
    if (differing.length === 0) continue;
    const [key] = differing as [string];
    const change = (one.get(key) ?? other.get(key))!;
    const { part, step, entity, place } = change;
    const hasStep = [a, b].map(({ steps }) => step === "outside" || steps.some((known) => known.name === step.name));
    return {
      ...{ step, place, entity, component: part.owner, field: part.field },
      only: hasStep[0] === hasStep[1] ? undefined : hasStep[0] === true ? "a" : "b",
      a: sideValue(a, one.get(key), change, passed),
      b: sideValue(b, other.get(key), change, passed),
      count: differing.length,
    };
  }
  return undefined;
}

/** The entities of all that a step wrote otherwise; 0 among them for what belongs to none. */
export function differingWrites(a: TickTrace, b: TickTrace, spans: ReadonlySet<string>, name: string): Set<number> {
  const one = byStep(a, spans).get(name) ?? new Map<string, StepChange>();
  const other = byStep(b, spans).get(name) ?? new Map<string, StepChange>();
  return new Set(differingKeys(one, other).map((key) => (one.get(key) ?? other.get(key))!.entity));
}

function differingKeys(one: ReadonlyMap<string, StepChange>, other: ReadonlyMap<string, StepChange>): string[] {
  const keys = [...one.keys(), ...[...other.keys()].filter((key) => !one.has(key))];
  return keys.filter((key) => one.get(key)?.afterBits !== other.get(key)?.afterBits);
}

/**
 * Up to here both sides are the same, so a side that did not write still has what was there before. `passed` names the
 * steps up to here.
 */
function sideValue(
  trace: TickTrace,
  own: StepChange | undefined,
  { part, element, before, beforeBits, step }: StepChange,
  passed: ReadonlySet<string>,
): SideValue {
  const value = { value: own?.after ?? before, bits: own?.afterBits ?? beforeBits };
  // Before the door opens, rows are those of the tick before.
  if (isOfTick(part) && step !== "outside") {
    const emitter = emitterOf(trace, part, element);
    const hasRow = emitter !== undefined && passed.has(stepName(emitter));
    return { ...value, writer: own?.step ?? (hasRow ? emitter : undefined), isRowless: own === undefined && !hasRow };
  }
  const earlier = trace.changes.findLast(
    (change) => change.part.name === part.name && change.element === element && passed.has(stepName(change.step)),
  );
  return { ...value, writer: own?.step ?? earlier?.step, isRowless: false };
}

/** Whether a part holds rows that are emitted in each tick anew; those of the tick before are copied by the door. */
export function isOfTick({ event, field }: StatePart): boolean {
  return event !== undefined && !field.startsWith("before.");
}

/** The step that emitted the row of an element; undefined where the tick has no such row. */
function emitterOf({ emissions }: TickTrace, part: StatePart, element: number): TickStep | undefined {
  const row = Math.floor(element / part.length);
  return emissions.find(({ event, from, to }) => event === part.owner && row >= from && row < to)?.step;
}

/** Changes of spans by the name of their step, and there by span and element, in their order. */
function byStep({ changes }: TickTrace, spans: ReadonlySet<string>): Map<string, Map<string, StepChange>> {
  const steps = new Map<string, Map<string, StepChange>>();
  for (const change of changes) {
    if (!spans.has(change.part.name)) continue;
    const name = stepName(change.step);
    const known = steps.get(name) ?? new Map<string, StepChange>();
    if (known.size === 0) steps.set(name, known);
    known.set(`${change.part.name} ${change.element}`, change);
  }
  return steps;
}

/** The steps of both in their order; one that only one side has stands where that side has it. */
export function mergedSteps(a: TickTrace, b: TickTrace): string[] {
  const ours = ["outside", ...a.steps.map(stepName)];
  const theirs = ["outside", ...b.steps.map(stepName)];
  const merged: string[] = [];
  let at = 0;
  for (const name of ours) {
    const found = theirs.indexOf(name, at);
    if (found >= 0) {
      merged.push(...theirs.slice(at, found).filter((other) => !ours.includes(other)));
      at = found + 1;
    }
    merged.push(name);
  }
  return [...merged, ...theirs.slice(at).filter((other) => !merged.includes(other))];
}

export function stepName(step: TickStep | "outside"): string {
  return step === "outside" ? "outside" : `${step.kind} ${step.name}`;
}

/** An element that two states have other values of. */
export interface ElementDifference {
  readonly part: StatePart;
  readonly element: number;
  readonly a: number;
  readonly b: number;
  readonly aBits: string;
  readonly bBits: string;
  /** Elements behind it that differ as well and are left out: of the last one of its span that is listed. */
  readonly moreCount: number;
}

/** The elements that differ between two saves of worlds with these parts, in the order of spans; at most `most` a span. */
export function elementDifferences(
  parts: readonly StatePart[],
  a: SavedWorld,
  b: SavedWorld,
  most: number,
): ElementDifference[] {
  const found: ElementDifference[] = [];
  for (const part of parts) {
    const ours = elementsOf(part, a);
    const theirs = elementsOf(part, b);
    const listed: ElementDifference[] = [];
    let count = 0;
    for (let element = 0; element < Math.max(ours.length, theirs.length); element++) {
      const one = ours[element] ?? 0;
      const other = theirs[element] ?? 0;
      if (Object.is(one, other)) continue;
      const [aBits, bBits] = [bitsText(part.scalar, one), bitsText(part.scalar, other)];
      if (aBits === bBits) continue;
      if (++count <= most) listed.push({ part, element, a: one, b: other, aBits, bBits, moreCount: 0 });
    }
    const moreCount = count - listed.length;
    found.push(...(moreCount === 0 ? listed : listed.with(-1, { ...listed.at(-1)!, moreCount })));
  }
  return found;
}

/** A save's elements of a part. */
export function elementsOf(part: StatePart, saved: SavedWorld): ArrayLike<number> {
  const bytes = saved.bytesOf(part.name);
  const slotCount = Math.floor(bytes.length / (part.elements.BYTES_PER_ELEMENT * part.length));
  return columnOver({ scalar: part.scalar, length: part.length }, bytes.buffer, bytes.byteOffset, slotCount);
}
