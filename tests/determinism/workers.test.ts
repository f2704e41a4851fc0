/** Worlds with jobs in the engine thread of the runtime: their journals do not depend on how many workers there are. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setEntry } from "../../runtime/host/project.ts";
import { JournalFile } from "../../runtime/world/journal-file.ts";
import { WorldThread } from "../../runtime/world/world-thread.ts";
import { record } from "../data/journals.ts";
import { swarm } from "../games/swarm.ts";
import { difference } from "./comparison.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-workers-"));
beforeAll(() => setEntry(new URL("../games/swarm-main.ts", import.meta.url)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tickCount = 90;

test.each([0, 2])("with %i workers", async (workerCount) => {
  const path = join(folder, `${workerCount}.orj`);
  const thread = await WorldThread.start({
    game: swarm,
    seed: 7,
    // In step with the clock, so that workers have the time to take part.
    pace: workerCount === 0 ? "free" : "clock",
    tickCount,
    script: [],
    journal: new JournalFile(path),
    drivers: [],
    workerCount,
    onReport: (fault) => {
      throw new Error(JSON.stringify(fault));
    },
  });
  expect(await thread.outcome).toMatchObject({ kind: "ended", summary: { tickCount } });
  expect(difference(await record({ game: swarm, tickCount }), readFileSync(path))).toBeUndefined();
});
