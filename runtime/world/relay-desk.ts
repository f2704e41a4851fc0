/**
 * The main thread's side of restarts from a keyframe: starts the thread that is to have the world next, one at a time, and
 * knows which thread has it, and which one may have it back.
 *
 * The rule a reader could break: messages of two threads come in any order, so that the world has been passed on is learnt
 * from whichever speaks first.
 */
import { MessageChannel } from "node:worker_threads";
import { type Fault, faultOf } from "../../engine/base/faults.ts";
import { hostClock } from "../host/clock.ts";
import { entryUrl } from "../host/project.ts";
import { type Code, loadGame } from "../hot/code.ts";
import { AssetHost, type AssetHostOptions } from "./asset-host.ts";
import { closeSide, type EngineSide } from "./engine-side.ts";
import type { EngineHostMessage } from "./engine-thread.ts";
import type { RelayData } from "./relay.ts";

export interface RelayDeskOptions {
  readonly assets: AssetHostOptions | undefined;
  readonly first: EngineSide;
  /** Whether the run is over. */
  isOver(): boolean;
  start(assets: AssetHost | undefined, relay: RelayData): EngineSide;
  listen(side: EngineSide): void;
  /** Keeps code that is going to run. Raises "file-write". */
  keep(code: Code): void;
  /** Told why code that had to wait was refused. */
  refused(fault: Fault): void;
}

export class RelayDesk {
  /** The thread that has the world. */
  side: EngineSide;
  /** The thread that is to have it next. */
  next: EngineSide | undefined;
  /** The thread that had it before and is parked while the code after is on trial. */
  #last: EngineSide | undefined;
  readonly #open = new Set<EngineSide>();
  readonly #options: RelayDeskOptions;
  #isStarting = false;
  /** Code that is to come after that of the next thread. */
  #waiting: Code | undefined;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
    this.side = options.first;
    this.#open.add(this.side);
  }

  /** See `WorldThread.restart`. */
  async restart(code: Code): Promise<void> {
    if (this.next !== undefined || this.#isStarting) {
      this.#waiting = code;
      return;
    }
    const { assets, keep, start, listen, isOver } = this.#options;
    const askedMicros = hostClock.nowMicros();
    this.#isStarting = true;
    try {
      const game = await loadGame(code);
      if (isOver()) return;
      keep(code);
      const { port1, port2 } = new MessageChannel();
      const relay: RelayData = { code, port: port1, askedMicros, entry: entryUrl().href };
      this.next = start(assets === undefined ? undefined : new AssetHost(game, assets), relay);
      this.next.line = port2;
      this.#open.add(this.next);
      listen(this.next);
    } finally {
      this.#isStarting = false;
      if (this.next === undefined) this.#goOn();
    }
  }

  /** The thread that is to be next is ready: the one that has the world is handed the line to it. */
  offer(side: EngineSide): void {
    if (side !== this.next || side.line === undefined) return;
    this.side.worker.postMessage({ kind: "relay", port: side.line } satisfies EngineHostMessage, [side.line]);
    delete side.line;
  }

  /** `side` has the world, as the next one or because it came back to it. */
  arrived(side: EngineSide): void {
    if (side === this.next) {
      this.next = undefined;
      this.#last = this.side;
      this.side = side;
      this.#goOn();
    } else if (side === this.#last) this.#goBack();
  }

  /** `side` has given the world away to the next one; false when there is none. */
  left(side: EngineSide): boolean {
    if (side !== this.side) return true;
    if (this.next === undefined) return false;
    this.arrived(this.next);
    return true;
  }

  /** `side` has given the world back to the one before. */
  returned(side: EngineSide): void {
    if (side === this.side && this.#last !== undefined) this.#goBack();
  }

  /** The thread of `side` has ended; true when it had the world. */
  ended(side: EngineSide): boolean {
    if (side === this.side) return true;
    void this.#closed(side);
    if (side === this.#last) this.#last = undefined;
    if (side === this.next) {
      this.next = undefined;
      this.#goOn();
    }
    return false;
  }

  /** Ends all threads but the one that had the world, which has ended, and closes what they had. */
  async close(): Promise<void> {
    this.#waiting = undefined;
    await Promise.all([...this.#open].filter((side) => side !== this.side).map(({ worker }) => worker.terminate()));
    await Promise.all([...this.#open].map((side) => this.#closed(side)));
  }

  #goBack(): void {
    this.side = this.#last!;
    this.#last = undefined;
    // Whoever was to have the world from the one that gave it back is asked anew.
    if (this.next !== undefined && this.next.line === undefined) this.#waiting ??= this.next.code;
  }

  async #closed(side: EngineSide): Promise<void> {
    if (this.#open.delete(side)) await closeSide(side);
  }

  #goOn(): void {
    const code = this.#waiting;
    this.#waiting = undefined;
    if (code !== undefined && !this.#options.isOver())
      this.restart(code).catch((thrown: unknown) => this.#options.refused(faultOf(thrown)));
  }
}
