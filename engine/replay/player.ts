/**
 * The player: runs a world from a journal and compares every tick, all of it or the part from one keyframe to the next.
 * A part that ends at a keyframe must end in what the keyframe holds: then all parts together say what one long replay
 * says.
 */
import { hashHex } from "../base/hash.ts";
import type { Game } from "../game.ts";
import { plainDecompressor } from "../ports/compressor.ts";
import type { Journal } from "./journal.ts";
import type { KeyframeEntry } from "./journal-index.ts";
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
  /** Keyframes that physics reached with other left-over bytes in its memory, and from which it went on equally. */
  readonly looseCount: number;
}

/**
 * The section of a keyframe whose bytes may differ where states are equal: Rapier leaves in its memory what was on its
 * stack (the gaps of records, variants that are not in use), and no call reads it. Whether such a state is the same shows
 * in how it goes on, so the replay goes on behind the keyframe for as many ticks.
 */
const looseSection = "physics";
const overlapTicks = 120;

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
  const advance = async (): Promise<void> => {
    const divergence = await replay.advance();
    if (divergence !== undefined) raiseDesync(journal.path, divergence);
  };
  while (replay.tick < lastTick) {
    await advance();
    if (replay.tick % sliceTicks === 0) yield { tick: replay.tick - startTick, tickCount };
  }
  const { high, low } = replay.world.hash;
  const hash = hashHex(high, low);
  const isLoose = to !== undefined && !isKeyframe(replay, to, host);
  if (isLoose) while (replay.tick < Math.min(journal.lastTick, lastTick + overlapTicks)) await advance();
  return { tickCount, hash, looseCount: isLoose ? 1 : 0 };
}

/**
 * Raises "desync" when the world that was replayed to a keyframe's tick is not what the keyframe holds; false when only
 * the bytes of the loose section differ.
 */
function isKeyframe({ journal, engine, tick }: Replay, entry: KeyframeEntry, host: ReplayHost): boolean {
  const bytes = journal.keyframeBytes(entry, host.decompressor ?? plainDecompressor);
  const recorded = readKeyframe(bytes, journal.path);
  const replayed = readKeyframe(encodeKeyframe(engine, engine.save()), journal.path);
  let isEqual = true;
  for (const [at, { name, hash }] of recorded.head.sections.entries()) {
    const own = replayed.head.sections[at];
    if (own?.hash === hash && own.name === name) continue;
    if (own?.name === looseSection && name === looseSection) {
      isEqual = false;
      continue;
    }
    raiseDesync(journal.path, {
      tick,
      span: `section "${name}" of a keyframe`,
      recorded: hash,
      replayed: own?.hash ?? "",
    });
  }
  return isEqual;
}
