/**
 * Why a value is what it is: the chain of what produced it, from a journal. The last step that wrote it before a tick is
 * found by making the ticks again under a watch; then what that step could see (the declared columns of the same entity),
 * the records, commands, events and jobs that stand behind it; and so on, a bounded number of steps back.
 *
 * What is told is what happened, not what must have caused it: a system may read other entities as well. Into some of them
 * an answer goes one step, because it is on record that they had to do with it: bodies that are touched, the parent, and
 * whom an event names that the step heard. The rule a reader could break: the watch is of one entity, so each other one
 * costs its ticks once more.
 */
import { bitsText, type StatePart } from "../audit/state-map.ts";
import { handleIndex } from "../ecs/handle.ts";
import { Parent } from "../ecs/hierarchy.ts";
import type { Game } from "../game.ts";
import type { WorldRecord } from "../input/record.ts";
import { bodyKind, RigidBody } from "../physics/components.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import { Position } from "../transform/components.ts";
import type { EventNote, Write } from "./entity-watch.ts";
import type { Journal } from "./journal.ts";
import type { ReplayHost } from "./replay.ts";
import { answerBehind } from "./why-answers.ts";
import type { WhyEvent, WhyInput, WhyNode, WhyOptions, WhyOther, WhyQuestion } from "./why-chain.ts";
import { type Candidate, declaredReads, nameOf, numberOf, rankOf, readsOf } from "./why-inputs.ts";
import { findPart, refuseAbsent, refuseOutside, refuseSwappedField } from "./why-refusals.ts";
import { candidatesOf, commandsFor, emitterOf, isBehindContacts, isSeen } from "./why-seen.ts";
import { type Origin, type Stretch, Stretches } from "./why-stretches.ts";

/** Inputs that are listed of a step, and into how many of them the chain goes on. */
const inputsShown = 5;
const inputsFollowed = 2;
/** Nodes of a chain at most. */
const nodesMax = 40;
/** Entities that events name of which is told what an emitter saw. */
const emittersOthers = 2;
/** Bodies that are touched into which an answer goes one step. */
const contactsFollowed = 2;

/**
 * Answers the question. Raises "usage" when there is no such component, field, element or entity behind the tick, or when
 * the entity does not have the component then.
 */
export async function explainValue(
  journal: Journal,
  game: Game,
  host: ReplayHost,
  question: WhyQuestion,
  options: WhyOptions,
): Promise<WhyNode> {
  const chain = new Chain(journal, game, host, question, options);
  return chain.answer();
}

class Chain {
  readonly #journal: Journal;
  readonly #game: Game;
  readonly #host: ReplayHost;
  readonly #question: WhyQuestion;
  readonly #options: WhyOptions;
  readonly #isOther: boolean;
  readonly #stretches: Stretches;
  #nodeCount = 0;
  readonly #seen = new Set<string>();

  /** `isOther`: the question is a step into another entity, which does not follow back what that entity's own value was. */
  constructor(
    journal: Journal,
    game: Game,
    host: ReplayHost,
    question: WhyQuestion,
    options: WhyOptions,
    isOther = false,
  ) {
    this.#isOther = isOther;
    this.#journal = journal;
    this.#game = game;
    this.#host = host;
    this.#question = question;
    this.#options = options;
    this.#stretches = new Stretches(journal, game, host, question, options);
  }

