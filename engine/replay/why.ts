/**
 * Why a value is what it is: the chain of what produced it, from a journal. The last step that wrote it before a tick is
 * found by making the ticks again under a watch; then what that step could see (the declared columns of the same entity),
 * the records, commands, events and jobs that stand behind it; and so on, a bounded number of steps back.
 *
 * What is told is what happened, not what must have caused it: a system may read other entities as well. The rule a
 * reader could break: the watch is of one entity, so the chain stays with it and names others.
 */
import { bitsText, type StatePart, stateParts } from "../audit/state-map.ts";
import { ByteReader } from "../base/bytes.ts";
import { raise } from "../base/faults.ts";
import { handleIndex } from "../ecs/handle.ts";
import { type Game, gameJobs } from "../game.ts";
import { answerRowBytes } from "../input/answer.ts";
import type { WorldRecord } from "../input/record.ts";
import { jobsOf } from "../jobs/subsystem.ts";
import { Contact } from "../physics/components.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import { EntityWatch, type EventNote, type Write } from "./entity-watch.ts";
import type { Journal } from "./journal.ts";
import { Replay, type ReplayHost } from "./replay.ts";
import type { AnswerOrigin, WhyContact, WhyInput, WhyNode, WhyOptions, WhyQuestion } from "./why-chain.ts";
import { type Candidate, isBefore, later, nameOf, numberOf, rankOf, readsOf, tellsOf } from "./why-inputs.ts";

/** Inputs that are listed of a step, and into how many of them the chain goes on. */
const inputsShown = 5;
const inputsFollowed = 2;
/** Nodes of a chain at most. */
const nodesMax = 40;

/** Answers the question, or raises "unknown-name" when there is no such component, field or entity. */
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

/** Ticks that were made again under a watch, and the watch. */
interface Stretch {
  readonly fromTick: number;
  readonly watch: EntityWatch;
  readonly parts: readonly StatePart[];
  readonly world: Replay["world"];
}

class Chain {
  readonly #journal: Journal;
  readonly #game: Game;
  readonly #host: ReplayHost;
  readonly #question: WhyQuestion;
  readonly #options: WhyOptions;
  /** Latest first. */
  readonly #stretches: Stretch[] = [];
  #nodeCount = 0;
  readonly #seen = new Set<string>();

  constructor(journal: Journal, game: Game, host: ReplayHost, question: WhyQuestion, options: WhyOptions) {
    this.#journal = journal;
    this.#game = game;
    this.#host = host;
    this.#question = question;
    this.#options = options;
  }

  async answer(): Promise<WhyNode> {
    const { component, field, inSlot, entity, tick } = this.#question;
    await this.#goBack(tick);
    const { parts } = this.#stretches[0]!;
    const part = findPart(parts, component, field);
    const slots = part.elements.length / part.length;
    if (inSlot >= part.length || entity >= slots)
      raise("unknown-name", {
        what: inSlot >= part.length ? "element" : "entity",
        name: String(inSlot >= part.length ? inSlot : entity),
        where: part.name,
        known: inSlot >= part.length ? `0 to ${part.length - 1}` : `1 to ${slots - 1}`,
      });
    return this.#node(part.name, entity * part.length + inSlot, tick, Number.POSITIVE_INFINITY, this.#options.depth);
  }

