/**
 * Watches: every change of what is watched is on record with frame, tick, system and value, nothing else is, and they are
 * switched on and off while the world runs; a random history is compared with a log that the systems keep themselves.
 */
import { describe, expect, test } from "vitest";
import { type RefusedWatch, type WatchNames, watchSubsystem } from "../../../engine/audit/watches.ts";
import { faultMend } from "../../../engine/base/faults.ts";
import type { Commands } from "../../../engine/ecs/commands.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { array, f32, u8 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineSystem, type Lookup } from "../../../engine/sim/system.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";
import { eventKind } from "../../../engine/trace/event.ts";
import { TraceMemory } from "../../../engine/trace/memory.ts";
import { TraceReader } from "../../../engine/trace/reader.ts";
import { openTrace } from "../../../engine/trace/trace-port.ts";
import { type WatchRecord, WatchRing, watchStep } from "../../../engine/trace/watch-ring.ts";
import { Draws, testSeed } from "../seeds.ts";

const Velocity = defineComponent("Velocity", { x: f32, y: f32 });
const Mark = defineComponent("Mark", { kind: u8, trail: array(f32, 3) });

type Act = (
  columns: { x: Float32Array; trail: Float32Array },
  tick: number,
  staging: { commands: Commands; world: Lookup },
) => void;

async function watchedEngine(acts: Readonly<Record<string, Act>>, traceMemory?: TraceMemory) {
  const ring = WatchRing.allocate(4_096);
  const names: WatchNames[] = [];
  const refused: RefusedWatch[] = [];
  const order = Object.keys(acts).sort();
  const systems = order.map((name, number) =>
    defineSystem({
      name,
      phase: "gameplay",
      after: number === 0 ? [] : [order[number - 1]!],
      writes: [Velocity, Mark],
      run({ columns, tick, ...staging }) {
        acts[name]!({ x: columns.Velocity.x, trail: columns.Mark.trail }, tick, staging);
      },
    }),
  );
  const game = {
    ...{ id: "small", tickRate: 60, limits: { entities: 64 }, components: [Velocity, Mark], systems },
    setup: ({ commands }: { commands: { spawn(...parts: object[]): unknown } }) => {
      for (let i = 0; i < 5; i++) commands.spawn(Velocity, Mark);
    },
  };
  const watches = watchSubsystem({
    buffer: ring.buffer,
    onWatching: (told) => names.push(told),
    onRefused: (told) => refused.push(...told),
  });
  const trace = traceMemory === undefined ? undefined : openTrace(traceMemory.buffer, "engine");
  const engine = new Engine(
    game as never,
    { clock: new ManualClock(), ...(trace === undefined ? {} : { trace }) },
    { seed: 1, subsystems: [watches] },
  );
  await engine.start();
  let from = 0;
  const lines = (): string[] => {
    const read = ring.read(from);
    from = read.next;
    const of = ({ frame, tick, step, column, entity, element, value, isByCommand }: WatchRecord): string => {
      const name = step === watchStep.found ? "found" : step === watchStep.outside ? "outside" : names[0]!.steps[step];
      const writer = isByCommand ? `command of ${name}` : name;
      return `${frame} ${tick} ${writer} ${names[0]!.columns[column]} ${entity} ${element} ${value}`;
    };
    return read.records.map(of);
  };
  return { engine, ring, lines, names, refused, game, watches };
}

