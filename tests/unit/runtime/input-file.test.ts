/** Input files: every line becomes the records that it says, and every mistake is told with its place. */
import { describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import { defineGame } from "../../../engine/game.ts";
import { settingRecords } from "../../../runtime/cli/settings.ts";
import { parseInput, readInputFile } from "../../../runtime/input/input-file.ts";
import { tumbleInput } from "../../data/tumble-input.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";
import { faultOf } from "../small-world.ts";

const seed = testSeed("input-file");
const parse = (text: string) => parseInput(text, "in.jsonl", tumble);
const refusal = (text: string): string => faultText(faultOf(() => parse(text)));

describe("records", () => {
  test("of every kind of line", () => {
    const script = parse(
      [
        "# a comment, then a blank line",
        "",
        '{"tick":1,"player":1,"join":"ada"}',
        '  {"player":65535, "tick":2, "join":"ü☃"}  ',
        '{"tick":2,"player":1,"control":"drive","value":-0.1}',
        '{"tick":2,"player":1,"control":"drive","value":-0}',
        '{"tick":3,"player":1,"control":"lift","value":1}',
        '{"tick":3,"player":1,"control":"lift","value":0}',
        '{"tick":4,"player":1,"press":"drop"}',
        '{"tick":4,"set":"wind","value":-50}',
        '{"tick":4294967295,"player":1,"leave":true}',
      ].join("\n"),
    );
    expect(script).toEqual([
      { tick: 1, record: { kind: "join", player: 1, name: "ada" } },
      { tick: 2, record: { kind: "join", player: 65_535, name: "ü☃" } },
      { tick: 2, record: { kind: "axis", player: 1, control: 0, value: Math.fround(-0.1) } },
      { tick: 2, record: { kind: "axis", player: 1, control: 0, value: 0 } },
      { tick: 3, record: { kind: "button", player: 1, control: 2, down: true } },
      { tick: 3, record: { kind: "button", player: 1, control: 2, down: false } },
      { tick: 4, record: { kind: "button", player: 1, control: 1, down: true } },
      { tick: 4, record: { kind: "button", player: 1, control: 1, down: false } },
      { tick: 4, record: { kind: "config", setting: 1, value: -50 } },
      { tick: 4_294_967_295, record: { kind: "leave", player: 1 } },
    ]);
  });

  test("of lines that end with CR and LF, and of a file without a last line end", () => {
    const lines = tumbleInput(100).trimEnd();
    expect(parse(lines.replaceAll("\n", "\r\n"))).toEqual(parse(lines));
    expect(parse(`${lines}\n\n`)).toEqual(parse(lines));
    expect(parse(`\ufeff${lines}`)).toEqual(parse(lines));
    expect(parse("")).toEqual([]);
  });

  test("of settings on the command line enter at the first tick", () => {
    expect(settingRecords(tumble, ["wind=2.5", "spawnEvery=9"])).toEqual([
      { tick: 1, record: { kind: "config", setting: 1, value: 2.5 } },
      { tick: 1, record: { kind: "config", setting: 0, value: 9 } },
    ]);
  });
});

describe("mistakes", () => {
  test("of JSON", () => {
    const first = '{"tick":1,"player":1,"join":"a"}\n';
    expect(refusal(`${first}{"tick":x}`)).toMatchInlineSnapshot(
      `"in.jsonl:2:9: this is not JSON: Unexpected token 'x'."`,
    );
    expect(refusal(`${first}{"tick":1,"player":1,"control":"drive","value":nan}`)).toMatchInlineSnapshot(
      `"in.jsonl:2:49: this is not JSON: Unexpected token 'a'."`,
    );
    expect(refusal('{"tick":1,}')).toMatchInlineSnapshot(
      `"in.jsonl:1:11: this is not JSON: Expected double-quoted property name."`,
    );
    expect(refusal("{tick:1}")).toMatchInlineSnapshot(
      `"in.jsonl:1:2: this is not JSON: Expected property name or '}'."`,
    );
    expect(refusal('{"tick":1')).toMatchInlineSnapshot(
      `"in.jsonl:1:10: this is not JSON: Expected ',' or '}' after property value."`,
    );
    expect(refusal('{"tick":1,"player":1,"join":"a')).toMatchInlineSnapshot(
      `"in.jsonl:1:31: this is not JSON: Unterminated string."`,
    );
    expect(refusal('{"tick":1,"player":1,"leave":tru}')).toMatchInlineSnapshot(
      `"in.jsonl:1:33: this is not JSON: Unexpected token '}'."`,
    );
    expect(refusal('{"tick":1} {"tick":2}')).toMatchInlineSnapshot(
      `"in.jsonl:1:12: this is not JSON: Unexpected non-whitespace character after JSON."`,
    );
    expect(refusal('{"tick":1,"player":1,"join":"a\\q"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:32: this is not JSON: Bad escaped character."`,
    );
    expect(refusal("tick 1")).toMatchInlineSnapshot(`"in.jsonl:1:2: this is not JSON: Unexpected token 'i'."`);
  });

  test("of the shape of a line", () => {
    expect(refusal("7")).toMatchInlineSnapshot(`"in.jsonl:1:1: a line is one JSON object."`);
    expect(refusal('[{"tick":1}]')).toMatchInlineSnapshot(`"in.jsonl:1:1: a line is one JSON object."`);
    expect(refusal("null")).toMatchInlineSnapshot(`"in.jsonl:1:1: a line is one JSON object."`);
    expect(refusal("{}")).toMatchInlineSnapshot(`"in.jsonl:1:1: the line has no tick."`);
    expect(refusal('{"tick":1}')).toMatchInlineSnapshot(
      `"in.jsonl:1:1: the line names none of join, leave, control, press, set."`,
    );
    expect(refusal('{"tick":1,"player":1,"join":"a","leave":true}')).toMatchInlineSnapshot(
      `"in.jsonl:1:1: the line names both join and leave."`,
    );
    expect(refusal('{"tick":1,"player":1,"join":"a","value":1}')).toMatchInlineSnapshot(
      `"in.jsonl:1:33: "value" does not belong here; this line takes tick, player, join."`,
    );
    expect(refusal('{"tick":1,"player":1,"press":"drop","vlaue":1}')).toMatchInlineSnapshot(
      `"in.jsonl:1:37: "vlaue" does not belong here; this line takes tick, player, press."`,
    );
  });

  test("of ticks", () => {
    expect(refusal('{"tick":0,"player":1,"join":"a"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:2: tick is a whole number from 1 to 4294967295, not 0."`,
    );
    expect(refusal('{"tick":1.5,"player":1,"join":"a"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:2: tick is a whole number from 1 to 4294967295, not 1.5."`,
    );
    expect(refusal('{"tick":"1","player":1,"join":"a"}')).toMatchInlineSnapshot(`"in.jsonl:1:2: tick is a number."`);
    expect(refusal('{"tick":4294967296,"player":1,"join":"a"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:2: tick is a whole number from 1 to 4294967295, not 4294967296."`,
    );
    expect(refusal('{"tick":9,"set":"wind","value":1}\n\n{"tick":8,"set":"wind","value":1}')).toMatchInlineSnapshot(
      `"in.jsonl:3:2: tick 8 comes after tick 9; lines are in ascending order."`,
    );
  });

  test("of players, controls, values and settings", () => {
    expect(refusal('{"tick":1,"join":"a"}')).toMatchInlineSnapshot(`"in.jsonl:1:1: the line has no player."`);
    expect(refusal('{"tick":1,"player":0,"join":"a"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:11: player is a whole number from 1 to 65535, not 0."`,
    );
    expect(refusal('{"tick":1,"player":65536,"join":"a"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:11: player is a whole number from 1 to 65535, not 65536."`,
    );
    expect(refusal('{"tick":1,"player":1,"join":7}')).toMatchInlineSnapshot(
      `"in.jsonl:1:22: join is a text in quotes."`,
    );
    expect(refusal(`{"tick":1,"player":1,"join":"${"é".repeat(33)}"}`)).toMatchInlineSnapshot(
      `"in.jsonl:1:22: the name is longer than 64 bytes."`,
    );
    expect(refusal('{"tick":1,"player":1,"leave":false}')).toMatchInlineSnapshot(
      `"in.jsonl:1:22: leave is written as true."`,
    );
    expect(refusal('{"tick":1,"player":1,"press":"jump"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:22: there is no control "jump"; the game has drive, drop, lift."`,
    );
    expect(refusal('{"tick":1,"player":1,"press":"drive"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:22: drive is an axis; give it a value with "control"."`,
    );
    expect(refusal('{"tick":1,"player":1,"control":"drive"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:1: the line has no value."`,
    );
    expect(refusal('{"tick":1,"player":1,"control":"drive","value":1.01}')).toMatchInlineSnapshot(
      `"in.jsonl:1:40: the axis drive is between -1 and 1, not 1.01."`,
    );
    expect(refusal('{"tick":1,"player":1,"control":"lift","value":0.5}')).toMatchInlineSnapshot(
      `"in.jsonl:1:39: the button lift is 1 (down) or 0 (up), not 0.5."`,
    );
    expect(refusal('{"tick":1,"player":1,"control":"lift","value":true}')).toMatchInlineSnapshot(
      `"in.jsonl:1:39: value is a number."`,
    );
    expect(refusal('{"tick":1,"set":"winds","value":1}')).toMatchInlineSnapshot(
      `"in.jsonl:1:11: there is no setting "winds"; the game has spawnEvery, wind."`,
    );
    expect(refusal('{"tick":1,"set":"wind","value":51}')).toMatchInlineSnapshot(
      `"in.jsonl:1:24: Setting "wind" cannot be 51: expected a number from -50 to 50 (newtons along x)."`,
    );
    expect(refusal('{"tick":1,"set":"spawnEvery","value":1.5}')).toMatchInlineSnapshot(
      `"in.jsonl:1:30: Setting "spawnEvery" cannot be 1.5: expected a whole number from 1 to 600 (ticks between crates)."`,
    );
    expect(refusal('{"tick":1,"set":"wind","value":1e999}')).toMatchInlineSnapshot(
      `"in.jsonl:1:24: Setting "wind" cannot be Infinity: expected a number from -50 to 50 (newtons along x)."`,
    );
  });

  test("in a game that has neither controls nor settings", () => {
    const bare = defineGame({ id: "bare", tickRate: 60, components: [], systems: [], setup: () => {} });
    const bareRefusal = (text: string): string => faultText(faultOf(() => parseInput(text, "in.jsonl", bare)));
    expect(bareRefusal('{"tick":1,"player":1,"press":"drop"}')).toMatchInlineSnapshot(
      `"in.jsonl:1:22: there is no control "drop"; the game has none."`,
    );
    expect(bareRefusal('{"tick":1,"set":"wind","value":1}')).toMatchInlineSnapshot(
      `"in.jsonl:1:11: there is no setting "wind"; the game has none."`,
    );
    expect(faultText(faultOf(() => settingRecords(bare, ["wind=1"])))).toMatchInlineSnapshot(
      `"There is no setting "wind"."`,
    );
  });

  test("of settings on the command line", () => {
    for (const [given, kind] of [
      ["winds=1", "usage"],
      ["wind", "config-invalid"],
      ["wind=", "config-invalid"],
      ["wind=51", "config-invalid"],
      ["wind=1x", "config-invalid"],
      ["=1", "usage"],
      ["", "usage"],
    ] as const)
      expect(faultOf(() => settingRecords(tumble, [given])).kind, given).toBe(kind);
  });

  test("of files", () => {
    const text = (path: string): string => faultText(faultOf(() => readInputFile(path, tumble)));
    expect(text("tests/none.jsonl")).toMatchInlineSnapshot(
      `"tests/none.jsonl (input file) does not exist or cannot be read."`,
    );
    expect(text("tests")).toMatchInlineSnapshot(`"tests (input file) does not exist or cannot be read."`);
  });
});

test("a line with anything changed is records or a refusal within the line, never another error", () => {
  const draws = new Draws(seed);
  const lines = tumbleInput(300).trim().split("\n").slice(1);
  const letters = '{}[]":,.-+eE0123456789 \\\t\u0000abctruefalsnx\u2028é😀';
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    let line = draws.pick(lines);
    for (let changes = 1 + draws.below(3); changes > 0; changes--) {
      const at = draws.below(line.length + 1);
      const inserted = draws.below(3) === 0 ? "" : [...letters][draws.below([...letters].length)]!;
      line = line.slice(0, at) + inserted + line.slice(at + draws.below(2));
    }
    try {
      parse(line);
    } catch {
      refused++;
      const fault = faultOf(() => parse(line));
      if (fault.kind !== "input-file") throw new Error(`seed ${seed}, round ${round}: ${fault.kind} for ${line}`);
      const { line: number, column } = fault.fields;
      if (number !== 1 || column < 1 || column > line.length + 1)
        throw new Error(`seed ${seed}, round ${round}: place ${number}:${column} in ${line}`);
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});
