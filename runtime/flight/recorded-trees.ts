/**
 * The hash trees of ticks as bytes: what a black box carries of the ring of a run. Given rows of rings, made of them by
 * `encodeTrees`; hands on what a tick's leaves were, and, held against a world that makes the tick again, which differ.
 *
 *     segment count u32, then for each segment, whose ticks have the same leaves:
 *       first tick u32, tick count u32, leaf count u16, the names of the leaves, then for each tick:
 *         tick hash low u32, high u32, changed count u16, then (leaf u16, low u32, high u32) for each leaf that is
 *         not what it was at the tick before; all leaves are 0 before the first
 *
 * The rule a reader could break: a swap may change which leaves there are, so leaves are compared by name.
 */
import type { HashRow } from "../../engine/audit/hash-ring.ts";
import { HashShape } from "../../engine/audit/hash-tree.ts";
import { ByteReader, ByteWriter, ShortRead } from "../../engine/base/bytes.ts";
import type { World } from "../../engine/sim/world.ts";

/** Ticks that follow one another and have the same leaves. */
export interface TreeSegment {
  readonly leafNames: readonly string[];
  readonly rows: readonly HashRow[];
}

/** What a tick's tree says otherwise than on record. */
export interface TreeDifference {
  readonly tick: number;
  /** Names of the leaves that differ: "Velocity.x", "stream of steer-tugs". None when only the chain of ticks does. */
  readonly leaves: readonly string[];
  readonly leafCount: number;
  readonly recorded: string;
  readonly replayed: string;
}

export function encodeTrees(segments: readonly TreeSegment[]): Uint8Array {
  const writer = new ByteWriter(1024 * 1024).u32(segments.length);
  for (const { leafNames, rows } of segments) {
    writer.u32(rows[0]?.tick ?? 0).u32(rows.length);
    writer.u16(leafNames.length);
    for (const name of leafNames) writer.text(name);
    let before: Uint32Array = new Uint32Array(leafNames.length * 2);
    for (const { chain, leaves } of rows) {
      writer.u32(chain.low).u32(chain.high);
      const countAt = writer.length;
      writer.u16(0);
      let changedCount = 0;
      for (let leaf = 0; leaf < leafNames.length; leaf++) {
        const low = leaves[leaf * 2]!;
        const high = leaves[leaf * 2 + 1]!;
        if (low === before[leaf * 2] && high === before[leaf * 2 + 1]) continue;
        writer.u16(leaf).u32(low).u32(high);
        changedCount++;
      }
      writer.patchU16(countAt, changedCount);
      before = leaves;
    }
  }
  return writer.take();
}

export class RecordedTrees {
  readonly #segments: readonly TreeSegment[];
  #world: World | undefined;
  #shape: HashShape | undefined;

  /** Raises RangeError for bytes that `encodeTrees` does not make. */
  constructor(bytes: Uint8Array) {
    try {
      this.#segments = decodeTrees(new ByteReader(bytes));
    } catch (thrown) {
      if (thrown instanceof ShortRead) throw new RangeError(thrown.message);
      throw thrown;
    }
  }

  /** The ticks on record, of all segments together. */
  get tickCount(): number {
    return this.#segments.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** How the tick that `world` has just made differs from the record; undefined when it does not, or is not on record. */
  difference(world: World): TreeDifference | undefined {
    const { tickCount: tick, hash } = world;
    const segment = this.#segments.findLast(({ rows }) => rows.length > 0 && rows[0]!.tick <= tick);
    const row = segment?.rows[tick - segment.rows[0]!.tick];
    if (segment === undefined || row === undefined) return undefined;
    if (row.chain.low === hash.low && row.chain.high === hash.high) return undefined;
    if (this.#world !== world) this.#shape = new HashShape(world);
    this.#world = world;
    const { leafNames, leafCount } = this.#shape!;
    const own = new Uint32Array(leafCount * 2);
    this.#shape!.readLeaves(own, 0);
    const numbers = new Map(leafNames.map((name, leaf) => [name, leaf]));
    const others = segment.leafNames.flatMap((name, leaf) => {
      const at = numbers.get(name);
      if (at === undefined) return [];
      const [low, high] = [row.leaves[leaf * 2]!, row.leaves[leaf * 2 + 1]!];
      const isSame = own[at * 2] === low && own[at * 2 + 1] === high;
      return isSame ? [] : [{ name, recorded: wordText(low), replayed: wordText(own[at * 2]!) }];
    });
    // The span of all streams is the sum of theirs: it would only say twice that something differs.
    const hasStream = others.some(({ name }) => name.startsWith("stream of "));
    const told = others.filter(({ name }) => !hasStream || name !== "Random.streams");
    const { recorded = "another hash", replayed = "equal leaves" } = told[0] ?? {};
    return { tick, leaves: told.map(({ name }) => name), leafCount: leafNames.length, recorded, replayed };
  }
}

function decodeTrees(reader: ByteReader): TreeSegment[] {
  const segments: TreeSegment[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    const firstTick = reader.u32();
    const tickCount = reader.u32();
    const leafNames = Array.from({ length: reader.u16() }, () => reader.text());
    const rows: HashRow[] = [];
    let before: Uint32Array = new Uint32Array(leafNames.length * 2);
    for (let tick = firstTick; tick < firstTick + tickCount; tick++) {
      const chain = { low: reader.u32(), high: reader.u32() };
      const leaves = before.slice();
      for (let changed = reader.u16(); changed > 0; changed--) {
        const leaf = reader.u16();
        if (leaf >= leafNames.length) throw new RangeError(`leaf ${leaf} of ${leafNames.length}`);
        leaves[leaf * 2] = reader.u32();
        leaves[leaf * 2 + 1] = reader.u32();
      }
      rows.push({ tick, chain, leaves });
      before = leaves;
    }
    segments.push({ leafNames, rows });
  }
  if (reader.remaining > 0) throw new RangeError(`${reader.remaining} bytes too many`);
  return segments;
}

function wordText(word: number): string {
  return word.toString(16).padStart(8, "0");
}
