/**
 * Journals that were cut or changed on the way: recovered to the last whole block or refused with the
 * place, never believed. A cut journal gives a beginning of the real ticks; a changed one gives a
 * fault that names the block with the change, unless the change lies in a tail that is left out anyway.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { FaultError } from "../../../engine/base/faults.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { type JournalPart, joined, partsOf } from "../../data/journals.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf } from "../small-world.ts";
import { prefixDifference } from "./same-ticks.ts";
import { recordTicker } from "./ticker.ts";

const seed = testSeed("journal-fuzz");
const flipCount = 100_000;

let bytes: Uint8Array;
let real: Journal;
let parts: readonly JournalPart[];
/** Offsets behind each block. */
let ends: readonly number[];
beforeAll(async () => {
  bytes = await recordTicker(400);
  real = readJournal(bytes, "real");
  parts = partsOf(bytes);
  ends = parts.map((part) => part.offset + part.bytes.length);
});

/** What reading gives: a journal, or the block and place of the refusal. */
function readOrRefusal(
  input: Uint8Array,
): { readonly journal: Journal } | { readonly block: number; readonly offset: number } {
  try {
    return { journal: readJournal(input, "x") };
  } catch (thrown) {
    if (!(thrown instanceof FaultError)) throw thrown;
    const { fault } = thrown;
    if (fault.kind === "journal-damaged") return { block: fault.fields.block, offset: fault.fields.offset };
    if (fault.kind === "journal-unreadable") return { block: 0, offset: fault.fields.offset };
    throw thrown;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array, length: number): boolean {
  return Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0;
}

/** Ticks in the first `blockCount` blocks, header and end included. */
function ticksIn(blockCount: number): number {
  const lastTick = [
    0,
    ...parts.slice(1, -1).map((part) => new DataView(part.payload.slice().buffer).getUint32(4, true)),
  ];
  return lastTick.slice(0, blockCount).reduce((sum, count) => sum + count, 0);
}

test("the journal is worth cutting: whole, of several blocks, with all kinds of records", () => {
  expect(parts.map(({ kind }) => kind)).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 3]);
  expect(real.ticks.length).toBe(400);
  expect(real.end).toMatchObject({ reason: "stopped", tick: 400 });
  expect(real.tornBytes).toBe(0);
  const kinds = new Set(real.ticks.flatMap(({ records }) => records.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(["axis", "button", "config", "join", "leave"]);
});

test("cut at every byte: a beginning of the real ticks to the last whole block, or no journal at all", () => {
  for (let length = 0; length < bytes.length; length++) {
    const result = readOrRefusal(bytes.subarray(0, length));
    const blockCount = ends.filter((end) => end <= length).length;
    if (blockCount === 0) {
      expect(result, `cut at ${length}`).toEqual({ block: 0, offset: 0 });
      continue;
    }
    if (!("journal" in result)) throw new Error(`cut at ${length}: refused at byte ${result.offset}`);
    const { journal } = result;
    const problem = prefixDifference(journal.ticks, real.ticks);
    if (problem !== undefined) throw new Error(`cut at ${length}: ${problem} is wrong`);
    if (journal.ticks.length !== ticksIn(Math.min(blockCount, parts.length - 1)))
      throw new Error(`cut at ${length}: ${journal.ticks.length} ticks in ${blockCount} blocks`);
    if (journal.end !== undefined || journal.tornBytes !== length - ends[blockCount - 1]!)
      throw new Error(`cut at ${length}: ${journal.tornBytes} torn bytes`);
  }
});

test(`${flipCount} flipped bits: each is refused at its block, or lies in a torn tail`, () => {
  const draws = new Draws(seed);
  const copy = bytes.slice();
  let tails = 0;
  for (let round = 0; round < flipCount; round++) {
    // Half of the journals are cut first, so that there are tails in which a flip may be harmless.
    const length = draws.below(2) === 0 ? bytes.length : 1 + draws.below(bytes.length);
    const at = draws.below(length);
    const bit = 1 << draws.below(8);
    copy[at]! ^= bit;
    const result = readOrRefusal(copy.subarray(0, length));
    copy[at]! ^= bit;
    const where = `seed ${seed}, round ${round}: bit ${bit} of byte ${at}, cut at ${length}`;
    const wholeBlocks = ends.filter((end) => end <= length).length;
    const flippedBlock = ends.findIndex((end) => at < end);
    if ("journal" in result) {
      tails++;
      if (flippedBlock < wholeBlocks) throw new Error(`${where}: believed`);
      const problem = prefixDifference(result.journal.ticks, real.ticks);
      if (problem !== undefined) throw new Error(`${where}: ${problem} is wrong`);
    } else if (wholeBlocks > 0 && (result.block !== flippedBlock || result.offset !== parts[flippedBlock]!.offset))
      throw new Error(`${where}: refused at block ${result.block}, byte ${result.offset}`);
  }
  expect(tails).toBeGreaterThan(0);
}, 600_000);

test("up to 64 changed bytes anywhere: never a wrong tick", () => {
  const draws = new Draws(seed + 1);
  for (let round = 0; round < 5_000; round++) {
    const copy = bytes.slice(0, draws.below(2) === 0 ? bytes.length : 1 + draws.below(bytes.length));
    const burst = draws.below(2) === 0;
    const start = draws.below(copy.length);
    for (let change = 1 + draws.below(64); change > 0; change--)
      copy[burst ? Math.min(copy.length - 1, start + change) : draws.below(copy.length)] = draws.below(256);
    const result = readOrRefusal(copy);
    if (!("journal" in result)) continue;
    const problem = prefixDifference(result.journal.ticks, real.ticks);
    if (problem !== undefined) throw new Error(`seed ${seed + 1}, round ${round}: ${problem} is wrong`);
  }
});

describe("blocks moved about", () => {
  const refused = (blocks: readonly { readonly bytes: Uint8Array }[]): void => {
    const fault = faultOf(() => readJournal(joined(blocks), "x"));
    expect(["journal-damaged", "journal-unreadable"]).toContain(fault.kind);
  };

  test("any two swapped, any one repeated, any one left out but the last ones", () => {
    for (let i = 0; i < parts.length; i++) {
      for (let k = i + 1; k < parts.length; k++) {
        const swapped = [...parts];
        [swapped[i], swapped[k]] = [swapped[k]!, swapped[i]!];
        refused(swapped);
      }
      refused([...parts.slice(0, i + 1), parts[i]!, ...parts.slice(i + 1)]);
      if (i < parts.length - 1) refused([...parts.slice(0, i), ...parts.slice(i + 1)]);
    }
  });

  test("one from a run with another seed", async () => {
    const other = partsOf(await recordTicker(400, 4));
    for (let i = 1; i < parts.length; i++) refused([...parts.slice(0, i), other[i]!, ...parts.slice(i + 1)]);
  });

  test("one from another run of the same game and seed", async () => {
    const { ticker } = await import("./ticker.ts");
    const { record } = await import("../../data/journals.ts");
    const other = partsOf(await record({ game: ticker, tickCount: 400, seed: 3 }));
    expect(other.length).toBe(parts.length);
    for (let i = 1; i < parts.length; i++) refused([...parts.slice(0, i), other[i]!, ...parts.slice(i + 1)]);
    // The end alone is the same only when the whole run was.
    refused([...parts.slice(0, -1), other.at(-1)!]);
  });

  test("repeated bytes behind the end", () => {
    refused([{ bytes }, { bytes }]);
    refused([...parts, { bytes: new Uint8Array(4_096).fill(1) }]);
  });
});

describe("zeros that a loss of power leaves", () => {
  test("from any byte to the end of the file: what the blocks before them say, as of a file that was cut there", () => {
    const draws = new Draws(seed + 2);
    for (let round = 0; round < 2_000; round++) {
      const from = ends[0]! + draws.below(bytes.length - ends[0]! + 1);
      const count = draws.pick([16, 27, 28, 512 - (from % 512), 4_096 - (from % 4_096), 100_000]);
      const torn = joined([{ bytes: bytes.subarray(0, from) }, { bytes: new Uint8Array(Math.max(16, count)) }]);
      const where = `seed ${seed + 2}, round ${round}: ${torn.length - from} zeros from byte ${from}`;
      const result = readOrRefusal(torn);
      if (!("journal" in result)) throw new Error(`${where}: refused at byte ${result.offset}`);
      const { journal } = result;
      // A block that ends in zeros of its own may be whole with those that follow.
      const blockCount = ends.filter((end) => end <= from || sameBytes(torn, bytes, end)).length;
      const problem = prefixDifference(journal.ticks, real.ticks);
      if (problem !== undefined) throw new Error(`${where}: ${problem} is wrong`);
      const found = [journal.ticks.length, journal.tornBytes, journal.end?.tick];
      const ticks = ticksIn(Math.min(blockCount, parts.length - 1));
      const expected = [ticks, torn.length - ends[blockCount - 1]!, blockCount === parts.length ? 400 : undefined];
      if (found.join() !== expected.join()) throw new Error(`${where}: ${found}, not ${expected}`);
    }
  });

  test("from within a block on, to the length that the file has: torn at that block", () => {
    for (const [at, part] of parts.entries()) {
      if (at === 0) continue;
      const torn = bytes.slice();
      torn.fill(0, part.offset + Math.ceil(part.bytes.length / 2));
      const result = readOrRefusal(torn);
      expect(result).toMatchObject({ journal: { tornBytes: bytes.length - part.offset, end: undefined } });
    }
  });

  test("in the middle, with blocks behind them: damage, at the block in which they begin", () => {
    for (const [at, part] of parts.entries()) {
      if (at === 0 || at === parts.length - 1) continue;
      for (const from of [part.offset, part.offset + 20, part.offset + Math.ceil(part.bytes.length / 2)]) {
        const holed = bytes.slice();
        holed.fill(0, from, part.offset + part.bytes.length);
        expect(readOrRefusal(holed)).toEqual({ block: at, offset: part.offset });
      }
    }
    const inserted = joined([...parts.slice(0, 3), { bytes: new Uint8Array(4_096) }, ...parts.slice(3)]);
    expect(readOrRefusal(inserted)).toEqual({ block: 3, offset: parts[3]!.offset });
  });
});
