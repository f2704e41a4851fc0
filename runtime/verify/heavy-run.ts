/**
 * One run in heavy mode, as the main thread sees it: starts the live line and its twins, and holds each twin's ticks and
 * last look against the live line's. Gives the live line's testimony, for it must be that of a plain run too.
 */
import { MessageChannel, type Worker } from "node:worker_threads";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import { lookDifference } from "../../engine/replay/heavy.ts";
import { startThread } from "../host/threads.ts";
import type { HeavyMessage, HeavyThreadData } from "./heavy-thread.ts";
import type { Testimony } from "./witness.ts";
import type { WitnessedRun, WitnessedRunOptions } from "./witnessed-run.ts";

export interface HeavyRunOptions
  extends Pick<WitnessedRunOptions, "seed" | "tickCount" | "script" | "settings" | "signal" | "onProgress"> {
  /** A save is taken every so many ticks; 1 is all of them. */
  readonly every: number;
  /** Threads that restore; one when left out. */
  readonly twinCount?: number;
}

export type HeavyRun = WitnessedRun & {
  /** Restored saves whose ticks were compared. */
  readonly comparedCount: number;
};

/** Makes one run. Never rejects. */
export async function heavyRun(options: HeavyRunOptions): Promise<HeavyRun> {
  const twinCount = options.twinCount ?? 1;
  const channels = Array.from({ length: twinCount }, () => new MessageChannel());
  const words = channels.map(() => new SharedArrayBuffer(8));
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const { seed, tickCount, script, settings, every } = options;
  const common = {
    order: { seed, tickCount, script, settings },
    every,
    progress: progress.buffer as SharedArrayBuffer,
  };
  const start = (role: HeavyThreadData["role"], which: readonly number[], name: string): Worker => {
    const ports = which.map((at) => (role === "heavy-live" ? channels[at]!.port1 : channels[at]!.port2));
    const data: HeavyThreadData = { ...common, role, ports, words: which.map((at) => words[at]!) };
    return startThread(data, { name, transfer: ports });
  };
  const comparison = new HeavyComparison();
  const threads = [
    start("heavy-live", [...channels.keys()], "heavy live"),
    ...channels.map((_, at) => start("heavy-twin", [at], `heavy twin ${at}`)),
  ];
  let ended: { readonly testimony: Testimony; readonly elapsedMillis: number } | undefined;
  let fault: Fault | undefined;
  const endAll = (): void => {
    for (const thread of threads) void thread.terminate();
  };
  const fail = (found: Fault): void => {
    fault ??= found;
    endAll();
  };
  const hear = (message: HeavyMessage): void => {
    if (message.kind === "faulted") fail(message.fault);
    else if (message.kind === "ended") {
      if (message.testimony !== undefined)
        ended = { testimony: message.testimony, elapsedMillis: message.elapsedMillis };
    } else {
      const found = comparison.take(message);
      if (found !== undefined) fail(found);
    }
  };
  options.signal.addEventListener("abort", endAll);
  const timer = setInterval(() => options.onProgress?.(progress[0]!), 50);
  const codes = await Promise.all(
    threads.map(
      (thread) =>
        new Promise<number>((resolve) => {
          thread.on("message", hear);
          thread.on("error", (thrown: unknown) => {
            const problem = thrown instanceof Error ? thrown.message : String(thrown);
            fail(makeFault("thread-died", { role: "heavy", problem }));
          });
          thread.on("exit", (code) => {
            // The others would wait for it for ever.
            if (code !== 0) fail(makeFault("thread-died", { role: "heavy", problem: `it exited with code ${code}` }));
            resolve(code);
          });
        }),
    ),
  );
  clearInterval(timer);
  options.signal.removeEventListener("abort", endAll);
  const { comparedCount } = comparison;
  if (fault !== undefined) return { kind: "faulted", fault, comparedCount };
  if (ended === undefined) {
    const problem = `it ended without a word (codes ${codes.join(", ")})`;
    return { kind: "faulted", fault: makeFault("thread-died", { role: "heavy", problem }), comparedCount };
  }
  const left = comparison.waitingCount;
  if (left > 0) {
    const problem = `${left} of its saves were not compared`;
    return { kind: "faulted", fault: makeFault("child-run-failed", { mode: "heavy", problem }), comparedCount };
  }
  return { kind: "ended", ...ended, comparedCount };
}

type Looked = Extract<HeavyMessage, { kind: "looked" }>;
type Ran = Extract<HeavyMessage, { kind: "ran" }>;

/** Brings together what the lines say, in whatever order it comes. */
class HeavyComparison {
  comparedCount = 0;
  #names: readonly string[] = [];
  readonly #lived = new Map<number, Looked>();
  /** By the tick that the live line has not made yet. */
  readonly #waiting = new Map<number, Ran[]>();

  /** Twins that ended at a tick which the live line has not made. */
  get waitingCount(): number {
    return [...this.#waiting.values()].reduce((sum, list) => sum + list.length, 0);
  }

  take(message: Extract<HeavyMessage, { kind: "names" | "looked" | "ran" }>): Fault | undefined {
    if (message.kind === "names") this.#names = message.names;
    else if (message.kind === "ran") return this.#ran(message);
    else {
      this.#lived.set(message.tick, message);
      const waiting = this.#waiting.get(message.tick) ?? [];
      this.#waiting.delete(message.tick);
      for (const ran of waiting) {
        const fault = this.#compare(ran, message);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  }

  #ran(ran: Ran): Fault | undefined {
    const tick = ran.saved + ran.hashes.length / 2;
    const lived = this.#lived.get(tick);
    if (lived !== undefined) return this.#compare(ran, lived);
    this.#waiting.set(tick, [...(this.#waiting.get(tick) ?? []), ran]);
    return undefined;
  }

  #compare({ saved, hashes, look }: Ran, { look: expected }: Looked): Fault | undefined {
    this.comparedCount++;
    const count = hashes.length / 2;
    const differ = (tick: number, what: string, before: string, after: string): Fault =>
      makeFault("heavy-differs", { saved, tick, what, expected: before, found: after });
    const difference = look.length === 0 ? undefined : lookDifference(this.#names, expected, look);
    for (let made = 0; made < count; made++) {
      const lived = this.#lived.get(saved + made + 1)!;
      const found = hashHex(hashes[made * 2]!, hashes[made * 2 + 1]!);
      const hash = hashHex(lived.high, lived.low);
      // The look at the last tick has a name for what the hash says of an earlier one.
      if (hash !== found && (difference === undefined || made + 1 < count))
        return differ(
          saved + made + 1,
          `the hash${difference === undefined ? "" : `, by ${difference.what}`}`,
          hash,
          found,
        );
    }
    return difference && differ(saved + count, difference.what, difference.expected, difference.found);
  }
}
