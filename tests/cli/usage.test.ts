/** The command line's manners: help, mistakes, JSON, plain text in pipes, the time at the end. */
import { describe, expect, test } from "vitest";
import { faultCatalog } from "../../engine/base/fault-catalog.ts";
import { expectGolden } from "../unit/golden.ts";
import { command, type Finished, jsonOf, messageOf, timeLine } from "./command.ts";

const commands = [
  ...["play", "run", "replay verify", "replay run", "replay diff", "verify determinism", "simulate"],
  ...["trace compare", "trace view", "trace why", "bench", "plan", "compile", "doctor", "lint", "explain"],
];
const words = (line: string): string[] => line.split(" ").filter((word) => word !== "");

/** Runs several command lines, two at a time. */
async function each(lines: readonly string[]): Promise<Map<string, Finished>> {
  const results = new Map<string, Finished>();
  const waiting = [...lines];
  const work = async (): Promise<void> => {
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift())
      results.set(line, await command(words(line)));
  };
  await Promise.all([work(), work()]);
  return results;
}

describe("mistakes on the command line", () => {
  test("are told with what was meant, and end with 2", async () => {
    const lines = [
      "pley",
      "run --tikcs 5",
      "replay verfy",
      "replay verify",
      "replay",
      "--prot 80",
      "run --ticks 0",
      "run --ticks 1.5",
      "run --seed -1",
      "run --seed 4294967296",
      "run extra",
      "run --input",
      "play --port 65536",
      "run --set winds=1",
      "run --set wind=51",
      "run --heavy --record heavy.orj --timings",
      "run --heavy --hot",
      "run --heavy --watch-value none",
      "run --heavy --black-box boxes",
      "explain E9999",
    ];
    const results = await each(lines);
    const told = lines.map((line) => {
      const result = results.get(line)!;
      expect(result.code, line).toBe(2);
      if (line !== "replay") expect(result.stdout, line).toBe("");
      return `${line}\n  ${messageOf(result).split("\n").slice(-2).join("\n  ")}`;
    });
    expect(told.join("\n")).toMatchInlineSnapshot(`
      "pley
        E0601 Unknown command 'pley'.
              Did you mean play?
      run --tikcs 5
        E0601 Unknown option '--tikcs'.
              Did you mean --ticks?
      replay verfy
        E0601 Unknown command 'verfy'.
              Did you mean verify?
      replay verify
        E0601 Missing required argument 'journal'.
              See --help.
      replay
        E0601 A command is missing.
              See --help.
      --prot 80
        E0601 Unknown option '--prot'.
              Did you mean --port?
      run --ticks 0
        E0601 Option '--ticks <count>' argument '0' is invalid. It is a whole number from 1 to 2147483648.
              See --help.
      run --ticks 1.5
        E0601 Option '--ticks <count>' argument '1.5' is invalid. It is a whole number from 1 to 2147483648.
              See --help.
      run --seed -1
        E0601 Option '--seed <seed>' argument '-1' is invalid. It is a whole number from 0 to 4294967295.
              See --help.
      run --seed 4294967296
        E0601 Option '--seed <seed>' argument '4294967296' is invalid. It is a whole number from 0 to 4294967295.
              See --help.
      run extra
        E0601 Too many arguments for 'run'. Expected 0 arguments but got 1: extra.
              See --help.
      run --input
        E0601 Option '--input <file>' argument missing.
              See --help.
      play --port 65536
        E0601 Option '--port <port>' argument '65536' is invalid. It is a whole number from 0 to 65535.
              See --help.
      run --set winds=1
        E0601 There is no setting "winds".
              Use --set name=value with one of: spawnEvery, wind.
      run --set wind=51
        E0503 Setting "wind" cannot be 51: expected a number from -50 to 50 (newtons along x).
              Give a value in range; \`plan --json\` lists the settings of the game.
      run --heavy --record heavy.orj --timings
        E0601 --heavy takes no --record and no --timings.
              It runs many worlds beside each other; leave one or the other out.
      run --heavy --hot
        E0601 --heavy takes no --hot.
              It runs many worlds beside each other; leave one or the other out.
      run --heavy --watch-value none
        E0601 --heavy takes no --watch-value.
              It runs many worlds beside each other; leave one or the other out.
      run --heavy --black-box boxes
        E0601 --heavy takes no --black-box.
              It runs many worlds beside each other; leave one or the other out.
      explain E9999
        E0601 There is no fault "E9999".
              Ids go from E0101 to E0942; \`explain\` lists them."
    `);
  });

  test("are a JSON value too", async () => {
    const result = await command(["run", "--tikcs", "5", "--json"]);
    expect(jsonOf(result)).toMatchObject({ fault: { id: "E0601", mend: "Did you mean --ticks?" } });
    expect(result.code).toBe(2);
  });
});

