/**
 * Reproduction: runs a black box, or any journal, to its end in a thread and says what became of it: it ran as recorded, or
 * it ended in a fault, which may be the end of the thread itself.
 */
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { startThread } from "../host/threads.ts";
import { knowCodeOf } from "../replay/journal-code.ts";
import { openJournal } from "../replay/journal-source.ts";
import { EngineLife } from "../world/engine-life.ts";
import { usualSilenceMillis } from "../world/silence-watch.ts";
import type { ReproductionData, ReproductionMessage } from "./reproduction-thread.ts";

export type Reproduction =
  /** The last tick that was made; ticks behind the record went by without a fault. */
  | { readonly kind: "ran"; readonly tick: number; readonly hash: string }
  /** `tick` is the one that could not be made, `hash` that of the tick before. */
  | {
      readonly kind: "faulted";
      readonly tick: number;
      readonly hash: string;
      readonly fault: Fault;
      /** The fault as people are told it, with the author's place, where that is another. */
      readonly shown?: Fault;
      readonly stack: string;
    }
  /** `parted`: the leaves of the hash tree in which the tick differs that was not as recorded. */
  | { readonly kind: "refused"; readonly fault: Fault; readonly stack: string; readonly parted: readonly string[] };

export interface ReproductionOptions {
  /** Each step of each tick is audited. */
  readonly audit?: boolean | undefined;
  /** The thread is ended when it does not go on for so long; 0 for never. */
  readonly silenceMillis?: number | undefined;
  /** Told of ticks that came out as recorded. */
  onTick?(tick: number): void;
}

/** Settles when it is over. Never rejects. */
export function reproduce(path: string, options: ReproductionOptions = {}): Promise<Reproduction> {
  const { audit = false, silenceMillis = usualSilenceMillis, onTick } = options;
  const life = new EngineLife(silenceMillis);
  const data: ReproductionData = { role: "reproduction", path, audit, pulse: life.memory };
  const worker = startThread(data, { name: "reproduction" });
  life.begin(worker);
  life.knowCode = () => knowCodeOf(openJournal(path));
  return new Promise((resolve) => {
    let result: Reproduction | undefined;
    let attempt = { tick: 0, hash: "" };
    const lost = (fault: Fault, stack = ""): Reproduction =>
      attempt.tick === 0
        ? { kind: "refused", fault, stack, parted: [] }
        : { kind: "faulted", ...attempt, fault, stack };
    const died = (problem: string, stack?: string): Reproduction =>
      lost(makeFault("thread-died", { role: "engine", problem }), stack);
    worker.on("message", (message: ReproductionMessage) => {
      if (message.kind === "at") onTick?.(message.tick);
      else if (message.kind === "steps") life.stepsAre(message.places, message.codeTick);
      else if (message.kind === "attempts") attempt = { tick: message.tick, hash: message.hash };
      else if (message.kind === "faulted") result = { ...attempt, ...message };
      else result = message.kind === "refused" ? { ...message, stack: "" } : message;
    });
    worker.on("error", (thrown: unknown) => {
      result ??= thrown instanceof Error ? died(thrown.message, thrown.stack) : died(String(thrown));
    });
    worker.on("exit", (code) => {
      if (life.lost !== undefined) result ??= lost(life.lost.fault, life.lost.stack);
      resolve(result ?? died(`it exited with code ${code}`));
    });
  });
}
