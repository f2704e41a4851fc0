/**
 * The life of one engine thread as the main thread sees it: its pulse is watched, and a thread that never comes back is
 * ended. What is known of its end then, where it stood and in whose code, is the fault that the run or the swap ends with.
 */
import type { Worker } from "node:worker_threads";
import type { FaultMoment } from "../../engine/base/fault-place.ts";
import { type Fault, makeFault, placeInStack } from "../../engine/base/faults.ts";
import { type Pulse, pulseBytes, pulseWord } from "../../engine/ports/pulse.ts";
import { sourceTextAt, withSourcePlaces } from "../host/source-places.ts";
import { stackOf } from "../host/thread-stack.ts";
import { doing, type Hang, hangOf, type StepPlace, says } from "./doing.ts";
import type { EngineThreadMessage } from "./engine-thread.ts";
import { SilenceWatch } from "./silence-watch.ts";

/** Why a thread was ended. */
export interface LostThread {
  readonly fault: Fault;
  /** Where it stood, as the stack of an error; "" when nobody knows. */
  readonly stack: string;
  readonly sourceText: string;
  readonly moment: FaultMoment | undefined;
}

/** How long a thread may take to say where it stands. */
const stackWaitMillis = 3_000;

export class EngineLife {
  /** Memory of the pulse, for the thread. */
  readonly memory = new SharedArrayBuffer(pulseBytes);
  /** Why the thread was ended; undefined when it was not, or ended otherwise. */
  lost: LostThread | undefined;
  /** Makes places in code known that this thread has not run; called before the thread's own are told. */
  knowCode: () => void = () => {};
  readonly #pulse: Pulse = new Int32Array(this.memory);
  readonly #limitMillis: number;
  #worker: Worker | undefined;
  #watch: SilenceWatch | undefined;
  #steps: readonly StepPlace[] = [];
  /** The tick behind which the code that runs took over, and that of the code before it. */
  #codeTick: number | undefined;
  #earlierCodeTick: number | undefined;
  #code = "";
  #isEnding = false;

  readonly #role: string;

  /** `role` is what the thread is called in a fault. */
  constructor(limitMillis: number, role = "engine") {
    this.#role = role;
    this.#limitMillis = limitMillis;
    says(this.#pulse, doing.start);
  }

  /** The thread has been started. */
  begin(worker: Worker): void {
    this.#worker = worker;
    this.#watch = new SilenceWatch(this.#pulse, this.#limitMillis, (waitedMillis) => void this.#silent(waitedMillis));
    worker.once("exit", () => this.#watch?.close());
  }

  /** Told of all that the thread says. */
  hear(message: EngineThreadMessage): void {
    if (message.kind === "steps") this.stepsAre(message.places);
    else if (message.kind === "swap-undone") {
      this.#codeTick = this.#earlierCodeTick;
      this.#code = message.code;
    } else if (message.kind === "swapped" && message.code !== this.#code) {
      this.#earlierCodeTick = this.#codeTick;
      this.#codeTick = message.tick;
      this.#code = message.code;
    }
  }

  /** The steps of a tick from here on; `codeTick` is the tick behind which their code took over, where that is known. */
  stepsAre(places: readonly StepPlace[], codeTick = this.#codeTick): void {
    this.#steps = places;
    this.#codeTick = codeTick;
  }

  /** Ends the thread, which did not stop within `waitedMillis`. */
  async giveUp(waitedMillis: number): Promise<void> {
    const before = this.#pulse.slice();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const isStill = before.every((word, at) => word === this.#pulse[at]);
    const isHung = isStill && before[pulseWord.doing] !== doing.idle;
    // One that goes on and only does not stop is nowhere that anybody would want to know.
    await this.#end(waitedMillis, isHung ? this.#hang() : { doing: "stop", moment: undefined });
  }

  async #silent(waitedMillis: number): Promise<void> {
    await this.#end(waitedMillis, this.#hang());
  }

  #hang(): Hang {
    return hangOf(this.#pulse, this.#steps, this.#codeTick);
  }

  async #end(waitedMillis: number, hang: Hang): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const worker = this.#worker!;
    const found = await stackOf(worker, stackWaitMillis);
    try {
      this.knowCode();
    } catch {
      // Code that cannot be read any more: its places are told as they are.
    }
    const stack = withSourcePlaces(found);
    const sourceText = sourceTextAt(placeInStack(stack, true));
    const fault = makeFault("thread-silent", { role: this.#role, waitedMillis, doing: hang.doing });
    this.lost = { fault, stack, sourceText, moment: hang.moment };
    await worker.terminate();
  }
}
