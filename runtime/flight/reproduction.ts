/**
 * Reproduction: runs a black box, or any journal, to its end in a thread and says what became of it: it ran as recorded, or
 * it ended in a fault, which may be the end of the thread itself.
 */
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { startThread } from "../host/threads.ts";
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
      readonly stack: string;
    }
  /** `parted`: the leaves of the hash tree in which the tick differs that was not as recorded. */
  | { readonly kind: "refused"; readonly fault: Fault; readonly parted: readonly string[] };

/** How long a tick may take that ended a run before it counts as one that never ends. */
const attemptMillis = 5_000;

/** Settles when it is over; with `audit` each step of each tick is audited. Never rejects. */
export function reproduce(path: string, onTick: (tick: number) => void, audit = false): Promise<Reproduction> {
  const data: ReproductionData = { role: "reproduction", path, audit };
  const worker = startThread(data, { name: "reproduction" });
  return new Promise((resolve) => {
    let result: Reproduction | undefined;
    let attempt = { tick: 0, hash: "" };
    let timer: NodeJS.Timeout | undefined;
    const died = (problem: string, stack = ""): Reproduction => {
      const fault = makeFault("thread-died", { role: "engine", problem });
      return attempt.tick === 0
        ? { kind: "refused", fault, parted: [] }
        : { kind: "faulted", ...attempt, fault, stack };
    };
    worker.on("message", (message: ReproductionMessage) => {
      clearTimeout(timer);
      if (message.kind === "at") onTick(message.tick);
      else if (message.kind === "attempts") {
        attempt = { tick: message.tick, hash: message.hash };
        timer = setTimeout(() => {
          const fields = { role: "engine", waitedMillis: attemptMillis, doing: `make tick ${attempt.tick}` };
          result = { kind: "faulted", ...attempt, fault: makeFault("thread-silent", fields), stack: "" };
          void worker.terminate();
        }, attemptMillis);
      } else if (message.kind === "faulted") result = { ...attempt, ...message };
      else result = message;
    });
    worker.on("error", (thrown: unknown) => {
      result ??= thrown instanceof Error ? died(thrown.message, thrown.stack) : died(String(thrown));
    });
    worker.on("exit", (code) => {
      clearTimeout(timer);
      resolve(result ?? died(`it exited with code ${code}`));
    });
  });
}