describe("help", () => {
  test("of every command has an example that begins with it, and is no failure", async () => {
    const lines = ["", "replay", ...commands];
    const results = await each(lines.map((line) => `${line} --help`));
    for (const line of lines) {
      const { code, stdout, stderr } = results.get(`${line} --help`)!;
      expect([code, stderr], line).toEqual([0, ""]);
      const example = /\nExample:\n {2}tumble (.+)\n/.exec(stdout)?.[1];
      expect(example, line).toBeDefined();
      expect(example!.startsWith(line), `${line}: ${example}`).toBe(true);
      if (commands.includes(line)) expect(stdout, line).toContain("--json");
    }
    const own = results.get(" --help")!.stdout;
    for (const line of commands) expect(own).toContain(`\n  ${line.split(" ")[0]} `);
  });

  test("the version is that of the package", async () => {
    const { code, stdout } = await command(["--version"]);
    expect([code, stdout]).toEqual([0, "0.1.0\n"]);
  });
});

describe("explain", () => {
  const faults = Object.entries(faultCatalog)
    .map(([kind, { id, explain }]) => ({ id, kind, story: explain as string }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

  test("lists every fault in order of ids, as text and as JSON", async () => {
    const results = await each(["explain", "explain --json"]);
    const list = results.get("explain")!.stdout.trimEnd().split("\n");
    expect(list.length).toBe(faults.length);
    for (const [at, { id, kind }] of faults.entries())
      expect(list[at]).toMatch(new RegExp(`^${id} +${kind} +\\S.*\\.$`));
    expect(jsonOf(results.get("explain --json")!)).toEqual(faults);
  });

  test("tells a fault by id and by name: the first of each hundred ids, and the last", async () => {
    const told = faults.filter(({ id }, at) => faults[at - 1]?.id.slice(0, 3) !== id.slice(0, 3));
    told.push(faults.at(-1)!);
    const results = await each([...told.map(({ id }) => `explain ${id}`), "explain desync", "explain e0404"]);
    for (const { id, kind, story } of told)
      expect(results.get(`explain ${id}`)).toMatchObject({ code: 0, stdout: `${id} ${kind}\n${story}\n` });
    expect(results.get("explain desync")!.stdout).toMatch(/^E0404 desync\n/);
    expect(results.get("explain e0404")!.stdout).toBe(results.get("explain desync")!.stdout);
  });
});

describe("output", () => {
  const lines = [
    "run --ticks 3",
    "run --ticks 3 --print-hash --timings",
    "plan",
    "doctor",
    "explain E0101",
    "replay verify none.orj",
    "bench --only there-is-no-such-row",
    "compile --entry none.ts --output /dev/null/none",
  ];

  test("has no colour codes in a pipe, and the time as the last line of standard error", async () => {
    const results = await each(lines);
    for (const [line, { stdout, stderr }] of results) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
      expect(`${stdout}${stderr}`, line).not.toMatch(/\x1b/);
      expect(stderr.trimEnd().split("\n").at(-1), line).toMatch(timeLine);
    }
  });

  test("is one JSON value with --json, whether it went well or not", async () => {
    const results = await each(lines.map((line) => `${line} --json`));
    const values = [...results].map(([line, result]) => `${line}: ${result.code} ${shapeOf(result)}`);
    expect(values.sort().join("\n")).toMatchInlineSnapshot(`
      "bench --only there-is-no-such-row --json: 2 fault E0601
      compile --entry none.ts --output /dev/null/none --json: 1 fault E0699
      doctor --json: 0 a list
      explain E0101 --json: 0 id kind story
      plan --json: 0 game tickRate planHash schemaHash phases stages jobs resources subsystems settings limits
      replay verify none.orj --json: 1 fault E0602
      run --ticks 3 --json: 0 game seed tickCount hash droppedTickCount refusedRecordCount fallbacks elapsedMillis timings ticksPerSecond startToFirstTickMillis commandMillis
      run --ticks 3 --print-hash --timings --json: 0 game seed tickCount hash droppedTickCount refusedRecordCount fallbacks elapsedMillis timings ticksPerSecond startToFirstTickMillis commandMillis"
    `);
  });

  test("of the plan is the golden one", async () => {
    const { code, stdout } = await command(["plan", "--json"]);
    expect(code).toBe(0);
    expectGolden("tumble-plan.json", stdout);
  });

  test("a reader that goes away is no failure", async () => {
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["tests/games/main.ts", "plan", "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, stderr.trim()]).toEqual([0, expect.stringMatching(timeLine)]);
  });
});

/** The keys of a JSON result, or what kind of list it is. */
function shapeOf(result: Finished): string {
  const value: unknown = jsonOf(result);
  if (Array.isArray(value)) return "a list";
  const fault = (value as { fault?: { id: string } }).fault;
  return fault === undefined ? Object.keys(value as object).join(" ") : `fault ${fault.id}`;
}
