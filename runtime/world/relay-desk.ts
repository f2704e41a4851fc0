/**
 * The main thread's side of restarts from a keyframe: starts the thread that is to have the world next, one at a time, and
 * knows which thread has it.
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
  readonly #options: RelayDeskOptions;
  #isStarting = false;
  /** Code that is to come after that of the next thread. */
  #waiting: Code | undefined;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
    this.side = options.first;
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
      listen(this.next);
    } finally {
      this.#isStarting = false;
      if (this.next === undefined) this.#goOn();
    }
  }

  /** `side`, which was to be next, has the world, or has ended without. */
  passed(side: EngineSide, hasWorld: boolean): void {
    if (this.next !== side) return;
    this.next = undefined;
    void closeSide(hasWorld ? this.side : side);
    if (hasWorld) this.side = side;
    this.#goOn();
  }

  /** Ends the thread that was to be next, at the end of the run. */
  async close(): Promise<void> {
    const { side, next } = this;
    this.#waiting = undefined;
    await next?.worker.terminate();
    if (this.next !== undefined) await closeSide(this.next);
    await closeSide(side);
  }

  #goOn(): void {
    const code = this.#waiting;
    this.#waiting = undefined;
    if (code !== undefined && !this.#options.isOver())
      this.restart(code).catch((thrown: unknown) => this.#options.refused(faultOf(thrown)));
  }
}
