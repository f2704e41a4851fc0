/** A black box is a trace as well, if its run had one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readTrace } from "../../../runtime/trace/read-trace.ts";
import { record } from "../../data/journals.ts";
import { tumble } from "../../games/tumble.ts";
import { faultOf } from "../small-world.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-read-trace-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a journal without one says so", async () => {
  const path = join(folder, "x.orb");
  writeFileSync(path, await record({ game: tumble, tickCount: 2 }));
  expect(faultOf(() => readTrace(path))).toMatchObject({
    kind: "trace-unreadable",
    fields: { path, place: "", problem: "it is a journal and holds no trace" },
  });
});
