/**
 * Watches the pulse of a thread from another one that never blocks: a slow timer looks whether any word has changed.
 *
 * Looks are counted, not time: where the machine sleeps, or this process is stopped as a whole, nobody looks, and nobody is
 * taken for silent. A thread that is idle is not looked at; one that starts or ends its world has more time; and while a
 * debugger is attached to the process, anybody may stand still.
 */
import { type Pulse, pulseWord } from "../../engine/ports/pulse.ts";
import { isDebugged } from "../host/thread-stack.ts";
import { doing } from "./doing.ts";

/** How long a thread may be silent. A step of a tick is meant to take a thousandth of it, a whole swap a tenth. */
export const usualSilenceMillis = 5_000;
/** How much longer what happens once may take: a large world is set up, or the end of a journal is written. */
export const onceFactor = 12;
/** Looks within the limit. */
const lookCount = 20;

export class SilenceWatch {
  readonly #pulse: Pulse;
  readonly #limitMillis: number;
  readonly #onSilent: (waitedMillis: number) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #seen: Int32Array;
  #stillCount = 0;
  #isClosed = false;

  /** `onSilent` is called once, with the limit that was passed; a limit of 0 watches nothing. */
  constructor(pulse: Pulse, limitMillis: number, onSilent: (waitedMillis: number) => void) {
    this.#pulse = pulse;
    this.#limitMillis = limitMillis;
    this.#onSilent = onSilent;
    this.#seen = pulse.slice();
    if (limitMillis > 0) this.#timer = setInterval(() => void this.#look(), limitMillis / lookCount).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const what = this.#pulse[pulseWord.doing]!;
    if (what === doing.idle || this.#hasMoved()) {
      this.#stillCount = 0;
      return;
    }
    const factor = what === doing.start || what === doing.end ? onceFactor : 1;
    if (++this.#stillCount < lookCount * factor) return;
    this.#stillCount = 0;
    if ((await isDebugged()) || this.#isClosed) return;
    this.close();
    this.#onSilent(this.#limitMillis * factor);
  }

  #hasMoved(): boolean {
    let moved = false;
    for (let word = 0; word < this.#seen.length; word++) {
      const now = this.#pulse[word]!;
      if (now !== this.#seen[word]) moved = true;
      this.#seen[word] = now;
    }
    return moved;
  }
}
