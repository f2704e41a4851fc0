/** The hierarchy against a naive model: reparenting, subtrees that go, circles that are refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { handleIndex } from "../../../engine/ecs/handle.ts";
import { Family, Parent } from "../../../engine/ecs/hierarchy.ts";
import type { World } from "../../../engine/sim/world.ts";
import { testSeed } from "../seeds.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";
import { A, history, Model, modelWorld } from "./model.ts";

const seed = testSeed("hierarchy");

const childrenOf = (world: World, index: number): number[] => {
  const found: number[] = [];
  for (let child = world.hierarchy.firstChildOf(index); child !== 0; child = world.hierarchy.nextSiblingOf(child))
    found.push(child);
  return found;
};

test("1,000 histories: parents and ordered children equal a naive model", () => {
  fc.assert(
    fc.property(history, (phases) => {
      const world = modelWorld();
      const model = new Model(world);
      const previous = world.store.columnsOf(Family)["previous"] as Uint32Array;
      for (const phase of phases) {
        model.phase(world, phase);
        for (const { handle, parent, children } of model.things.values()) {
          const index = handleIndex(handle);
          const expected = children.map((child) => handleIndex(child.handle));
          expect(childrenOf(world, index)).toEqual(expected);
          expect(expected.map((child) => previous[child])).toEqual([0, ...expected].slice(0, expected.length));
          expect(world.hierarchy.parentOf(index)).toBe(parent === undefined ? 0 : handleIndex(parent.handle));
          expect(world.store.has(index, Parent)).toBe(parent !== undefined);
        }
      }
    }),
    { seed, numRuns: 1_000 },
  );
});

test("any circle is refused and changes nothing", () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), (phases, first, second) => {
      const world = modelWorld();
      const model = new Model(world);
      for (const phase of phases) model.phase(world, phase);
      const things = [...model.things.values()].slice(1);
      const top = things[first % Math.max(1, things.length)];
      if (top === undefined) return;
      const below = [top];
      for (const thing of below) below.push(...thing.children);
      const child = handleIndex(top.handle);
      const parent = handleIndex((below[second % below.length] as typeof top).handle);
      const before = Buffer.from(world.arena.buffer.slice(0));
      const fault = faultOf(() => world.hierarchy.attach(child, parent, 9));
      expect(fault).toEqual({ kind: "parent-cycle", fields: { child, parent } });
      expect(Buffer.compare(Buffer.from(world.arena.buffer.slice(0)), before)).toBe(0);
    }),
    { seed, numRuns: 200 },
  );
});

describe("commands", () => {
  test("spawnChild, reparent and despawn of a subtree, all within one phase", () => {
    const world = modelWorld();
    const all = world.query([A]);
    const [root, other] = change(world, (commands) => {
      const one = commands.spawn(A);
      const two = commands.spawn(A);
      const child = commands.spawnChild(one, A);
      const grandchild = commands.spawnChild(child, A);
      commands.spawnChild(grandchild, A);
      commands.reparent(grandchild, two);
      return [one, two];
    });
    expect([2, 3, 4, 5, 6].map((index) => world.hierarchy.parentOf(index))).toEqual([0, 0, 2, 3, 5]);
    change(world, (commands) => commands.despawn(root));
    expect([...all.entities]).toEqual([3, 5, 6]);
    change(world, (commands) => commands.despawn(other));
    expect([...all.entities]).toEqual([]);
    expect(world.store.aliveCount).toBe(1);
  });

  test("a child promised to a parent that goes in the same phase goes with it", () => {
    const world = modelWorld();
    const parent = change(world, (commands) => commands.spawn(A));
    const child = change(world, (commands) => {
      commands.despawn(parent);
      const promised = commands.spawnChild(parent, A);
      commands.spawnChild(promised, A);
      return promised;
    });
    expect(world.store.isAlive(child)).toBe(false);
    expect([...world.query([A]).entities]).toEqual([]);
    expect(world.store.aliveCount).toBe(1);
    expect(world.commands.skippedCount).toBe(2);
  });

  test("a child despawned before its parent, a parent before its child: each goes once", () => {
    const world = modelWorld();
    const [parent, child] = change(world, (commands) => {
      const top = commands.spawn(A);
      return [top, commands.spawnChild(top, A)] as const;
    });
    change(world, (commands) => {
      commands.despawn(parent);
      commands.despawn(child);
      commands.reparent(child, 0);
    });
    expect([world.store.aliveCount, world.commands.skippedCount]).toEqual([1, 2]);
  });

  test("a circle staged as a command is the fault of the structure phase", () => {
    const world = modelWorld();
    const fault = faultOf(() =>
      change(world, (commands) => {
        const a = commands.spawn(A);
        const b = commands.spawnChild(a, A);
        commands.reparent(a, b);
      }),
    );
    expect(fault).toEqual({ kind: "parent-cycle", fields: { child: 2, parent: 3 } });
  });

  test("Parent is not added as a component", () => {
    const world = modelWorld();
    const e = change(world, (commands) => commands.spawn(A));
    expect(faultOf(() => change(world, (commands) => commands.add(e, Parent))).kind).toBe("bad-definition");
    expect(faultOf(() => change(world, (commands) => commands.spawn(Parent.of({ handle: e })))).kind).toBe(
      "bad-definition",
    );
  });

  test("Parent is not removed as a component: the lists of children would still hold the child", () => {
    const world = modelWorld();
    const [parent, child] = change(world, (commands) => {
      const top = commands.spawn(A);
      return [top, commands.spawnChild(top, A)] as const;
    });
    try {
      change(world, (commands) => commands.remove(child, Parent));
    } catch {
      return;
    }
    change(world, (commands) => commands.despawn(parent));
    expect(world.store.isAlive(child)).toBe(true);
  });

  test("a chain of 2,000 is despawned without a deep stack", () => {
    const world = smallWorld({ components: [A], limits: { entities: 2_100 } });
    const top = change(world, (commands) => {
      const first = commands.spawn(A);
      let above = first;
      for (let i = 0; i < 2_000; i++) above = commands.spawnChild(above, A);
      return first;
    });
    expect(world.hierarchy.parentOf(2_002)).toBe(2_001);
    change(world, (commands) => commands.despawn(top));
    expect(world.store.aliveCount).toBe(1);
  });
});