describe("a watch", () => {
  test("records each change with its writer, from the frame on in which it was wished for, until it is switched off", async () => {
    const { engine, ring, lines } = await watchedEngine({
      "a-push": ({ x }, tick) => {
        x[3] = tick;
        x[4] = -tick;
      },
      "b-brake": ({ x }, tick) => {
        if (tick === 4) x[3] = 0.5;
      },
    });
    for (let tick = 0; tick < 2; tick++) engine.step();
    expect(engine.world.observe(undefined)).toBeUndefined();
    expect(lines()).toEqual([]);
    ring.wish(["Velocity.x:3"]);
    for (let tick = 0; tick < 2; tick++) engine.step();
    expect(lines()).toEqual([
      "3 2 found Velocity.x 3 0 2",
      "3 3 a-push Velocity.x 3 0 3",
      "4 4 a-push Velocity.x 3 0 4",
      "4 4 b-brake Velocity.x 3 0 0.5",
    ]);
    engine.world.store.columnsOf(Velocity)["x"]![3] = 99;
    engine.step();
    expect(lines()).toEqual(["5 5 outside Velocity.x 3 0 99", "5 5 a-push Velocity.x 3 0 5"]);
    ring.wish([]);
    for (let tick = 0; tick < 3; tick++) engine.step();
    expect(lines()).toEqual([]);
    expect(engine.world.observe(undefined)).toBeUndefined();
    engine.dispose();
  });

  test("of a column records all entities, and elements of fixed arrays each", async () => {
    const { engine, ring, lines } = await watchedEngine({
      act: ({ trail }, tick) => {
        if (tick === 2) trail.set([7, 8], 4 * 3 + 1);
        if (tick === 2) trail[2 * 3] = 1;
      },
    });
    ring.wish(["Mark.trail"]);
    for (let tick = 0; tick < 3; tick++) engine.step();
    expect(lines()).toEqual(["2 2 act Mark.trail 2 0 1", "2 2 act Mark.trail 4 1 7", "2 2 act Mark.trail 4 2 8"]);
    engine.dispose();
  });

  test("of an entity says when the component comes and goes, and nothing of who is not there", async () => {
    const { engine, ring, lines } = await watchedEngine({
      act: ({ x }, tick, { commands, world }) => {
        if (tick === 2) commands.spawn(Velocity, Mark);
        if (tick === 4) x[7] = 1;
        if (tick === 5) x[7] = 0;
        if (tick === 6) commands.remove(world.handleOf(7), Velocity);
        if (tick === 7) commands.add(world.handleOf(7), Velocity.of({ x: 3 }));
        if (tick === 8) commands.despawn(world.handleOf(7));
      },
    });
    ring.wish(["Velocity.x:7", "Mark.trail:7", "Velocity.x:900"]);
    for (let tick = 0; tick < 9; tick++) engine.step();
    const trail = (frame: number, tick: number, step: string, value: number | undefined): string[] =>
      [0, 1, 2].map((slot) => `${frame} ${tick} ${step} Mark.trail 7 ${slot} ${value}`);
    expect(lines()).toEqual([
      "1 0 found Velocity.x 7 0 undefined",
      ...trail(1, 0, "found", undefined),
      "2 2 command of act Velocity.x 7 0 0",
      ...trail(2, 2, "command of act", 0),
      "4 4 act Velocity.x 7 0 1",
      "5 5 act Velocity.x 7 0 0",
      "6 6 command of act Velocity.x 7 0 undefined",
      "7 7 command of act Velocity.x 7 0 3",
      "8 8 command of act Velocity.x 7 0 undefined",
      ...trail(8, 8, "command of act", undefined),
    ]);
    engine.dispose();
  });

  test("names who staged the command of each change: also of what goes with a parent, and of two commands for one entity", async () => {
    const { engine, ring, lines } = await watchedEngine({
      "a-make": (_columns, tick, { commands, world }) => {
        if (tick === 2) commands.spawnChild(world.handleOf(6), Velocity.of({ x: 1 }));
        if (tick === 3) commands.add(world.handleOf(7), Velocity.of({ x: 2 }));
        if (tick === 4) commands.add(world.handleOf(7), Velocity.of({ x: 4 }));
        if (tick > 5) commands.spawnChild(world.handleOf(5));
      },
      "b-break": (_columns, tick, { commands, world }) => {
        if (tick === 3) commands.add(world.handleOf(7), Velocity.of({ y: 3 }));
        if (tick === 4) commands.add(world.handleOf(7), Velocity.of({ x: 5 }));
        if (tick === 5) commands.despawn(world.handleOf(6));
        if (tick === 8) commands.spawn(Mark);
      },
      "c-late": (_columns, tick, { commands, world }) => {
        if (tick === 5) commands.despawn(world.handleOf(7));
      },
    });
    ring.wish(["Velocity.x", "Velocity.x:7", "Velocity.y:7", "Family.firstChild:6", "Family.firstChild:5"]);
    for (let tick = 0; tick < 8; tick++) engine.step();
    expect(lines().filter((line) => !line.includes("found"))).toEqual([
      "2 2 command of a-make Velocity.x 7 0 1",
      "2 2 command of a-make Velocity.x 7 0 1",
      "2 2 command of a-make Velocity.y 7 0 0",
      "2 2 command of a-make Family.firstChild 6 0 7",
      "3 3 command of a-make Velocity.x 7 0 2",
      "3 3 command of a-make Velocity.x 7 0 2",
      "3 3 command of b-break Velocity.y 7 0 3",
      "4 4 command of b-break Velocity.x 7 0 5",
      "4 4 command of b-break Velocity.x 7 0 5",
      "5 5 command of b-break Velocity.x 7 0 undefined",
      "5 5 command of b-break Velocity.x 7 0 undefined",
      "5 5 command of b-break Velocity.y 7 0 undefined",
      "5 5 command of b-break Family.firstChild 6 0 undefined",
      // Of the new child, which has the place of the old parent.
      "6 6 command of a-make Family.firstChild 6 0 0",
      "6 6 command of a-make Family.firstChild 5 0 6",
      "7 7 command of a-make Family.firstChild 5 0 7",
      // Into a list of children that is there, either of two may have written.
      "8 8 the structure phase Family.firstChild 5 0 8",
    ]);
    engine.dispose();
  });

  test("of a player names the door, which joins and parts by commands", async () => {
    const { engine, ring, lines } = await watchedEngine({});
    ring.wish(["Player.key"]);
    engine.world.door.admit({ kind: "join", player: 9, name: "Ada" });
    engine.step();
    engine.world.door.admit({ kind: "leave", player: 9 });
    engine.step();
    expect(lines()).toEqual([
      "1 1 command of the door Player.key 7 0 9",
      "2 2 command of the door Player.key 7 0 undefined",
    ]);
    engine.dispose();
  });

  test("that goes on is not found anew when another one comes or goes", async () => {
    const { engine, ring, lines } = await watchedEngine({
      act: ({ x }, tick) => {
        x[3] = tick;
      },
    });
    ring.wish(["Velocity.x:3"]);
    engine.step();
    ring.wish(["Velocity.x:3", "Velocity.x:4", "Speed.x"]);
    engine.step();
    ring.wish(["Velocity.x:4"]);
    engine.step();
    expect(lines()).toEqual([
      "1 0 found Velocity.x 3 0 0",
      "1 1 act Velocity.x 3 0 1",
      "2 1 found Velocity.x 4 0 0",
      "2 2 act Velocity.x 3 0 2",
    ]);
    engine.dispose();
  });

  test("of a column says of who went that it is absent, and after a restore what comes and goes from there", async () => {
    const { engine, ring, lines } = await watchedEngine({
      act: ({ x }, tick, { commands, world }) => {
        if (tick === 2) x[4] = 5;
        if (tick === 3) commands.despawn(world.handleOf(4));
      },
    });
    ring.wish(["Velocity.x", "Velocity.y:4"]);
    for (let tick = 0; tick < 2; tick++) engine.step();
    const saved = engine.save();
    const gone = ["3 command of act Velocity.x 4 0 undefined", "3 command of act Velocity.y 4 0 undefined"];
    engine.step();
    engine.restore(saved);
    engine.step();
    expect(lines()).toEqual([
      "1 0 found Velocity.y 4 0 0",
      "2 2 act Velocity.x 4 0 5",
      ...gone.map((line) => `3 ${line}`),
      ...gone.map((line) => `4 ${line}`),
    ]);
    engine.dispose();
  });

  test("goes on over a swap with the frames of the engine", async () => {
    const { engine, ring, lines, game, watches } = await watchedEngine({
      act: ({ x }, tick) => {
        x[3] = tick;
      },
    });
    ring.wish(["Velocity.x:3"]);
    for (let frame = 0; frame < 2; frame++) engine.step();
    const ports = successorPorts(engine, { clock: new ManualClock() });
    const after = new Engine(game as never, ports, { seed: 1, subsystems: [watches], isSuccessor: true });
    const swap = new Swap(engine, after, game as never);
    await swap.allocate();
    swap.commit();
    for (let frame = 0; frame < 2; frame++) after.step();
    expect(lines()).toEqual([
      "1 0 found Velocity.x 3 0 0",
      "1 1 act Velocity.x 3 0 1",
      "2 2 act Velocity.x 3 0 2",
      "3 2 found Velocity.x 3 0 2",
      "3 3 act Velocity.x 3 0 3",
      "4 4 act Velocity.x 3 0 4",
    ]);
    engine.dispose();
    after.dispose();
  });

  test("that cannot be is refused with what there is; the others are taken up", async () => {
    const { engine, ring, refused, lines } = await watchedEngine({
      act: ({ x }) => {
        x[2] = 1;
      },
    });
    ring.wish(["Velocity.z:3", "Speed.x", "Velocity.x:900", "Velocity.x:two", "Velocity.x:2"]);
    engine.step();
    expect(refused.map(({ place }) => place)).toEqual(["Velocity.z:3", "Speed.x", "Velocity.x:900", "Velocity.x:two"]);
    expect(refused.map(({ fault }) => faultMend(fault))).toEqual([
      "Did you mean Velocity.x?",
      expect.stringContaining("Mark"),
      "Give an index from 1 to 64.",
      "Give an index from 1 to 64.",
    ]);
    expect(lines()).toEqual(["1 0 found Velocity.x 2 0 0", "1 1 act Velocity.x 2 0 1"]);
    engine.dispose();
  });

  test("changes no hash", async () => {
    const hashes: string[] = [];
    for (const wishes of [[], ["Velocity.x", "Mark.trail:3"]]) {
      const { engine, ring } = await watchedEngine({
        act: ({ x, trail }, tick) => {
          x[2] = tick / 3;
          trail[9] = tick;
        },
      });
      ring.wish(wishes);
      for (let tick = 0; tick < 20; tick++) engine.step();
      hashes.push(`${engine.world.hash.high} ${engine.world.hash.low}`);
      engine.dispose();
    }
    expect(hashes[1]).toBe(hashes[0]);
  });

  test("goes into the trace: a counter for one entity, instants for all of a column", async () => {
    const memory = TraceMemory.allocate({ tracks: ["engine"] });
    memory.turn(true);
    const { engine, ring } = await watchedEngine(
      {
        act: ({ x }, tick) => {
          x[3] = tick;
        },
      },
      memory,
    );
    ring.wish(["Velocity.x:3", "Velocity.x"]);
    for (let tick = 0; tick < 2; tick++) engine.step();
    const { names } = openTrace(memory.buffer, "engine");
    const events: string[] = [];
    new TraceReader(memory).drain({
      event(_track, kind, name, _micros, _duration, a, b) {
        const { text, category } = names!.nameOf(name);
        if (category === "watch")
          events.push(`${kind === eventKind.counter ? "counter" : "instant"} ${text} ${a} ${b}`);
      },
      lost: () => expect.fail("the ring has room for all"),
    });
    expect(events).toEqual([
      "counter Velocity.x:3 0 NaN",
      "counter Velocity.x:3 1 NaN",
      "instant Velocity.x 3 1",
      "counter Velocity.x:3 2 NaN",
      "instant Velocity.x 3 2",
    ]);
    engine.dispose();
  });
});

