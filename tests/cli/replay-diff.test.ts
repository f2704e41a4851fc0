/** `replay diff`, `replay run` with something to see, and `trace why`, as commands: what they name, print and exit with. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readJournal } from "../../engine/replay/journal.ts";
import { partsOf } from "../data/journals.ts";
import { tumbleInput } from "../data/tumble-input.ts";
import { brokenTick } from "../games/variants.ts";
import { command, type Finished, faultIdOf, jsonOf, messageOf, newPath } from "./command.ts";

const ticks = brokenTick + 100;
const input = newPath("input.jsonl");
const plain = newPath("plain.orj");
const diverged = newPath("diverged.orj");
const gamePath = (file: string): string => fileURLToPath(new URL(`../games/${file}`, import.meta.url));
const other = gamePath("diverging.ts");

beforeAll(async () => {
  writeFileSync(input, tumbleInput(ticks));
  const args = ["run", "--ticks", String(ticks), "--seed", "7", "--input", input, "--keyframe-every", "90", "--record"];
  await command([...args, plain]);
  await command([...args, diverged], { variant: "diverges" });
});

/** What was printed, with paths, bits and values as words. */
const told = ({ stdout }: Finished): string =>
  stdout
    .replaceAll(plain, "PLAIN")
    .replaceAll(diverged, "DIVERGED")
    .replace(/0x[0-9a-f]+/g, "BITS")
    .replace(/-?\d+\.\d+/g, "VALUE")
    .replace(/ +\b/g, " ");

describe("replay diff", () => {
  test("of a divergence in game code names system, element, values and bits when both codes are given", async () => {
    const result = await command(["replay", "diff", plain, diverged, "--code-b", other]);
    expect(result.code).toBe(3);
    expect(told(result)).toMatchInlineSnapshot(`
      "PLAIN and DIVERGED part at tick 200.
      The first to differ is system "swing-arms" (gameplay), in Arm.angle of entity 7.
       PLAIN VALUE BITS, last written by system "swing-arms" (gameplay)
       DIVERGED VALUE BITS, last written by system "swing-arms" (gameplay)
      Behind tick 200:
       Arm.angle of entity 7: VALUE BITS and VALUE BITS
      "
    `);
    const value = jsonOf(await command(["replay", "diff", plain, diverged, "--code-b", other, "--json"]));
    expect(value).toMatchObject({
      ...{ isSame: false, hashTick: brokenTick, recordsTick: 0 },
      report: {
        first: {
          ...{ step: { kind: "system", name: "swing-arms", phase: "gameplay" }, component: "Arm", field: "angle" },
          ...{ entity: 7, a: { bits: expect.stringMatching(/^0x/) }, b: { bits: expect.stringMatching(/^0x/) } },
        },
      },
    });
  });

  test("without that code tells from the hashes what it can, and what the next keyframe holds", async () => {
    const result = await command(["replay", "diff", plain, diverged]);
    expect(result.code).toBe(3);
    expect(told(result)).toMatchInlineSnapshot(`
      "PLAIN and DIVERGED part at tick 200.
      This code does not make tick 200 of DIVERGED again: other code made it, or its memory was changed.
       Arm.angle differs; written by system "swing-arms" (gameplay).
       It may also be written by the structure phase for commands.
       One flipped bit explains it: bit 3 of Arm.angle of entity 7, VALUE BITS and VALUE BITS.
      At tick 270, the next keyframe (PLAIN, DIVERGED):
       Arm.angle of entity 7: VALUE BITS and VALUE BITS
      "
    `);
    const value = jsonOf(await command(["replay", "diff", plain, diverged, "--json"]));
    expect(value["report"]).toMatchObject({
      spans: [
        {
          writers: [{ kind: "system", name: "swing-arms", phase: "gameplay", count: expect.any(Number) }],
          mayWrite: [{ kind: "structure", name: "structure", phase: "structure", by: ["commands"] }],
        },
      ],
    });
  });

  test("of one journal and its replay", async () => {
    const same = await command(["replay", "diff", plain]);
    expect([same.code, told(same)]).toEqual([0, `PLAIN and its replay have the same hashes to tick ${ticks}.\n`]);
    const result = await command(["replay", "diff", diverged]);
    expect(result.code).toBe(3);
    expect(told(result)).toContain(`DIVERGED and its replay part at tick ${brokenTick}.\n`);
    expect(told(result)).toContain(' Arm.angle differs; written by system "swing-arms" (gameplay).\n');
  });

  test("of equal journals, of a longer one, and of one with a flipped byte", async () => {
    const equal = await command(["replay", "diff", plain, plain]);
    expect([equal.code, told(equal)]).toEqual([
      0,
      `PLAIN and PLAIN have the same hashes from tick 1 to tick ${ticks}.\n`,
    ]);
    const bytes = readFileSync(plain);
    const short = newPath("short.orj");
    writeFileSync(short, bytes.subarray(0, bytes.length >> 1));
    const { lastTick } = readJournal(readFileSync(short), short);
    const cut = await command(["replay", "diff", short, plain]);
    expect([cut.code, told(cut).replace(short, "SHORT")]).toEqual([
      0,
      `SHORT and PLAIN have the same hashes from tick 1 to tick ${lastTick}.\nPLAIN is the longer one: it goes on to tick ${ticks}.\n`,
    ]);
    expect(jsonOf(await command(["replay", "diff", plain, short, "--json"]))).toMatchObject({
      ...{ isSame: true, hashTick: 0, toTick: lastTick, longer: plain },
    });
    const empty = newPath("empty.orj");
    writeFileSync(empty, partsOf(new Uint8Array(bytes))[0]!.bytes);
    const nothing = await command(["replay", "diff", plain, empty]);
    expect([nothing.code, told(nothing).split("\n")[0]!.replace(empty, "EMPTY")]).toEqual([
      1,
      "PLAIN and EMPTY have no tick in common.",
    ]);
    const broken = newPath("broken.orj");
    writeFileSync(
      broken,
      bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)),
    );
    const refused = await command(["replay", "diff", plain, broken, "--json"]);
    expect([refused.code, faultIdOf(refused)]).toEqual([1, "E0402"]);
  });

  test("with code that is not there, is none, or is another game", async () => {
    const fault = async (code: string): Promise<unknown> => {
      const result = await command(["replay", "diff", plain, "--code-b", code, "--json"]);
      return [result.code, faultIdOf(result)];
    };
    expect(await fault("there/is/none.ts")).toEqual([1, "E0602"]);
    const none = newPath("none.mjs");
    writeFileSync(none, "export const game = 7;\n");
    expect(await fault(none)).toEqual([1, "E0406"]);
    const throwing = newPath("throwing.mjs");
    writeFileSync(throwing, "throw new Error('no code here');\n");
    expect(await fault(throwing)).toEqual([1, "E0406"]);
    expect(await fault(gamePath("swarm-main.ts"))).toEqual([1, "E0403"]);
  });
});

