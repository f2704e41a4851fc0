/** Games that lack an entry or have one of a wrong kind, as JavaScript and casts allow: each is refused by its name. */
import { describe, expect, test } from "vitest";
import { faultOf, faultText } from "../../../engine/base/faults.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";

const whole = {
  ...{ id: "formed", tickRate: 60, components: [], setup: () => {} },
  systems: [{ name: "rest", phase: "gameplay", run: () => {} }],
};

function refusal(game: unknown): string {
  try {
    defineGame(game as Game);
  } catch (thrown) {
    return faultText(faultOf(thrown));
  }
  return "";
}

/** Each entry with a value, and what is said. */
const wrongs: readonly (readonly [entry: string, value: unknown, problem: string])[] = [
  ["tickRate", undefined, "it has no `tickRate`"],
  ["components", undefined, "it has no `components`"],
  ["components", {}, "its `components` is an object"],
  ["components", [null], "`components[0]` is null"],
  ["systems", undefined, "it has no `systems`"],
  ["systems", [whole.systems[0], undefined], "`systems[1]` is undefined"],
  ["systems", [{ phase: "gameplay", run() {} }], "`systems[0].name` is undefined"],
  ["systems", [{ name: "rest", run() {} }], "`systems[0].phase` is undefined"],
  ["systems", [{ name: "rest", phase: "gameplay", run: 1 }], "`systems[0].run` is a number"],
  ["setup", undefined, "it has no `setup`"],
  ["setup", "commands", "its `setup` is a string"],
  ["jobs", "none", "its `jobs` is a string"],
  ["view", null, "its `view` is null"],
  ["drops", [1], "its `drops` is a list"],
  ["assets", true, "its `assets` is a boolean"],
];

describe("the form of a game", () => {
  test("is held by what defineGame is given, entry by entry", () => {
    const told = wrongs.map(([entry, value]) => refusal({ ...whole, [entry]: value }));
    expect(told).toEqual(wrongs.map(([, , problem]) => `The game "formed" is not valid: ${problem}.`));
    expect(refusal(undefined)).toBe('The game "" is not valid: it is undefined.');
    expect(refusal({ ...whole, id: 7 })).toBe('The game "" is not valid: its `id` is a number.');
    expect(refusal(whole)).toBe("");
  });

  test("is held by an engine that is made of a game that nothing defined", () => {
    const bare = { id: "bare", tickRate: 60 } as unknown as Game;
    expect(() => new Engine(bare, { clock: new ManualClock() }, { seed: 1 })).toThrow(
      'E0106 The game "bare" is not valid: it has no `components`.',
    );
  });
});
