/** The journal's file: what was appended is in it at once, and what cannot be written is a fault. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { JournalFile } from "../../../runtime/world/journal-file.ts";
import { faultOf } from "../small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-journal-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("bytes are in the file when append returns, without a close", () => {
  const path = join(folder, "a.orj");
  writeFileSync(path, "an older and longer journal");
  const file = new JournalFile(path);
  expect(readFileSync(path, "utf8")).toBe("an older and longer journal");
  file.append(Uint8Array.of(1, 2, 3));
  file.append(new Uint8Array(0));
  file.append(Uint8Array.of(4));
  expect([...readFileSync(path)]).toEqual([1, 2, 3, 4]);
  expect(file.byteCount).toBe(4);
  file.close();
  file.close();
  expect([...readFileSync(path)]).toEqual([1, 2, 3, 4]);
});

test("a file that no block came into is gone with its close, an older one stays", () => {
  const fresh = join(folder, "fresh.orj");
  new JournalFile(fresh).close();
  expect(existsSync(fresh)).toBe(false);
  const older = join(folder, "older.orj");
  writeFileSync(older, "older");
  new JournalFile(older).close();
  expect(readFileSync(older, "utf8")).toBe("older");
});

test("a part of a larger buffer is written, not the buffer", () => {
  const path = join(folder, "part.orj");
  const file = new JournalFile(path);
  file.append(Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 3));
  file.close();
  expect([...readFileSync(path)]).toEqual([1, 2]);
});

test("a folder that is not there, and a folder in the place of a file", () => {
  for (const path of [join(folder, "none", "a.orj"), folder])
    expect(faultOf(() => new JournalFile(path))).toMatchObject({
      kind: "file-write",
      fields: { path, purpose: "journal" },
    });
});

test("a disk without room", () => {
  const file = new JournalFile("/dev/full");
  expect(faultOf(() => file.append(Uint8Array.of(1)))).toMatchObject({ kind: "file-write" });
  expect(file.byteCount).toBe(0);
  file.close();
});

test("a device takes a journal and nothing is brought to a disk", () => {
  const file = new JournalFile("/dev/null");
  file.append(Uint8Array.of(1));
  file.close();
  expect(file.byteCount).toBe(1);
});

test("a closed file is not written to", () => {
  const file = new JournalFile(join(folder, "closed.orj"));
  file.close();
  expect(faultOf(() => file.append(Uint8Array.of(1)))).toMatchObject({ kind: "file-write" });
});