describe("replay run", () => {
  test("stops at a tick, from the nearest keyframe, and dumps entities", async () => {
    const result = await command(["replay", "run", plain, "--to-tick", "200", "--dump", "7,400"]);
    expect(result.code).toBe(0);
    const lines = result.stdout.split("\n");
    expect(lines[0]).toMatch(/: tick 200, from the keyframe behind tick 180, hash [0-9a-f]{16}, as recorded$/);
    expect(lines[1]).toBe("entity 7 (handle 7, child of 6)");
    expect(lines).toContain("entity 400: there is none");
    expect(result.stdout).toMatch(/\n {2}Arm\.angle = -?[\d.]+ 0x[0-9a-f]{16}\n/);
    const value = jsonOf(await command(["replay", "run", plain, "--to-tick", "5", "--dump-all", "Arm", "--json"]));
    expect(value).toMatchObject({ tick: 5, isAsRecorded: true, fromTick: 0 });
    expect((value["entities"] as { entity: number }[]).map(({ entity }) => entity)).toEqual([5, 6, 7, 8]);
  });

  test("says when a tick does not come out as recorded", async () => {
    const result = await command(["replay", "run", diverged, "--to-tick", String(brokenTick + 5)]);
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/, hash [0-9a-f]{16}, recorded [0-9a-f]{16}\n$/);
  });

  test("on other code tells the first tick at which it behaves otherwise, and the system", async () => {
    const result = await command(["replay", "run", plain, "--code", other, "--against", "recorded"]);
    expect(result.code).toBe(3);
    expect(told(result)).toContain(`PLAIN and its replay part at tick ${brokenTick}.\n`);
    expect(told(result)).toContain('The first to differ is system "swing-arms" (gameplay), in Arm.angle of entity 7.');
  });

  test("on the program's own main file compares with the program as it is", async () => {
    const result = await command(["replay", "run", plain, "--code", gamePath("main.ts"), "--against", "recorded"]);
    expect([result.code, told(result)]).toEqual([0, `PLAIN and its replay have the same hashes to tick ${ticks}.\n`]);
  });

  test("on other code lists in what the programs differ, and refuses what shows the recorded line", async () => {
    const slower = newPath("slower.ts");
    const [tumble, engine] = [gamePath("tumble.ts"), fileURLToPath(new URL("../../engine/index.ts", import.meta.url))];
    writeFileSync(
      slower,
      `import { defineComponent } from ${JSON.stringify(engine)};
       import { tumble } from ${JSON.stringify(tumble)};
       const spare = defineComponent("Aaa", {}, { shared: true });
       export default { ...tumble, tickRate: 50, components: [spare, ...tumble.components] };`,
    );
    const result = await command(["replay", "run", plain, "--code", slower]);
    expect(result.code).toBe(3);
    expect(told(result).split("\n").slice(0, 4)).toEqual([
      expect.stringMatching(/^The programs have another schema: [0-9a-f]{16} and [0-9a-f]{16}\.$/),
      "The programs have another tick rate: 60 and 50.",
      expect.stringMatching(/^Not compared, for equal states have other bytes there: Entities\.mask0, /),
      "PLAIN and its replay part at tick 3.",
    ]);
    const alone = await command(["replay", "run", plain, "--against", "recorded", "--json"]);
    expect([alone.code, faultIdOf(alone)]).toEqual([2, "E0601"]);
    for (const more of [
      ["--to-tick", "5"],
      ["--dump", "7"],
      ["--dump-all", "Arm"],
    ]) {
      const refused = await command(["replay", "run", plain, "--code", other, ...more]);
      expect([refused.code, messageOf(refused).split("\n")[0]]).toEqual([
        2,
        `E0601 ${more[0]} shows the line on record, and --code asks where other code parts from it.`,
      ]);
    }
  });

  test("at the beginning tells that no hash is on record there", async () => {
    const result = await command(["replay", "run", plain, "--to-tick", "0"]);
    expect([result.code, told(result)]).toEqual([0, "PLAIN: tick 0, as it begins, before any hash is on record\n"]);
    const value = jsonOf(await command(["replay", "run", plain, "--to-tick", "0", "--dump", "5", "--json"]));
    expect(value).toMatchObject({ tick: 0, isAsRecorded: null, entities: [{ entity: 5, isAlive: true }] });
  });

  test("refuses ticks, entities and components that are not there", async () => {
    const whole = async (...args: string[]): Promise<[number | null, string]> => {
      const result = await command(["replay", "run", plain, ...args]);
      return [result.code, messageOf(result).replace(plain, "PLAIN")];
    };
    const fault = async (...args: string[]): Promise<unknown> => {
      const result = await command(["replay", "run", plain, ...args]);
      return [result.code, messageOf(result).split("\n")[0]!.replace(plain, "PLAIN")];
    };
    expect(await fault("--to-tick", "301")).toEqual([2, "E0601 Tick 301 is not on record in PLAIN."]);
    const { entities } = readJournal(readFileSync(plain), plain).header.program.limits;
    for (const index of [0, entities + 1, 9_999_999]) {
      const [code, message] = await whole("--to-tick", "3", "--dump", `1,${index}`);
      expect([code, message]).toEqual([
        2,
        `E0601 No entity of PLAIN has the index ${index}.\n      Give an index from 1 to ${entities}.`,
      ]);
    }
    expect((await whole("--to-tick", "3", "--dump", String(entities)))[0]).toBe(0);
    expect((await whole("--to-tick", "3", "--dump-all", "Crates")) as unknown[]).toEqual([
      2,
      'E0601 There is no component "Crates".\n      Did you mean "Crate"?',
    ]);
    expect((await fault("--dump", "x")) as unknown[]).toEqual([2, expect.stringMatching(/^E0601 /)]);
  });
});

