/**
 * The relay: how a world passes from an engine thread to the next one, which runs other code in an isolate of its own.
 *
 *     next     is started, loads the code, makes an empty world, says "ready" to the main thread
 *     before   is told so between two frames, sends a handover and waits
 *     next     moves the state: "taken", or it ends and the one before goes on
 *     before   sends the rest (where journal and counts stand) and is parked, with its world as it was
 *     next     enters the world and makes the ticks from here on, on trial for the first of them
 *     next     "believed": the one before ends. Or its code faults: "back", with the records since, and it ends itself
 *     before   makes the ticks since from those records, and goes on
 *
 * The rule a reader could break: channel, journal, track of the trace and workers have one engine thread at a time. The next
 * one touches none of them before it has the rest, and the one before none until it has the world back.
 */
import type { MessagePort } from "node:worker_threads";
import type { JournalPlace } from "../../engine/replay/journal-writer.ts";
import type { RecordNames } from "../../engine/replay/record-names.ts";
import type { GivenBack, Handover } from "../../engine/swap/handover.ts";
import type { Code } from "../hot/code.ts";
import type { CarriedCounts, Counts } from "./run-counts.ts";

/** What an engine thread is told that takes a world over. */
export interface RelayData {
  readonly code: Code;
  /** The line to the engine thread before. */
  readonly port: MessagePort;
  readonly askedMicros: number;
  /** The file that the process was started with. */
  readonly entry: string;
}

export type RelayMessage =
  | { readonly kind: "handover"; readonly handover: Handover }
  | { readonly kind: "taken" }
  | {
      readonly kind: "rest";
      readonly journal: JournalPlace | undefined;
      readonly counts: CarriedCounts;
      /** What numbers mean in records of drivers that come next. */
      readonly spoken: RecordNames;
    }
  /** The code after is believed: the thread before ends. */
  | { readonly kind: "believed" }
  | ({ readonly kind: "back" } & ReturnedWorld);

/** A world whose code after faulted on trial. */
export interface ReturnedWorld extends GivenBack {
  readonly journal: JournalPlace | undefined;
  /** What the thread after counted, and record messages of the run. */
  readonly counts: Counts;
  readonly messageCount: number;
  /** What numbers mean in records of drivers that come next. */
  readonly spoken: RecordNames;
  /** Behind which tick it failed, and why. */
  readonly failedTick: number;
  readonly problem: string;
}

/** One end of a line. */
export class RelayLine {
  readonly #port: MessagePort;
  readonly #waiting: RelayMessage[] = [];
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (message: RelayMessage) => {
      this.#waiting.push(message);
      this.#wake();
    });
    port.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  send(message: RelayMessage): void {
    this.#port.postMessage(message);
  }

  /** The next message of this kind; undefined when the other thread has ended. */
  async next<Kind extends RelayMessage["kind"]>(
    kind: Kind,
  ): Promise<Extract<RelayMessage, { kind: Kind }> | undefined> {
    while (this.#waiting.length === 0 && !this.#isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const message = this.#waiting.shift();
    return message?.kind === kind ? (message as Extract<RelayMessage, { kind: Kind }>) : undefined;
  }

  close(): void {
    this.#port.close();
  }
}
