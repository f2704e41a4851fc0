/**
 * The hash tree and its ring: a tree says of every node what brute force says of its bytes, two rings part at the very
 * tick and column where one bit was flipped, and a rewound or overtaken ring never shows rows of another line.
 */
import { describe, expect, test } from "vitest";
import { HashRing, hashRingSubsystem } from "../../../engine/audit/hash-ring.ts";
import { type HashNode, HashShape, HashTree } from "../../../engine/audit/hash-tree.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32, f64, u8 } from "../../../engine/ecs/field.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineEvent } from "../../../engine/events/event.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import { tumble } from "../../games/tumble.ts";
import { Draws, testSeed } from "../seeds.ts";
import { smallWorld } from "../small-world.ts";

const Velocity = defineComponent("Velocity", { x: f32, y: f32 });
const Mass = defineComponent("Mass", { total: f64 });
const Hit = defineEvent("Hit", { points: u8 });

function movingWorld(seed = 1): World {
  const move = defineSystem({
    name: "move",
    phase: "gameplay",
    query: [Velocity],
    writes: [Velocity],
    emits: [Hit],
    run({ entities, columns: { Velocity }, random, events, tick }) {
      for (const e of entities) Velocity.x[e] = random.unit();
      if (tick % 3 === 0) events.Hit.emit({ points: tick % 200 });
    },
  });
  return smallWorld({
    seed,
    components: [Velocity, Mass],
    events: [Hit],
    systems: [move],
    setup: ({ commands }) => {
      for (let i = 0; i < 5; i++) commands.spawn(Velocity, Mass.of({ total: i }));
    },
  });
}

const nodesOf = (node: HashNode): HashNode[] => [node, ...node.below.flatMap(nodesOf)];

function ringOf(world: World, tickCount = 16): { ring: HashRing; step: () => void } {
  const ring = HashRing.allocate(new HashShape(world), tickCount);
  return {
    ring,
    step: () => {
      world.tick();
      ring.note(world);
    },
  };
}

describe("a tree", () => {
  test("has a node for each column, component, event, stream and group", () => {
    const world = movingWorld();
    const names = nodesOf(new HashShape(world).root).map(({ name, depth }) => `${"  ".repeat(depth)}${name}`);
    const shown = names.filter((name) => !/AuthoredId|Config|Controls|Family|Parent|Player/.test(name));
    expect(shown).toEqual([
      "tick",
      "  structure",
      "    Entities.dense",
      "    Entities.generation",
      "    Entities.mask0",
      "  components",
      "    Mass",
      "      Mass.total",
      "    Velocity",
      "      Velocity.x",
      "      Velocity.y",
      "  events",
      "    Events.counts",
      "    Events.before",
      "    Events.dropped",
      "    Events.droppedTotal",
      "    Hit",
      "      Hit.points",
      "  input",
      "    Input.seats",
      "  resources",
      "    Resources.versions",
      "  random",
      "    stream of move",
      "    stream of setup",
    ]);
  });

  test("of a game has what a subsystem brings below its name, and the memory of parts where it is asked for", async () => {
    const ringOptions = { seconds: 1, memory: true };
    const part = hashRingSubsystem(ringOptions);
    const engine = new Engine(tumble, { clock: new ManualClock() }, { seed: 3, subsystems: [part] });
    await engine.start();
    for (let tick = 0; tick < 3; tick++) engine.step();
    const { ring } = engine.of(part);
    const { root } = ring!.shape;
    const group = (name: string): string[] =>
      root.below.find((node) => node.name === name)!.below.map(({ name }) => name);
    expect(root.below.map(({ name }) => name)).toEqual(expect.arrayContaining(["physics", "transform", "components"]));
    expect(group("physics")).toContain("BodyState");
    expect(group("memory")).toContain("memory of physics");
    const memory = nodesOf(root).find(({ name }) => name === "memory of physics")!;
    // The memory changes from tick to tick while bodies fall.
    expect(ring!.tree(2)!.hashOf(memory)).not.toEqual(ring!.tree(3)!.hashOf(memory));
    expect([ring!.firstTick, ring!.lastTick]).toEqual([1, 3]);
    engine.dispose();
  });

  test("differs from another in exactly the nodes above a changed column", () => {
    const [one, other] = [movingWorld(), movingWorld()];
    one.tick();
    other.tick();
    const shape = new HashShape(one);
    const before = HashTree.of(shape, one);
    expect(before.differences(HashTree.of(new HashShape(other), other))).toEqual([]);
    other.store.columnsOf(Velocity)["y"]![3] = 2 ** -149;
    one.tick();
    other.tick();
    const found = HashTree.of(shape, one).differences(HashTree.of(new HashShape(other), other));
    expect(found.map(({ path }) => path.join(" > "))).toEqual([
      "tick",
      "tick > components",
      "tick > components > Velocity",
      "tick > components > Velocity > Velocity.y",
    ]);
    expect(found.every(({ ours, theirs }) => /^[0-9a-f]{16}$/.test(ours) && ours !== theirs)).toBe(true);
  });
});

