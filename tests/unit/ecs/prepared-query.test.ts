/** Prepared queries after churn: 1,000 random histories, ascending and equal to a naive model. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Component } from "../../../engine/ecs/component.ts";
import { any, not, type QueryTerm, termText } from "../../../engine/ecs/prepared-query.ts";
import { testSeed } from "../seeds.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";
import { A, B, history, Model, modelWorld, type Step, Y, Z } from "./model.ts";

const seed = testSeed("prepared-query");

const queries: readonly (readonly QueryTerm[])[] = [
  [A],
  [Z],
  [A, B],
  [A, Y, Z],
  [A, not(B)],
  [Z, not(A), not(Y)],
  [any(A, Z)],
  [Y, any(A, B), not(Z)],
  [any(A, B, Y, Z)],
  [any(Y, Z), not(A)],
];

/** Runs a history and compares every query after every phase. */
function follow(phases: readonly (readonly Step[])[], terms: readonly (readonly QueryTerm[])[]): void {
  const world = modelWorld();
  const model = new Model(world);
  const early = terms.map((list) => world.query(list));
  for (const phase of phases) {
    model.phase(world, phase);
    const expected = terms.map((list) => model.query(list));
    expect(early.map((query) => [...query.entities])).toEqual(expected);
    expect(world.store.aliveCount).toBe(model.things.size);
    expect(world.commands.skippedCount).toBe(model.skippedCount);
    expect([...model.things.keys()].every((handle) => world.store.isAlive(handle))).toBe(true);
  }
  const late = modelWorld();
  const lateModel = new Model(late);
  for (const phase of phases) lateModel.phase(late, phase);
  expect(terms.map((list) => [...late.query(list).entities])).toEqual(terms.map((list) => model.query(list)));
}

test("1,000 histories: queries are ascending and equal to a naive model, prepared early or late", () => {
  fc.assert(
    fc.property(history, (phases) => follow(phases, queries)),
    { seed, numRuns: 1_000 },
  );
});

describe("terms", () => {
  // bitecs gathers all Or terms of a query into one mask, so two `any` would be one wider one.
  test("more than one `any` is refused", () => {
    expect(faultOf(() => modelWorld().query([any(A, B), any(Y, Z)]))).toMatchObject({
      kind: "bad-definition",
      fields: { problem: "it has more than one `any`" },
    });
  });

  test.each([[[not(A)]], [[]], [[not(A), not(B)]]])(
    "a query that names nothing that must be there is refused: %#",
    (terms) => {
      expect(faultOf(() => modelWorld().query(terms)).kind).toBe("bad-definition");
    },
  );

  test("an `any` of nothing is refused: it would be met by everything or by nothing", () => {
    expect(faultOf(() => modelWorld().query([any()])).kind).toBe("bad-definition");
  });

  test("a component of another world is an unknown name", () => {
    expect(faultOf(() => smallWorld().query([A])).kind).toBe("unknown-name");
  });

  test("the same terms in another order give the same query", () => {
    const world = modelWorld();
    expect(world.query([B, not(Y), any(Z, A)])).toBe(world.query([any(A, Z), B, not(Y)]));
    expect(world.query([A])).not.toBe(world.query([A, not(B)]));
    expect([A as Component, not(A), any(A, B)].map((term) => termText(term as QueryTerm))).toEqual(["A", "!A", "A|B"]);
  });
});

test("an unchanged query keeps its very list; a changed one leaves the list of this tick whole", () => {
  const world = modelWorld();
  const query = world.query([A]);
  change(world, (commands) => [commands.spawn(A), commands.spawn(A), commands.spawn(A)]);
  const before = query.entities;
  change(world, (commands) => commands.spawn(B));
  expect(query.entities).toBe(before);
  const copy = [...before];
  change(world, (commands) => commands.despawn(world.store.handleOf(3)));
  expect([...before]).toEqual(copy);
  expect([...query.entities]).toEqual([2, 4]);
});

test("an entity that leaves and comes back within a phase is there once; one that comes and leaves is not", () => {
  const world = modelWorld();
  const query = world.query([A]);
  const e = change(world, (commands) => commands.spawn(A));
  change(world, (commands) => {
    commands.remove(e, A);
    commands.add(e, A);
    commands.remove(e, A);
    commands.add(e, A);
    commands.despawn(commands.spawn(A));
    const other = commands.spawn(A);
    commands.remove(other, A);
  });
  expect([...query.entities]).toEqual([2]);
});

test("a full world of every index is ascending", () => {
  const world = modelWorld(1_000);
  const query = world.query([A]);
  const handles = change(world, (commands) => Array.from({ length: 999 }, () => commands.spawn(A)));
  change(world, (commands) => {
    for (const handle of handles.filter((_, i) => i % 3 === 0)) commands.despawn(handle);
  });
  change(world, (commands) => {
    for (let i = 0; i < 333; i++) commands.spawn(A);
  });
  expect([...query.entities]).toEqual(Array.from({ length: 999 }, (_, i) => i + 2));
});