test("random changes under random wishes are recorded exactly as the systems' own log has them", async () => {
  const draws = new Draws(testSeed("watches"));
  let wished: readonly string[] = [];
  const expected: string[] = [];
  let frame = 0;
  const writer =
    (name: string): Act =>
    ({ x }, tick) => {
      const before = x.slice();
      for (let i = draws.below(4); i > 0; i--) x[2 + draws.below(5)] = draws.below(3);
      for (const place of wished)
        for (let entity = 2; entity < 7; entity++)
          if (x[entity] !== before[entity] && (place === "Velocity.x" || place === `Velocity.x:${entity}`))
            expected.push(`${frame} ${tick} ${name} Velocity.x ${entity} 0 ${x[entity]}`);
    };
  const { engine, ring, lines } = await watchedEngine({ "a-one": writer("a-one"), "b-two": writer("b-two") });
  const seen: string[] = [];
  for (frame = 1; frame <= 300; frame++) {
    if (draws.below(10) === 0) {
      wished = ["Velocity.x", "Velocity.x:2", "Velocity.x:4"].filter(() => draws.below(2) === 0);
      ring.wish(wished);
    }
    engine.step();
    if (wished.length > 0) seen.push(...lines().filter((line) => !line.includes(" found ")));
  }
  expect(seen.length).toBeGreaterThan(50);
  expect(seen).toEqual(expected);
  engine.dispose();
});
