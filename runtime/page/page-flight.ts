/**
 * The flight recorder of a page: keeps the last half minute to minute of its world in memory, and makes a black box of it
 * when something happens. The page holds it, so it outlives the engine's worker. Given the blocks of the journal as they
 * come, and memory in which the worker leaves its trace and the hash trees of its ticks; hands on boxes as files that
 * `replay run` runs. It never ends a run: where there is no memory left it says so once and is off from then on. The rule a
 * reader could break: the world goes on while a box is made small.
 */
import { type Fault, faultId, faultText, makeFault } from "../../engine/base/faults.ts";
import { type BlockKind, blockLink, encodeBlock } from "../../engine/replay/block.ts";
import { readJournal } from "../../engine/replay/journal.ts";
import { encodeAttachment } from "../../engine/replay/wire.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import type { StreamedBlock } from "../flight/block-stream.ts";
import { addEnd, addExtras, type BoxNote, type LostRun } from "../flight/box-extras.ts";
import { type BoxFacts, type BoxKind, boxFactsOf, boxName } from "../flight/box-facts.ts";
import { boxTopic } from "../flight/flight-pace.ts";
import { FlightRoll } from "../flight/flight-roll.ts";
import { encodeTrees } from "../flight/recorded-trees.ts";
import { type TailRun, traceTail } from "../flight/trace-tail.ts";
import { type RingNews, TreeRings } from "../flight/tree-rings.ts";
import { browser } from "./browser.ts";
import { browserClock } from "./clock.ts";
import { compressHere } from "./compression.ts";

/** A black box, for a person to save. */
export interface PageBox extends BoxFacts {
  /** What its file is to be called. */
  readonly name: string;
  readonly blob: Blob;
}

/** What ended a run. */
export interface PageRunFault {
  readonly fault: Fault;
  readonly stack: string;
  /** Ticks that were made. */
  readonly tick: number;
}

export class PageFlight {
  /** Undefined when it is off. */
  #roll: FlightRoll<BlockList> | undefined = new FlightRoll({ begin: () => new BlockList() });
  readonly #rings = new TreeRings();
  readonly #trace: TraceMemory;
  readonly #run: TailRun;
  readonly #onOff: (fault: Fault) => void;

  /** `onOff` is told why nothing is kept any more. */
  constructor(trace: TraceMemory, run: TailRun, onOff: (fault: Fault) => void) {
    this.#trace = trace;
    this.#run = run;
    this.#onOff = onOff;
  }

  /** The engine's worker keeps the hash trees of its ticks here. */
  addRing(news: RingNews): void {
    this.#rings.add(news);
  }

  add(block: StreamedBlock): void {
    try {
      this.#roll?.add(block);
    } catch (thrown) {
      this.#off(thrown);
    }
  }

  /** Makes a black box of a run that goes on; undefined before it has begun, and when it has ended well. Never rejects. */
  demand(): Promise<PageBox | undefined> {
    return this.#attempt("box", []);
  }

  /** Makes a black box of a run that a fault has ended; undefined when the fault was not the world's. Never rejects. */
  crash({ fault, stack, tick }: PageRunFault): Promise<PageBox | undefined> {
    const text = `${faultId(fault)} ${faultText(fault)}`;
    return this.#attempt("crash", [{ topic: boxTopic.fault, text: stack === "" ? text : stack }], { text, tick });
  }

  async #attempt(kind: BoxKind, notes: readonly BoxNote[], lost?: LostRun): Promise<PageBox | undefined> {
    try {
      return await this.#box(kind, notes, lost);
    } catch (thrown) {
      this.#off(thrown);
      return undefined;
    }
  }

  #off(thrown: unknown): void {
    this.#roll = undefined;
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    this.#onOff(makeFault("flight-off", { folder: "the page's memory", problem }));
  }

  async #box(kind: BoxKind, notes: readonly BoxNote[], lost?: LostRun): Promise<PageBox | undefined> {
    const roll = this.#roll;
    if (roll?.older === undefined || roll.hasEndedWell) return undefined;
    const { older, end } = roll;
    const blocks = older.copy();
    const journal = readJournal(blocks.bytes(), "the flight recorder");
    const page = { topic: boxTopic.page, text: browser.location.href };
    const all = [page, ...notes, this.#traceNote()];
    const trees = await this.#trees(journal.firstTick);
    addExtras(blocks, { notes: all, attachments: () => trees }, journal);
    if (kind === "crash") addEnd(blocks, journal, end, lost);
    const blob = new Blob([blocks.bytes()], { type: "application/octet-stream" });
    return { ...boxFactsOf(kind, journal), name: boxName(kind, new Date(), journal.lastTick), blob };
  }

  #traceNote(): BoxNote {
    return { topic: boxTopic.trace, text: traceTail(this.#trace, this.#run, browserClock.nowMicros()) };
  }

  async #trees(firstTick: number): Promise<Uint8Array[]> {
    const segments = this.#rings.segments(firstTick);
    if (segments.length === 0) return [];
    const small = await compressHere(new Uint8Array(encodeTrees(segments)));
    return [encodeAttachment({ topic: boxTopic.trees, name: "", ...small })];
  }
}

/** Blocks in memory, which are numbered and linked when they are asked for. */
class BlockList {
  #blocks: { readonly kind: BlockKind; readonly payload: Uint8Array }[] = [];

  add(kind: BlockKind, payload: Uint8Array): void {
    this.#blocks.push({ kind, payload });
  }

  remove(): void {
    this.#blocks = [];
  }

  copy(): BlockList {
    const other = new BlockList();
    other.#blocks = [...this.#blocks];
    return other;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    let link = 0;
    const framed = this.#blocks.map(({ kind, payload }, number) => {
      const block = encodeBlock(kind, number, link, payload);
      link = blockLink(block);
      return block;
    });
    const bytes = new Uint8Array(framed.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const block of framed) {
      bytes.set(block, at);
      at += block.length;
    }
    return bytes;
  }
}
