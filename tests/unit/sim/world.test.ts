/** A world's tick: what systems are given, and the hash of what they leave. */
import { describe, expect, test } from "vitest";
import type { Commands } from "../../../engine/ecs/commands.ts";
import { type Component, defineComponent } from "../../../engine/ecs/component.ts";
import { array, f32, f64, mat4, u32 } from "../../../engine/ecs/field.ts";
import type { Handle } from "../../../engine/ecs/handle.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { StateHash } from "../../../engine/sim/state-hash.ts";
import { type AnySystem, defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { Draws, testSeed } from "../seeds.ts";
import { change, faultOf, type SmallWorldOptions, smallWorld } from "../small-world.ts";

const seed = testSeed("world");
const A = defineComponent("A", { x: f32, n: u32 });

const hashOf = (world: World): string => `${world.hash.high.toString(16)}-${world.hash.low.toString(16)}`;

describe("the context", () => {
  test("has the tick, its length, and what was declared", () => {
    const seen: unknown[] = [];
    const look = defineSystem({
      name: "look",
      phase: "gameplay",
      query: [A],
      queries: { same: [A] },
      reads: [A],
      run: ({ tick, deltaSeconds, entities, members, columns }) => {
        seen.push([tick, deltaSeconds, [...entities], [...members.same], Object.keys(columns), columns.A.n[2]]);
      },
    });
    const world = smallWorld({
      tickRate: 50,
      components: [A],
      systems: [look],
      setup: ({ commands }) => {
        commands.spawn(A.of({ n: 7 }));
      },
    });
    world.tick();
    change(world, (commands) => commands.spawn(A));
    world.tick();
    expect(seen).toEqual([
      [1, 0.02, [2], [2], ["A"], 7],
      [2, 0.02, [2, 3], [2, 3], ["A"], 7],
    ]);
  });

  test("members change in the structure phase only: transforms of the same tick see them", () => {
    const seen: string[] = [];
    const look = (name: string, phase: "input" | "gameplay" | "transforms", rest: object = {}): AnySystem =>
      ({
        name,
        phase,
        query: [A],
        run: ({ entities, tick }: { entities: Uint32Array; tick: number }) =>
          seen.push(`${tick} ${name} ${[...entities]}`),
        ...rest,
      }) as AnySystem;
    const world = smallWorld({
      components: [A],
      systems: [
        look("before", "input"),
        defineSystem({ name: "a-spawn", phase: "gameplay", run: ({ commands }) => void commands.spawn(A) }),
        look("during", "gameplay", { after: ["a-spawn"] }),
        look("after", "transforms"),
      ],
    });
    world.tick();
    world.tick();
    expect(seen).toEqual(["1 before ", "1 during ", "1 after 2", "2 before 2", "2 during 2", "2 after 2,3"]);
  });

  test("behind the structure phase nothing is staged: no save would have it", () => {
    const acts: Record<string, (commands: Commands, entity: Handle) => void> = {
      spawn: (commands) => commands.spawn(A),
      spawnChild: (commands, entity) => commands.spawnChild(entity, A),
      despawn: (commands, entity) => commands.despawn(entity),
      add: (commands, entity) => commands.add(entity, A.of({ n: 2 })),
      remove: (commands, entity) => commands.remove(entity, A),
      reparent: (commands, entity) => commands.reparent(entity, 0),
    };
    const raised = Object.keys(acts).map((operation) => {
      const late = defineSystem({
        name: "late",
        phase: "transforms",
        query: [A],
        run: ({ commands, entities, world }) => acts[operation]!(commands, world.handleOf(entities[0]!)),
      });
      const world = smallWorld({
        components: [A],
        systems: [late],
        setup: ({ commands }) => void commands.spawn(A),
      });
      const { kind, fields } = faultOf(() => world.tick());
      expect(world.commands.stagedCount).toBe(0);
      return [kind, fields];
    });
    expect(raised).toEqual(
      Object.keys(acts).map((operation) => [
        "system-threw",
        expect.objectContaining({
          ...{ system: "late", phase: "transforms", tick: 1 },
          message: expect.stringContaining(
            `E0309 \`${operation}\` was called outside a tick, or behind its structure phase.`,
          ),
        }),
      ]),
    );
  });

  test("a world is not saved with commands staged", () => {
    const world = smallWorld({ components: [A] });
    world.commands.isOpen = true;
    world.commands.spawn(A);
    expect(() => world.save()).toThrow("with nothing staged");
  });

  test("events live for one tick, in the order of the plan", () => {
    const Note = defineEvent("Note", { by: u32, tick: u32 });
    const heard: string[] = [];
    const tell = (name: string, by: number, after: string[]) =>
      defineSystem({
        name,
        phase: "gameplay",
        emits: [Note],
        after,
        run: ({ events, tick }) => events.Note.emit({ by, tick }),
      });
    const hear = defineSystem({
      name: "hear",
      phase: "transforms",
      hears: [Note],
      run: ({ events: { Note: notes } }) => {
        for (let row = 0; row < notes.count; row++) heard.push(`${notes.columns.by[row]}@${notes.columns.tick[row]}`);
      },
    });
    const early = defineSystem({
      name: "early",
      phase: "input",
      hears: [Note],
      run: ({ events }) => void heard.push(`early ${events.Note.count}`),
    });
    const world = smallWorld({
      events: [Note],
      systems: [tell("two", 2, ["one"]), tell("one", 1, []), hear, early],
    });
    world.tick();
    world.tick();
    expect(heard).toEqual(["early 0", "1@1", "2@1", "early 0", "1@2", "2@2"]);
  });
});

describe("the hash", () => {
  const Mixed = defineComponent("Mixed", { a: f32, b: f64, c: array(u32, 3), m: mat4 });
  const churn: SmallWorldOptions = {
    components: [A, Mixed],
    systems: [
      defineSystem({
        name: "churn",
        phase: "gameplay",
        query: [Mixed],
        writes: [Mixed],
        run: ({ entities, columns, random, commands, world, tick }) => {
          for (const e of entities) {
            columns.Mixed.a[e] = random.unit();
            columns.Mixed.m[e * 16 + (tick % 16)] = random.between(-1, 1);
          }
          if (entities.length < 30) commands.spawn(Mixed.of({ b: random.unit() }));
          if (entities.length > 10 && random.chance(0.5))
            commands.despawn(world.handleOf(entities[random.below(entities.length)] as number));
        },
      }),
    ],
    setup: ({ commands, random }) => {
      for (let i = 0; i < 20; i++) commands.spawn(Mixed.of({ a: random.unit() }), A);
    },
  };
  const run = (options: SmallWorldOptions, ticks: number): string[] => {
    const world = smallWorld(options);
    return Array.from({ length: ticks }, () => {
      world.tick();
      return hashOf(world);
    });
  };

  test("is the same for the same seed, another for another, and never twice the same", () => {
    const hashes = run({ ...churn, seed: 5 }, 200);
    expect(run({ ...churn, seed: 5 }, 200)).toEqual(hashes);
    expect(run({ ...churn, seed: 6 }, 1)[0]).not.toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(200);
  });

  test("is chained: equal states after different pasts differ", () => {
    const one = smallWorld({ components: [A] });
    const other = smallWorld({ components: [A] });
    change(one, (commands) => commands.spawn(A.of({ x: 1 })));
    change(other, (commands) => commands.spawn(A.of({ x: 2 })));
    one.tick();
    other.tick();
    expect(hashOf(one)).not.toBe(hashOf(other));
    (other.store.columnsOf(A)["x"] as Float32Array)[2] = 1;
    one.tick();
    other.tick();
    expect([...one.hash.results]).toEqual([...other.hash.results]);
    expect(one.hash.low).not.toBe(other.hash.low);
    expect(one.hash.high).not.toBe(other.hash.high);
  });

  test("covers every column: one bit anywhere in the used state changes it", () => {
    const draws = new Draws(seed);
    const build = (): World => {
      const world = smallWorld({ ...churn, systems: [], seed: 1 });
      world.tick();
      return world;
    };
    const reference = build();
    reference.tick();
    for (const { name, byteOffset, slotBytes, counter, counterIndex } of reference.hash.spans) {
      const byteLength = slotBytes * (counter[counterIndex] as number);
      if (byteLength === 0) continue;
      const world = build();
      const at = byteOffset + draws.below(byteLength);
      new Uint8Array(world.arena.buffer)[at]! ^= 1 << draws.below(8);
      // The structural words are the store's own; only the hash looks at them here.
      world.hash.update(2);
      expect(`${name} ${hashOf(world)}`).not.toBe(`${name} ${hashOf(reference)}`);
    }
    const names = reference.hash.spans.map((span) => span.name);
    const missing = reference.arena.regions.map(({ name }) => name).filter((name) => !names.includes(name));
    expect(missing).toEqual([
      "Header",
      "Entities.sparse",
      "Entities.used",
      "Entities.changed",
      "Scratch.hashTable",
      "Scratch.hashResults",
      "Scratch.snapshot",
    ]);
  });

  test("is the same by kernel and by TypeScript, over a churning world", () => {
    const one = smallWorld({ ...churn, seed: 9 });
    const other = smallWorld({ ...churn, seed: 9 });
    const region = (name: string) =>
      other.arena.regions.find((candidate) => candidate.name === name) as (typeof other.arena.regions)[number];
    const plain = new StateHash(
      other.arena,
      { table: region("Scratch.hashTable"), results: region("Scratch.hashResults") },
      other.hash.spans,
      new Uint32Array(16),
      undefined,
    );
    for (let tick = 1; tick <= 50; tick++) {
      one.tick();
      other.tick();
      const byKernel = [...other.hash.results];
      plain.update(tick);
      expect([...plain.results].slice(0, plain.spans.length * 2)).toEqual(byKernel.slice(0, plain.spans.length * 2));
      expect(plain.coveredBytes).toBe(other.hash.coveredBytes);
      expect(hashOf(other)).toBe(hashOf(one));
    }
  });

  test("many worlds side by side hash as alone", () => {
    const alone = [1, 2, 3].map((each) => run({ ...churn, seed: each }, 60));
    const worlds = [1, 2, 3].map((each) => smallWorld({ ...churn, seed: each }));
    const side: string[][] = [[], [], []];
    for (let tick = 0; tick < 60; tick++)
      worlds.forEach((world, i) => {
        world.tick();
        side[i]?.push(hashOf(world));
      });
    expect(side).toEqual(alone);
  });
});

test("a definition's component may be in many worlds: each has columns of its own", () => {
  const shared: Component = A;
  const worlds = [smallWorld({ components: [shared] }), smallWorld({ components: [shared] })];
  for (const [i, world] of worlds.entries()) change(world, (commands) => commands.spawn(shared.of({ x: i + 1 })));
  expect(worlds.map((world) => world.store.columnsOf(shared)["x"]?.[2])).toEqual([1, 2]);
});
