/**
 * The journal's way on the main thread: takes what the engine thread has put into the channel and hands it on, until that
 * thread is gone and nothing is left.
 *
 * The rule a reader could break: a ring that nobody empties stops the engine, so it is read on after a failure.
 */
import { type Fault, faultOf } from "../../engine/base/faults.ts";
import type { JournalOutlet } from "../flight/journal-outlet.ts";
import type { Channel } from "./channel.ts";

/** How long a block of the journal may lie in memory before it is written. */
const lookMillis = 25;

export class JournalPump {
  readonly #channel: Channel;
  readonly #outlet: JournalOutlet;
  #isOver = false;
  #wake: () => void = () => {};
  #failure: Fault | undefined;

  constructor(channel: Channel, outlet: JournalOutlet) {
    this.#channel = channel;
    this.#outlet = outlet;
  }

  /** Says that the engine thread is gone. */
  over(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Settles when all is written. When that fails (the disk is full or gone) the run is worth less, so it is stopped, and the
   * fault comes back.
   */
  async run(): Promise<Fault | undefined> {
    const ring = this.#channel.journal;
    for (;;) {
      this.#drain();
      if (this.#isOver || ring.isClosed) break;
      // A look now and then: to be woken for each block would cost the engine thread more than to write it.
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, lookMillis).unref();
      });
    }
    this.#drain();
    this.#attempt(() => this.#outlet.close());
    return this.#failure;
  }

  #drain(): void {
    const ring = this.#channel.journal;
    for (let bytes = ring.read(); bytes !== undefined; bytes = ring.read()) {
      const block = bytes;
      this.#attempt(() => this.#outlet.append(block));
    }
  }

  #attempt(action: () => void): void {
    try {
      if (this.#failure === undefined) action();
    } catch (thrown) {
      this.#failure = faultOf(thrown);
      this.#channel.requestStop();
    }
  }
}
