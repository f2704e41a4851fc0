/** Configuration by command: what a file changes, what of it is refused, and that a journal carries what was in force. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { withHeader } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import {
  command,
  type Finished,
  faultIdOf,
  journalSoFar,
  jsonOf,
  messageOf,
  newPath,
  RunningCommand,
  saveAtOnce,
} from "./command.ts";

const ticks = 120;
const input = newPath("input.jsonl");
const config = newPath("orrery.toml");
const journal = newPath("journal.orj");
const text = `[systems]
order = [["swing-arms", "slide-pusher"]]
disabled = ["rain-crates"]

[tick]
rate = 30
overload = "slow"
`;
let recorded: Finished;
beforeAll(async () => {
  writeFileSync(input, tumbleInput(ticks));
  writeFileSync(config, text);
  recorded = await run("--config", config, "--record", journal);
});

const run = (...args: string[]): Promise<Finished> =>
  command(["run", "--ticks", String(ticks), "--input", input, "--print-hash", ...args]);
const verify = (path: string): Promise<Finished> => command(["replay", "verify", path, "--json"]);
/** A changed copy of the journal's header, in a file of its own. */
function withProgram(name: string, change: (program: Record<string, unknown>) => Record<string, unknown>): string {
  const path = newPath(name);
  const bytes = withHeader(new Uint8Array(readFileSync(journal)), (header) => ({
    ...header,
    program: change({ ...header.program }) as unknown as typeof header.program,
  }));
  writeFileSync(path, bytes);
  return path;
}

describe("run", () => {
  test("with a file makes another world than without, the same each time", async () => {
    expect(recorded).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{16}\n$/) });
    expect((await run("--config", config)).stdout).toBe(recorded.stdout);
    expect((await run()).stdout).not.toBe(recorded.stdout);
  });

  test("with a file that decides no tick makes the same world", async () => {
    const path = newPath("pace.toml");
    writeFileSync(path, 'tick = { per_frame_max = 2, overload = "slow" }\n');
    expect((await run("--config", path)).stdout).toBe((await run()).stdout);
  });

  test("is verified under the same file, in threads, in other processes and from keyframes", async () => {
    const words = [
      "verify",
      "determinism",
      "--ticks",
      String(ticks),
      "--input",
      input,
      "--heavy-every",
      "40",
      "--json",
    ];
    const modes = ["--modes", "plain,order,heavy,interpreted,keyframes"];
    const verified = await command([...words, ...modes, "--config", config]);
    const { runs } = jsonOf(verified) as { readonly runs: readonly { readonly mode: string; readonly hash: string }[] };
    expect([verified.code, new Set(runs.map(({ hash }) => `${hash}\n`))]).toEqual([0, new Set([recorded.stdout])]);
    expect(new Set(runs.map(({ mode }) => mode)).size).toBe(5);
    const wrong = newPath("verify.toml");
    writeFileSync(wrong, "tick.rate = 0");
    expect(faultIdOf(await command([...words, "--config", wrong]))).toBe("E0612");
  });

  test("heavily takes the same file and tells its mistakes", async () => {
    const heavy = ["--heavy", "--heavy-every", "30"];
    expect((await run("--config", config, ...heavy, "--workers", "1", "--audit")).stdout).toBe(recorded.stdout);
    const wrong = newPath("heavy.toml");
    writeFileSync(wrong, "tick.rate = 0");
    expect((await run("--config", wrong, ...heavy)).code).toBe(2);
  });

  test("takes orrery.toml beside the main file, and no other", async () => {
    const folder = newPath("game");
    const main = `${folder}/main.ts`;
    const games = fileURLToPath(new URL("../games/main.ts", import.meta.url));
    mkdirSync(folder);
    writeFileSync(main, `import ${JSON.stringify(games)};\n`);
    const args = ["run", "--ticks", "30", "--print-hash"];
    const plain = await command(args, { file: main });
    writeFileSync(`${folder}/orrery.toml`, text);
    const configured = await command(args, { file: main, cwd: folder });
    expect([plain.code, configured.code]).toEqual([0, 0]);
    expect(configured.stdout).not.toBe(plain.stdout);
    expect((await command(args, { file: main, cwd: dirname(games) })).stdout).toBe(configured.stdout);
    writeFileSync(`${folder}/orrery.toml`, "tick.rate = 0");
    const wrong = await command(args, { file: main, cwd: folder });
    expect([wrong.code, messageOf(wrong).split("\n")[0]]).toEqual([2, "E0612 orrery.toml:1:13: tick.rate is 0."]);
  });

  test("tells every mistake of a file with its place, before anything has run", async () => {
    const path = newPath("wrong.toml");
    const record = newPath("never.orj");
    writeFileSync(
      path,
      '[systems]\norder = [["keep-ledger", "retire-crates"]]\ndisable = ["rain-crates"]\n[tick]\nrate = 30.5\n',
    );
    const result = await run("--config", path, "--record", record);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(() => readFileSync(record)).toThrow();
    expect(messageOf(result).replaceAll(path, "PATH")).toMatchInlineSnapshot(`
      "E0612 PATH has 3 mistakes:
            PATH:2:26: it wishes for "keep-ledger" before "retire-crates", but "keep-ledger" declares \`after: ["retire-crates"]\` (both touch event CrateGone). Take the wish out, or turn it round; the order that systems declare stays.
            PATH:3:1: there is no key "disable" in [systems]. Did you mean "disabled"?
            PATH:5:8: tick.rate is 30.5. Give a whole number from 1 to 1000.
            Mend each where it stands."
    `);
    const { fault } = jsonOf(await run("--config", path, "--json")) as {
      fault: { id: string; fields: { mistakes: unknown } };
    };
    expect([fault.id, fault.fields.mistakes]).toEqual([
      "E0612",
      [
        expect.objectContaining({ line: 2, column: 26 }),
        expect.objectContaining({ line: 3, column: 1, problem: 'there is no key "disable" in [systems]' }),
        expect.objectContaining({ line: 5, column: 8 }),
      ],
    ]);
    const none = await run("--config", `${path}.none`);
    expect([none.code, messageOf(none).split("\n")[0]]).toEqual([
      1,
      `E0602 ${path}.none (the configuration) does not exist or cannot be read.`,
    ]);
  });
});

