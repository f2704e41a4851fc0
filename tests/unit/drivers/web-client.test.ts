/** The parts of the page that need no browser: blending, time, packets, quality, bindings, HUD text. */
import { describe, expect, test } from "vitest";
import { type PacketViews, readPacket } from "../../../engine/render/packet.ts";
import { Bindings } from "../../../runtime/drivers/web/client/bindings.ts";
import {
  blendPoses,
  chooseInstances,
  copyColors,
  countLevels,
  sightOf,
} from "../../../runtime/drivers/web/client/blend.ts";
import { hashText, hudText } from "../../../runtime/drivers/web/client/hud-text.ts";
import { PacketQueue } from "../../../runtime/drivers/web/client/packet-queue.ts";
import { Quality } from "../../../runtime/drivers/web/client/quality.ts";
import { blendAlpha, Timeline } from "../../../runtime/drivers/web/client/timeline.ts";
import { makePacket, scene } from "./fixtures.ts";

test("poses are blended and turned from rows into columns, those that were chosen", () => {
  const rows = Float32Array.from({ length: 24 }, (_, i) => i);
  const later = rows.map((value) => value + 2);
  const drawn = new Float32Array(48).fill(-1);
  blendPoses(drawn, 1, rows, later, Uint32Array.of(1), 1, 0.5);
  const columns = [13, 17, 21, 0, 14, 18, 22, 0, 15, 19, 23, 0, 16, 20, 24, 1];
  expect([...drawn]).toEqual([...new Array(16).fill(-1), ...columns, ...new Array(16).fill(-1)]);
});

test("colours are copied as they are, and only changes count", () => {
  const drawn = new Uint32Array(6);
  const colors = Uint32Array.of(1, 2, 3, 4, 5, 6);
  const chosen = Uint32Array.of(0, 2);
  expect(copyColors(drawn, 1, colors, chosen, 2)).toBe(true);
  expect([...drawn]).toEqual([0, 0, 1, 2, 5, 6]);
  expect(copyColors(drawn, 1, colors, chosen, 2)).toBe(false);
  colors[5] = 7;
  expect(copyColors(drawn, 1, colors, chosen, 2)).toBe(true);
  expect([...drawn]).toEqual([0, 0, 1, 2, 5, 7]);
});

test("a camera takes in what it sees and what casts shadows, at its own levels", () => {
  const shadow = 0x80000000;
  const visible = Uint32Array.of(0b01, 0b10, 0b11, shadow, shadow | 0b10, 0);
  // Camera 0 in the two lowest bits, camera 1 in the two above them.
  const levels = Uint32Array.of(0b0100, 0b1001, 0b1110, 0b0000, 0b0111, 0b0000);
  const seen = (camera: number) => {
    const sight = sightOf(camera);
    const counts = new Uint32Array(4);
    countLevels(counts, visible, levels, 0, 6, sight);
    const chosen = new Uint32Array(6);
    const lists = [1, 2, 4, 8].map((wanted) =>
      ([1, 0] as const).map((casting) => [
        ...chosen.slice(0, chooseInstances(chosen, visible, levels, 0, 6, sight, wanted, casting)),
      ]),
    );
    expect(lists.map((level) => level.flat().length)).toEqual([...counts]);
    return lists;
  };
  // For each level, who casts shadows and who does not.
  expect(seen(0)).toEqual([
    [[3], [0]],
    [[], []],
    [[], [2]],
    [[4], []],
  ]);
  expect(seen(1)).toEqual([
    [[3], []],
    [[4], []],
    [[], [1]],
    [[], [2]],
  ]);
  // A camera that packets cannot tell apart sees all that any camera does.
  expect(seen(16)).toEqual([
    [
      [3, 4],
      [0, 1, 2],
    ],
    [[], []],
    [[], []],
    [[], []],
  ]);
});

test("the timeline moves evenly through uneven arrivals and never beyond the newest tick", () => {
  const tickMicros = 10_000;
  const timeline = new Timeline(tickMicros);
  const lateness = [0, 4_000, 1_000, 6_000, 0, 2_000];
  const steps: number[] = [];
  let shown = Number.NaN;
  for (let micros = 0; micros < 2_000_000; micros += 1_000) {
    const tick = Math.floor(micros / tickMicros);
    if (micros % tickMicros === lateness[tick % lateness.length]!) timeline.arrived(tick, micros);
    const next = timeline.tickAt(micros);
    expect(next).toBeLessThanOrEqual(timeline.newestTick);
    if (micros > 500_000) steps.push(next - shown);
    shown = next;
  }
  for (const step of steps) expect(Math.abs(step - 0.1)).toBeLessThan(0.011);
});

