/** Authored ids: one entity an id, found while it lives, free again when it is gone. */
import { expect, test } from "vitest";
import { AuthoredId } from "../../../engine/ecs/authored-ids.ts";
import type { World } from "../../../engine/sim/world.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";

const named = (id: number) => AuthoredId.of({ id });
const find = (world: World, ...ids: readonly number[]): number[] =>
  ids.map((id) => world.lookup.authored(id) & 0xfffff);

test("an id is found from the structure phase of its spawn until that of its despawn", () => {
  const world = smallWorld();
  const e = change(world, (commands) => {
    const fresh = commands.spawn(named(7));
    expect(find(world, 7)).toEqual([0]);
    commands.spawn(named(4_294_967_295));
    return fresh;
  });
  expect(world.lookup.authored(7)).toBe(e);
  expect(find(world, 7, 4_294_967_295, 8, 0)).toEqual([2, 3, 0, 0]);
  change(world, (commands) => commands.despawn(e));
  expect(find(world, 7)).toEqual([0]);
});

test("an id goes from one entity to the next within a phase, by despawn, by removal and by a change of number", () => {
  const world = smallWorld();
  const [one, two] = change(world, (commands) => [commands.spawn(named(1)), commands.spawn(named(2))] as const);
  change(world, (commands) => {
    commands.despawn(one);
    commands.spawn(named(1));
  });
  expect(find(world, 1, 2)).toEqual([4, 3]);
  change(world, (commands) => {
    commands.remove(two, AuthoredId);
    commands.spawn(named(2));
  });
  expect(find(world, 1, 2)).toEqual([4, 2]);
  change(world, (commands) => commands.add(world.store.handleOf(4), named(9)));
  expect(find(world, 1, 2, 9)).toEqual([0, 2, 4]);
  change(world, (commands) => commands.spawn(named(1)));
  expect(find(world, 1)).toEqual([5]);
});

test("two entities of one id are a fault, whichever way they come by it", () => {
  const fault = { kind: "duplicate-name", fields: { what: "authored id", name: "5" } };
  expect(
    faultOf(() => change(smallWorld(), (commands) => [commands.spawn(named(5)), commands.spawn(named(5))])),
  ).toEqual(fault);
  const world = smallWorld();
  const [, other] = change(world, (commands) => [commands.spawn(named(5)), commands.spawn(named(6))]);
  expect(faultOf(() => change(world, (commands) => commands.add(other as number, named(5))))).toEqual(fault);
});

test("0 is no id: it is refused, or any number of entities may have it", () => {
  const world = smallWorld();
  try {
    change(world, (commands) => commands.spawn(AuthoredId));
  } catch {
    return;
  }
  change(world, (commands) => commands.spawn(AuthoredId));
  expect(find(world, 0)).toEqual([0]);
});
