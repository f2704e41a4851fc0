/**
 * Traps by command: each banned call in a tick ends the run with a fault that names call, system, tick and place, and
 * whatever is not world code goes on as ever.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type TrappedCall, trappedTick } from "../games/trapped.ts";
import { command, type Finished, jsonOf, messageOf, newPath } from "./command.ts";

const gameFile = fileURLToPath(new URL("../games/trapped.ts", import.meta.url));
const roundFile = fileURLToPath(new URL("../data/round.jsonl", import.meta.url));
const lines = readFileSync(gameFile, "utf8").split("\n");

/** "file:line:column" of `text` in relation to the project, looked for from the first line that holds `from` on. */
function placeOf(from: string, text: string): string {
  const start = lines.findIndex((line) => line.includes(from));
  const at = lines.findIndex((line, i) => i >= start && line.includes(text));
  return `tests/games/trapped.ts:${at + 1}:${lines[at]!.indexOf(text) + 1}`;
}

function run(variant: TrappedCall, ...more: string[]): Promise<Finished> {
  return command(["run", "--ticks", "8", "--workers", "0", ...more], { main: "trapped", variant });
}

describe("a banned call in a tick", () => {
  test.each([
    ["math-random", "Math.random", "random("],
    ["new-date", "new Date", "new Date("],
    ["set-timeout", "setTimeout", "setTimeout("],
    ["async-function", "a promise", "async () => 1"],
    ["locale-compare", "String.localeCompare", "localeCompare("],
    ["kept-random", "Math.random", "random()"],
    ["kept-crypto", "crypto.randomUUID", "randomUUID("],
    ["swallowed", "Math.random", "random("],
  ] as const)("%s ends the run; the others are in tests/unit/traps", async (name, call, text) => {
    const result = await run(name);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    const place = placeOf(name === "swallowed" ? "  swallowed: " : `  "${name}": `, text);
    const [first, mend] = messageOf(result).split("\n");
    expect(first).toBe(`E0621 System "${name}" used ${call} at tick ${trappedTick} at ${place}.`);
    expect(mend).toMatch(/^ {6}[A-Z].+\.$/);
  });

  test("says what to use instead, and is the JSON value of the command", async () => {
    const result = await run("math-sin", "--json");
    expect(jsonOf(result)["fault"]).toMatchObject({
      id: "E0621",
      kind: "banned-call",
      fields: {
        call: "Math.sin",
        code: "system",
        name: "math-sin",
        tick: trappedTick,
        place: placeOf('"math-sin"', "sin("),
        instead: "Use exact.sin of engine/index (engine/base/math.ts), which gives the same bits everywhere",
      },
      text: `System "math-sin" used Math.sin at tick ${trappedTick} at ${placeOf('"math-sin"', "sin(")}.`,
      mend: "Use exact.sin of engine/index (engine/base/math.ts), which gives the same bits everywhere.",
    });
  });

  test.each([
    ["job-begin", "begin: ("],
    ["job-run", 'wanted === "job-run" &&'],
  ] as const)("%s: the job is named", async (name, from) => {
    const result = await run(name);
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toBe(
      `E0621 Job "echo-marks" used Math.random at tick ${trappedTick} at ${placeOf(from, "random()")}.`,
    );
  });

  test("on a worker: the chunk is not done again, and the place is the author's", async () => {
    // Workers come when they come: the first hundred ticks may be over, so the job calls at every later one.
    const result = await command(["run", "--ticks", "100000", "--workers", "1", "--paced"], {
      main: "trapped",
      variant: "job-run-late",
    });
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toMatch(/^E0621 Job "echo-marks" used Math\.random at tick \d+ at /);
    expect(messageOf(result).split("\n")[0]).toContain(placeOf("isLate", "random()"));
  });

  test.each([
    ["derived", "The derived value", "marks"],
    ["resource", "The input of resource", "chart"],
  ] as const)("in a %s", async (name, told, what) => {
    const result = await run(name);
    expect(result.code).toBe(1);
    expect(messageOf(result).split("\n")[0]).toBe(
      `E0621 ${told} "${what}" used Math.random at tick ${trappedTick} at ${placeOf(`wanted === "${name}"`, "random()")}.`,
    );
  });

  test("in the setup", async () => {
    const result = await run("setup");
    expect(messageOf(result).split("\n")[0]).toBe(
      `E0621 The setup of "trapped" used Math.random at tick 0 at ${placeOf("commands.spawn", "random()")}.`,
    );
  });
});

describe("what is no banned call", () => {
  test("presentation may use all of it, in frames, in frame jobs and between ticks", async () => {
    const result = await run("none");
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const witnessed = await command(
      ["verify", "determinism", "--workers", "0,1", "--shuffle-jobs", "0", "--ticks", "20"],
      {
        main: "trapped",
        variant: "none",
      },
    );
    expect(witnessed, witnessed.stdout + witnessed.stderr).toMatchObject({ code: 0 });
  });

  test("a system may print: what the host does for it is the host's", async () => {
    const result = await run("console");
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain("printed in a tick");
  });

  test("without traps the call passes; with them a journal of such a run is refused where it was made", async () => {
    const path = newPath("untrapped.orj");
    const recorded = await run("math-random", "--no-traps", "--record", path);
    expect(recorded.code, recorded.stderr).toBe(0);
    const options = { main: "trapped", variant: "math-random" } as const;
    expect((await command(["replay", "verify", path, "--no-traps"], options)).code).toBe(0);
    const verified = await command(["replay", "verify", path], options);
    expect(verified.code).toBe(1);
    expect(messageOf(verified)).toContain(`E0621 System "math-random" used Math.random at tick ${trappedTick} at `);
  });

  test("Scrapyard has the same hashes with traps and without", async () => {
    const hashes = await Promise.all(
      ["--traps", "--no-traps"].map(async (traps) => {
        const args = ["run", "--ticks", "300", "--input", roundFile, "--workers", "1", "--print-hash"];
        const result = await command([...args, traps], { main: "scrapyard" });
        expect(result.code, result.stderr).toBe(0);
        return result.stdout;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{16}\n$/);
    expect(hashes[0]).toBe(hashes[1]);
  });
});
