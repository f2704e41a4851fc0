/** The timing ring: means and maxima over the last ticks, by a clock that only the test moves. */
import { expect, test } from "vitest";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import { TimingRing } from "../../../engine/sim/timing.ts";
import { World } from "../../../engine/sim/world.ts";
import { smallProgram } from "../small-world.ts";

test("a ring keeps the last rows and forgets older ones", () => {
  const ring = new TimingRing(["a", "b"], 3);
  expect(ring.summary()).toEqual([
    { system: "a", meanMicros: 0, maxMicros: 0 },
    { system: "b", meanMicros: 0, maxMicros: 0 },
  ]);
  for (let tick = 1; tick <= 5; tick++) {
    ring.beginTick();
    ring.note(0, tick * 10);
    ring.note(1, 1);
    if (tick === 2) expect(ring.summary()[0]).toEqual({ system: "a", meanMicros: 15, maxMicros: 20 });
  }
  expect(ring.summary()).toEqual([
    { system: "a", meanMicros: 40, maxMicros: 50 },
    { system: "b", meanMicros: 1, maxMicros: 1 },
  ]);
});

test("each system of a world is charged with its own time, in plan order", () => {
  const clock = new ManualClock();
  const spend = (name: string, phase: "input" | "gameplay" | "transforms", micros: number) =>
    defineSystem({ name, phase, run: () => clock.advance(micros) });
  const systems = [
    spend("late", "transforms", 7),
    spend("b", "gameplay", 5),
    spend("a", "gameplay", 3),
    spend("first", "input", 2),
  ];
  const world = new World(smallProgram({ systems }), 1, clock);
  for (let tick = 0; tick < 10; tick++) world.tick();
  expect(world.timing.summary()).toEqual([
    { system: "first", meanMicros: 2, maxMicros: 2 },
    { system: "a", meanMicros: 3, maxMicros: 3 },
    { system: "b", meanMicros: 5, maxMicros: 5 },
    { system: "late", meanMicros: 7, maxMicros: 7 },
  ]);
});

test("a world without systems has no timings", () => {
  const world = new World(smallProgram(), 1, new ManualClock());
  world.tick();
  expect(world.timing.summary()).toEqual([]);
});
