/**
 * What the lines of heavy mode say, brought together: each twin's ticks and last look against those of the live line.
 * Given their messages in whatever order they come, it hands on the first place where a twin parts. A tick is compared
 * span by span, so that place is a column wherever one differs, and the look speaks only of what no span holds.
 */
import { hashHex } from "../../engine/base/hash.ts";
import { lookDifference } from "../../engine/replay/heavy.ts";
import type { HeavyMessage, SeenTick } from "./heavy-thread.ts";

/** Where a twin parts from the live line. */
export interface HeavyDifference {
  /** The tick whose save was restored, and the tick that differs. */
  readonly saved: number;
  readonly tick: number;
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** `what` is a span of the state, so its elements can be compared. */
  readonly isState: boolean;
}

type Names = Extract<HeavyMessage, { kind: "names" }>;
type Lived = Extract<HeavyMessage, { kind: "lived" }>;
type Ran = Extract<HeavyMessage, { kind: "ran" }>;

export class HeavyComparison {
  /** Restored saves whose ticks were compared. */
  comparedCount = 0;
  #names: Names = { kind: "names", spans: [], looks: [] };
  readonly #lived = new Map<number, Lived>();
  /** By the tick that the live line has not made yet. */
  readonly #waiting = new Map<number, Ran[]>();

  /** Twins that ended at a tick which the live line has not made. */
  get waitingCount(): number {
    return [...this.#waiting.values()].reduce((sum, list) => sum + list.length, 0);
  }

  take(message: Names | Lived | Ran): HeavyDifference | undefined {
    if (message.kind === "names") this.#names = message;
    else if (message.kind === "ran") return this.#ran(message);
    else {
      this.#lived.set(message.seen.tick, message);
      const waiting = this.#waiting.get(message.seen.tick) ?? [];
      this.#waiting.delete(message.seen.tick);
      for (const ran of waiting) {
        const difference = this.#compare(ran);
        if (difference !== undefined) return difference;
      }
    }
    return undefined;
  }

  #ran(ran: Ran): HeavyDifference | undefined {
    const { tick } = ran.seen.at(-1)!;
    if (this.#lived.has(tick)) return this.#compare(ran);
    this.#waiting.set(tick, [...(this.#waiting.get(tick) ?? []), ran]);
    return undefined;
  }

  #compare({ saved, seen, look }: Ran): HeavyDifference | undefined {
    this.comparedCount++;
    for (const found of seen) {
      const difference = this.#tickDifference(this.#lived.get(found.tick)!.seen, found);
      if (difference !== undefined) return { saved, tick: found.tick, ...difference };
    }
    const { tick } = seen.at(-1)!;
    const difference =
      look.length === 0 ? undefined : lookDifference(this.#names.looks, this.#lived.get(tick)!.look, look);
    return difference && { saved, tick, ...difference, isState: false };
  }

  #tickDifference(expected: SeenTick, found: SeenTick): Omit<HeavyDifference, "saved" | "tick"> | undefined {
    const { spans } = this.#names;
    const at = spans.findIndex((_, span) => expected.words[span] !== found.words[span]);
    const text = ({ words }: SeenTick): string => words[at]!.toString(16).padStart(8, "0");
    if (at >= 0) return { what: spans[at]!, expected: text(expected), found: text(found), isState: true };
    const [before, after] = [expected, found].map(({ high, low }) => hashHex(high, low));
    return before === after ? undefined : { what: "the hash", expected: before!, found: after!, isState: false };
  }
}
