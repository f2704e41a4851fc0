/** The lifecycle: every state by every call, what start and stop leave behind, engines side by side. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../../engine/engine.ts";
import { defineSubsystem, type SubsystemDefinition } from "../../../engine/sim/subsystem.ts";
import { faultOf, faultOfAsync } from "../small-world.ts";
import { emptyGame, makeEngine, smallGame, stepHashes } from "./small-game.ts";

/** A subsystem that writes down its start and stop, and fails where it is told to. */
function part(
  name: string,
  calls: string[],
  fails: "start" | "stop" | "" = "",
  needs: string[] = [],
): SubsystemDefinition {
  return defineSubsystem({
    name,
    needs,
    create: () => ({
      start: () => {
        calls.push(`start ${name}`);
        if (fails === "start") throw new Error(`${name} cannot start`);
      },
      stop: () => {
        calls.push(`stop ${name}`);
        if (fails === "stop") throw new Error(`${name} cannot stop`);
      },
    }),
  });
}

/** An engine brought into a state, and a promise that has to be awaited before the test ends. */
const states: Record<string, () => Promise<{ engine: Engine; release?: () => Promise<void> }>> = {
  created: async () => ({ engine: makeEngine() }),
  starting: async () => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const engine = makeEngine(emptyGame, {
      subsystems: [defineSubsystem({ name: "slow", create: () => ({ start: () => gate }) })],
    });
    const starting = engine.start();
    const release = (): Promise<void> => {
      go();
      return starting;
    };
    return { engine, release };
  },
  running: async () => {
    const engine = makeEngine();
    await engine.start();
    return { engine };
  },
  stopped: async () => {
    const engine = makeEngine();
    await engine.start();
    engine.stop();
    return { engine };
  },
  faulted: async () => {
    const engine = makeEngine({ ...emptyGame, systems: [{ name: "bad", phase: "input", run: boom }] });
    await engine.start();
    faultOf(() => engine.step());
    return { engine };
  },
  disposed: async () => {
    const engine = makeEngine();
    engine.dispose();
    return { engine };
  },
};
const boom = (): never => {
  throw new Error("boom");
};

const operations: Record<string, (engine: Engine) => unknown> = {
  start: (engine) => engine.start(),
  stop: (engine) => engine.stop(),
  step: (engine) => engine.step(),
  frame: (engine) => engine.frame(0),
  dispose: (engine) => engine.dispose(),
  world: (engine) => engine.world,
};

describe("every call in every state", () => {
  const running = "running";
  const allowed: Record<string, string> = {
    start: "created or starting or running or stopped",
    stop: "created or running or stopped or faulted",
    step: running,
    frame: running,
    dispose: "created or running or stopped or faulted",
    world: "running or faulted",
  };
  const expected: Record<string, Record<string, string>> = {
    created: {
      start: "running",
      stop: "created",
      step: "lifecycle",
      frame: "lifecycle",
      dispose: "created",
      world: "lifecycle",
    },
    starting: {
      start: "running",
      stop: "lifecycle",
      step: "lifecycle",
      frame: "lifecycle",
      dispose: "lifecycle",
      world: "lifecycle",
    },
    running: { start: running, stop: "stopped", step: running, frame: running, dispose: "stopped", world: running },
    stopped: {
      start: running,
      stop: "stopped",
      step: "lifecycle",
      frame: "lifecycle",
      dispose: "stopped",
      world: "lifecycle",
    },
    faulted: {
      start: "lifecycle",
      stop: "faulted",
      step: "lifecycle",
      frame: "lifecycle",
      dispose: "faulted",
      world: "faulted",
    },
    disposed: {
      start: "disposed",
      stop: "disposed",
      step: "disposed",
      frame: "disposed",
      dispose: "disposed",
      world: "disposed",
    },
  };
  const pairs = Object.keys(states).flatMap((state) =>
    Object.keys(operations).map((operation) => [state, operation] as const),
  );

  test.each(pairs)("%s, %s", async (state, operation) => {
    const { engine, release } = await states[state]!();
    const outcome = expected[state]?.[operation] as string;
    const act = async (): Promise<void> => {
      const result = operations[operation]!(engine);
      if (release !== undefined && operation === "start") await release();
      await (result instanceof Promise ? result : undefined);
    };
    if (outcome === "lifecycle")
      expect(await faultOfAsync(act)).toEqual({
        kind: "lifecycle",
        fields: { operation, status: state, allowed: allowed[operation] },
      });
    else if (outcome === "disposed")
      expect(await faultOfAsync(act)).toEqual({ kind: "disposed", fields: { operation } });
    else {
      await act();
      expect(engine.status.state).toBe(outcome);
    }
    await release?.();
  });
});

