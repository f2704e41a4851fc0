/** Surfaces in the frame, on one thread: order, changes while running, mistakes, guard mode, spans, device tracks. */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../engine/engine.ts";
import { defineGame, type Game } from "../../../engine/game.ts";
import type { CommandRecorder } from "../../../engine/gpu/commands.ts";
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import { type AnyJob, defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { type JobsOptions, jobsOf } from "../../../engine/jobs/subsystem.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { deviceTrackLabels } from "../../../engine/render/device-tracks.ts";
import { SurfacesDrawn } from "../../../engine/render/surface-job.ts";
import { type SurfacesDefinition, type SurfacesOptions, surfacesSubsystem } from "../../../engine/render/surfaces.ts";
import { defineSubsystem } from "../../../engine/sim/subsystem.ts";
import { drawDeclared } from "../../../engine/surface/declared-drawing.ts";
import type { SurfaceDefinition } from "../../../engine/surface/surface.ts";
import { type SurfaceTurn, SurfaceTurns } from "../../../engine/surface/surface-turns.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { openTrace, type TracePort } from "../../../engine/trace/trace-port.ts";
import { SpanLog } from "../../../runtime/simulate/span-log.ts";
import { faultOf, faultOfAsync } from "../small-world.ts";
import { fourSurfaces, limits } from "../surface/four-surfaces.ts";

interface Setup {
  readonly jobs?: readonly AnyJob[];
  readonly options?: JobsOptions;
  readonly trace?: TracePort;
  readonly clock?: ManualClock;
}

function gameOf(surfaces: SurfacesDefinition, jobs: readonly AnyJob[] = []): Game {
  return defineGame({
    id: "surfaces",
    tickRate: 60,
    limits: { entities: 64, players: 4 },
    components: [],
    systems: [],
    jobs: [...jobs, surfaces.job],
    subsystems: [surfaces],
    setup: () => {},
  });
}

/** A started engine with the four surfaces, unless `change` says otherwise, and the names in the order shown. */
async function start(change: Partial<SurfacesOptions> = {}, { jobs, options, trace, clock }: Setup = {}) {
  const shown: string[] = [];
  const definition = surfacesSubsystem({
    surfaces: fourSurfaces,
    draw: drawDeclared,
    show: ({ name }) => shown.push(name),
    limits,
    ...change,
  });
  const ports = { clock: clock ?? new ManualClock(), jobs: options ?? {}, ...(trace === undefined ? {} : { trace }) };
  const engine = new Engine(gameOf(definition, jobs), ports, { seed: 1 });
  await engine.start();
  const surfaces = engine.of(definition);
  const frame = (): string => {
    shown.length = 0;
    engine.step();
    return shown.join(" ");
  };
  return { engine, surfaces, frame, shown };
}

const usual = "ReflectionProbe ShadowMap MainWindow UI_Overlay";

describe("the order of presentation", () => {
  test("follows from who reads whom, in every frame, with or without a tick", async () => {
    const { engine, frame, shown, surfaces } = await start();
    expect([frame(), frame()]).toEqual([usual, usual]);
    shown.length = 0;
    expect(engine.frame(1_000)).toBe(0);
    expect(shown.join(" ")).toBe(usual);
    const device = surfaces.device as NullDevice;
    const spans: string[] = [];
    device.drainTimeline(({ frame: number, line, label }) =>
      spans.push(`${number} ${line} ${device.labelText(label)}`),
    );
    // The subsystem drains after each frame; what is left is nothing.
    expect(spans).toEqual([]);
    engine.dispose();
    const { residentBytes, retiredBytes } = device.memory();
    expect(retiredBytes).toBe(residentBytes);
    expect(device.leaks().length).toBe(8);
  });

  test("goes with surfaces that come, go and are drawn less often; a refused change changes nothing", async () => {
    const { engine, frame, surfaces } = await start();
    const rear: SurfaceDefinition = { name: "Rear", kind: "window", width: 8, height: 8, reads: ["ShadowMap"] };
    frame();
    surfaces.graph.change({ add: [rear], remove: ["UI_Overlay"] });
    expect(frame()).toBe("ReflectionProbe ShadowMap MainWindow Rear");
    surfaces.graph.setEveryFrames("ReflectionProbe", 2);
    expect([frame(), frame(), frame()]).toEqual([
      "ShadowMap MainWindow Rear",
      "ReflectionProbe ShadowMap MainWindow Rear",
      "ShadowMap MainWindow Rear",
    ]);
    const circle = { name: "Mirror", kind: "reflection", width: 8, height: 8, reads: ["Mirror"] } as const;
    expect(faultOf(() => surfaces.graph.add(circle)).kind).toBe("surface-cycle");
    expect(faultOf(() => surfaces.graph.remove("ShadowMap")).kind).toBe("surface-needed");
    expect(frame()).toBe("ReflectionProbe ShadowMap MainWindow Rear");
    engine.dispose();
  });

  test("no surface at all is a frame as well, and after a stop all begins anew", async () => {
    const { engine, frame, surfaces } = await start({ surfaces: [] });
    expect(frame()).toBe("");
    surfaces.graph.add(fourSurfaces[1]!);
    expect(frame()).toBe("ShadowMap");
    engine.stop();
    await engine.start();
    engine.step();
    engine.dispose();
  });
});

describe("a turn that a dead thread left half done", () => {
  const spansOf = async (left: "nothing" | "recorded" | "submitted"): Promise<string[]> => {
    const spans: string[] = [];
    const definition = surfacesSubsystem({
      surfaces: fourSurfaces,
      draw: drawDeclared,
      show: ({ name }) => spans.push(`show ${name}`),
      device: (clock, commandMemory) => {
        const device = new NullDevice({ clock, commandMemory });
        const drain = device.drainTimeline.bind(device);
        device.drainTimeline = (visit) =>
          drain((span) => {
            spans.push(
              `${span.frame} ${span.line} ${device.labelText(span.label)} ${span.endMicros - span.startMicros}`,
            );
            visit(span);
          });
        return device;
      },
      limits,
    });
    const dying = defineSubsystem({
      name: "dying",
      needs: ["surfaces"],
      create: () => {
        let turns: SurfaceTurns | undefined;
        return {
          start(host) {
            const { params } = jobsOf(host).memory.taskOf(definition.job);
            turns = new SurfaceTurns(params["words"] as Int32Array, 0, limits);
          },
          stages: {
            assemble() {
              if (left === "nothing") return;
              turns!.record(1, drawDeclared);
              if (left === "submitted") turns!.submit(1);
            },
          },
        };
      },
    });
    const game = gameOf(definition);
    const engine = new Engine(game, { clock: new ManualClock() }, { seed: 1, subsystems: [dying] });
    await engine.start();
    for (let i = 0; i < 5; i++) engine.step();
    engine.dispose();
    return spans;
  };

  test("is drawn again, and the device sees it once", async () => {
    const whole = await spansOf("nothing");
    expect(whole.length).toBe(5 * 12);
    expect(await spansOf("recorded")).toEqual(whole);
    expect(await spansOf("submitted")).toEqual(whole);
  });
});

describe("mistakes", () => {
  test("a circle among surfaces is a fault of making the engine", () => {
    const surfaces: SurfaceDefinition[] = [
      { name: "A", kind: "window", width: 8, height: 8, reads: ["B"] },
      { name: "B", kind: "window", width: 8, height: 8, reads: ["A"] },
    ];
    const make = (): unknown =>
      new Engine(
        gameOf(surfacesSubsystem({ surfaces, draw: drawDeclared })),
        { clock: new ManualClock() },
        { seed: 1 },
      );
    expect(faultOf(make)).toEqual({ kind: "surface-cycle", fields: { circle: '"A" reads "B" reads "A"' } });
  });

  test("a job of the stage jobs that reads what surfaces leave is refused", () => {
    const early = defineJob({
      name: "early",
      inputs: [SurfacesDrawn],
      output: defineOutput("Early", { x: { scalar: "u32", length: 1 } }),
      chunkItems: 1,
      itemsMax: () => 1,
      begin: () => 1,
      run: () => 1,
    });
    const definition = surfacesSubsystem({ surfaces: [], draw: drawDeclared });
    const make = (): unknown => new Engine(gameOf(definition, [early]), { clock: new ManualClock() }, { seed: 1 });
    expect(faultOf(make)).toMatchObject({ kind: "bad-definition", fields: { what: "job", name: "early" } });
  });

  test("a budget cannot leave the surfaces' job out: turns that are planned are drawn", async () => {
    const { engine, frame } = await start();
    const level = { every: 2, quality: 1, isSkipped: false };
    const fault = faultOf(() => jobsOf(engine).setLevel("surfaces", level));
    expect(fault).toMatchObject({ kind: "unknown-name", fields: { what: "frame job", name: "surfaces" } });
    expect([frame(), frame()]).toEqual([usual, usual]);
    engine.dispose();
  });

  test("a drawing that throws names the surfaces' job, its chunk and the tick", async () => {
    const draw = (recorder: CommandRecorder, turn: SurfaceTurn): void => {
      if (turn.frame === 2 && turn.number === 1) throw new Error("no ink");
      drawDeclared(recorder, turn);
    };
    const { engine, frame } = await start({ draw });
    frame();
    const fault = await faultOfAsync(async () => frame());
    expect(fault).toMatchObject({
      kind: "job-failed",
      fields: { job: "surfaces", chunk: 1, tick: 2, message: "no ink" },
    });
    engine.dispose();
  });
});

test("guard mode finds nothing wrong with turns that lie in parameters", async () => {
  const { engine, frame } = await start({}, { options: { guard: true, shuffleSeed: 5 } });
  expect([frame(), frame(), frame()]).toEqual([usual, usual, usual]);
  engine.dispose();
});

test("the trace has each surface's steps within its chunk, and the device's lines as tracks without a future", async () => {
  const clock = new ManualClock();
  clock.advance(1_000);
  const memory = TraceMemory.allocate({ tracks: ["engine", ...deviceTrackLabels] });
  memory.turn(true);
  const { engine, frame } = await start(
    {
      draw(recorder, turn) {
        drawDeclared(recorder, turn);
        clock.advance(turn.recordMicros);
      },
      handIn: ({ submitMicros }) => clock.advance(submitMicros),
      show: ({ costs }) => clock.advance(costs.presentMicros),
    },
    { trace: openTrace(memory.buffer, "engine"), clock },
  );
  frame();
  const log = new SpanLog(memory);
  const reader = new TraceReader(memory);
  reader.drain(log);
  const of = (track: string): string[] =>
    log.spans
      .filter((span) => span.track === track && /^(surface|device|frame job)/.test(span.category))
      .map(({ name, startMicros, endMicros }) => `${name} ${startMicros}..${endMicros}`);
  expect(of("engine")).toEqual([
    "ReflectionProbe record 1000..1600",
    "ReflectionProbe submit 1600..1750",
    "surfaces 1000..1750",
    "ShadowMap record 1750..2150",
    "ShadowMap submit 2150..2250",
    "surfaces 1750..2250",
    "MainWindow record 2250..3050",
    "MainWindow submit 3050..3250",
    "surfaces 2250..3250",
    "UI_Overlay record 3250..3450",
    "UI_Overlay submit 3450..3500",
    "surfaces 3250..3500",
    "ReflectionProbe present 3500..3600",
    "ShadowMap present 3600..3650",
    "MainWindow present 3650..3950",
    "UI_Overlay present 3950..4100",
  ]);
  // Sealed at 3500: at 4100 the last picture is drawn and three are shown; the fourth is still ahead.
  expect(of("gpu graphics")).toEqual([
    "ReflectionProbe 3500..3650",
    "ShadowMap 3650..3750",
    "MainWindow 3750..3950",
    "UI_Overlay 3950..4000",
  ]);
  expect(of("gpu present")).toEqual(["ReflectionProbe 3650..3750", "ShadowMap 3750..3800"]);
  clock.advance(10_000);
  engine.dispose();
  reader.drain(log);
  expect(of("gpu present").slice(2)).toEqual(["MainWindow 3950..4250", "UI_Overlay 4250..4400"]);
});
