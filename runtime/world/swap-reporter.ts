/**
 * What the main thread says to a run's log of code and settings that were edited: a note for what came of it, so that it can
 * be searched for, and behind it in words what became of the state, or why nothing came of it.
 */
import { type Fault, faultId, faultText } from "../../engine/base/faults.ts";
import type { Log } from "../../engine/services/log.ts";
import { withSourcePlaces } from "../host/source-places.ts";
import type { ToldNews } from "../hot/news-text.ts";
import { openSeat, type ServiceSeat } from "../services/services.ts";
import { runNote } from "./run-notes.ts";

export class SwapReporter {
  readonly #log: Log;

  constructor(seat: ServiceSeat) {
    this.#log = openSeat(seat).log;
  }

  /** Says what came of an edit that was asked of the world, which has made `tick` ticks. */
  told(news: ToldNews, tick: number): void {
    if (news.kind === "swapped") this.#swapped(news, tick);
    else this.#failed(news.kind === "swap-undone" ? runNote.swapUndone : runNote.swapRefused, news.fault, tick);
  }

  /** Says why an edit did not come as far as the world. */
  refused(fault: Fault, tick: number): void {
    this.#failed(runNote.swapRefused, fault, tick);
  }

  #swapped(news: Extract<ToldNews, { readonly kind: "swapped" }>, tick: number): void {
    const { subject = "code", report, isRestart, totalMicros, commitMicros } = news;
    const times = [Math.round(totalMicros / 1_000), Math.round(commitMicros / 100) / 10] as const;
    this.#log.tick = tick;
    if (isRestart) this.#log.note(runNote.worldRestarted, news.tick, times[0]);
    else {
      if (subject !== "settings") this.#log.note(runNote.codeSwapped, news.tick, ...times);
      if (subject !== "code") this.#log.note(runNote.settingsSwapped, news.tick, ...times);
    }
    for (const sentence of report) for (const piece of piecesOf(sentence)) this.#log.info(piece);
  }

  #failed(note: number, fault: Fault, tick: number): void {
    this.#log.tick = tick;
    this.#log.note(note);
    for (const piece of piecesOf(`${faultId(fault)} ${withSourcePlaces(faultText(fault))}`)) this.#log.warn(piece);
  }
}

/** Pieces that messages of the log have room for: a fault says its place last, which would be cut off. */
function piecesOf(text: string): readonly string[] {
  return text.match(/.{1,180}(?=\s|$)|\S{1,180}/gs)?.map((piece) => piece.trim()) ?? [];
}