describe("replay", () => {
  test("compiles with the settings on record", async () => {
    const { header } = readJournal(readFileSync(journal), journal);
    expect(header.program.settings).toEqual({
      disabled: ["rain-crates"],
      order: [["swing-arms", "slide-pusher"]],
      tick: { overload: "slow", rate: 30 },
    });
    expect(header.program.tickRate).toBe(30);
    expect(jsonOf(await verify(journal))).toMatchObject({
      tickCount: ticks,
      hash: recorded.stdout.trim(),
      ending: "stopped",
    });
  });

  test("with other settings in the header is refused by the plan, the tick rate or the form", async () => {
    const told = async (name: string, settings: unknown): Promise<string> => {
      const path = withProgram(name, (program) => ({ ...program, settings }));
      const { fault } = jsonOf(await verify(path)) as { fault: { text: string } };
      return fault.text.replaceAll(path, "PATH");
    };
    const { settings } = readJournal(readFileSync(journal), journal).header.program;
    const { order: _, ...unordered } = settings!;
    const refusal = /^PATH was recorded with (plan|tick rate) (\w+), this program has (\w+)\.$/;
    expect(await told("none.orj", undefined)).toMatch(refusal);
    expect((await told("order.orj", unordered)).match(refusal)?.[1]).toBe("plan");
    const rate = await told("rate.orj", { ...settings, tick: { rate: 60 } });
    expect(rate.match(refusal)?.slice(1)).toEqual(["tick rate", "30", "60"]);
    expect(await told("unknown.orj", { ...settings, disabled: ["rain-carts"] })).toBe(
      'The settings cannot be used: disabled[0]: there is no system "rain-carts".',
    );
    expect(await told("form.orj", { disabled: 5 })).toMatch(/^PATH (?:is not a journal that can be read|is damaged)/);
  });
});

describe("a file that is edited while the world runs", () => {
  test("wrongly is told, with its place, and the world goes on to its end", async () => {
    const path = newPath("edited.toml");
    const record = newPath("edited.orj");
    writeFileSync(path, "tick.rate = 60\n");
    const running = new RunningCommand(["run", "--paced", "--ticks", "100000", "--config", path, "--record", record]);
    await running.until(() => journalSoFar(record) !== undefined);
    saveAtOnce(path, '[systems]\norder = [["keep-ledger", "retire-crates"]]\n');
    await running.printed(/The world goes on with the settings that it has/);
    saveAtOnce(path, "tick.rate = \n");
    await running.printed(/:1:13: it is not TOML/);
    running.signal("SIGINT");
    const result = await running.finished;
    expect(result.code).toBe(130);
    expect(result.stderr).toContain(
      `E0612 ${path}:2:26: it wishes for "keep-ledger" before "retire-crates", but "keep-ledger" declares \`after: ["retire-crates"]\``,
    );
    const { end, swaps } = readJournal(readFileSync(record), record);
    expect([end?.reason, swaps]).toEqual(["stopped", []]);
  });
});
