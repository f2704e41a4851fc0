/** The box of a thread that was lost in a tick with hundreds of records runs into the same end: none of them is missing. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { command, newPath } from "../cli/command.ts";
import { crowdedInput, crowdedTick } from "../games/crowded.ts";

test("a tick with 360 records that ends the thread is made again with all of them", async () => {
  const cwd = newPath("folder");
  mkdirSync(cwd);
  const [game, launch] = ["../games/crowded.ts", "../../runtime/launch.ts"].map((path) =>
    JSON.stringify(fileURLToPath(new URL(path, import.meta.url))),
  );
  const file = join(cwd, "main.ts");
  writeFileSync(file, `import { crowded } from ${game};\nimport { launch } from ${launch};\nlaunch(crowded);\n`);
  writeFileSync(join(cwd, "input.jsonl"), crowdedInput());
  const result = await command(["run", "--ticks", "200", "--input", "input.jsonl"], { cwd, file });
  expect(result.code, result.stderr).toBe(4);
  const box = join(".orrery", readdirSync(join(cwd, ".orrery")).filter((name) => name.endsWith(".orb"))[0]!);
  const { notes } = readJournal(readFileSync(join(cwd, box)), box);
  expect(notes.filter(({ topic }) => topic === "input").length).toBeGreaterThan(2);
  const found = await command(["replay", "run", box], { cwd, file });
  expect(found.code, found.stderr).toBe(1);
  expect(found.stdout).toContain(
    `Tick ${crowdedTick} ends it, as recorded: The engine thread ended unexpectedly: it exited with code 9.`,
  );
});