  async answer(): Promise<WhyNode> {
    const { inSlot, tick } = this.#question;
    refuseSwappedField(this.#journal, this.#question);
    const part = findPart(await this.#stretches.last(), this.#question);
    refuseOutside(part, this.#question);
    await refuseAbsent(this.#stretches, this.#question);
    const origin = await this.#stretches.originOf(part, inSlot, tick, Number.POSITIVE_INFINITY);
    const node = await this.#node(origin, part, inSlot, this.#options.depth);
    if (this.#options.depth === 0 || origin.kind !== "write") return node;
    const others = await this.#othersOf(node, origin.write, origin.stretch);
    return { ...node, others, events: await this.#withOthers(node.events) };
  }

  /** Where what a step of the tick saw of this entity is from; undefined when it is gone behind the tick or has no such. */
  async seenBefore(beforeStep: number): Promise<WhyNode | undefined> {
    const { component, field, inSlot, tick } = this.#question;
    const { parts, watch } = await this.#stretches.last();
    const part = parts.find(({ name }) => name === `${component}.${field}`);
    if (part === undefined || !watch.presences.at(-1)!.components.includes(component)) return undefined;
    const origin = await this.#stretches.originOf(part, inSlot, tick, beforeStep);
    return this.#node(origin, part, inSlot, this.#options.depth);
  }

  /** One step into the entities that a write came from as well. */
  async #othersOf({ contacts }: WhyNode, { part, element, tick, step }: Write, stretch: Stretch): Promise<WhyOther[]> {
    const others: WhyOther[] = [];
    const follow = async (relation: WhyOther["relation"], question: WhyQuestion, beforeStep: number): Promise<void> => {
      const options = { ...this.#options, depth: 1 };
      const chain = new Chain(this.#journal, this.#game, this.#host, question, options, true);
      const node = await chain.seenBefore(beforeStep);
      if (node !== undefined) others.push({ entity: question.entity, relation, node });
    };
    const parent = handleIndex(valueAt(stretch, `${Parent.name}.handle`, tick));
    if (parent !== 0 && declaredReads(step).includes(Parent.name)) {
      const question = {
        component: part.owner,
        field: part.field,
        inSlot: element % part.length,
        entity: parent,
        tick,
      };
      // The step goes through parents before children, so it saw what it had just written itself.
      await follow("parent", question, numberOf(step) + 1);
    }
    const field = Object.hasOwn(Position.fields, part.field) ? part.field : "x";
    const movable = contacts.filter(({ entity, isSensor }) => !isSensor && !isFixed(stretch, entity));
    for (const { entity } of movable.slice(0, contactsFollowed))
      await follow("contact", { component: Position.name, field, inSlot: 0, entity, tick }, numberOf(step));
    return others;
  }

  async #node(origin: Origin, part: StatePart, slot: number, depth: number): Promise<WhyNode> {
    this.#nodeCount++;
    if (origin.kind !== "write") return this.#unwritten(origin, part, slot);
    const { write, stretch } = origin;
    const { step, place, before, after, tick } = write;
    const isDoor = step !== "outside" && step.kind === "door";
    // First, so that what the step saw itself is told there and not below a row.
    const inputs = depth > 0 ? await this.#inputsOf(write, stretch, depth) : [];
    return {
      ...{ place, tick, step, before, after, isComing: false, inputs },
      records: isDoor ? await this.#recordsFor(part, tick, stretch) : [],
      beforeBits: bitsText(part.scalar, before),
      afterBits: bitsText(part.scalar, after),
      commands: commandsFor(stretch, part, tick, step),
      contacts: isBehindContacts(step, stretch) ? await this.#stretches.contactsAt(stretch, tick) : [],
      answer: isDoor
        ? await answerBehind(
            { journal: this.#journal, game: this.#game, host: this.#host },
            { program: stretch.world.program, component: part.owner, entity: this.#question.entity, tick },
          )
        : undefined,
      events: await this.#eventsOf(write, stretch, depth),
      reads: declaredReads(step).filter((name) => name !== part.owner),
      others: [],
    };
  }

  /** What no step wrote: it came with its component, or with a swap, or it was so from the beginning. */
  #unwritten(origin: Exclude<Origin, { readonly kind: "write" }>, part: StatePart, slot: number): WhyNode {
    const { kind, stretch, value } = origin;
    const { fromTick } = stretch;
    const inSlot = part.length > 1 ? `[${slot}]` : "";
    const bits = bitsText(part.scalar, value);
    const before = (kind === "swap" ? origin.before : undefined) ?? { value, bits };
    const step =
      kind === "coming" ? origin.presence.step! : kind === "swap" ? kind : fromTick === 0 ? "setup" : "beyond";
    return {
      ...{ place: `${part.name}${inSlot} of entity ${this.#question.entity}`, step },
      tick: kind === "coming" ? origin.presence.tick : fromTick,
      isComing: kind === "coming" || (kind === "swap" && origin.before === undefined),
      ...{ before: before.value, after: value, beforeBits: before.bits, afterBits: bits },
      commands: kind === "coming" ? commandsFor(stretch, part, origin.presence.tick, origin.presence.step!) : [],
      ...{ records: [], events: [], contacts: [], answer: undefined, inputs: [], reads: [], others: [] },
    };
  }

  /** The columns of the entity that the step could see: its own first, then what others wrote, the telling ones first. */
  async #inputsOf({ tick, step, part: own, element }: Write, stretch: Stretch, depth: number): Promise<WhyInput[]> {
    if (step === "outside" || step.kind !== "system") return [];
    const components = new Set([own.owner, ...readsOf(step, stretch.world.steps)]);
    const candidates = candidatesOf(stretch, components, { tick, step, own });
    const inputs: WhyInput[] = [];
    const before = this.#isOther
      ? undefined
      : await this.#stretches.originOf(own, element % own.length, tick, step.number);
    if (before?.kind === "write") inputs.push(await this.#ownInput(before, step, depth));
    inputs.push(...(await this.#told(candidates, stretch, { tick, own, depth })));
    return inputs;
  }

  /** The first candidates, and where some of them are from. */
  async #told(
    candidates: readonly Candidate[],
    stretch: Stretch,
    { tick, own, depth }: { readonly tick: number; readonly own: StatePart | undefined; readonly depth: number },
  ): Promise<WhyInput[]> {
    const inputs: WhyInput[] = [];
    let followed = 0;
    for (const candidate of candidates.slice(0, inputsShown)) {
      // What is older than the tick and only followed from something would lead round in a circle.
      const leads = depth > 0 && rankOf(candidate, tick, own) > 2;
      const isFollowed = leads && followed < inputsFollowed && this.#isNew(candidate.write);
      if (isFollowed) followed++;
      inputs.push(await this.#inputOf(candidate, stretch, isFollowed ? depth : 0));
    }
    return inputs;
  }

  /** The rows that a step could read, each with its emitter and what that saw of the entity. */
  async #eventsOf({ tick, step, part }: Write, stretch: Stretch, depth: number): Promise<WhyEvent[]> {
    const events: WhyEvent[] = [];
    const emitters = new Set<string>();
    for (const { note, stretch: of } of await this.#stretches.eventsIn(stretch, (row) => isSeen(row, step, tick))) {
      const emitter = emitterOf(note);
      const isFirst = !emitters.has(emitter);
      emitters.add(emitter);
      // What the value itself was is told beside the rows.
      const inputs = depth > 0 && isFirst ? await this.#emitterInputs(note, of, depth - 1, part.name) : [];
      events.push({ ...note, inputs });
    }
    return events;
  }

  /** What the emitter of a row saw of the entity: of components that it declares, for it is not known what it looked at. */
  async #emitterInputs({ by, tick }: EventNote, stretch: Stretch, depth: number, except = ""): Promise<WhyInput[]> {
    if (by?.system === undefined) return [];
    const components = new Set([
      ...readsOf(by, stretch.world.steps),
      ...(by.system.writes ?? []).map(({ name }) => name),
    ]);
    const candidates = candidatesOf(stretch, components, { tick, step: by, own: undefined });
    const others = candidates.filter(({ part }) => part.name !== except);
    return this.#told(others, stretch, { tick, own: undefined, depth });
  }

  /** What the emitters of the answer's rows saw of other entities that the rows name. */
  async #withOthers(events: readonly WhyEvent[]): Promise<WhyEvent[]> {
    const known = new Set<string>();
    const told: WhyEvent[] = [];
    for (const event of events) {
      const inputs = [...event.inputs];
      for (const entity of event.others) {
        const key = `${entity} ${emitterOf(event)}`;
        if (known.size >= emittersOthers || known.has(key)) continue;
        known.add(key);
        const question = { component: "", field: "", inSlot: 0, entity, tick: event.tick };
        const options = { ...this.#options, depth: 0 };
        const chain = new Chain(this.#journal, this.#game, this.#host, question, options, true);
        inputs.push(...(await chain.#emitterInputs(event, await chain.#stretches.last(), 0)));
      }
      told.push({ ...event, inputs });
    }
    return told;
  }

  async #inputOf({ part, slot, write }: Candidate, stretch: Stretch, depth: number): Promise<WhyInput> {
    const { tick, step, place, after } = write;
    const node = depth > 0 ? await this.#node({ kind: "write", write, stretch }, part, slot, depth - 1) : undefined;
    const bits = bitsText(part.scalar, after);
    return { place, value: after, bits, writtenTick: tick, writer: step, sinceTick: tick, node };
  }

  /** What the step itself had left: over the run of ticks in which it wrote nothing but its own, to whoever was before. */
  async #ownInput(last: Origin & { readonly kind: "write" }, step: TickStep, depth: number): Promise<WhyInput> {
    const { part, element, place, after, tick } = last.write;
    const slot = element % part.length;
    let origin: Origin = last;
    let sinceTick = tick;
    while (origin.kind === "write" && nameOf(origin.write.step) === step.name) {
      sinceTick = origin.write.tick;
      origin = await this.#stretches.originOf(part, slot, sinceTick, numberOf(origin.write.step));
    }
    const isTold = origin.kind !== "write" || (depth > 0 && this.#isNew(origin.write));
    const node = isTold ? await this.#node(origin, part, slot, depth - 1) : undefined;
    const bits = bitsText(part.scalar, after);
    return { place, value: after, bits, writtenTick: tick, writer: last.write.step, sinceTick, node };
  }

  /** Whether the chain has not gone through a write yet and has room for it; it is then noted. */
  #isNew(write: Write): boolean {
    const key = `${write.part.name} ${write.element} ${write.tick} ${numberOf(write.step)}`;
    if (this.#nodeCount >= nodesMax || this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  /** The records of a tick that have to do with what the door wrote. */
  async #recordsFor(part: StatePart, tick: number, stretch: Stretch): Promise<readonly WorldRecord[]> {
    const records = this.#journal.tick(tick)?.records ?? [];
    const key = valueAt(stretch, "Player.key", tick);
    const component = stretch.world.program.schema.components.findIndex(({ name }) => name === part.owner);
    return records.filter((record) => {
      if (record.kind === "config" || part.owner === "Config")
        return record.kind === "config" && part.owner === "Config";
      if (record.kind === "answer") return record.component === component;
      return record.kind !== "publish" && (key === 0 || record.player === key);
    });
  }
}

/** The value of a field of the entity behind a tick. */
function valueAt({ watch }: Stretch, span: string, tick: number): number {
  const last = watch.writesOf(span, 0).findLast((write) => write.tick <= tick);
  return last?.after ?? watch.endsOf(span, 0)?.first ?? 0;
}

function isFixed({ world }: Stretch, entity: number): boolean {
  return world.store.columnsOf(RigidBody)["kind"]![entity] === bodyKind.fixed;
}
