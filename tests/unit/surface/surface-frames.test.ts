/** Frames of surfaces on the null device: turns, waits, pictures, order of steps, surfaces that come and go. */
import { describe, expect, test } from "vitest";
import { type DeviceSpan, measureOverlap } from "../../../engine/gpu/timeline.ts";
import { drawDeclared } from "../../../engine/surface/declared-drawing.ts";
import type { SurfaceDefinition } from "../../../engine/surface/surface.ts";
import type { SurfaceFrame } from "../../../engine/surface/surface-frames.ts";
import { raised } from "../gpu/faults.ts";
import { Draws, testSeed } from "../seeds.ts";
import { fourSurfaces, Screen } from "./four-surfaces.ts";

/** An empty picture, in the place of a drawing that failed. */
const drawNothing: typeof drawDeclared = (recorder, { picture }) => {
  recorder.beginPass(picture);
  recorder.endPass();
};

const seed = testSeed("surface frames");

function runFrame(screen: Screen, number: number): SurfaceFrame {
  const frame = screen.frames.begin(number);
  for (let turn = 0; turn < frame.turnCount; turn++) {
    screen.turns.record(turn, drawDeclared);
    screen.turns.submit(turn);
  }
  screen.frames.seal();
  screen.present(frame);
  screen.frames.end();
  return frame;
}

describe("the four surfaces", () => {
  test("dependencies come first, levels run together, pictures are shown in sequence", () => {
    const screen = new Screen();
    const frame = runFrame(screen, 1);
    expect(screen.names(frame, frame.order)).toEqual(["ReflectionProbe", "ShadowMap", "MainWindow", "UI_Overlay"]);
    expect(frame.levels.map((level) => screen.names(frame, level))).toEqual([
      ["ReflectionProbe", "ShadowMap"],
      ["MainWindow"],
      ["UI_Overlay"],
    ]);
    expect(screen.spans()).toEqual([
      "1 graphics ReflectionProbe 0..150",
      "1 graphics ShadowMap 150..250",
      "1 graphics MainWindow 250..450",
      "1 graphics UI_Overlay 450..500",
      "1 present ReflectionProbe 150..250",
      "1 present ShadowMap 250..300",
      "1 present MainWindow 450..750",
      "1 present UI_Overlay 750..900",
    ]);
  });

  test("on two queues they overlap, and readers wait for the other queue", () => {
    const surfaces = fourSurfaces.map(
      (surface): SurfaceDefinition => (surface.name === "ShadowMap" ? { ...surface, queue: "compute" } : surface),
    );
    const screen = new Screen(surfaces);
    for (let frame = 1; frame <= 3; frame++) {
      runFrame(screen, frame);
      screen.clock.advance(screen.device.idleMicros - screen.clock.nowMicros());
    }
    const spans: DeviceSpan[] = [];
    screen.device.drainTimeline((span) => spans.push(span));
    const { busyMicros, anyMicros, overlapMicros } = measureOverlap(spans.filter(({ line }) => line !== "present"));
    expect({ busyMicros, anyMicros, overlapMicros }).toEqual({
      busyMicros: { graphics: 1_200, compute: 300, copy: 0, present: 0 },
      anyMicros: 1_200,
      overlapMicros: 300,
    });
  });

  test("frames follow one another without the clock: a picture is not drawn over while it is shown or read", () => {
    const screen = new Screen();
    for (let frame = 1; frame <= 40; frame++) runFrame(screen, frame);
    expect(screen.device.memory().resourceCount).toBe(8);
  });

  test("a surface draws its next picture while the one before is still shown", () => {
    const screen = new Screen();
    const pictures: (number | undefined)[] = [];
    for (let frame = 1; frame <= 3; frame++) {
      runFrame(screen, frame);
      pictures.push(screen.frames.picture("MainWindow")?.resource);
    }
    expect(pictures[0]).not.toBe(pictures[1]);
    expect(pictures[0]).toBe(pictures[2]);
    const main = screen.spans().filter((span) => span.includes("MainWindow"));
    expect(main).toEqual([
      "1 graphics MainWindow 250..450",
      "1 present MainWindow 450..750",
      "2 graphics MainWindow 750..950",
      "2 present MainWindow 1050..1350",
      "3 graphics MainWindow 1250..1450",
      "3 present MainWindow 1650..1950",
    ]);
  });

  test("levels sealed one by one give what one seal gives, while the clock stands", () => {
    const together = new Screen();
    const apart = new Screen();
    for (let number = 1; number <= 4; number++) {
      runFrame(together, number);
      const frame = apart.frames.begin(number);
      for (const level of frame.levels) {
        for (const turn of level) {
          apart.turns.record(turn, drawDeclared);
          apart.turns.submit(turn);
        }
        apart.frames.seal();
      }
      apart.present(frame);
      apart.frames.end();
    }
    expect(apart.spans()).toEqual(together.spans());
  });

  test("every interleaving of recording and submitting gives the same words and timeline", () => {
    const draws = new Draws(seed);
    const serial = new Screen();
    for (let number = 1; number <= 3; number++) runFrame(serial, number);
    const spans = serial.spans();
    const interleavings = new Set<string>();
    for (let round = 0; round < 150; round++) {
      const screen = new Screen();
      for (let number = 1; number <= 3; number++) {
        const frame = screen.frames.begin(number);
        const left = Array.from({ length: frame.turnCount }, () => 2);
        let steps = "";
        while (left.some((count) => count > 0)) {
          const turn = draws.below(frame.turnCount);
          if (left[turn] === 0) continue;
          if (left[turn] === 2) screen.turns.record(turn, drawDeclared);
          else screen.turns.submit(turn);
          left[turn] = (left[turn] as number) - 1;
          steps += turn;
        }
        interleavings.add(steps);
        screen.frames.seal();
        screen.present(frame);
        screen.frames.end();
      }
      expect(screen.spans()).toEqual(spans);
      expect(commandsOf(screen)).toEqual(commandsOf(serial));
    }
    expect(interleavings.size).toBeGreaterThan(200);
  });
});

