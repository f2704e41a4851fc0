/** Code that a journal names: in the journal or beside it, in the form that this program reads and in others. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { faultMend, faultText } from "../../../engine/base/faults.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { encodeNote } from "../../../engine/replay/wire.ts";
import { type Code, codeOf } from "../../../runtime/hot/code.ts";
import { codeFolderOf, storeCode } from "../../../runtime/hot/code-store.ts";
import { writeModules } from "../../../runtime/hot/code-text.ts";
import { codeTopic } from "../../../runtime/hot/code-topic.ts";
import { codeAttachment, codeNamedIn, firstCodeOf } from "../../../runtime/replay/journal-code.ts";
import { framed, partsOf, record } from "../../data/journals.ts";
import { tumble } from "../../games/tumble.ts";
import { faultOf } from "../small-world.ts";

const top = mkdtempSync(join(tmpdir(), "orrery-journal-code-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const [header, ...ticks] = partsOf(await record({ game: tumble, tickCount: 3 }));

/** A journal that begins with `code` and carries it, or has it beside itself. */
function journalWith(name: string, code: Code, isCarried: boolean): Journal {
  const path = join(top, name);
  const note = { kind: blockKind.note, payload: encodeNote({ tick: 0, topic: codeTopic, text: code.hash }) };
  const carried = isCarried ? [{ kind: blockKind.attachment, payload: codeAttachment(code) }] : [];
  if (!isCarried) storeCode(codeFolderOf(path), code);
  return readJournal(framed([header!, ...carried, note, ...ticks]), path);
}

const made = writeModules({
  entry: "main.ts",
  modules: [
    { path: "main.ts", links: {}, isScript: false, isFixed: true, code: "(function () {\n})", map: '{"version":3}' },
  ],
});
const own = codeOf(made.text, made.map);

test.each([true, false])("is read from the journal (%s), or from the folder beside it", (isCarried) => {
  const journal = journalWith(`own-${isCarried}.orj`, own, isCarried);
  expect(firstCodeOf(journal)).toBe(own.hash);
  expect(codeNamedIn(journal, own.hash)).toEqual(own);
  expect(codeNamedIn(journal, "0".repeat(32))).toBeUndefined();
});

test.each([
  ["orrery-code 1", "orrery-code 1", made.text.replace(/^\/\/ orrery-code \d+/, "// orrery-code 1")],
  ["none", "one without a number, which begins with // orrery-code {}", "// orrery-code {}\n(function () {})\n"],
])("of the form %s is refused with its file and both forms", (name, found, text) => {
  const other = codeOf(text, "");
  for (const isCarried of [true, false]) {
    const journal = journalWith(`${name}-${isCarried}.orj`, other, isCarried);
    const path = isCarried ? journal.path : join(`${journal.path}.code`, `${other.hash}.js`);
    const fault = faultOf(() => codeNamedIn(journal, other.hash));
    expect(fault).toEqual({ kind: "swap-code-form", fields: { path, found, known: "orrery-code 2" } });
    expect(faultText(fault)).toBe(
      `The code in ${path} is kept in a form that cannot be read: ${found}; this program reads orrery-code 2.`,
    );
    expect(faultMend(fault)).not.toContain("save");
  }
});