describe("a ring", () => {
  test("holds the last ticks, each with its own tree, also for another thread's view of its memory", () => {
    const world = movingWorld();
    const { ring, step } = ringOf(world, 4);
    const texts: string[] = [];
    for (let tick = 1; tick <= 10; tick++) {
      step();
      texts.push(HashTree.of(ring.shape, world).text());
    }
    const view = new HashRing(new HashShape(movingWorld()), ring.buffer);
    expect([view.firstTick, view.lastTick]).toEqual([7, 10]);
    expect([6, 11].map((tick) => view.tree(tick))).toEqual([undefined, undefined]);
    for (const tick of [7, 8, 9, 10]) expect(view.tree(tick)!.text()).toBe(texts[tick - 1]);
    expect(view.tree(10)!.chain).toEqual({ low: world.hash.low, high: world.hash.high });
  });

  test("that was rewound shows the new line only, and nothing that was overwritten before", () => {
    const world = movingWorld();
    const { ring, step } = ringOf(world, 8);
    let saved: ReturnType<World["save"]> | undefined;
    for (let tick = 1; tick <= 20; tick++) {
      step();
      if (tick === 15) saved = world.save();
    }
    world.restore(saved!);
    world.store.columnsOf(Velocity)["y"]![2] = 1;
    step();
    expect([ring.firstTick, ring.lastTick]).toEqual([13, 16]);
    expect(ring.tree(17)).toBeUndefined();
    expect(ring.tree(12)).toBeUndefined();
    const straight = ringOf(movingWorld(), 32);
    for (let tick = 1; tick <= 20; tick++) straight.step();
    expect(ring.firstDifference(straight.ring)).toBe(16);
    for (let tick = 17; tick <= 40; tick++) step();
    expect([ring.firstTick, ring.lastTick]).toEqual([33, 40]);
  });

  test("begins anew behind a gap", () => {
    const world = movingWorld();
    const { ring, step } = ringOf(world, 8);
    for (let tick = 1; tick <= 3; tick++) step();
    for (let tick = 4; tick <= 6; tick++) world.tick();
    step();
    expect([ring.firstTick, ring.lastTick]).toEqual([7, 7]);
  });

  test("finds one flipped bit of one column at one tick, wherever it was planted", () => {
    const draws = new Draws(testSeed("hash-tree"));
    for (let round = 0; round < 40; round++) {
      const [one, other] = [movingWorld(round), movingWorld(round)];
      const ours = ringOf(one, 64);
      const theirs = ringOf(other, 64);
      const flippedTick = 1 + draws.below(20);
      const [component, field, bytesEach] = draws.pick([
        [Velocity, "y", 4],
        [Mass, "total", 8],
      ] as const);
      const column = other.store.columnsOf(component)[field]!;
      const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
      const entity = 2 + draws.below(5);
      // Not the exponent: the flip must not make a NaN, which is a fault of its own.
      const at = entity * bytesEach + draws.below(bytesEach - 2);
      for (let tick = 1; tick <= 24; tick++) {
        if (tick === flippedTick) bytes[at]! ^= 1 << draws.below(8);
        ours.step();
        theirs.step();
      }
      expect(ours.ring.firstDifference(theirs.ring)).toBe(flippedTick);
      const found = ours.ring.tree(flippedTick)!.differences(theirs.ring.tree(flippedTick)!);
      expect(found.map(({ node }) => node.name)).toEqual([
        "tick",
        "components",
        component.name,
        `${component.name}.${field}`,
      ]);
    }
  });

  test("shows an unsorted iteration: the same members summed in another order part in the column that holds the sum", () => {
    const Sum = defineComponent("Sum", { total: f32 });
    // The order in which a set was filled is its order of iteration: history, which no state holds.
    const members = (reversed: boolean) => new Set(reversed ? [6, 5, 4, 3, 2] : [2, 3, 4, 5, 6]);
    const world = (reversed: boolean): World =>
      smallWorld({
        components: [Velocity, Sum],
        systems: [
          defineSystem({
            name: "add-up",
            phase: "gameplay",
            query: [Velocity],
            reads: [Velocity],
            writes: [Sum],
            run({ columns: { Velocity, Sum }, tick }) {
              if (tick < 4) return;
              let total = Math.fround(0);
              for (const e of members(reversed)) total = Math.fround(total + Velocity.x[e]!);
              Sum.total[2] = total;
            },
          }),
        ],
        setup: ({ commands }) => {
          commands.spawn(Velocity.of({ x: 0.1 }), Sum);
          for (const x of [1e8, 3.3, -1e8, 0.7]) commands.spawn(Velocity.of({ x }));
        },
      });
    const sorted = ringOf(world(false));
    const unsorted = ringOf(world(true));
    for (let tick = 0; tick < 6; tick++) {
      sorted.step();
      unsorted.step();
    }
    expect(sorted.ring.firstDifference(unsorted.ring)).toBe(4);
    const found = sorted.ring.tree(4)!.differences(unsorted.ring.tree(4)!);
    expect(found.at(-1)!.path).toEqual(["tick", "components", "Sum", "Sum.total"]);
  });
});
