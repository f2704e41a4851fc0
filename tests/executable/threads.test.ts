/**
 * Threads, assets and other programs from a checkout. That the same calls work inside an executable
 * is shown by its commands in executable.test.ts.
 */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { importProgram } from "../../runtime/host/programs.ts";
import { startThread, threadData } from "../../runtime/host/threads.ts";

const host = pathToFileURL(join(import.meta.dirname, "../../runtime/host/")).href;
const folder = mkdtempSync(join(tmpdir(), "orrery-threads-"));
mkdirSync(join(folder, "game"));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "assets/manifest.json"), "{}");
writeFileSync(
  join(folder, "game/main.ts"),
  `import { parentPort } from "node:worker_threads";
   import { assetNames, hasAsset, readAsset } from "${host}assets.ts";
   import { startThread, threadData } from "${host}threads.ts";
   const data = threadData();
   if (data?.role === "outer") startThread({ role: "inner" }, { name: "inner" }).on("message", (m) => parentPort.postMessage(m));
   if (data?.role === "inner") parentPort.postMessage({
     data, names: assetNames("assets/"), has: hasAsset("assets/none"), text: Buffer.from(readAsset("assets/manifest.json")).toString(),
   });
   export const answer: number = 42;`,
);
const entry = pathToFileURL(join(folder, "game/main.ts"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a started thread", () => {
  test("runs the same entry with its role, finds the project's assets, and so does a thread of a thread", async () => {
    const thread = startThread({ role: "outer" }, { name: "outer", entry });
    const [message] = await once(thread, "message");
    await thread.terminate();
    expect(message).toEqual({ data: { role: "inner" }, names: ["assets/manifest.json"], has: false, text: "{}" });
  });

  test("is told from the main thread and from threads of others", () => {
    expect(threadData()).toBeUndefined();
  });
});

test("another program runs from its file in a checkout", async () => {
  expect((await importProgram("other", entry))["answer"]).toBe(42);
});