describe("start", () => {
  test("twice at once is one start", async () => {
    const calls: string[] = [];
    const engine = makeEngine(emptyGame, { subsystems: [part("a", calls)] });
    await Promise.all([engine.start(), engine.start(), engine.start()]);
    await engine.start();
    expect(calls).toEqual(["start a"]);
    expect(engine.status).toMatchObject({ state: "running", tick: 0, frame: 0 });
  });

  test("follows needs, stop goes the other way; both once", async () => {
    const calls: string[] = [];
    const engine = makeEngine(emptyGame, {
      subsystems: [part("c", calls, "", ["a", "b"]), part("b", calls, "", ["a"]), part("a", calls)],
    });
    await engine.start();
    engine.stop();
    engine.stop();
    expect(calls).toEqual(["start a", "start b", "start c", "stop c", "stop b", "stop a"]);
  });

  test("that fails midway is stopped with what was started before, last first, and faults", async () => {
    const calls: string[] = [];
    const subsystems = [part("a", calls), part("b", calls), part("c", calls, "start"), part("d", calls)];
    const engine = makeEngine(emptyGame, { subsystems });
    const fault = await faultOfAsync(() => engine.start());
    expect(calls).toEqual(["start a", "start b", "start c", "stop c", "stop b", "stop a"]);
    expect(fault).toMatchObject({
      kind: "subsystem-failed",
      fields: { subsystem: "c", operation: "start", problem: expect.stringContaining("c cannot start") },
    });
    expect(engine.status).toMatchObject({ state: "faulted", fault });
    expect(engine.status.subsystems.map(({ state }) => state)).toEqual(engine.status.subsystems.map(() => "faulted"));
    engine.stop();
    expect(calls).toHaveLength(6);
    engine.dispose();
  });

  test("that fails later, after a wait, does the same", async () => {
    const calls: string[] = [];
    const late = defineSubsystem({
      name: "late",
      create: () => ({ start: async () => Promise.reject(new Error("too late")) }),
    });
    const engine = makeEngine(emptyGame, { subsystems: [part("a", calls), late] });
    expect((await faultOfAsync(() => engine.start())).fields).toMatchObject({ subsystem: "late" });
    expect(calls).toEqual(["start a", "stop a"]);
  });

  test("gives a failing setup as a fault", async () => {
    const engine = makeEngine({ ...emptyGame, setup: boom });
    expect(await faultOfAsync(() => engine.start())).toMatchObject({
      kind: "subsystem-failed",
      fields: { subsystem: "world", operation: "start" },
    });
    const tooMany = makeEngine({
      ...emptyGame,
      setup: ({ commands }) => {
        for (let i = 0; i < 200; i++) commands.spawn();
      },
    });
    expect(await faultOfAsync(() => tooMany.start())).toMatchObject({
      kind: "limit-reached",
      fields: { limit: "entities" },
    });
  });

  test("from stopped begins anew at tick 0 and gives the same hashes", async () => {
    const engine = makeEngine(smallGame, { seed: 3 });
    await engine.start();
    const first = stepHashes(engine, 120);
    engine.stop();
    expect(engine.status).toMatchObject({ state: "stopped", tick: 0 });
    await engine.start();
    expect(engine.status).toMatchObject({ state: "running", tick: 0, frame: 0, droppedTickCount: 0 });
    expect(stepHashes(engine, 120)).toEqual(first);
    expect(new Set(first).size).toBe(120);
    engine.dispose();
  });
});

describe("stop", () => {
  test("that fails in one part stops the others and is the fault of that part", async () => {
    const calls: string[] = [];
    const engine = makeEngine(emptyGame, {
      subsystems: [part("a", calls), part("b", calls, "stop"), part("c", calls)],
    });
    await engine.start();
    const fault = faultOf(() => engine.stop());
    expect(fault).toMatchObject({ kind: "subsystem-failed", fields: { subsystem: "b", operation: "stop" } });
    expect(calls.slice(3)).toEqual(["stop c", "stop b", "stop a"]);
    expect(engine.status).toMatchObject({ state: "faulted", fault });
    engine.dispose();
  });

  test("leaves no world, and using a disposable engine ends it", async () => {
    let engine: Engine;
    {
      using scoped = makeEngine();
      engine = scoped;
      await scoped.start();
      scoped.step();
    }
    expect(engine.status.state).toBe("stopped");
    expect(faultOf(() => engine.stop()).kind).toBe("disposed");
  });

  test("before start, and dispose before start, do nothing", () => {
    const calls: string[] = [];
    const engine = makeEngine(emptyGame, { subsystems: [part("a", calls)] });
    engine.stop();
    engine.dispose();
    engine[Symbol.dispose]();
    expect(calls).toEqual([]);
  });
});