/** The words behind rows and rings, which hold what arrival decides. */
function commandsOf(screen: Screen): Uint32Array {
  const { surfaceCount, commandWordCount } = screen.turns.limits;
  return screen.turns.commandMemory.slice(-surfaceCount * commandWordCount);
}

describe("steps out of order", () => {
  const refusals: [string, (screen: Screen, frame: SurfaceFrame) => void, string][] = [
    [
      "present before submit",
      ({ frames }) => frames.present(0),
      '`present` of surface "ReflectionProbe" came while it was planned.',
    ],
    [
      "present before seal",
      ({ frames, turns }) => {
        turns.record(0, drawDeclared);
        turns.submit(0);
        frames.present(0);
      },
      '`present` of surface "ReflectionProbe" came while it was submitted.',
    ],
    [
      "submit before record",
      ({ turns }) => turns.submit(1),
      '`submit` of surface "ShadowMap" came while it was planned.',
    ],
    [
      "record twice",
      ({ turns }) => {
        turns.record(2, drawDeclared);
        turns.record(2, drawDeclared);
      },
      '`record` of surface "MainWindow" came while it was recorded.',
    ],
    [
      "submit twice",
      ({ turns }) => {
        turns.record(3, drawDeclared);
        turns.submit(3);
        turns.submit(3);
      },
      '`submit` of surface "UI_Overlay" came while it was submitted.',
    ],
    [
      "begin within a frame",
      ({ frames }) => frames.begin(2),
      '`begin` of surface "all" came while it was within its frame.',
    ],
    [
      "end with a picture left",
      ({ frames }) => frames.end(),
      '`end` of surface "ReflectionProbe" came while it was planned.',
    ],
  ];
  test.each(refusals)("%s", (_name, act, text) => {
    const screen = new Screen();
    const frame = screen.frames.begin(1);
    expect(raised(() => act(screen, frame))).toBe(`surface-order: ${text}`);
  });

  test("out of sequence, twice, after all, between frames, an old frame", () => {
    const screen = new Screen();
    const { frames } = screen;
    const frame = frames.begin(1);
    for (let turn = 0; turn < frame.turnCount; turn++) {
      screen.turns.record(turn, drawDeclared);
      screen.turns.submit(turn);
    }
    frames.seal();
    const texts = [raised(() => frames.present(1))];
    frames.present(0);
    texts.push(raised(() => frames.present(0)));
    for (const turn of [1, 2, 3]) frames.present(turn);
    texts.push(raised(() => frames.present(3)));
    frames.end();
    texts.push(
      raised(() => frames.present(0)),
      raised(() => frames.seal()),
      raised(() => frames.begin(1)),
    );
    expect(texts).toEqual([
      'surface-order: `present` of surface "ShadowMap" came while it was waiting for "ReflectionProbe".',
      'surface-order: `present` of surface "ReflectionProbe" came while it was presented.',
      'surface-order: `present` of surface "UI_Overlay" came while it was done with all turns.',
      'surface-order: `present` of surface "all" came while it was between frames.',
      'surface-order: `seal` of surface "all" came while it was between frames.',
      'surface-order: `begin` of surface "all" came while it was past frame 1.',
    ]);
  });
});

