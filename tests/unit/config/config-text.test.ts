/** The text of orrery.toml against a game: what it means, and every mistake with its place, all at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConfigMistake } from "../../../engine/base/fault-catalog/settings.ts";
import { defineResource } from "../../../engine/streaming/definition.ts";
import { settingsInText } from "../../../runtime/config/config-text.ts";
import { tomlPlaces } from "../../../runtime/config/toml-places.ts";
import { tumble } from "../../games/tumble.ts";
import { testSeed } from "../seeds.ts";
import { faultOfAsync } from "../small-world.ts";

const seed = testSeed("config-text");
const resources = [defineResource({ name: "wind-grid", pipeline: "bytes", kind: "bytes" })];
const configured = { game: { ...tumble, resources } };
const settingsIn = (text: string): Promise<unknown> => settingsInText("orrery.toml", text, configured);
const told = async (text: string): Promise<string[]> => {
  const fault = await faultOfAsync(() => settingsIn(text));
  if (fault.kind !== "config-file") throw new Error(fault.kind);
  const { mistakes, problem } = fault.fields;
  // The text for people has every one of them.
  for (const { line, column, problem: one } of mistakes)
    expect(problem).toContain(`orrery.toml:${line}:${column}: ${one}.`);
  return mistakes.map(({ line, column, problem: one, remedy }: ConfigMistake) => `${line}:${column} ${one}. ${remedy}`);
};

describe("what it means", () => {
  test("every key, in any of TOML's forms, canonical", async () => {
    const sections = `# How Tumble runs here.
[systems]
order = [["swing-arms", "seat-craft"], ["rain-crates", "retire-crates"]]
disabled = ["rain-crates", "count-touches"]

[tick]
rate = 30
per_frame_max = 2
overload = "slow"

[priorities]
wind-grid = -3
`;
    const dotted = `priorities."wind-grid" = -3
tick = { overload = 'slow', rate = 0x1e, per_frame_max = 2 }
systems.disabled = ["count-touches", "rain-crates"]
systems.order = [["rain-crates", "retire-crates"], [
  "swing-arms", # first
  "seat-craft",
]]
`;
    const settings = {
      disabled: ["count-touches", "rain-crates"],
      order: [
        ["rain-crates", "retire-crates"],
        ["swing-arms", "seat-craft"],
      ],
      priorities: { "wind-grid": -3 },
      tick: { overload: "slow", perFrameMax: 2, rate: 30 },
    };
    expect(await settingsIn(sections)).toEqual(settings);
    expect(JSON.stringify(await settingsIn(dotted))).toBe(JSON.stringify(settings));
    expect(JSON.stringify(await settingsIn(sections.replaceAll("\n", "\r\n")))).toBe(JSON.stringify(settings));
  });

  test.each(["", "# nothing\n", "[systems]\n[tick]\n[priorities]\n", "[systems]\norder = []\ndisabled = []\n"])(
    "%j means nothing",
    async (text) => expect(await settingsIn(text)).toEqual({}),
  );
});

describe("mistakes", () => {
  test("of every kind, all at once, in the order of the file", async () => {
    expect(
      await told(`[systms]
order = 5

[systems]
ordr = []
order = [["swing-arm", 5], 7, ["seat-craft", "seat-craft"], ["step-bodies", "push-bodies"]]
disabled = ["push-bodies", 3]
[tick]
rate = 60.5
  per_frame_max = "x"
overload = "catch-up"
[priorities]
wind-gird = 1
wind-grid = 9999
`),
    ).toMatchInlineSnapshot(`
      [
        "1:2 there is no section or key "systms". Did you mean "systems"?",
        "5:1 there is no key "ordr" in [systems]. Did you mean "order"?",
        "6:11 there is no system "swing-arm". Did you mean "swing-arms"?",
        "6:24 systems.order[0][1] is 5. Give the name of a system, such as "drive-tugs".",
        "6:28 systems.order[1] is 7. Give a list of systems, such as ["first", "second"].",
        "6:46 it wishes for "seat-craft" before itself. Name each system once.",
        "6:77 it wishes for "step-bodies" before "push-bodies", but "step-bodies" declares \`after: ["push-bodies"]\`. Take the wish out, or turn it round; the order that systems declare stays.",
        "7:13 the system "push-bodies" belongs to the subsystem "physics" and cannot be disabled. Systems of the game can be; a subsystem's are part of how the engine works.",
        "7:28 systems.disabled[1] is 3. Give the name of a system, such as "drive-tugs".",
        "9:8 tick.rate is 60.5. Give a whole number from 1 to 1000.",
        "10:19 tick.per_frame_max is "x". Give a whole number from 1 to 1000.",
        "11:12 tick.overload is "catch-up". Give "drop" or "slow".",
        "13:1 there is no resource or asset "wind-gird". Did you mean "wind-grid"?",
        "14:13 priorities.wind-grid is 9999. Give a whole number from -1000 to 1000.",
      ]
    `);
  });

  test("against the plan name both systems and the constraint", async () => {
    expect(
      await told('[systems]\norder = [\n  ["swing-arms", "seat-craft"],\n  ["keep-ledger", "retire-crates"],\n]\n'),
    ).toMatchInlineSnapshot(`
      [
        "4:19 it wishes for "keep-ledger" before "retire-crates", but "keep-ledger" declares \`after: ["retire-crates"]\` (both touch event CrateGone). Take the wish out, or turn it round; the order that systems declare stays.",
      ]
    `);
    expect(await told('systems.order = [["drive-craft", "swing-arms"]]\n')).toMatchInlineSnapshot(`
      [
        "1:34 it wishes for "drive-craft" before "swing-arms", but the one is of phase "input" and the other of phase "gameplay". Phases have a fixed order; name systems of one phase.",
      ]
    `);
    expect(
      await told(
        '[systems]\norder = [["rain-crates", "seat-craft"], ["seat-craft", "swing-arms"], ["swing-arms", "rain-crates"]]',
      ),
    ).toMatchInlineSnapshot(`
      [
        "2:86 it wishes for "swing-arms" before "rain-crates", but another wish puts "rain-crates" before "seat-craft", and another wish puts "seat-craft" before "swing-arms". Take the wish out, or turn it round; the order that systems declare stays.",
      ]
    `);
  });

  test.each([
    ["[systems\n", "1:9"],
    ["a = 1\na = 2\n", "2:1"],
    ["[tick]\nrate = 99999999999999999999\n", "2:8"],
    ["[tick]\nrate = \n", "2:8"],
    ["[tick]\noverload = slow\n", "2:12"],
    ['[systems]\ndisabled = ["a\n', "2:15"],
    ["__proto__.rate = 3\n", "1:1"],
  ])("of TOML itself in %j are at %s", async (text, place) => {
    const [mistake, ...others] = await told(text);
    expect(others).toEqual([]);
    expect(mistake).toMatch(/^\d+:\d+ it is not TOML: .*\. Correct the TOML there/);
    expect(mistake!.split(" ")[0]).toBe(place);
  });

  test.each([
    ["tick = 5", "1:8 tick is 5. Make it a section."],
    ["[[systems]]\n", "1:3 systems is a list. Make it a section."],
    ["systems.order = [[]]", '1:18 it names no system. Name at least two systems, such as ["first", "second"].'],
    ["tick = { rate = 1979-05-27 }", "1:17 tick.rate is a date. Give a whole number from 1 to 1000."],
    ["tick.rate = nan", "1:13 tick.rate is NaN. Give a whole number from 1 to 1000."],
    ["[tick.rate]\n", "1:7 tick.rate is a section. Give a whole number from 1 to 1000."],
    ['"tick" = {}\n"ti ck" = 1', '2:1 there is no section or key "ti ck". Did you mean "tick"?'],
    ["priorities = [1]", "1:14 priorities is a list. Make it a section."],
  ])("%j", async (text, mistake) => expect(await told(text)).toEqual([mistake]));

  test("a file of anything gives settings or mistakes with places in it, never another error", async () => {
    const word = fc.constantFrom(
      "systems",
      "tick",
      "priorities",
      "order",
      "disabled",
      "rate",
      "overload",
      "wind-grid",
      "x",
    );
    const value = fc.constantFrom(
      "1",
      '"slow"',
      "[]",
      '[["swing-arms","seat-craft"]]',
      "[[1]]",
      "{}",
      "{ rate = 1 }",
      "true",
      "1.5",
      "07:00:00",
    );
    const line = fc.oneof(
      fc.tuple(word).map(([name]) => `[${name}]`),
      fc.tuple(word, value).map(([name, given]) => `${name} = ${given}`),
      fc.tuple(word, word, value).map(([first, name, given]) => `${first}.${name} = ${given}`),
      fc.tuple(fc.string({ maxLength: 6 }), value).map(([name, given]) => `${JSON.stringify(name)} = ${given}`),
      fc.string({ maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        const text = lines.join("\n");
        const mistakes = await settingsIn(text).then(
          () => [],
          () => told(text),
        );
        for (const mistake of mistakes) {
          const [row, column] = mistake.split(" ")[0]!.split(":").map(Number) as [number, number];
          const rows = text.split(/\r\n|\n/);
          expect(row).toBeGreaterThan(0);
          expect(row).toBeLessThanOrEqual(rows.length);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual(rows[row - 1]!.length + 2);
        }
      }),
      { seed, numRuns: 400 },
    );
  });
});

describe("places", () => {
  test("are those of keys and of values, and of the nearest that is there", async () => {
    const find = await tomlPlaces('[a.b]\nc = [1, { d = 2 }]\n[[e]]\nf.g = "x"\n');
    expect([
      find(["a", "b"], "key"),
      find(["a", "b", "c"], "key"),
      find(["a", "b", "c"], "value"),
      find(["a", "b", "c", 1, "d"], "value"),
      find(["a", "b", "c", 1, "z", 4], "value"),
      find(["e", 0, "f", "g"], "value"),
      find(["q"], "value"),
    ]).toEqual([
      { line: 1, column: 4 },
      { line: 2, column: 1 },
      { line: 2, column: 5 },
      { line: 2, column: 15 },
      { line: 2, column: 9 },
      { line: 4, column: 7 },
      { line: 1, column: 1 },
    ]);
  });
});
