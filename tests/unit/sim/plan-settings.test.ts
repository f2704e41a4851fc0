/** Settings of a plan: any that are accepted keep every declared order, and each that is not is named with its reason. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultText } from "../../../engine/base/faults.ts";
import { phases } from "../../../engine/base/phases.ts";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import { type Game, gameSubsystems } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import {
  canonicalSettings,
  type PlanSettings,
  settingsFormProblems,
  settingsLines,
  settingsText,
} from "../../../engine/sim/plan-settings.ts";
import { compileProgram, type Program, planSettingsProblems } from "../../../engine/sim/program.ts";
import { defineSubsystem } from "../../../engine/sim/subsystem.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { faultOf } from "../small-world.ts";

const seed = testSeed("plan-settings");

const A = defineComponent("A", { x: f32 });
const B = defineComponent("B", { x: f32 });
const system = (name: string, more: Partial<AnySystem> = {}): AnySystem =>
  defineSystem({ name, phase: "gameplay", run: () => {}, ...more }) as AnySystem;

/** aim -> push -> tell over A, and three that are free; steer is of another phase. */
const systems: readonly AnySystem[] = [
  system("steer", { phase: "input" }),
  system("aim", { writes: [A] }),
  system("push", { writes: [A], after: ["aim"], before: ["tell"] }),
  system("tell", { reads: [A], after: ["aim"] }),
  system("blink", { writes: [B] }),
  system("count"),
  system("drift"),
];
const extra = defineSubsystem({
  name: "weather",
  create: () => ({ systems: [system("rain", { before: ["aim"] })] }),
});
const base = { id: "small", tickRate: 60, components: [A, B], systems, setup: () => {} };
const compile = (settings?: PlanSettings): Program => compileProgram(base, [extra], settings);
const namesOf = (program: Program, phase = "gameplay"): readonly string[] =>
  program.plan.phases.find(({ name }) => name === phase)!.systems.map(({ name }) => name);
const refused = (settings: unknown): string => faultText(faultOf(() => compile(settings as PlanSettings)));

describe("order", () => {
  test("moves free systems and nothing else, and is part of the plan", () => {
    const plain = compile();
    expect(namesOf(plain)).toEqual(["blink", "count", "drift", "rain", "aim", "push", "tell"]);
    const other = compile({
      order: [
        ["drift", "count", "blink"],
        ["tell", "count"],
      ],
    });
    expect(namesOf(other)).toEqual(["drift", "rain", "aim", "push", "tell", "count", "blink"]);
    expect(other.planHash).not.toBe(plain.planHash);
    expect(other.schemaHash).toBe(plain.schemaHash);
    expect(other.plan.phases.flatMap((phase) => phase.systems).find(({ name }) => name === "count")!.after).toEqual([
      "drift",
      "tell",
    ]);
  });

  test("against a declared order is refused with both names and the constraint", () => {
    expect(
      refused({
        order: [
          ["count", "drift"],
          ["drift", "push", "aim"],
        ],
      }),
    ).toBe(
      'The settings cannot be used: order[1][2]: it wishes for "push" before "aim", but "push" declares `after: ["aim"]` (both touch A).',
    );
    expect(refused({ order: [["tell", "aim"]] })).toBe(
      'The settings cannot be used: order[0][1]: it wishes for "tell" before "aim", but "tell" declares `after: ["aim"]` (both touch A).',
    );
    expect(refused({ order: [["tell", "rain"]] })).toBe(
      'The settings cannot be used: order[0][1]: it wishes for "tell" before "rain", but "rain" declares `before: ["aim"]`, and "tell" declares `after: ["aim"]` (both touch A).',
    );
    expect(refused({ order: [["tell", "push"]] })).toBe(
      'The settings cannot be used: order[0][1]: it wishes for "tell" before "push", but "push" declares `before: ["tell"]` (both touch A).',
    );
  });

  test("against another wish is refused with the way round", () => {
    expect(
      refused({
        order: [
          ["blink", "drift"],
          ["drift", "count"],
          ["count", "blink"],
        ],
      }),
    ).toBe(
      'The settings cannot be used: order[2][1]: it wishes for "count" before "blink", but another wish puts "blink" before "drift", and another wish puts "drift" before "count".',
    );
    expect(refused({ order: [["blink", "drift", "blink"]] })).toContain('another wish puts "blink" before "drift"');
    expect(refused({ order: [["blink", "blink"]] })).toContain('it wishes for "blink" before itself');
  });

  test("over the border of a phase, of one system, and of unknown systems is refused", () => {
    expect(refused({ order: [["steer", "aim"]] })).toContain(
      'the one is of phase "input" and the other of phase "gameplay"',
    );
    expect(refused({ order: [["aim"]] })).toBe("The settings cannot be used: order[0]: it names one system only.");
    expect(refused({ order: [["aim", "pusch"]] })).toContain('there is no system "pusch"');
    expect(planSettingsProblems(base, [extra], { order: [["aim", "pusch"], []] })).toEqual([
      { path: ["order", 0, 1], problem: 'there is no system "pusch"', remedy: 'Did you mean "push"?' },
      {
        path: ["order", 1],
        problem: "it names no system",
        remedy: 'Name at least two systems, such as ["first", "second"].',
      },
    ]);
  });
});

