/** Running, recording and replaying by command: the same hash each time, and nothing believed that was changed. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { partsOf, withHeader } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { brokenTick, type VariantName } from "../games/variants.ts";
import { Draws, testSeed } from "../unit/seeds.ts";
import { command, type Finished, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

const seed = testSeed("run-and-replay");
const ticks = 300;
const journal = newPath("journal.orj");
const input = newPath("input.jsonl");
let recorded: Finished;
beforeAll(async () => {
  writeFileSync(input, tumbleInput(ticks));
  recorded = await run("--record", journal);
});

const run = (...args: string[]): Promise<Finished> =>
  command(["run", "--headless", "--ticks", String(ticks), "--seed", "7", "--input", input, "--print-hash", ...args]);
const verify = (path: string, variant: VariantName = "tumble", ...more: string[]): Promise<Finished> =>
  command(["replay", "verify", path, ...more], { variant });
/** A changed copy of the journal in a file of its own. */
function changed(name: string, change: (bytes: Uint8Array) => Uint8Array): string {
  const path = newPath(name);
  writeFileSync(path, change(new Uint8Array(readFileSync(journal))));
  return path;
}
/** A message with what differs from run to run made the same. */
const plain = (text: string, path: string): string =>
  text.replaceAll(path, "PATH").replace(/\b[0-9a-f]{16}\b/g, "HASH");

describe("run", () => {
  test("prints only the hash, the same each time, recorded or not", async () => {
    expect(recorded).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{16}\n$/) });
    const again = await run();
    expect(again.stdout).toBe(recorded.stdout);
    const { end } = readJournal(readFileSync(journal), journal);
    expect(end).toMatchObject({ reason: "stopped", tick: ticks });
  });

  test("tells ticks, speed, hash and journal, and with --json all of it as data", async () => {
    const path = newPath("told.orj");
    const result = await command(["run", "--ticks", "30", "--record", path, "--timings"]);
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^tumble: 30 ticks, seed 1, \d+ ticks\/s \(\d+\.\d x real time\)$/);
    expect(lines[1]).toMatch(/^hash [0-9a-f]{16}$/);
    expect(lines[2]).toMatch(new RegExp(`^journal ${path} \\(\\d+ bytes\\)$`));
    expect(lines.slice(3).map((line) => line.split(" ")[0])).toContain("swing-arms");
    const value = jsonOf(await command(["run", "--ticks", "30", "--record", path, "--json"]));
    expect(value).toMatchObject({ game: "tumble", seed: 1, tickCount: 30, hash: lines[1]!.slice(5) });
    expect(value["journal"]).toEqual({ path, bytes: readFileSync(path).length });
  });

  test("the seed, the input and a setting each change the hash; the pace does not", async () => {
    const hash = async (...args: string[]): Promise<string> =>
      (await command(["run", "--ticks", "60", "--print-hash", ...args])).stdout;
    const plainHash = await hash();
    const others = [await hash("--seed", "2"), await hash("--input", input), await hash("--set", "wind=3")];
    expect(new Set([plainHash, ...others]).size).toBe(4);
    expect(await hash("--paced")).toBe(plainHash);
    expect(await hash("--set", "wind=0")).toBe(plainHash);
  });

  test("records that cannot apply are left out and counted", async () => {
    const path = newPath("absent.jsonl");
    writeFileSync(path, '{"tick":5,"player":3,"press":"drop"}\n{"tick":6,"player":3,"leave":true}\n');
    const { stdout } = await command(["run", "--ticks", "10", "--input", path]);
    expect(stdout).toContain("records could not apply and were left out: 3");
  });

  test("an input file that is missing or wrong is told with its place, before anything has run", async () => {
    const path = newPath("wrong.jsonl");
    const told = async (text: string): Promise<string> => {
      writeFileSync(path, text);
      const record = newPath("never.orj");
      const result = await command(["run", "--input", path, "--record", record]);
      expect(result).toMatchObject({ code: 2, stdout: "" });
      expect(() => readFileSync(record)).toThrow();
      return plain(messageOf(result), path);
    };
    expect(
      await told('{"tick":1,"player":1,"join":"a"}\n{"tick":2,"player":1,"pres":"drop"}\n'),
    ).toMatchInlineSnapshot(`
      "E0501 PATH:2:1: the line names none of join, leave, control, press, set.
            Each line is one JSON object with a tick, such as {"tick":60,"player":1,"control":"thrust","value":1}."
    `);
    expect(await told('# fine\n\n{"tick":2,"player":1,"press":drop}\n')).toMatchInlineSnapshot(`
      "E0501 PATH:3:30: this is not JSON: Unexpected token 'd'.
            Each line is one JSON object with a tick, such as {"tick":60,"player":1,"control":"thrust","value":1}."
    `);
    const missing = await command(["run", "--input", "there/is/none.jsonl"]);
    expect([missing.code, messageOf(missing)]).toMatchInlineSnapshot(`
      [
        1,
        "E0602 there/is/none.jsonl (input file) does not exist or cannot be read.
            Check the path; it is taken from the current folder.",
      ]
    `);
  });

  test("a journal that cannot be written ends the run", async () => {
    const nowhere = await command(["run", "--ticks", "600", "--record", "there/is/none.orj"]);
    expect([nowhere.code, messageOf(nowhere).split("\n")[0]]).toMatchInlineSnapshot(`
      [
        1,
        "E0603 there/is/none.orj (journal) cannot be written: ENOENT: no such file or directory, open 'there/is/none.orj'.",
      ]
    `);
    const full = await command(["run", "--ticks", "100000", "--record", "/dev/full", "--json"]);
    expect([full.code, faultIdOf(full)]).toEqual([1, "E0603"]);
  });
});