describe("from inside", () => {
  test.each(["start", "stop", "step", "frame", "dispose"])(
    "a frame, %s is refused and the engine goes on",
    async (operation) => {
      const faults: unknown[] = [];
      const engine: Engine = makeEngine({
        ...emptyGame,
        subsystems: [
          defineSubsystem({
            name: "meddler",
            create: () => ({
              afterTick: () => {
                const result = operation === "start" ? undefined : faultOf(() => operations[operation]!(engine));
                if (result !== undefined) faults.push(result);
                else void faultOfAsync(() => engine.start()).then((fault) => faults.push(fault));
              },
            }),
          }),
        ],
      });
      await engine.start();
      engine.step();
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      expect(faults).toEqual([{ kind: "reentered", fields: { operation, during: "a frame" } }]);
      engine.step();
      expect(engine.status).toMatchObject({ state: "running", tick: 2 });
    },
  );

  test("a start, step is refused; a stop, start and step are", async () => {
    const faults: unknown[] = [];
    const engine: Engine = makeEngine({
      ...emptyGame,
      subsystems: [
        defineSubsystem({
          name: "meddler",
          create: () => ({
            start: () => void faults.push(faultOf(() => engine.step()).fields),
            stop: () => void faults.push(faultOf(() => engine.step()).fields, faultOf(() => engine.stop()).fields),
          }),
        }),
      ],
    });
    await engine.start();
    engine.stop();
    expect(faults).toMatchObject([
      { operation: "step", status: "starting" },
      { operation: "step", status: "stopping" },
      { operation: "stop", status: "stopping" },
    ]);
  });
});

describe("status", () => {
  test("names the world and each subsystem, in the order of starting, with its state", async () => {
    const calls: string[] = [];
    const engine = makeEngine(smallGame, { subsystems: [part("extra", calls)] });
    const states = () => engine.status.subsystems.map(({ name, state }) => `${name} ${state}`);
    const names = ["world", ...engine.program.parts.map(({ name }) => name)];
    expect(names).toEqual(["world", "transform", "snapshot", "jobs", "look", "physics", "extra"]);
    expect(states()).toEqual(names.map((name) => `${name} idle`));
    await engine.start();
    expect(states()).toEqual(names.map((name) => `${name} running`));
    engine.stop();
    expect(states()).toEqual(names.map((name) => `${name} idle`));
    engine.dispose();
  });

  test("a subsystem is found by its definition, a stranger is not", async () => {
    const known = part("known", []);
    const engine = makeEngine(emptyGame, { subsystems: [known] });
    await engine.start();
    expect(engine.of(known)).toBe(engine.program.parts.find(({ name }) => name === "known")?.subsystem);
    expect(faultOf(() => engine.of(part("stranger", [])))).toMatchObject({
      kind: "unknown-name",
      fields: { what: "subsystem", name: "stranger" },
    });
  });
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])("a seed of %d is refused", (seed) => {
  expect(() => makeEngine(emptyGame, { seed })).toThrow("the seed is a u32");
});

test("eight engines interleaved give the hashes that each gives alone", async () => {
  const seeds = [1, 2, 3, 4, 1, 2, 3, 4];
  const alone: string[][] = [];
  for (const seed of seeds.slice(0, 4)) {
    const engine = makeEngine(smallGame, { seed });
    await engine.start();
    alone.push(stepHashes(engine, 90));
    engine.dispose();
  }
  const engines = seeds.map((seed) => makeEngine(smallGame, { seed }));
  await Promise.all(engines.map((engine) => engine.start()));
  const side: string[][] = seeds.map(() => []);
  for (let tick = 0; tick < 90; tick++)
    for (const [i, engine] of engines.entries()) {
      side[i]?.push(...stepHashes(engine, 1));
      // One of them is stopped and begun anew in the middle: the others do not notice.
      if (i === 7 && tick === 40) {
        engine.stop();
        await engine.start();
        side[7] = [];
      }
    }
  expect(side.slice(0, 7)).toEqual([...alone, ...alone.slice(0, 3)]);
  expect(side[7]).toEqual(alone[3]?.slice(0, 49));
  for (const engine of engines) engine.dispose();
});