describe("disabled", () => {
  test("systems leave; what they stood between keeps its order, by wishes as well", () => {
    const program = compile({
      disabled: ["push", "drift", "aim"],
      order: [
        ["drift", "count"],
        ["blink", "drift"],
      ],
    });
    expect(namesOf(program)).toEqual(["blink", "count", "rain", "tell"]);
    const { systems: left } = program.plan.phases.find(({ name }) => name === "gameplay")!;
    expect(left.map(({ after }) => after)).toEqual([[], ["blink"], [], ["rain"]]);
    expect(program.schemaHash).toBe(compile().schemaHash);
  });

  test("systems of subsystems stay", () => {
    expect(refused({ disabled: ["rain"] })).toBe(
      'The settings cannot be used: disabled[0]: the system "rain" belongs to the subsystem "weather" and cannot be disabled.',
    );
    const physical: Game = { ...base, physics: { gravity: [0, -9.81, 0] } };
    expect(planSettingsProblems(physical, gameSubsystems(physical), { disabled: ["push-bodies", "blink"] })).toEqual([
      expect.objectContaining({
        path: ["disabled", 0],
        problem: 'the system "push-bodies" belongs to the subsystem "physics" and cannot be disabled',
      }),
    ]);
  });

  test("streams of chance are attached to names, whatever runs before them", () => {
    const drawn = new Map<string, number>();
    const drawing = ["one", "two", "three"].map((name) =>
      defineSystem({ name, phase: "gameplay", run: ({ random }) => drawn.set(name, random.u32()) && undefined }),
    ) as readonly AnySystem[];
    const draw = (settings: PlanSettings): Record<string, number> => {
      drawn.clear();
      const game = { ...base, systems: drawing };
      new World(compileProgram(game, [], settings), 7, new ManualClock()).tick();
      return Object.fromEntries([...drawn].sort());
    };
    const all = draw({});
    expect(draw({ order: [["two", "three", "one"]] })).toEqual(all);
    const { one: _, ...others } = all;
    expect(draw({ disabled: ["one"] })).toEqual(others);
  });
});

describe("time", () => {
  test("the rate is the program's, what a frame makes is its pace, and the limits stay", () => {
    const program = compile({ tick: { rate: 30, perFrameMax: 2, overload: "slow" } });
    expect([program.tickRate, program.pace]).toEqual([30, { ticksPerFrame: 2, overload: "slow" }]);
    expect([program.limits, program.planHash]).toEqual([compile().limits, compile().planHash]);
    expect(compile().pace).toEqual({ ticksPerFrame: 5, overload: "drop" });
  });
});

describe("form", () => {
  test("settings that mean the same have one text", () => {
    const one: PlanSettings = {
      tick: { rate: 30, overload: "slow" },
      disabled: ["b", "a", "b"],
      order: [
        ["y", "z"],
        ["x", "a"],
      ],
    };
    const other: PlanSettings = {
      priorities: {},
      order: [
        ["x", "a"],
        ["y", "z"],
      ],
      disabled: ["a", "b"],
      tick: { overload: "slow", rate: 30 },
    };
    expect(settingsText(one)).toBe(settingsText(other));
    expect(settingsText(one)).toBe(
      '{"disabled":["a","b"],"order":[["x","a"],["y","z"]],"tick":{"overload":"slow","rate":30}}',
    );
    expect(settingsText({ order: [], disabled: [], priorities: {}, tick: {} })).toBe("{}");
    expect([settingsLines(one), settingsLines({})]).toEqual([settingsLines(other), []]);
    expect(compile(one === undefined ? {} : { tick: { rate: 30 } }).settings).toEqual({ tick: { rate: 30 } });
  });

  test.each([
    [null, "the settings: it is null"],
    [[], "the settings: it is []"],
    [{ odrer: [] }, 'odrer: there is no setting "odrer"'],
    [{ order: [5] }, "order[0]: it is 5"],
    [{ order: [["a", 5]] }, "order[0][1]: it is 5"],
    [{ disabled: "aim" }, 'disabled: it is "aim"'],
    [{ priorities: { grid: 0.5 } }, "priorities.grid: it is 0.5"],
    [{ priorities: null }, "priorities: it is null"],
    [{ tick: { rate: 0 } }, "tick.rate: it is 0"],
    [{ tick: { rate: 1_001 } }, "tick.rate: it is 1001"],
    [{ tick: { perFrameMax: "4" } }, 'tick.perFrameMax: it is "4"'],
    [{ tick: { overload: "catch-up" } }, 'tick.overload: it is "catch-up"'],
    [{ tick: 60 }, "tick: it is 60"],
  ])("%j is refused", (settings, text) => {
    expect(settingsFormProblems(settings)).toHaveLength(1);
    expect(refused(settings)).toContain(text);
  });

  test("anything at all is refused or compiled, never thrown over", () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom("order", "disabled", "priorities", "tick", "rate", "0") }),
        (value) => {
          const problems = settingsFormProblems(value);
          if (problems.length === 0) canonicalSettings(value as PlanSettings);
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});

