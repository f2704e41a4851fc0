/**
 * Journals whose end reads as zeros, as a loss of power leaves it where a file was made longer before its contents were
 * there: commands tell what is whole as of a file that was cut; zeros with blocks behind them are damage.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { type JournalPart, partsOf } from "../data/journals.ts";
import { command, type Finished, jsonOf, messageOf, newPath } from "./command.ts";

const journal = newPath("whole.orj");
let bytes: Uint8Array;
let parts: readonly JournalPart[];
beforeAll(async () => {
  await command(["run", "--ticks", "200", "--record", journal]);
  bytes = new Uint8Array(readFileSync(journal));
  parts = partsOf(bytes);
});

const verify = (path: string): Promise<Finished> => command(["replay", "verify", path]);
/** The journal up to a byte, and zeros up to another. */
function zeroed(from: number, to: number): string {
  const path = newPath(`zeros-${from}-${to}.orj`);
  const copy = new Uint8Array(to);
  copy.set(bytes.subarray(0, from));
  writeFileSync(path, copy);
  return path;
}

test("zeros from within a block on, or from behind one, are left out, and that is said", async () => {
  const last = parts.at(-2)!;
  const end = parts.at(-1)!;
  const inLast = last.offset + (last.bytes.length >> 1);
  for (const [from, to, tickCount, wholeBytes] of [
    // The contents, the head and nothing of the block were written; the file has the length that it was to have, or more.
    [inLast, bytes.length, 180, last.offset],
    [inLast, inLast + 70_000, 180, last.offset],
    [last.offset + 5, bytes.length, 180, last.offset],
    [end.offset, end.offset + 4_096, 200, end.offset],
  ] as const) {
    const path = zeroed(from, to);
    const result = await verify(path);
    expect([messageOf(result), result.code]).toEqual(["", 0]);
    expect(result.stdout).toContain(`: ${tickCount} ticks verified, `);
    expect(result.stdout).toContain(
      `\nThe journal was cut short: ${to - wholeBytes} bytes behind the last whole block were left out.\n`,
    );
  }
  const told = jsonOf(await command(["replay", "verify", zeroed(inLast, bytes.length), "--json"]));
  expect(told).toMatchObject({ tickCount: 180, ending: "cut short", tornBytes: bytes.length - last.offset });
}, 120_000);

test("zeros behind the end leave a journal that is whole", async () => {
  const result = await verify(zeroed(bytes.length, bytes.length + 4_096));
  expect(result.code).toBe(0);
  expect(result.stdout).toContain(": 200 ticks verified, ");
  expect(result.stdout).toContain("\nLeft out behind the end of the journal: 4096 zero bytes.\n");
  expect(result.stdout).not.toContain("cut short");
});

test("a file of nothing but zeros, and zeros that blocks follow, are refused", async () => {
  const told = async (path: string): Promise<unknown[]> => {
    const result = await verify(path);
    return [result.code, messageOf(result).split("\n")[0]!.replace(path, "PATH")];
  };
  expect(await told(zeroed(0, 4_096))).toEqual([
    ...[1, "E0401 PATH is not a journal that can be read: it is cut short within its header (byte 0)."],
  ]);
  const holed = newPath("holed.orj");
  const second = parts[1]!;
  const half = second.offset + (second.bytes.length >> 1);
  writeFileSync(holed, bytes.slice().fill(0, half, second.offset + second.bytes.length));
  const [code, text] = await told(holed);
  expect(code).toBe(1);
  expect(text).toContain(`E0402 PATH is damaged in block 1, at byte ${second.offset}: the contents have checksum 0x`);
});