describe("work done again", () => {
  test("a thread that died before, in or after its submission: done again, the frame is that of the serial run", () => {
    const serial = new Screen();
    runFrame(serial, 1);
    const spans = serial.spans();
    for (const died of ["planned", "recording", "recorded", "submitted"]) {
      const screen = new Screen();
      const frame = screen.frames.begin(1);
      for (let turn = 0; turn < frame.turnCount; turn++) {
        if (died === "recording")
          expect(() =>
            screen.turns.record(turn, () => {
              throw new Error("gone");
            }),
          ).toThrow("gone");
        if (died === "recorded" || died === "submitted") screen.turns.record(turn, drawDeclared);
        if (died === "submitted") screen.turns.submit(turn);
        expect(screen.turns.state(turn)).toBe(died);
        screen.turns.redo(turn);
        screen.turns.record(turn, drawDeclared);
        screen.turns.submit(turn);
      }
      screen.frames.seal();
      screen.present(frame);
      screen.frames.end();
      expect(screen.spans()).toEqual(spans);
    }
  });

  test("a drawing that fails for good is left out: its empty picture costs nothing and readers go on", () => {
    const screen = new Screen();
    const frame = screen.frames.begin(1);
    for (let turn = 0; turn < frame.turnCount; turn++) {
      screen.turns.record(turn, turn === 1 ? drawNothing : drawDeclared);
      screen.turns.submit(turn);
    }
    screen.frames.seal();
    screen.present(frame);
    screen.frames.end();
    expect(screen.spans()[1]).toBe("1 graphics ShadowMap 150..150");
  });
});