describe("replay verify", () => {
  test("says ticks, speed and hash, and so does its JSON", async () => {
    const result = await verify(journal);
    const hash = recorded.stdout.trim();
    expect(result.code).toBe(0);
    expect(result.stdout.replace(/\d+ ticks\/s \(\d+\.\d x/, "N ticks/s (N x")).toBe(
      `${journal}: ${ticks} ticks verified, N ticks/s (N x real time), hash ${hash}\n`,
    );
    const value = jsonOf(await verify(journal, "tumble", "--json"));
    expect(value).toMatchObject({ tickCount: ticks, hash, ending: "stopped", tornBytes: 0, seed: 7 });
    expect(value["ticksPerSecond"]).toBeGreaterThan(0);
  });

  test("one flipped bit anywhere is refused with its place", async () => {
    const draws = new Draws(seed);
    const starts = partsOf(readFileSync(journal)).map(({ offset }) => offset);
    for (let round = 0; round < 6; round++) {
      let at = 0;
      const path = changed("flipped.orj", (bytes) => {
        at = draws.below(bytes.length);
        bytes[at]! ^= 1 << draws.below(8);
        return bytes;
      });
      const block = starts.findLastIndex((start) => start <= at);
      const result = await verify(path);
      const where = `seed ${seed}, byte ${at}`;
      expect(result, where).toMatchObject({ code: 1, stdout: "" });
      expect(messageOf(result), where).toContain(
        block === 0 ? "(byte 0)" : `is damaged in block ${block}, at byte ${starts[block]}:`,
      );
    }
  });

  test("a journal that was cut is recovered to its last whole block, and that is said", async () => {
    const parts = partsOf(readFileSync(journal));
    const end = parts.at(-1)!.offset;
    for (const [length, tickCount, torn] of [
      [end, 300, 0],
      [end + 20, 300, 20],
      [end - 1, 240, parts.at(-2)!.bytes.length - 1],
    ] as const) {
      const result = await verify(changed("cut.orj", (bytes) => bytes.slice(0, length)));
      expect(result.code).toBe(0);
      expect(result.stdout).toContain(`: ${tickCount} ticks verified, `);
      expect(result.stdout).toContain(
        torn > 0
          ? `\nThe journal was cut short: ${torn} bytes behind the last whole block were left out.\n`
          : "\nThe journal has no end: the run was killed, or goes on.\n",
      );
    }
  });

  test("a journal without a tick is not called verified", async () => {
    const [header] = partsOf(readFileSync(journal));
    const path = changed("header.orj", (bytes) => bytes.slice(0, header!.bytes.length));
    const result = await verify(path);
    expect([result.code, result.stdout, plain(messageOf(result).split("\n")[0]!, path)]).toEqual([
      ...[1, "", "E0407 PATH has no tick on record, so there is nothing to verify."],
    ]);
    expect(faultIdOf(await verify(path, "tumble", "--json"))).toBe("E0407");
  });

  test("the place of a fault is told alike by the run, its journal and a replay, in relation to the project", async () => {
    const path = newPath("threw.orj");
    const args = ["run", "--ticks", String(ticks), "--record", path, "--no-flight-recorder"];
    const ran = await command(args, { variant: "throws" });
    const [place] = /tests\/games\/variants\.ts:\d+:\d+/.exec(messageOf(ran)) ?? [];
    const text = `E0303 System "swing-arms" (phase gameplay) threw at tick ${brokenTick}: the belt slipped at ${place}.`;
    expect(messageOf(ran).split("\n")[0]).toBe(text);
    expect(readJournal(readFileSync(path), path).end?.text).toBe(text);
    const verified = await verify(path, "throws");
    expect(verified.stdout).toContain(`The run ended with a fault after tick ${brokenTick - 1}: ${text}\n`);
    const again = await command(["replay", "run", path], { variant: "throws" });
    expect(messageOf(again).split("\n")[0]).toBe(text);
    for (const { stdout, stderr } of [ran, verified, again]) expect(stdout + stderr).not.toContain("file://");
  });

  test("a file that is empty, no journal, cut within its header or not there", async () => {
    const told = async (path: string): Promise<unknown> => {
      const result = await verify(path);
      return [result.code, plain(messageOf(result).split("\n")[0]!, path)];
    };
    expect(await told(changed("empty.orj", () => new Uint8Array(0)))).toMatchInlineSnapshot(`
      [
        1,
        "E0401 PATH is not a journal that can be read: it is empty (byte 0).",
      ]
    `);
    expect(await told(changed("head.orj", (bytes) => bytes.slice(0, 300)))).toMatchInlineSnapshot(`
      [
        1,
        "E0401 PATH is not a journal that can be read: it is cut short within its header (byte 0).",
      ]
    `);
    expect(await told(input)).toMatchInlineSnapshot(`
      [
        1,
        "E0401 PATH is not a journal that can be read: expected a block, found bytes 0x75542023 (byte 0).",
      ]
    `);
    expect(await told("none.orj")).toMatchInlineSnapshot(`
      [
        1,
        "E0602 PATH (journal) does not exist or cannot be read.",
      ]
    `);
  });

  test("a journal of another game, schema, plan, limits or rate is refused with both values", async () => {
    const told = async (variant: VariantName): Promise<string> => {
      const result = await verify(journal, variant);
      expect(result).toMatchObject({ code: 1, stdout: "" });
      return plain(messageOf(result).split("\n")[0]!, journal);
    };
    expect(await told("otherGame")).toMatchInlineSnapshot(
      `"E0403 PATH was recorded with game tumble, this program has rumble."`,
    );
    expect(await told("otherSchema")).toMatchInlineSnapshot(
      `"E0403 PATH was recorded with schema HASH, this program has HASH."`,
    );
    expect(await told("otherPlan")).toMatchInlineSnapshot(
      `"E0403 PATH was recorded with plan HASH, this program has HASH."`,
    );
    expect(await told("otherLimits")).toMatchInlineSnapshot(
      `"E0403 PATH was recorded with limit entities 512, this program has 640."`,
    );
    expect(await told("otherRate")).toMatchInlineSnapshot(
      `"E0403 PATH was recorded with tick rate 60, this program has 50."`,
    );
    const build = changed("build.orj", (bytes) =>
      withHeader(bytes, (header) => ({ ...header, program: { ...header.program, physicsBuild: "npm:older@1.0.0" } })),
    );
    const result = await verify(build, "tumble", "--json");
    expect([result.code, faultIdOf(result)]).toEqual([1, "E0403"]);
    expect(messageOf(result)).toContain("physics build npm:older@1.0.0, this program has npm:@dimforge/");
  });

  test("a world that differs from one tick on ends with 3 and names tick and column", async () => {
    const result = await verify(journal, "diverges");
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(plain(messageOf(result), journal).replace(/\b[0-9a-f]{8}\b/g, "WORD")).toMatchInlineSnapshot(`
      "E0404 PATH and its replay part at tick 200, first in Arm.angle: recorded WORD, replayed WORD.
            Run the systems that write Arm.angle under suspicion: a clock, an unsorted order, or state outside the arena."
    `);
    const seeded = changed("seed.orj", (bytes) => withHeader(bytes, (header) => ({ ...header, seed: 8 })));
    const other = await verify(seeded, "tumble", "--json");
    expect([other.code, jsonOf(other)]).toMatchObject([3, { fault: { id: "E0404", fields: { tick: 1 } } }]);
  });
});

describe("Scrapyard", () => {
  const round = fileURLToPath(new URL("../data/round.jsonl", import.meta.url));
  const args = ["run", "--headless", "--ticks", "3600", "--seed", "7", "--input", round];

  test("prints one hash, twice the same, and its journal verifies until a byte is changed", async () => {
    const path = newPath("round.orj");
    const first = await command([...args, "--record", path, "--print-hash"], { main: "scrapyard" });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{16}\n$/) });
    const second = await command([...args, "--print-hash"], { main: "scrapyard" });
    expect(second.stdout).toBe(first.stdout);
    const verified = await command(["replay", "verify", path], { main: "scrapyard" });
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(
      new RegExp(
        `^${path}: 3600 ticks verified, \\d+ ticks/s \\(.* x real time\\), hash ${first.stdout.trim()}\\n(?:At 1 keyframe .+\\n)?$`,
      ),
    );
    const broken = newPath("broken.orj");
    const bytes = readFileSync(path);
    // Where blocks end differs from run to run: it is in the contents of one, and not in its head.
    const { payload } = partsOf(bytes).findLast(({ offset }) => offset <= bytes.length >> 1)!;
    payload[payload.length >> 1]! ^= 0x10;
    writeFileSync(broken, bytes);
    const refused = await command(["replay", "verify", broken], { main: "scrapyard" });
    expect(refused.code).toBe(1);
    expect(messageOf(refused)).toMatch(/is damaged in block \d+, at byte \d+: the contents have checksum/);
  });

  test("refuses Tumble's journal", async () => {
    const result = await command(["replay", "verify", journal], { main: "scrapyard" });
    expect(result.code).toBe(1);
    expect(messageOf(result)).toContain("was recorded with game tumble, this program has scrapyard");
  });

  test("has a plan that can be read as text and as JSON", async () => {
    const [text, json] = await Promise.all([
      command(["plan"], { main: "scrapyard" }),
      command(["plan", "--json"], { main: "scrapyard" }),
    ]);
    const { phases } = jsonOf(json) as { phases: { name: string; systems: { name: string }[] }[] };
    expect(phases.map(({ name }) => name)).toEqual(["input", "physics", "gameplay", "structure", "transforms"]);
    const rows = text.stdout.split("\n").slice(2);
    for (const [at, name] of phases.flatMap(({ systems }) => systems.map((system) => system.name)).entries())
      expect(rows[at]).toContain(` ${name} `);
  });
});