describe("trace why", () => {
  test("prints the chain of a value to the record behind it", async () => {
    const path = newPath("why.orj");
    const lines = newPath("why.jsonl");
    writeFileSync(lines, '{"tick":1,"player":1,"join":"ada"}\n{"tick":59,"player":1,"control":"drive","value":1}\n');
    await command(["run", "--ticks", "70", "--input", lines, "--record", path, "--keyframe-every", "50"]);
    const value = jsonOf(await command(["replay", "run", path, "--dump-all", "Craft", "--json"]));
    const [{ entity }] = value["entities"] as [{ entity: number }];
    const args = ["trace", "why", "ExternalForce.x", path, "--entity", String(entity), "--tick", "60"];
    const result = await command(args);
    expect(result.code).toBe(0);
    const [first, second] = result.stdout.split("\n");
    expect(first).toBe(`ExternalForce.x of entity ${entity} behind tick 60 is 0 0x00000000.`);
    expect(second).toBe('Written by system "push-bodies" (physics) at tick 60: 40 0x42200000 -> 0 0x00000000.');
    expect(result.stdout).toContain(`by system "drive-craft" (input) at tick 60`);
    expect(result.stdout).toContain("record: player 1 control drive at 1\n");
    const answer = jsonOf(await command([...args, "--json"]))["answer"];
    expect(answer).toMatchObject({ tick: 60, step: { kind: "system", name: "push-bodies" }, before: 40, after: 0 });
  });

  test("refuses what is no field, and ticks that are not on record", async () => {
    const fault = async (field: string, tick: string, entity = "7"): Promise<unknown> => {
      const result = await command(["trace", "why", field, plain, "--entity", entity, "--tick", tick, "--json"]);
      return [result.code, faultIdOf(result)];
    };
    expect(await fault("Arm", "5")).toEqual([2, "E0601"]);
    expect(await fault("Arm.angle", "0")).toEqual([2, "E0601"]);
    expect(await fault("Arm.angle", "301")).toEqual([2, "E0601"]);
    // 400 is an index that nobody has.
    for (const entity of ["0", "400", "9999999"]) expect(await fault("Arm.angle", "5", entity)).toEqual([2, "E0601"]);
    expect(await fault("Crate.touches", "5")).toEqual([2, "E0601"]);
    expect(await fault("Arm.nothing", "5")).toEqual([2, "E0601"]);
  });
});
