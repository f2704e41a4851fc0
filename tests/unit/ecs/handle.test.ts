/** Handles: index and generation in one number, stale ones detected, everywhere they are given. */
import { describe, expect, test } from "vitest";
import { handleGenerationMask } from "../../../engine/base/limits.ts";
import type { Commands } from "../../../engine/ecs/commands.ts";
import { type Handle, handleGeneration, handleIndex, makeHandle } from "../../../engine/ecs/handle.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";
import { A, B } from "./model.ts";

test("a handle holds every index and generation and stays a u32", () => {
  for (const index of [0, 1, 0xfffff])
    for (const generation of [0, 1, 0x7ff, 0x800, 0xfff]) {
      const handle = makeHandle(index, generation);
      expect([handleIndex(handle), handleGeneration(handle), handle]).toEqual([
        index,
        generation,
        generation * 0x100000 + index,
      ]);
    }
  expect(makeHandle(5, handleGenerationMask + 1)).toBe(5);
});

describe("stale handles", () => {
  const world = () => {
    const small = smallWorld({ components: [A, B] });
    const [live, gone] = change(small, (commands) => [commands.spawn(A), commands.spawn(A)] as const);
    change(small, (commands) => commands.despawn(gone));
    const heir = change(small, (commands) => commands.spawn(A));
    expect([handleIndex(heir), handleGeneration(heir)]).toEqual([handleIndex(gone), 1]);
    return { small, live, gone };
  };
  const uses: Record<string, (commands: Commands, gone: Handle, live: Handle) => void> = {
    despawn: (commands, gone) => commands.despawn(gone),
    add: (commands, gone) => commands.add(gone, B),
    remove: (commands, gone) => commands.remove(gone, A),
    spawnChild: (commands, gone) => commands.spawnChild(gone, A),
    reparent: (commands, gone) => commands.reparent(gone, 0),
    "reparent (its parent)": (commands, gone, live) => commands.reparent(live, gone),
  };

  test.each(Object.keys(uses))("are a fault of %s, with both generations", (name) => {
    const { small, live, gone } = world();
    const fault = faultOf(() => change(small, (commands) => uses[name]?.(commands, gone, live)));
    const operation = `commands.${name.split(" ")[0]}`;
    expect(fault).toEqual({
      kind: "stale-handle",
      fields: { operation, entity: gone, index: 3, generation: 0, current: 1 },
    });
  });

  test.each([0, 0xffffffff, makeHandle(64, 1), makeHandle(65, 0), makeHandle(40, 0), -1, Number.NaN])(
    "%d is no entity, in look-ups and in commands",
    (handle) => {
      const { small } = world();
      expect([small.lookup.isAlive(handle), small.lookup.indexOf(handle), small.store.isAlive(handle)]).toEqual([
        false,
        0,
        false,
      ]);
      expect(faultOf(() => change(small, (commands) => commands.despawn(handle))).kind).toBe("stale-handle");
    },
  );

  test("look-ups give 0 for a stale one and the index for a live one", () => {
    const { small, live, gone } = world();
    expect([live, gone].map((handle) => [small.lookup.isAlive(handle), small.lookup.indexOf(handle)])).toEqual([
      [true, 2],
      [false, 0],
    ]);
    expect(small.lookup.handleOf(3)).toBe(makeHandle(3, 1));
  });

  test("an entity of this tick is alive at once and can be named by later commands", () => {
    const { small } = world();
    const e = change(small, (commands) => {
      const fresh = commands.spawn();
      expect(small.lookup.isAlive(fresh)).toBe(true);
      expect(small.lookup.has(handleIndex(fresh), A)).toBe(false);
      commands.add(fresh, A);
      commands.add(fresh, B);
      commands.remove(fresh, A);
      return fresh;
    });
    expect(small.store.componentsOf(handleIndex(e))).toEqual([B]);
  });

  test("a generation wraps after 4,096 lives of one slot, not earlier", () => {
    const small = smallWorld({ components: [A] });
    const first = change(small, (commands) => commands.spawn());
    let last = first;
    for (let life = 0; life <= handleGenerationMask; life++) {
      expect(handleGeneration(last)).toBe(life);
      expect(small.store.isAlive(first)).toBe(life === 0);
      last = change(small, (commands) => {
        commands.despawn(last);
        return last;
      });
      last = change(small, (commands) => commands.spawn());
      expect(handleIndex(last)).toBe(handleIndex(first));
    }
    expect(last).toBe(first);
  });
});
