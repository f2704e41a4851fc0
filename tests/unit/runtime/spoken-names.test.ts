/** What numbers in the messages of drivers mean, from one message of names to the next, whichever program runs. */
import { expect, test } from "vitest";
import { defineGame } from "../../../engine/game.ts";
import { defineConfig, wholeSetting } from "../../../engine/input/config.ts";
import { axis, defineControls, held } from "../../../engine/input/controls.ts";
import type { WorldRecord } from "../../../engine/input/record.ts";
import { recordNamesOf } from "../../../engine/replay/record-names.ts";
import type { Program } from "../../../engine/sim/program.ts";
import { namesMessage, SpokenNames } from "../../../runtime/world/spoken-names.ts";
import { encodeAll } from "../drivers/contract.ts";

const whole = wholeSetting("", 1, 0, 9);
const [beam, steer] = [held("Beam", "Space"), axis("Steer", { negative: ["KeyA"], positive: ["KeyD"] })];
const game = (controls: object, settings: object) =>
  defineGame({
    ...{ id: "spoken", tickRate: 60, components: [], systems: [], setup() {} },
    ...{ controls: defineControls(controls as never), config: defineConfig(settings as never) },
  });
const first = game({ beam, steer }, { crew: whole });
const other = game({ anchor: beam, steer }, { age: whole, crew: whole });
/** As far as records go, a game is its program. */
const programOf = (of: typeof first): Program => of as unknown as Program;

const button: WorldRecord = { kind: "button", player: 1, control: 0, down: true };
const axisOf = (control: number): WorldRecord => ({ kind: "axis", player: 1, control, value: 0.5 });
const crewOf = (setting: number): WorldRecord => ({ kind: "config", setting, value: 4 });
const join: WorldRecord = { kind: "join", player: 2, name: "Bea" };
const said = encodeAll([join, button, axisOf(1), crewOf(0)]);

test("records are for what they name in the program that runs, before and behind a message of names", () => {
  const spoken = new SpokenNames(recordNamesOf(first));
  expect(spoken.recordsOf(said, programOf(first))).toEqual([join, button, axisOf(1), crewOf(0)]);
  // The world has gone over, the drivers have not.
  expect(spoken.recordsOf(said, programOf(other))).toEqual([join, axisOf(1), crewOf(1)]);
  expect(spoken.recordsOf(namesMessage(recordNamesOf(other)), programOf(other))).toEqual([]);
  expect(spoken.names).toEqual({ controls: ["anchor", "steer"], settings: ["age", "crew"] });
  expect(spoken.recordsOf(said, programOf(other))).toEqual([join, button, axisOf(1), crewOf(0)]);
  // The world has gone back, the drivers have not.
  expect(spoken.recordsOf(said, programOf(first))).toEqual([join, axisOf(1)]);
  spoken.names = recordNamesOf(first);
  expect(spoken.recordsOf(said, programOf(first))).toEqual([join, button, axisOf(1), crewOf(0)]);
});

test("a message that cannot be read is dropped whole, and changes nothing", () => {
  const spoken = new SpokenNames(recordNamesOf(first));
  expect(spoken.recordsOf(said.subarray(0, said.length - 1), programOf(other))).toEqual([]);
  expect(spoken.recordsOf(new Uint8Array(0), programOf(other))).toEqual([]);
  expect(spoken.names).toEqual(recordNamesOf(first));
});