test("the timeline waits when nothing arrives, jumps after a stall, and follows a restart back", () => {
  const timeline = new Timeline(10_000);
  for (let tick = 0; tick < 50; tick++) timeline.arrived(tick, tick * 10_000);
  expect(timeline.tickAt(900_000)).toBe(49);
  for (let tick = 50; tick < 70; tick++) timeline.arrived(tick, 2_000_000 + tick * 10_000);
  expect(timeline.tickAt(2_000_000 + 695_000)).toBeCloseTo(68.5, 1);
  timeline.arrived(3, 5_000_000);
  expect(timeline.tickAt(5_000_000)).toBeCloseTo(2, 5);
});

test("a blend lies within the packet's tick", () => {
  expect([40, 41, 41.25, 42, 43].map((shown) => blendAlpha(42, shown))).toEqual([0, 0, 0.25, 1, 1]);
});

test("the queue gives the packet that leads up to the shown tick", () => {
  const queue = new PacketQueue();
  const packet = (tick: number): PacketViews => readPacket(makePacket(tick))!;
  expect(queue.take(1)).toBeUndefined();
  for (const tick of [4, 5, 5, 7]) queue.push(packet(tick));
  const tickOf = (shown: number): number | undefined => queue.take(shown)?.header.tick;
  expect([3.5, 4, 4.5, 5, 5.5, 6.5, 9].map(tickOf)).toEqual([4, 4, 5, 5, 7, 7, 7]);
  queue.push(packet(2));
  expect(tickOf(9)).toBe(2);
});

test("quality steps down when frames are slow and climbs only after long calm", () => {
  const quality = new Quality(0);
  const run = (frames: number, millis: number): string => {
    for (let i = 0; i < frames; i++) quality.noteFrame(millis);
    return quality.level.name;
  };
  expect(run(90, 16)).toBe("high");
  expect(run(45, 30)).toBe("medium");
  expect(run(45, 16)).toBe("medium");
  expect(run(45 * 11, 16)).toBe("medium");
  expect(run(45, 16)).toBe("high");
  expect(run(90, 30)).toBe("medium");
  expect(run(45 * 24, 16)).toBe("medium");
  expect(run(45, 16)).toBe("high");
  expect(run(20, 5_000)).toBe("high");
});

test("quality steps two levels at once when frames are very slow", () => {
  const quality = new Quality(0);
  for (let i = 0; i < 12; i++) quality.noteFrame(300);
  expect(quality.level.name).toBe("low");
});

test("keys make records when a control changes, and only then", () => {
  const bindings = new Bindings(3, [
    { name: "beam", kind: "held", keys: ["Space", "KeyB"], label: "" },
    { name: "start", kind: "pressed", keys: ["Enter"], label: "" },
    { name: "turn", kind: "axis", negative: ["KeyA"], positive: ["KeyD"], label: "" },
  ]);
  const down = { kind: "button", player: 3, control: 0, down: true };
  const up = { ...down, down: false };
  expect(bindings.press("Space")).toEqual([down]);
  expect(bindings.press("Space")).toEqual([]);
  expect(bindings.press("KeyB")).toEqual([]);
  expect(bindings.release("Space")).toEqual([]);
  expect(bindings.release("KeyB")).toEqual([up]);
  expect(bindings.release("KeyB")).toEqual([]);
  expect(bindings.press("KeyQ")).toEqual([]);
  expect(bindings.press("KeyA")).toEqual([]);
  expect(bindings.takeAxes()).toEqual([{ kind: "axis", player: 3, control: 2, value: -1 }]);
  expect(bindings.takeAxes()).toEqual([]);
  bindings.press("KeyD");
  expect(bindings.takeAxes()).toEqual([{ kind: "axis", player: 3, control: 2, value: 0 }]);
  bindings.press("Enter");
  bindings.release("KeyA");
  expect(bindings.releaseAll()).toEqual([{ kind: "button", player: 3, control: 1, down: false }]);
  expect(bindings.releaseAll()).toEqual([]);
});

