/**
 * The role "reproduction": runs a journal again in a thread of its own, up to the tick that ended it and through that. A
 * tick that once took its thread with it may do so again, and somebody must be left to tell.
 */
import { parentPort } from "node:worker_threads";
import { type Fault, FaultError, faultOf, makeFault, raise } from "../../engine/base/faults.ts";
import { hashHex } from "../../engine/base/hash.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { WorldRecord } from "../../engine/input/record.ts";
import { inputsBehind } from "../../engine/replay/input-notes.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import { type Divergence, Replay } from "../../engine/replay/replay.ts";
import { withSourcePlace, withSourcePlaces } from "../host/source-places.ts";
import type { ThreadData } from "../host/threads.ts";
import { openJournal } from "../replay/journal-source.ts";
import { firstGameOf, replayHost } from "../replay/replay-host.ts";
import { doing, type StepPlace, says, stepPlaces } from "../world/doing.ts";
import { boxTopic } from "./flight-pace.ts";
import { recordedTreesOf } from "./trees-in-box.ts";

export interface ReproductionData extends ThreadData {
  readonly role: "reproduction";
  readonly path: string;
  /** Whether every step of a tick is audited. */
  readonly audit: boolean;
  /** Where the thread leaves what it does. */
  readonly pulse: SharedArrayBuffer;
}

/** What the thread says; what comes last is the result, and so is its end. */
export type ReproductionMessage =
  /** The steps of a tick from here on, by their numbers; `codeTick` is where their code took over, if it did. */
  | { readonly kind: "steps"; readonly places: readonly StepPlace[]; readonly codeTick: number | undefined }
  | { readonly kind: "at"; readonly tick: number }
  /** A tick is made that may end the thread. */
  | { readonly kind: "attempts"; readonly tick: number; readonly hash: string }
  /** All ticks on record came out as recorded; there was nothing else to do, or nothing happened. */
  | { readonly kind: "ran"; readonly tick: number; readonly hash: string }
  /** A tick that is not on record raised a fault, as the world would have told it. */
  | { readonly kind: "faulted"; readonly fault: Fault; readonly shown: Fault; readonly stack: string }
  /** It could not be run, or not as recorded: `parted` are the leaves of the hash tree that differ, by name. */
  | { readonly kind: "refused"; readonly fault: Fault; readonly parted: readonly string[] };

const sliceTicks = 600;
const chainText = "the chain of earlier ticks";

export async function runReproduction(game: Game, { path, audit, pulse: memory }: ReproductionData): Promise<void> {
  const pulse = new Int32Array(memory);
  const say = (message: ReproductionMessage): void => parentPort!.postMessage(message);
  try {
    const journal = openJournal(path);
    const played = await firstGameOf(journal, game, () => {});
    const trees = recordedTreesOf(journal);
    using replay = await Replay.open(journal, played, replayHost(journal, played, { audit, pulse }));
    /** Whether the tick that was just made is not the one on record; says so. What the journal has is not judged by the ring. */
    const isOther = (divergence?: Divergence): boolean => {
      if (divergence === undefined && replay.tick <= journal.lastTick) return false;
      const tree = trees?.difference(replay.world);
      if (divergence === undefined && tree === undefined) return false;
      const [leaf = chainText] = tree?.leaves ?? [];
      const found = divergence ?? { ...tree!, span: leaf };
      const parted = tree?.leaves ?? replay.otherSpans();
      const { tick, span: column, recorded, replayed } = found;
      say({ kind: "refused", fault: makeFault("desync", { path, tick, column, recorded, replayed }), parted });
      return true;
    };
    let told: Engine | undefined;
    /** Goes through swaps that are due, and says what the steps of the next tick are. */
    const ready = async (): Promise<void> => {
      says(pulse, doing.swap);
      if (replay.isSwapDue) await replay.passSwaps();
      if (replay.engine !== told) {
        told = replay.engine;
        const codeTick = journal.swaps.findLast(({ tick, code }) => code !== null && tick <= replay.tick)?.tick;
        say({ kind: "steps", places: stepPlaces(replay.world), codeTick });
      }
      says(pulse, doing.frame);
    };
    const hash = (): string => hashHex(replay.world.hash.high, replay.world.hash.low);
    while (replay.tick < journal.lastTick) {
      await ready();
      if (isOther(replay.step())) return;
      if (replay.tick % sliceTicks === 0) say({ kind: "at", tick: replay.tick });
    }
    const { inputs, lastTick } = attemptsOf(journal);
    while (replay.tick < lastTick) {
      const tick = replay.tick + 1;
      await ready();
      say({ kind: "attempts", tick, hash: hash() });
      replay.feed(inputs.get(tick) ?? []);
      try {
        replay.engine.step();
      } catch (thrown) {
        const cause = thrown instanceof FaultError && thrown.cause !== undefined ? thrown.cause : thrown;
        const stack = withSourcePlaces(cause instanceof Error ? (cause.stack ?? "") : "");
        const fault = faultOf(thrown);
        say({ kind: "faulted", fault, shown: withSourcePlace(fault), stack });
        return;
      }
      // The journal's last ticks were lost with the thread; the ring has their hashes.
      if (isOther()) return;
    }
    say({ kind: "ran", tick: replay.tick, hash: hash() });
  } catch (thrown) {
    say({ kind: "refused", fault: faultOf(thrown), parted: [] });
  } finally {
    says(pulse, doing.end);
    parentPort!.close();
  }
}

interface Attempts {
  readonly inputs: ReadonlyMap<number, readonly WorldRecord[]>;
  readonly lastTick: number;
}

/** The ticks behind the last one on record that are made to see the fault, and what enters them. */
function attemptsOf({ path, end, lastTick, notes, header }: Journal): Attempts {
  const isOutside = notes.some(({ topic }) => topic === boxTopic.outside);
  if (end?.reason !== "faulted" || isOutside) return { inputs: new Map(), lastTick };
  const lost = notes.find(({ topic }) => topic === boxTopic.lost);
  if (lost === undefined) return { inputs: new Map([[lastTick + 1, end.records]]), lastTick: lastTick + 1 };
  // How far the run had come is known by frames, and a late frame makes several ticks.
  const { tick } = JSON.parse(lost.text) as { readonly tick: number };
  try {
    const inputs = inputsBehind(lastTick, notes);
    return { inputs, lastTick: Math.max(lastTick, tick) + header.program.limits.ticksPerFrame };
  } catch (thrown) {
    const found = (thrown as Error).message;
    raise("fault-not-reproduced", { path, tick: lastTick, recorded: end.text, found }, thrown);
  }
}