describe("while running", () => {
  test("a surface drawn every second frame keeps its picture and fence between", () => {
    const screen = new Screen();
    screen.graph.setEveryFrames("ShadowMap", 2);
    const drawn: string[] = [];
    const pictures: unknown[] = [];
    for (let number = 1; number <= 5; number++) {
      const frame = runFrame(screen, number);
      drawn.push(screen.names(frame, frame.order).join(" "), frame.idle.map(({ name }) => name).join(" "));
      pictures.push(screen.frames.picture("ShadowMap"));
    }
    const all = "ReflectionProbe ShadowMap MainWindow UI_Overlay";
    const less = "ReflectionProbe MainWindow UI_Overlay";
    expect(drawn).toEqual([all, "", less, "ShadowMap", all, "", less, "ShadowMap", all, ""]);
    expect(pictures[0]).toEqual(pictures[1]);
    expect(pictures[2]).not.toEqual(pictures[1]);
    expect(pictures[2]).toEqual(pictures[3]);
  });

  test("a removed surface's pictures are freed after what still shows and reads them, not before", () => {
    const screen = new Screen();
    runFrame(screen, 1);
    screen.graph.change({ remove: ["UI_Overlay"] });
    expect(screen.device.memory().retiredBytes).toBe(0);
    runFrame(screen, 2);
    // The second of its two pictures was never drawn, so nothing holds it; the other is shown until 900.
    const pictureBytes = 64 * 32 * 4;
    expect([screen.device.memory().retiredBytes, screen.device.memory().freedBytes]).toEqual([
      pictureBytes,
      pictureBytes,
    ]);
    screen.clock.advance(899);
    expect(screen.device.collect()).toBe(0);
    screen.clock.advance(1);
    expect(screen.device.collect()).toBe(pictureBytes);
  });

  test("surfaces come, go and are replaced at random for 400 frames; in the end every byte is given back", () => {
    const draws = new Draws(seed + 1);
    for (let round = 0; round < 5; round++) {
      const screen = new Screen([]);
      const all = ["Main", "Shadow", "Probe", "Overlay", "Mirror", "Map"];
      const model = new Map<string, SurfaceDefinition>();
      const lastDrawn = new Map<string, number>();
      let expectedBytes = 0;
      for (let number = 1; number <= 80; number++) {
        const name = draws.pick(all);
        const readers = [...model.values()].some(({ reads = [] }) => reads.includes(name));
        if (model.has(name) && !readers) {
          screen.graph.remove(name);
          model.delete(name);
          lastDrawn.delete(name);
        } else if (!model.has(name)) {
          const reads = [...model.keys()].filter(() => draws.below(3) === 0);
          const queue = draws.below(3) === 0 ? "compute" : "graphics";
          const size = 1 + draws.below(32);
          const micros = draws.below(300);
          const costs = { recordMicros: 0, submitMicros: micros, presentMicros: draws.below(100) };
          const everyFrames = 1 + draws.below(3);
          const definition = {
            name,
            kind: "window",
            width: size,
            height: size,
            reads,
            queue,
            costs,
            everyFrames,
          } as const;
          screen.graph.add(definition);
          model.set(name, definition);
        }
        const frame = runFrame(screen, number);
        const isDue = ([each, { everyFrames = 1 }]: [string, SurfaceDefinition]): boolean =>
          number - (lastDrawn.get(each) ?? -9) >= everyFrames;
        const due = [...model].filter(isDue).map(([each]) => each);
        for (const each of due) lastDrawn.set(each, number);
        expect(screen.names(frame, frame.order).sort()).toEqual(due.sort());
        expect(frame.idle.map((surface) => surface.name).sort()).toEqual(
          [...model.keys()].filter((each) => !due.includes(each)).sort(),
        );
        expectedBytes = 0;
        for (const { width, height } of model.values()) expectedBytes += 2 * 4 * width * height;
        const { residentBytes, retiredBytes } = screen.device.memory();
        expect(residentBytes - retiredBytes).toBe(expectedBytes);
        if (draws.below(4) === 0) screen.clock.advance(draws.below(1_500));
      }
      screen.frames.close();
      screen.clock.advance(screen.device.idleMicros);
      screen.device.collect();
      expect([screen.device.leaks(), screen.device.memory().residentBytes]).toEqual([[], 0]);
    }
  });

  test("more surfaces than the memory has rows is a limit that is told", () => {
    const surfaces = Array.from(
      { length: 9 },
      (_, i): SurfaceDefinition => ({
        name: `S${i}`,
        kind: "shadow",
        width: 1,
        height: 1,
      }),
    );
    const screen = new Screen(surfaces);
    expect(raised(() => screen.frames.begin(1))).toBe('limit-reached: The limit "surfaceCount" of 8 is reached.');
  });
});
