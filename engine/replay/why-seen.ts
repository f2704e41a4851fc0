/**
 * What a step saw of the watched entity: of each field of the components that it may read the last write before it, those
 * that are worth telling, the most telling ones first; the events that it could read, each kind as it declares it; the
 * commands that the structure phase applied; whether it knew of contacts.
 *
 * Given a stretch of ticks that was made again, it hands on what a chain is made of. The rule a reader could break: a row
 * counts only for steps behind its emission; what was emitted later in a tick did not lead to what was written before.
 */

import type { StatePart } from "../audit/state-map.ts";
import { type EventSource, kindsOf } from "../events/stream.ts";
import { Contact } from "../physics/components.ts";
import type { AnySystem } from "../sim/system.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { CommandNote, EventNote } from "./entity-watch.ts";
import { type Candidate, later, nameOf, numberOf, rankOf, tellsOf } from "./why-inputs.ts";
import { lastSeenWrite, type Stretch } from "./why-stretches.ts";

/** `own`: what the step wrote, which is told by itself; undefined for a step that emitted an event. */
export function candidatesOf(
  stretch: Stretch,
  components: ReadonlySet<string>,
  { tick, step, own }: { readonly tick: number; readonly step: TickStep; readonly own: StatePart | undefined },
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const part of stretch.parts) {
    if (part.kind !== "column" || !components.has(part.owner) || part.name === own?.name) continue;
    // Of an array, the element that was written last stands for all.
    let last: Candidate | undefined;
    for (let slot = 0; slot < part.length; slot++) {
      const write = lastSeenWrite(stretch, part, slot, tick, step.number);
      if (write !== undefined && later(write) > later(last?.write)) last = { part, slot, write };
    }
    if (last === undefined || !tellsOf(last, tick, own)) continue;
    if (own === undefined || nameOf(last.write.step) !== step.name) candidates.push(last);
  }
  return candidates.sort((a, b) => rankOf(b, tick, own) - rankOf(a, tick, own) || later(b.write) - later(a.write));
}

/** Whether a step that ran at `tick` could read a row, or emitted it; steps of physics know of contacts. */
export function isSeen({ by, kind, tick: emittedTick }: EventNote, step: TickStep | "outside", tick: number): boolean {
  if (step === "outside" || step.system === undefined) return false;
  const { hears, recalls, emits } = step.system;
  if (emittedTick !== tick) return emittedTick === tick - 1 && names(recalls, kind);
  if (numberOf(by ?? "outside") > step.number) return false;
  return names(hears, kind) || names(emits, kind) || (step.phase === "physics" && kind === Contact.name);
}

/** Whether sources have a kind of this name, by itself or in a stream of several. */
function names(sources: AnySystem["hears"], kind: string): boolean {
  return kindsOf((sources ?? []) as readonly EventSource[]).some(({ name }) => name === kind);
}

/** The step and the tick of an emission: rows of one emitter came from the same values. */
export function emitterOf({ by, tick }: EventNote): string {
  return `${tick} ${numberOf(by ?? "outside")}`;
}

/** Whether a step comes behind the one that learns of contacts: what physics makes of a body then is what they left. */
export function isBehindContacts(step: TickStep | "outside", { world }: Stretch): boolean {
  if (step === "outside" || step.phase !== "physics") return false;
  const learns = world.steps.find(({ system }) => system?.emits?.some(({ name }) => name === Contact.name));
  return learns !== undefined && step.number > learns.number;
}

/** The commands that stand behind what the structure phase wrote of a component. */
export function commandsFor(
  { watch }: Stretch,
  { owner }: StatePart,
  tick: number,
  step: TickStep | "outside",
): readonly CommandNote[] {
  if (step === "outside" || step.kind !== "structure") return [];
  return watch.commands.filter(
    (note) => note.tick === tick && (note.components.length === 0 || note.components.includes(owner)),
  );
}
