/** Lines of watches: each record under the names of the program that wrote it, in whatever order names and looks come. */
import { expect, test } from "vitest";
import { makeFault } from "../../../engine/base/faults.ts";
import { WatchRing, watchStep, wishUnits } from "../../../engine/trace/watch-ring.ts";
import { WatchHost } from "../../../runtime/world/watch-host.ts";

const line = (tick: number, column: string, step: string): string =>
  `tick ${tick}, frame ${tick}: ${column} of entity 2 is 5 by ${step}`;

test("names hold from the record on that they are given with", () => {
  const lines: string[] = [];
  const host = new WatchHost(["A.a:2"], (text) => lines.push(text));
  const writer = new WatchRing(host.ring.buffer);
  const write = (tick: number): void => writer.write(tick, tick, 0, 0, 2, 0, 5);
  host.named({ from: writer.rename(), columns: ["A.a"], steps: ["steer"] });
  write(1);
  write(2);
  const from = writer.rename();
  write(3);
  // The names of the third are on their way.
  host.named({ from, columns: ["B.b"], steps: ["rain"] });
  expect(lines).toEqual([line(1, "A.a", "steer"), line(2, "A.a", "steer")]);
  write(4);
  host.close();
  expect(lines.slice(2)).toEqual([line(3, "B.b", "rain"), line(4, "B.b", "rain")]);
});

test("who does not have the component is told as absent", () => {
  const lines: string[] = [];
  const host = new WatchHost(["A.a:2"], (text) => lines.push(text));
  const writer = new WatchRing(host.ring.buffer);
  host.named({ from: writer.rename(), columns: ["A.a"], steps: ["rain"] });
  writer.write(1, 0, watchStep.found, 0, 2, 0, undefined);
  writer.write(2, 2, 0, 0, 2, 1, undefined, true);
  host.close();
  expect(lines).toEqual([
    "tick 0, frame 1: A.a of entity 2 is absent",
    "tick 2, frame 2: A.a[1] of entity 2 is absent by a command of rain",
  ]);
});

test("what is found before the first tick is by setup, and what is found later by whoever it was", () => {
  const lines: string[] = [];
  const host = new WatchHost(["A.a:2"], (text) => lines.push(text));
  const writer = new WatchRing(host.ring.buffer);
  host.named({ from: writer.rename(), columns: ["A.a"], steps: ["rain"] });
  for (const tick of [0, 1]) writer.write(1, tick, watchStep.found, 0, 2, 0, 5);
  host.close();
  expect(lines).toEqual(["tick 0, frame 1: A.a of entity 2 is 5 by setup", "tick 1, frame 1: A.a of entity 2 is 5"]);
});

test("what is refused or was not watched is not on the list that is told, nor what there is no room for", () => {
  const lines: string[] = [];
  const host = new WatchHost(["A.a:2"], (text) => lines.push(text));
  const ring = new WatchRing(host.ring.buffer);
  const fault = makeFault("usage", { problem: "There is no such column.", suggestion: "" });
  const wished = (): readonly string[] => ring.wishes()!.places;
  host.obey("watch B.b, A.a:3 C.c");
  host.refused([
    { place: "B.b", fault },
    { place: "C.c", fault },
  ]);
  expect(wished()).toEqual(["A.a:2", "A.a:3"]);
  // It had been taken off before the world refused it.
  host.refused([{ place: "B.b", fault }]);
  host.obey("unwatch B.b A.a:2");
  const long = "L".repeat(wishUnits);
  host.obey(`watch ${long}`);
  expect(wished()).toEqual(["A.a:3"]);
  host.obey("unwatch");
  host.close();
  expect(lines).toEqual([
    "watching A.a:2, B.b, A.a:3, C.c",
    "watching A.a:2, A.a:3",
    "B.b was not watched",
    "watching A.a:3",
    "There are more places to watch than there is room for.",
    "watching A.a:3",
    "watching nothing",
  ]);
  expect(wished()).toEqual([]);
});

test("what was overtaken is told and counted once", () => {
  const lines: string[] = [];
  const host = new WatchHost(["A.a:2"], (text) => lines.push(text));
  const writer = new WatchRing(host.ring.buffer);
  host.named({ from: writer.rename(), columns: ["A.a"], steps: ["steer"] });
  const beyond = 10;
  for (let tick = 1; tick < writer.capacity + beyond; tick++) writer.write(tick, tick, 0, 0, 2, 0, 5);
  host.close();
  expect(lines[0]).toBe(`${beyond} changes came faster than they could be fetched`);
  expect([lines[1], lines.length]).toEqual([line(beyond + 1, "A.a", "steer"), writer.capacity]);
});
