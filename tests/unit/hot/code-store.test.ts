/** Code in the folder beside a journal: what is there is what its name says, whatever was there before. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { codeOf } from "../../../runtime/hot/code.ts";
import { readCode, storeCode } from "../../../runtime/hot/code-store.ts";
import { faultOf } from "../small-world.ts";

const top = mkdtempSync(join(tmpdir(), "orrery-code-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const code = codeOf("export const step = 1; // \u2713\n", '{"version":3}');
const name = `${code.hash}.js`;

test("what was stored is read, and nothing else lies beside it", () => {
  const folder = join(top, "new", "round.orj.code");
  storeCode(folder, code);
  expect(readCode(folder, code.hash)).toEqual(code);
  expect(readdirSync(folder).sort()).toEqual([name, `${name}.map`]);
  const longAgo = new Date(1_000_000);
  utimesSync(join(folder, name), longAgo, longAgo);
  storeCode(folder, code);
  expect(statSync(join(folder, name)).mtime).toEqual(longAgo);
});

test.each([
  ["half of it", code.text.slice(0, 9)],
  ["nothing", ""],
  ["something of the same length", code.text.replace("1", "2")],
])("a file of that name that has %s is made whole", (what, text) => {
  const folder = join(top, what);
  mkdirSync(folder);
  writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, `${name}.map`), "{}");
  expect(faultOf(() => readCode(folder, code.hash)).kind).toBe("swap-code-changed");
  storeCode(folder, code);
  expect(readCode(folder, code.hash)).toEqual(code);
  expect(readFileSync(join(folder, name), "utf8")).toBe(code.text);
});

test("what cannot be written is a fault, and leaves nothing half done", () => {
  const folder = join(top, "blocked");
  mkdirSync(join(folder, name), { recursive: true });
  expect(faultOf(() => storeCode(folder, codeOf(code.text, "")))).toMatchObject({
    ...{ kind: "file-write", fields: { path: join(folder, name), purpose: "code" } },
  });
  expect(readdirSync(folder)).toEqual([name]);
});
