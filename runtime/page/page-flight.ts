/**
 * The flight recorder of a page: keeps the last half minute to minute of its world in memory, and makes a black box of it
 * when something happens. The page holds it, so it outlives the engine's worker. Given the blocks of the journal as they
 * come; hands on boxes as files that `replay run` runs.
 */
import { type Fault, faultId, faultText } from "../../engine/base/faults.ts";
import { type BlockKind, blockLink, encodeBlock } from "../../engine/replay/block.ts";
import { readJournal } from "../../engine/replay/journal.ts";
import type { StreamedBlock } from "../flight/block-stream.ts";
import { addEnd, addExtras, type BoxNote, type LostRun } from "../flight/box-extras.ts";
import { type BoxFacts, type BoxKind, boxFactsOf, boxName } from "../flight/box-facts.ts";
import { boxTopic } from "../flight/flight-pace.ts";
import { FlightRoll } from "../flight/flight-roll.ts";
import { browser } from "./browser.ts";

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
  readonly #roll = new FlightRoll({ begin: () => new BlockList() });

  add(block: StreamedBlock): void {
    this.#roll.add(block);
  }

  /** Makes a black box of a run that goes on; undefined before it has begun, and when it has ended well. */
  demand(): PageBox | undefined {
    return this.#box("box", []);
  }

  /** Makes a black box of a run that a fault has ended; undefined when the fault was not the world's. */
  crash({ fault, stack, tick }: PageRunFault): PageBox | undefined {
    const text = `${faultId(fault)} ${faultText(fault)}`;
    return this.#box("crash", [{ topic: boxTopic.fault, text: stack === "" ? text : stack }], { text, tick });
  }

  #box(kind: BoxKind, notes: readonly BoxNote[], lost?: LostRun): PageBox | undefined {
    const { older, end, hasEndedWell } = this.#roll;
    if (older === undefined || hasEndedWell) return undefined;
    const blocks = older.copy();
    const journal = readJournal(blocks.bytes(), "the flight recorder");
    addExtras(blocks, { notes: [{ topic: boxTopic.page, text: browser.location.href }, ...notes] }, journal);
    if (kind === "crash") addEnd(blocks, journal, end, lost);
    const blob = new Blob([blocks.bytes()], { type: "application/octet-stream" });
    return { ...boxFactsOf(kind, journal), name: boxName(kind, new Date(), journal.lastTick), blob };
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
