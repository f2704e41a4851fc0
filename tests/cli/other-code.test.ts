/** Other code for a replay that is given as a folder: its main file is taken, as a person who names a game means it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { command, faultIdOf, messageOf, newPath } from "./command.ts";

const launcher = JSON.stringify(new URL("../../runtime/launch.ts", import.meta.url).href);
const variants = JSON.stringify(new URL("../games/variants.ts", import.meta.url).href);
const tumble = `import { launch } from ${launcher};\nimport { variants } from ${variants};\nlaunch(variants.tumble());\n`;
const pusher = `import ${JSON.stringify(new URL("../games/pusher-main.ts", import.meta.url).href)};\n`;
const journal = newPath("plain.orj");
beforeAll(async () => {
  const recorded = await command(["run", "--ticks", "60", "--record", journal]);
  expect(recorded.code, recorded.stderr).toBe(0);
});

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = newPath("other-game");
  mkdirSync(join(folder, "game"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("a folder as other code", () => {
  test("is the game of its main.ts", async () => {
    const folder = folderOf({ "main.ts": tumble });
    const result = await command(["replay", "run", journal, "--code", `${folder}/`, "--against", "recorded"]);
    expect([result.code, result.stderr]).toEqual([0, result.stderr]);
    const compared = await command(["replay", "diff", journal, "--code-b", folder]);
    expect(compared.stdout, compared.stderr).toContain(" and its replay have the same hashes to tick 60");
  });

  test("is the game of its game/main.ts first, as for the command orrery", async () => {
    const folder = folderOf({ "main.ts": tumble, "game/main.ts": pusher });
    const result = await command(["replay", "run", journal, "--code", folder]);
    expect(messageOf(result)).toMatch(/^E0403 .* was recorded with game tumble, this program has pusher\./);
  });

  test("without a main file is refused as such", async () => {
    const folder = folderOf({});
    const results = await Promise.all([
      command(["replay", "run", journal, "--code", folder]),
      command(["replay", "diff", journal, "--code-b", folder, "--json"]),
    ]);
    expect(messageOf(results[0]!).split("\n")[0]).toBe(
      `E0406 ${folder} cannot be used as code: it is a folder without a game/main.ts or main.ts.`,
    );
    expect(results.map(({ code }) => code)).toEqual([1, 1]);
    expect(faultIdOf(results[1]!)).toBe("E0406");
  });
});
