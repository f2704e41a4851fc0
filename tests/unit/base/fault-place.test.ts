/** The place of a fault: fields of the fault first, the engine's moment for the rest, and nothing that is not known. */
import { expect, test } from "vitest";
import { faultPlace, faultPlaceText } from "../../../engine/base/fault-place.ts";
import { makeFault } from "../../../engine/base/faults.ts";

const moment = { tick: 12, frame: 9, phase: "gameplay", system: "spin" };

test("a system's fault has everything", () => {
  const fault = makeFault("system-threw", {
    ...{ system: "pull", phase: "physics", tick: 11, entity: 4, message: "no", place: "game/pull.ts:3:5" },
  });
  const place = faultPlace(fault, moment);
  expect(place).toEqual({
    tick: 11,
    frame: 9,
    phase: "physics",
    system: "pull",
    entity: 4,
    source: "game/pull.ts:3:5",
  });
  expect(faultPlaceText(place)).toBe("tick 11, frame 9, physics, system pull, entity 4, at game/pull.ts:3:5");
});

test("a fault without a place of its own has the moment's", () => {
  expect(faultPlace(makeFault("disposed", { operation: "step" }), moment)).toEqual(moment);
  expect(faultPlaceText(faultPlace(makeFault("disposed", { operation: "step" })))).toBe("");
});

test("column, job and chunk are told, and what is empty is not", () => {
  const number = makeFault("not-a-number", { component: "Velocity", field: "x", entity: 3, system: "", tick: 5 });
  expect(faultPlaceText(faultPlace(number))).toBe("tick 5, entity 3, Velocity.x");
  const job = makeFault("job-failed", { job: "sense", chunk: 2, tick: 7, message: "no", place: "" });
  expect(faultPlaceText(faultPlace(job))).toBe("tick 7, job sense, chunk 2");
});