  /** Makes the ticks before those that are known again, from the keyframe before them. False when there are none. */
  async #goBack(toTick: number): Promise<boolean> {
    if (toTick <= this.#journal.startTick || toTick <= this.#question.tick - this.#options.ticksBack) return false;
    const keyframe = this.#journal.keyframeBefore(toTick - 1);
    const replay = await Replay.open(this.#journal, this.#game, this.#host, keyframe);
    const made: Stretch[] = [];
    try {
      const begin = (): void => {
        const { world } = replay;
        made.push({
          fromTick: replay.tick,
          watch: new EntityWatch(world, this.#question.entity),
          parts: stateParts(world),
          world,
        });
      };
      begin();
      while (replay.tick < toTick) {
        if (replay.isSwapDue) {
          made.at(-1)!.watch.end();
          await replay.passSwaps();
          begin();
        }
        replay.step();
      }
      made.at(-1)!.watch.end();
    } finally {
      replay.dispose();
    }
    this.#stretches.push(...made.reverse());
    return true;
  }

  /** The last write of an element at `tick` before step `beforeStep`, and the stretch that it is in. */
  async #lastWrite(
    span: string,
    element: number,
    tick: number,
    beforeStep: number,
  ): Promise<{ readonly write: Write; readonly stretch: Stretch } | undefined> {
    for (let at = 0; ; at++) {
      if (at === this.#stretches.length && !(await this.#goBack(this.#stretches.at(-1)!.fromTick))) return undefined;
      const stretch = this.#stretches[at]!;
      const write = stretch.watch
        .writesOf(span, element)
        .findLast((known) => known.tick < tick || (known.tick === tick && numberOf(known.step) < beforeStep));
      if (write !== undefined) return { write, stretch };
    }
  }

  async #node(span: string, element: number, tick: number, beforeStep: number, depth: number): Promise<WhyNode> {
    this.#nodeCount++;
    const found = await this.#lastWrite(span, element, tick, beforeStep);
    if (found === undefined) return this.#unwritten(span, element, tick);
    const { write, stretch } = found;
    const { part, step, place, before, after } = write;
    const { watch } = stretch;
    const isDoor = step !== "outside" && step.kind === "door";
    const isStructure = step !== "outside" && step.kind === "structure";
    const records = isDoor ? await this.#recordsFor(part, write.tick, stretch) : [];
    return {
      ...{ place, tick: write.tick, step, before, after, records },
      beforeBits: bitsText(part.scalar, before),
      afterBits: bitsText(part.scalar, after),
      commands: isStructure
        ? watch.commands.filter(
            (note) =>
              note.tick === write.tick && (note.components.length === 0 || note.components.includes(part.owner)),
          )
        : [],
      events: watch.events.filter((note) => note.tick === write.tick && hears(step, note)),
      contacts: step !== "outside" && step.phase === "physics" ? contactsAt(stretch, write.tick) : [],
      answer: isDoor ? await this.#answerFor(part, write.tick) : undefined,
      inputs: depth > 0 ? await this.#inputsOf(write, stretch, depth) : [],
      reads: readsOf(step, stretch.world.steps).filter((name) => name !== part.owner),
    };
  }

  #unwritten(span: string, element: number, tick: number): WhyNode {
    const { watch, parts, fromTick } = this.#stretches.at(-1)!;
    const part = parts.find(({ name }) => name === span)!;
    const first = watch.writesOf(span, element)[0];
    const value = first?.before ?? part.elements[element]!;
    const bits = bitsText(part.scalar, value);
    const place = `${part.name}${part.length > 1 ? `[${element % part.length}]` : ""} of entity ${this.#question.entity}`;
    return {
      ...{ place, tick: Math.min(tick, fromTick), step: fromTick === 0 ? "setup" : "beyond" },
      ...{ before: value, after: value, beforeBits: bits, afterBits: bits },
      ...{ records: [], commands: [], events: [], contacts: [], answer: undefined, inputs: [], reads: [] },
    };
  }

  /** The columns of the entity that the step could see: its own first, then what others wrote, the telling ones first. */
  async #inputsOf({ tick, step, part: own, element }: Write, stretch: Stretch, depth: number): Promise<WhyInput[]> {
    if (step === "outside" || step.kind !== "system") return [];
    const components = new Set([own.owner, ...readsOf(step, stretch.world.steps)]);
    const candidates: Candidate[] = [];
    for (const part of stretch.parts) {
      if (part.kind !== "column" || !components.has(part.owner) || part.name === own.name) continue;
      // Of an array, the element that was written last stands for all.
      let last: Candidate | undefined;
      for (let at = 0; at < part.length; at++) {
        const index = this.#question.entity * part.length + at;
        const write = stretch.watch.writesOf(part.name, index).findLast((known) => isBefore(known, tick, step.number));
        if (write !== undefined && later(write) > later(last?.write)) last = { part, element: index, write };
      }
      if (last !== undefined && nameOf(last.write.step) !== step.name && tellsOf(last, tick, own))
        candidates.push(last);
    }
    candidates.sort((a, b) => rankOf(b, tick, own) - rankOf(a, tick, own) || later(b.write) - later(a.write));
    const inputs: WhyInput[] = [];
    const before = await this.#lastWrite(own.name, element, tick, step.number);
    if (before !== undefined) inputs.push(await this.#ownInput(before.write, before.stretch, step, depth));
    let followed = 0;
    for (const candidate of candidates.slice(0, inputsShown)) {
      // What is older than the tick and only followed from something would lead round in a circle.
      const leads = rankOf(candidate, tick, own) > 2;
      const isFollowed = leads && followed < inputsFollowed && this.#isNew(candidate.write);
      if (isFollowed) followed++;
      inputs.push(await this.#inputOf(candidate, isFollowed ? depth : 0));
    }
    return inputs;
  }

  async #inputOf({ part, element, write }: Candidate, depth: number): Promise<WhyInput> {
    const { tick, step, place, after } = write;
    const node = depth > 0 ? await this.#node(part.name, element, tick, numberOf(step) + 1, depth - 1) : undefined;
    return {
      ...{
        place,
        value: after,
        bits: bitsText(part.scalar, after),
        writtenTick: tick,
        writer: step,
        sinceTick: tick,
        node,
      },
    };
  }

