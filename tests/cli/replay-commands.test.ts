/** `replay diff` and `replay run --code` of games that part by a command, as real commands: the system is named. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { command, type Finished, jsonOf, newPath } from "./command.ts";

const own = newPath("own.ts");
const lower = newPath("lower.ts");
const [a, b] = [newPath("a.orj"), newPath("b.orj")];

function main(changes: string): string {
  const [game, launch] = ["../games/dropping.ts", "../../runtime/launch.ts"].map((path) =>
    JSON.stringify(fileURLToPath(new URL(path, import.meta.url))),
  );
  return `import { dropping } from ${game};\nimport { launch } from ${launch};\nlaunch(dropping(${changes}));\n`;
}

beforeAll(async () => {
  writeFileSync(own, main("{}"));
  writeFileSync(lower, main("{ limit: -9 }"));
  await command(["run", "--ticks", "110", "--record", a], { file: own });
  await command(["run", "--ticks", "110", "--record", b], { file: lower });
});

const told = ({ stdout }: Finished): string => stdout.replaceAll(a, "A").replaceAll(b, "B").replace(/ +\b/g, " ");
const byCommand = 'The first to differ is system "c-fall" (gameplay), in its commands for entity 2:\n';

test("two journals, with both codes: the system, and what either side commanded", async () => {
  const result = await command(["replay", "diff", a, b, "--code-b", lower], { file: own });
  expect(result.code, result.stderr).toBe(3);
  expect(told(result)).toContain(
    `A and B part at tick 65.\n${byCommand} A despawn\n B none\nWhat came of it was first`,
  );
  const value = jsonOf(await command(["replay", "diff", a, b, "--code-b", lower, "--json"], { file: own }));
  expect(value["report"]).toMatchObject({
    first: { step: { kind: "structure" } },
    command: { step: { kind: "system", name: "c-fall", phase: "gameplay" }, entity: 2, a: ["despawn"], b: [] },
  });
});

test("two journals, without the other code: an ordinary despawn is not told as a flipped bit", async () => {
  const result = await command(["replay", "diff", a, b], { file: own });
  expect(result.code, result.stderr).toBe(3);
  expect(told(result)).toContain(
    'Entities.mask0 differs; written by the structure phase for commands of system "c-fall" (gameplay).\n',
  );
  expect(told(result)).not.toContain("flipped bit");
});

test("a journal on other code", async () => {
  const result = await command(["replay", "run", a, "--code", lower, "--against", "recorded"], { file: own });
  expect(result.code, result.stderr).toBe(3);
  expect(told(result)).toContain(`A and its replay part at tick 65.\n${byCommand} A despawn\n replay none\n`);
});
