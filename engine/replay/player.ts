/**
 * The player: runs a world from a journal and compares every tick, all of it or the part from one keyframe to the next.
 * A part that ends at a keyframe must end in its very bytes: then all parts together say what one long replay says.
 */
import { hashHex } from "../base/hash.ts";
import type { Game } from "../game.ts";
import { plainDecompressor } from "../ports/compressor.ts";
import type { Journal, KeyframeEntry } from "./journal.ts";
import { encodeKeyframe, readKeyframe } from "./keyframe.ts";
import { Replay, type ReplayHost, raiseDesync } from "./replay.ts";

/** Where a replay stands. */
export interface ReplayProgress {
  readonly tick: number;
  readonly tickCount: number;
}

export interface ReplayResult {
  /** Ticks that were compared. */
  readonly tickCount: number;
  readonly hash: string;
}

/** What of a journal is replayed: from `from`, or the beginning, to `to`, or the last tick on record. */
export interface ReplayPart {
  readonly from?: KeyframeEntry | undefined;
  readonly to?: KeyframeEntry | undefined;
}

/** The parts of a journal that can be verified by themselves, in order; together they are all of it. */
export function journalParts(journal: Journal): ReplayPart[] {
  const ends = journal.keyframes.filter(({ tick }) => tick > journal.startTick);
  const inner = ends.filter(({ tick }) => tick < journal.lastTick);
  const first = journal.startTick > 0 ? journal.keyframes[0] : undefined;
  return [first, ...inner].map((from, at) => ({ from, to: ends[at] }));
}

/**
 * Replays a journal, or a part, and compares each tick's hash, yielding progress every `sliceTicks` ticks. Raises
 * "desync" at the first tick that differs, naming the first span in it.
 */
export async function* verifyJournal(
  journal: Journal,
  game: Game,
  host: ReplayHost,
  { from, to }: ReplayPart = {},
  sliceTicks = 600,
): AsyncGenerator<ReplayProgress, ReplayResult> {
  using replay = await Replay.open(journal, game, host, from);
  const startTick = replay.tick;
  const lastTick = to?.tick ?? journal.lastTick;
  const tickCount = lastTick - startTick;
  for (let tick = startTick + 1; tick <= lastTick; tick++) {
    if (replay.isSwapDue) await replay.passSwaps();
    const divergence = replay.step();
    if (divergence !== undefined) raiseDesync(journal.path, divergence);
    if (tick % sliceTicks === 0) yield { tick: tick - startTick, tickCount };
  }
  if (to !== undefined) compareKeyframe(replay, to, host);
  const { high, low } = replay.world.hash;
  return { tickCount, hash: hashHex(high, low) };
}

/** Raises "desync" when the world that was replayed to a keyframe's tick is not what the keyframe holds. */
function compareKeyframe({ journal, engine, tick }: Replay, entry: KeyframeEntry, host: ReplayHost): void {
  const bytes = journal.keyframeBytes(entry, host.decompressor ?? plainDecompressor);
  const recorded = readKeyframe(bytes, journal.path);
  const replayed = readKeyframe(encodeKeyframe(engine, engine.save()), journal.path);
  for (const [at, { name, hash }] of recorded.head.sections.entries()) {
    const own = replayed.head.sections[at];
    if (own?.hash === hash && own.name === name) continue;
    raiseDesync(journal.path, {
      tick,
      span: `section "${name}" of a keyframe`,
      recorded: hash,
      replayed: own?.hash ?? "",
    });
  }
}