  /** What the step itself had left: over the run of ticks in which it wrote nothing but its own, to whoever was before. */
  async #ownInput(last: Write, stretch: Stretch, step: TickStep, depth: number): Promise<WhyInput> {
    const { part, element, place, after, tick } = last;
    const first = this.#stretches.indexOf(stretch);
    let sinceTick = tick;
    let from: Write | undefined;
    for (let at = first; from === undefined; at++) {
      if (at === this.#stretches.length && !(await this.#goBack(this.#stretches.at(-1)!.fromTick))) break;
      const writes = this.#stretches[at]!.watch.writesOf(part.name, element);
      let index: number = at === first ? writes.indexOf(last) : writes.length - 1;
      while (index >= 0 && nameOf(writes[index]!.step) === step.name) sinceTick = writes[index--]!.tick;
      from = writes[index];
    }
    let node: WhyNode | undefined;
    if (from === undefined) node = this.#unwritten(part.name, element, sinceTick);
    else if (depth > 0 && this.#isNew(from))
      node = await this.#node(part.name, element, from.tick, numberOf(from.step) + 1, depth - 1);
    const bits = bitsText(part.scalar, after);
    return { place, value: after, bits, writtenTick: tick, writer: last.step, sinceTick, node };
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
    const key = valueAt(stretch, "Player.key", this.#question.entity, tick);
    const component = stretch.world.program.schema.components.findIndex(({ name }) => name === part.owner);
    return records.filter((record) => {
      if (record.kind === "config" || part.owner === "Config")
        return record.kind === "config" && part.owner === "Config";
      if (record.kind === "answer") return record.component === component;
      return record.kind !== "publish" && (key === 0 || record.player === key);
    });
  }

  /** Which job, chunk and snapshot an answer is from. */
  async #answerFor(part: StatePart, tick: number): Promise<AnswerOrigin | undefined> {
    const job = gameJobs(this.#game).find(({ answer }) => answer?.name === part.owner);
    if (job?.answer === undefined) return undefined;
    const { entity } = this.#question;
    const number = this.#stretches[0]!.world.program.schema.components.findIndex(({ name }) => name === part.owner);
    const rowBytes = answerRowBytes(job.answer);
    for (const record of this.#journal.tick(tick)?.records ?? []) {
      if (record.kind !== "answer" || record.component !== number) continue;
      const rowCount = record.rows.length / rowBytes;
      for (let row = 0; row < rowCount; row++) {
        const handle = new ByteReader(record.rows.subarray(row * rowBytes)).u32();
        if (handleIndex(handle) !== entity) continue;
        const snapshotTick = tick - job.latency;
        const chunk = await this.#chunkOf(job.name, row, tick, snapshotTick);
        return { job: job.name, snapshotTick, latency: job.latency, row, chunk };
      }
    }
    return undefined;
  }

  /** The chunk that wrote a row: the job is made to run once more, and its chunks say how many rows each wrote. */
  async #chunkOf(job: string, row: number, tick: number, snapshotTick: number): Promise<number> {
    // From before the launch: an answer that a keyframe holds is not cut into chunks any more.
    const keyframe = this.#journal.keyframeBefore(snapshotTick - 1);
    using replay = await Replay.open(this.#journal, this.#game, this.#host, keyframe);
    while (replay.tick < tick - 1) await replay.advance();
    // A save waits for the jobs on their way.
    replay.engine.save();
    const task = jobsOf(replay.engine).memory.tasks.find((candidate) => candidate.job.name === job);
    if (task === undefined) return -1;
    let rows = 0;
    for (let chunk = 0; chunk < task.view.chunkCount; chunk++) {
      rows += task.view.rowCounts[chunk]!;
      if (row < rows) return chunk;
    }
    return -1;
  }
}

function findPart(parts: readonly StatePart[], component: string, field: string): StatePart {
  const columns = parts.filter(({ kind }) => kind === "column");
  const owned = columns.filter(({ owner }) => owner === component);
  const listed = (names: readonly string[]): string => [...new Set(names)].join(", ");
  if (owned.length === 0)
    raise("unknown-name", {
      ...{ what: "component", name: component, where: "The world" },
      known: listed(columns.map(({ owner }) => owner)),
    });
  const part = owned.find((candidate) => candidate.field === field);
  if (part !== undefined) return part;
  return raise("unknown-name", {
    ...{ what: "field", name: field, where: component, known: listed(owned.map((known) => known.field)) },
  });
}

/** The value of an entity's field behind a tick. */
function valueAt({ watch, parts }: Stretch, span: string, entity: number, tick: number): number {
  const part = parts.find(({ name }) => name === span);
  if (part === undefined) return 0;
  const element = entity * part.length;
  const writes = watch.writesOf(span, element);
  const last = writes.findLast((write) => write.tick <= tick);
  if (last !== undefined) return last.after;
  return writes[0]?.before ?? part.elements[element] ?? 0;
}

/** Whether an event has to do with a step: it hears the kind, or it is of the phase that emits it. */
function hears(step: TickStep | "outside", { kind }: EventNote): boolean {
  if (step === "outside" || step.system === undefined) return false;
  const { system } = step;
  const heard = [...(system.hears ?? []), ...(system.emits ?? [])].some(({ name }) => name === kind);
  return heard || (step.phase === "physics" && kind === Contact.name);
}

/** The bodies that the entity touches at a tick, as far as the contacts began in this stretch. */
function contactsAt({ watch }: Stretch, tick: number): WhyContact[] {
  const open = new Map<number, number>();
  for (const { kind, tick: at, values, others } of watch.events) {
    const [other] = others;
    if (kind !== Contact.name || at > tick || other === undefined) continue;
    if (values["started"] === 1) open.set(other, at);
    else open.delete(other);
  }
  return [...open].map(([entity, sinceTick]) => ({ entity, sinceTick }));
}
