/**
 * Flight files of processes that nobody can see from here, as those of another container: their numbers say nothing, so they
 * are left alone while their run gives signs of life, and their names are never taken.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ByteWriter } from "../../../engine/base/bytes.ts";
import { type BlockKind, blockKind } from "../../../engine/replay/block.ts";
import { readJournal } from "../../../engine/replay/journal.ts";
import { journalHeaderOf } from "../../../engine/replay/journal-writer.ts";
import { encodeHeader } from "../../../engine/replay/wire.ts";
import { FlightFiles } from "../../../runtime/flight/flight-files.ts";
import { silentMillis } from "../../../runtime/flight/flight-pace.ts";
import { FramedFile } from "../../../runtime/flight/framed-file.ts";
import { claimLeftBehind } from "../../../runtime/flight/left-behind.ts";
import { processSpace, spaceAttachment, spaceOf } from "../../../runtime/flight/process-space.ts";
import { smallWorld } from "../small-world.ts";

const parent = mkdtempSync(join(tmpdir(), "orrery-space-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let folderCount = 0;
function newFolder(): string {
  const folder = join(parent, String(folderCount++));
  mkdirSync(folder);
  return folder;
}

const header = encodeHeader(journalHeaderOf(smallWorld({})));
const twoTicks = new ByteWriter().u32(1).u32(2).u16(0).u32(0).u32(1).u16(0).u16(0).u32(0).u32(2).u16(0).take();
const blocks: readonly (readonly [BlockKind, Uint8Array])[] = [
  [blockKind.header, header],
  [blockKind.ticks, twoTicks],
];

/** A file of a run of two ticks, of a process with this number in that space; undefined for one that does not say. */
function writeRun(folder: string, processId: number, space: string | undefined): string {
  const path = join(folder, `flight-${processId}-a.orb`);
  const file = new FramedFile(path);
  for (const [kind, payload] of blocks) {
    file.add(kind, payload);
    if (kind === blockKind.header && space !== undefined) file.add(blockKind.attachment, spaceAttachment(space));
  }
  file.close();
  return path;
}

function silence(path: string): void {
  const moment = new Date(Date.now() - silentMillis - 1_000);
  utimesSync(path, moment, moment);
}

/** A number that no process has here: Linux gives none so high. */
const nobody = 2 ** 30;

test.each([
  ["a number that nobody has here", nobody],
  ["a number that a process has here", process.ppid],
  ["our own number", process.pid],
])("a file of another space with %s is left alone until its run has been silent", (_what, processId) => {
  const folder = newFolder();
  const path = writeRun(folder, processId, "another");
  expect([claimLeftBehind(folder), readdirSync(folder).length]).toEqual([[], 1]);
  expect(readJournal(readFileSync(path), path).lastTick).toBe(2);
  silence(path);
  expect(claimLeftBehind(folder)).toMatchObject([{ processId, box: { kind: "crash", lastTick: 2 } }]);
});

test("of this space a number decides at once, but for our own: another world of this process may run there", () => {
  const folder = newFolder();
  writeRun(folder, nobody, processSpace());
  const alive = writeRun(folder, process.ppid, processSpace());
  const own = writeRun(folder, process.pid, processSpace());
  silence(alive);
  expect(claimLeftBehind(folder).map(({ processId }) => processId)).toEqual([nobody]);
  silence(own);
  expect(claimLeftBehind(folder).map(({ processId }) => processId)).toEqual([process.pid]);
});

test("a file that does not say where it is from is claimed when nobody has its number and it is silent", () => {
  const folder = newFolder();
  const gone = writeRun(folder, nobody, undefined);
  const alive = writeRun(folder, process.ppid, undefined);
  silence(alive);
  expect(claimLeftBehind(folder)).toEqual([]);
  silence(gone);
  expect(claimLeftBehind(folder).map(({ processId }) => processId)).toEqual([nobody]);
});

test("a run takes no name of another with its number, says its space, and gives signs of life until its file is taken", () => {
  const folder = newFolder();
  // Every number of a world so far, in this process and the next ones: whichever comes next is taken.
  const others = new FlightFiles(folder);
  for (const [kind, payload] of blocks) others.add({ kind, payload });
  const [first] = readdirSync(folder);
  const letter = first!.at(-5)!;
  const next = String.fromCharCode(letter.charCodeAt(0) + 3);
  const path = join(folder, first!.replace(`-${letter}.`, `-${next}.`));
  renameSync(writeRun(folder, nobody, "another"), path);
  const bytes = readFileSync(path);

  const files = new FlightFiles(folder);
  expect(files.firstName).toBeUndefined();
  files.touch();
  for (const [kind, payload] of blocks) files.add({ kind, payload });
  const own = join(folder, files.firstName!);
  expect(readFileSync(path)).toEqual(bytes);
  expect(readdirSync(folder).length).toBe(3);
  expect(spaceOf(readJournal(readFileSync(own), own))).toBe(processSpace());

  silence(own);
  files.touch();
  expect(Math.abs(Date.now() - statSync(own).mtimeMs)).toBeLessThan(silentMillis);
  renameSync(own, join(folder, "crash-20260101T000000-2.orb"));
  expect(() => files.touch()).toThrow("ENOENT");
  files.close();
  others.close();
  expect(readdirSync(folder).sort()).toEqual(["crash-20260101T000000-2.orb", path.slice(folder.length + 1)]);
});