test("the pointer moves an axis while no key of it is down", () => {
  const bindings = new Bindings(1, [
    { name: "aim", kind: "axis", negative: ["KeyA"], positive: ["KeyD"], pointer: "MouseX", label: "" },
  ]);
  const value = (): number | undefined => {
    const [record] = bindings.takeAxes();
    return record?.kind === "axis" ? record.value : undefined;
  };
  bindings.movePointer(0.5, 0);
  expect(value()).toBe(0.5);
  bindings.movePointer(0.5001, 0);
  expect(value()).toBeUndefined();
  bindings.press("KeyA");
  expect(value()).toBe(-1);
  bindings.release("KeyA");
  bindings.movePointer(7, 0);
  expect(value()).toBe(1);
  expect(bindings.releaseAll()).toEqual([{ kind: "axis", player: 1, control: 0, value: 0 }]);
});

describe("bindings of another scene", () => {
  const beam = { name: "beam", kind: "held", keys: ["Space"], label: "" } as const;
  const start = { name: "start", kind: "pressed", keys: ["Enter"], label: "" } as const;
  const turn = { name: "turn", kind: "axis", negative: ["KeyA"], positive: ["KeyD"], label: "" } as const;
  const aim = { ...turn, name: "aim", negative: [], positive: [], pointer: "MouseX" } as const;
  const button = (control: number, down: boolean) => ({ kind: "button", player: 2, control, down });
  const axis = (control: number, value: number) => ({ kind: "axis", player: 2, control, value });

  test("go on with what is down, under other numbers, and tell nothing twice", () => {
    const before = new Bindings(2, [beam, start, turn]);
    for (const key of ["Space", "Enter", "KeyD"]) before.press(key);
    before.takeAxes();
    const after = new Bindings(2, [turn, beam, start]);
    expect([after.takeOver(before), after.takeAxes()]).toEqual([[], []]);
    expect(after.press("Space")).toEqual([]);
    expect(after.release("Space")).toEqual([button(1, false)]);
    expect(after.release("Enter")).toEqual([button(2, false)]);
    after.release("KeyD");
    expect(after.takeAxes()).toEqual([axis(0, 0)]);
  });

  test("tell what other keys and new controls make of it, but no press without a key that goes down", () => {
    const before = new Bindings(2, [beam, turn]);
    for (const key of ["Space", "KeyD"]) before.press(key);
    before.takeAxes();
    before.movePointer(0.25, 0);
    const moved = { ...beam, keys: ["KeyB"] };
    const after = new Bindings(2, [
      moved,
      { ...start, keys: ["Space"] },
      { ...beam, name: "boost" },
      { ...turn, negative: ["KeyD"], positive: [] },
      aim,
    ]);
    expect(after.takeOver(before)).toEqual([button(0, false), button(2, true)]);
    expect(after.takeAxes()).toEqual([axis(3, -1), axis(4, 0.25)]);
    after.release("Space");
    expect(after.press("Space")).toEqual([button(1, true), button(2, true)]);
  });

  test("release a control that comes back as it once was", () => {
    const first = new Bindings(2, [beam, turn]);
    first.press("Space");
    first.press("KeyD");
    first.takeAxes();
    const without = new Bindings(2, [aim]);
    expect(without.takeOver(first)).toEqual([]);
    expect([...without.release("Space"), ...without.release("KeyD"), ...without.takeAxes()]).toEqual([axis(0, 0)]);
    const again = new Bindings(2, [beam, turn]);
    expect(again.takeOver(without)).toEqual([button(0, false)]);
    expect(again.takeAxes()).toEqual([axis(1, 0)]);
  });
});

test("HUD numbers have one text each", () => {
  const text = (format: "integer" | "decimal" | "clock" | "bar" | "choice", value: number): string =>
    hudText({ name: "n", label: "", format, place: "top", choices: ["", "Ready"] }, value);
  expect([0, -4, 999, 1_234_567].map((value) => text("integer", value))).toEqual([
    "0",
    "-4",
    "999",
    "1\u2009234\u2009567",
  ]);
  expect(text("decimal", 1.25)).toBe("1.3");
  expect([0, 0.2, 59.5, 60, 754].map((value) => text("clock", value))).toEqual([
    "0:00",
    "0:01",
    "1:00",
    "1:00",
    "12:34",
  ]);
  expect([-1, 0.256, 9].map((value) => text("bar", value))).toEqual(["0%", "26%", "100%"]);
  expect([0, 1, 2, Number.NaN].map((value) => text("choice", value))).toEqual(["", "Ready", "", ""]);
  expect(text("integer", Number.NaN)).toBe("–");
  expect(hashText(0xab, 0xf)).toBe("000000ab0000000f");
});

test("the fixture's scene names each control once", () => {
  expect(new Set(scene.controls.map(({ name }) => name)).size).toBe(scene.controls.length);
});
