/** The graph while running: changes are whole or not at all, take effect at the next frame, and agree with a model. */
import { describe, expect, test } from "vitest";
import type { SurfaceDefinition } from "../../../engine/surface/surface.ts";
import { SurfaceGraph } from "../../../engine/surface/surface-graph.ts";
import { faultOfCall, raised } from "../gpu/faults.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("surface graph");

function make(name: string, reads: readonly string[] = [], more: Partial<SurfaceDefinition> = {}): SurfaceDefinition {
  return { name, kind: "window", width: 4, height: 4, reads, ...more };
}
const names = (graph: SurfaceGraph): string[] => graph.current.order.map(({ name }) => name);

describe("changes", () => {
  test("take effect at the next frame; without any, the same set comes back", () => {
    const graph = new SurfaceGraph([make("Main", ["Shadow"]), make("Shadow")]);
    expect(names(graph)).toEqual([]);
    const first = graph.advance();
    expect(names(graph)).toEqual(["Shadow", "Main"]);
    expect(graph.advance()).toBe(first);
    graph.add(make("Overlay", ["Main"]));
    expect(names(graph)).toEqual(["Shadow", "Main"]);
    graph.advance();
    expect(graph.levels().map((level) => level.map(({ name }) => name))).toEqual([["Shadow"], ["Main"], ["Overlay"]]);
    graph.remove("Overlay");
    expect(names(graph)).toEqual(["Shadow", "Main", "Overlay"]);
    expect([graph.advance().version, names(graph)]).toEqual([3, ["Shadow", "Main"]]);
  });

  test("what is added and removed between two frames was never there", () => {
    const graph = new SurfaceGraph([make("Main")]);
    graph.advance();
    graph.add(make("Flash", ["Main"]));
    graph.remove("Flash");
    graph.advance();
    expect(names(graph)).toEqual(["Main"]);
  });

  test("a replacement keeps the readers and is another surface", () => {
    const graph = new SurfaceGraph([make("Main", ["Shadow"]), make("Shadow")]);
    const [before] = graph.advance().order;
    graph.change({ remove: ["Shadow"], add: [make("Shadow", [], { width: 8 })] });
    const [after] = graph.advance().order;
    expect([before?.width, after?.name, after?.width]).toEqual([4, "Shadow", 8]);
  });

  test("removing what others read is a fault unless they go too", () => {
    const graph = new SurfaceGraph([make("Main", ["Shadow"]), make("Inset", ["Shadow"]), make("Shadow")]);
    expect(raised(() => graph.remove("Shadow"))).toBe(
      'surface-needed: Surface "Shadow" cannot be removed: its picture is read by Inset, Main.',
    );
    graph.change({ remove: ["Shadow", "Main", "Inset"] });
    expect(graph.advance().order).toEqual([]);
    expect(raised(() => graph.remove("Shadow"))).toBe(
      'surface-unknown: Removing names the surface "Shadow", which does not exist.',
    );
  });

  test("how often one is drawn: never more often than defined, forgotten with the surface", () => {
    const graph = new SurfaceGraph([make("Shadow", [], { everyFrames: 2 })]);
    const [shadow] = graph.advance().order;
    if (shadow === undefined) throw new Error("no surface");
    const seen = [graph.everyFrames(shadow)];
    for (const every of [4, 1, 3]) {
      graph.setEveryFrames("Shadow", every);
      seen.push(graph.everyFrames(shadow));
    }
    graph.change({ remove: ["Shadow"], add: [make("Shadow")] });
    const [again] = graph.advance().order;
    if (again === undefined) throw new Error("no surface");
    expect([...seen, graph.everyFrames(again)]).toEqual([2, 4, 2, 3, 1]);
    expect(raised(() => graph.setEveryFrames("Shadow", 0))).toContain("it is drawn every 0 frames");
    expect(raised(() => graph.setEveryFrames("Main", 2))).toContain('names the surface "Main", which does not exist');
  });
});

describe("histories", () => {
  test("random changes against a model: taken or refused as a whole, for the right reason", () => {
    const draws = new Draws(seed);
    const all = [..."ABCDEFG"];
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 60; round++) {
      const graph = new SurfaceGraph();
      let model = new Map<string, readonly string[]>();
      let shown = model;
      for (let step = 0; step < 40; step++) {
        if (draws.below(3) === 0) {
          graph.advance();
          shown = model;
        }
        const remove = all.filter((name) => draws.below(8) === 0 && (model.has(name) || draws.below(10) === 0));
        const add = all
          .filter(
            (name) => draws.below(6) === 0 && (!model.has(name) || remove.includes(name) || draws.below(10) === 0),
          )
          .map((name) =>
            make(
              name,
              all.filter((other) => draws.below(model.has(other) ? 4 : 14) === 0),
            ),
          );
        const { reasons, next } = modelChange(model, remove, add);
        const fault = faultOfCall(() => graph.change({ remove, add }));
        const kind = fault?.kind ?? "taken";
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        if (fault === undefined) {
          expect(reasons).toEqual([]);
          model = next;
        } else expect(reasons).toContain(fault.kind);
        expect([...names(graph)].sort()).toEqual([...shown.keys()].sort());
        for (const { name, reads } of graph.current.order) expect(reads).toEqual(shown.get(name));
      }
    }
    expect([...outcomes.keys()].sort()).toEqual([
      "duplicate-name",
      "surface-cycle",
      "surface-needed",
      "surface-unknown",
      "taken",
    ]);
  });
});

/** What a change makes of the model, and every reason against it. */
function modelChange(
  model: ReadonlyMap<string, readonly string[]>,
  remove: readonly string[],
  add: readonly SurfaceDefinition[],
): { reasons: string[]; next: Map<string, readonly string[]> } {
  const reasons: string[] = [];
  const next = new Map(model);
  for (const name of remove) if (!next.delete(name)) reasons.push("surface-unknown");
  for (const { name, reads = [] } of add) {
    if (next.has(name)) reasons.push("duplicate-name");
    next.set(name, reads);
  }
  for (const reads of next.values())
    for (const read of reads)
      if (!next.has(read)) reasons.push(remove.includes(read) ? "surface-needed" : "surface-unknown");
  const left = new Map(next);
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const [name, reads] of left)
      if (reads.every((read) => !left.has(read))) {
        left.delete(name);
        hasMoved = true;
      }
  }
  if (left.size > 0) reasons.push("surface-cycle");
  return { reasons, next };
}
