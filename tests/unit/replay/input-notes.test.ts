/** What enters a tick, as notes: one or as many as it takes, read back as they were, in the old form and the new one. */
import { describe, expect, test } from "vitest";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { inputNotes, inputsBehind, inputTopic } from "../../../engine/replay/input-notes.ts";
import { decodeNote, encodeNote, type JournalNote, noteLengthMax } from "../../../engine/replay/wire.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("input-notes");

/** The notes as a journal gives them back. */
function written(tick: number, texts: readonly string[]): JournalNote[] {
  return texts.map((text) => decodeNote(encodeNote({ tick: tick - 1, topic: inputTopic, text })));
}

function drawn(draws: Draws, count: number): WorldRecord[] {
  return Array.from({ length: count }, (): WorldRecord => {
    const player = 1 + draws.below(8);
    const kind = draws.below(4);
    if (kind === 0) return { kind: "join", player, name: '"'.repeat(draws.below(64)) };
    if (kind === 1) return { kind: "button", player, control: draws.below(9), down: draws.below(2) === 1 };
    if (kind === 2) return { kind: "config", setting: draws.below(9), value: draws.between(-1e9, 1e9) };
    return { kind: "axis", player, control: draws.below(9), value: Math.fround(draws.between(-1, 1)) };
  });
}

test("records of any number come back, and no note is cut", () => {
  const draws = new Draws(seed);
  for (const count of [0, 1, 200, 400, 3_000, draws.below(2_000)]) {
    const records = drawn(draws, count);
    const texts = inputNotes(7, records);
    expect(Math.max(...texts.map(({ length }) => length)) <= noteLengthMax, `seed ${seed}`).toBe(true);
    expect([...inputsBehind(6, written(7, texts))], `seed ${seed}`).toEqual([[7, records]]);
  }
});

test("few records have the form that they always had", () => {
  const records = drawn(new Draws(5), 3);
  expect(inputNotes(7, records)).toEqual([JSON.stringify({ tick: 7, records })]);
});

describe("of the notes of a journal", () => {
  const draws = new Draws(11);
  const [many, few] = [drawn(draws, 900), drawn(draws, 2)];

  test("those of ticks on record are passed by, also where one was cut", () => {
    const cut = JSON.stringify({ tick: 4, records: many });
    const notes = [...written(4, [cut]), ...written(7, inputNotes(7, few)), ...written(8, inputNotes(8, many))];
    expect([...inputsBehind(6, notes)]).toEqual([
      [7, few],
      [8, many],
    ]);
  });

  test("a tick that is made anew has what entered it then", () => {
    const notes = [...written(7, inputNotes(7, many)), ...written(7, inputNotes(7, few))];
    expect([...inputsBehind(6, notes)]).toEqual([[7, few]]);
  });

  test("one that was cut, as they were before there were parts, is told with its tick", () => {
    const notes = written(7, [JSON.stringify({ tick: 7, records: many })]);
    expect(() => inputsBehind(6, notes)).toThrow(new RangeError("the records of tick 7 are not whole"));
    const parts = written(7, inputNotes(7, many));
    expect(() => inputsBehind(6, [parts[0]!, ...parts.slice(2)])).toThrow("the records of tick 7 are not whole");
  });
});