describe("any settings of any plan", () => {
  /** Systems that touch some of three components, each after some of those before it in a hidden order. */
  const plans = fc.integer({ min: 2, max: 9 }).chain((count) =>
    fc.record({
      names: fc.shuffledSubarray([..."abcdefghi"].slice(0, count), { minLength: count }),
      touches: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
        minLength: count,
        maxLength: count,
      }),
      links: fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count }),
      sides: fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count }),
    }),
  );
  const parts = [A, B, defineComponent("C", { x: f32 })] as readonly Component[];

  test("that are accepted keep every declared order and every wish; those that are not would break one", () => {
    fc.assert(
      fc.property(
        plans,
        fc.array(fc.array(fc.constantFrom(..."abcdefghi"), { minLength: 2, maxLength: 4 }), { maxLength: 3 }),
        fc.subarray([..."abcdefghi"]),
        ({ names, touches, links, sides }, order, disabled) => {
          const built = names.map((name, at) => ({
            name,
            reads: new Set<Component>(),
            writes: new Set<Component>(),
            after: [] as string[],
            before: [] as string[],
            at,
          }));
          built.forEach(({ reads, writes, at }) => {
            const [read, write] = touches[at]!;
            if (parts[read] !== undefined) reads.add(parts[read]);
            if (parts[write] !== undefined) writes.add(parts[write]);
          });
          const pairs: [string, string][] = [];
          for (const later of built)
            for (const earlier of built.slice(0, later.at)) {
              const clash =
                [...later.writes].some((part) => earlier.reads.has(part) || earlier.writes.has(part)) ||
                [...later.reads].some((part) => earlier.writes.has(part));
              const place = later.at * names.length + earlier.at;
              if (!clash && !(links[place] && links[place + 1])) continue;
              pairs.push([earlier.name, later.name]);
              if (sides[place]) later.after.push(earlier.name);
              else earlier.before.push(later.name);
            }
          const game = {
            ...base,
            components: parts,
            systems: built.map(({ name, reads, writes, after, before }) =>
              system(name, { reads: [...reads], writes: [...writes], after, before }),
            ),
          };
          const settings: PlanSettings = {
            order: order.map((list) => list.filter((name) => names.includes(name))).filter((list) => list.length > 1),
            disabled: disabled.filter((name) => names.includes(name)),
          };
          const wishes = settings.order!.flatMap((list) => list.slice(1).map((name, at) => [list[at]!, name] as const));
          const problems = planSettingsProblems(game, [], settings);
          // By brute force: whether declared order and wishes together leave any order.
          const before = [...pairs, ...wishes];
          const rest = new Set(names);
          for (let free = true; free; ) {
            const next = [...rest].filter((name) => !before.some(([a, b]) => b === name && rest.has(a)));
            free = next.length > 0;
            for (const name of next) rest.delete(name);
          }
          expect(problems.length === 0).toBe(rest.size === 0);
          if (problems.length > 0) {
            expect(faultOf(() => compileProgram(game, [], settings)).kind).toBe("settings-refused");
            return;
          }
          const program = compileProgram(game, [], settings);
          const order_ = namesOf(program);
          expect([...order_].sort()).toEqual(names.filter((name) => !settings.disabled!.includes(name)).sort());
          // The order that is declared or wished, through those that are left out as well.
          const after = new Map(names.map((name) => [name, new Set<string>()]));
          for (let round = 0; round < names.length; round++)
            for (const [a, b] of before) for (const name of [a, ...after.get(a)!]) after.get(b)!.add(name);
          order_.forEach((name, at) => {
            for (const later of order_.slice(at + 1)) expect(after.get(name)!.has(later)).toBe(false);
          });
          expect(compileProgram(game, [], program.settings).planHash).toBe(program.planHash);
        },
      ),
      { seed, numRuns: 400 },
    );
  });

  test("every phase is there, whatever is left out", () => {
    const program = compile({ disabled: ["steer", "aim", "push", "tell", "blink", "count", "drift"] });
    expect(program.plan.phases.map(({ name }) => name)).toEqual(phases.map(({ name }) => name));
    expect(namesOf(program)).toEqual(["rain"]);
  });
});
