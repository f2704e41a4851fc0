/** What a game's resources must be: names, limits, readers; each fault is raised before the first tick. */
import { describe, expect, test } from "vitest";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { MemorySource } from "../../../engine/asset/source.ts";
import { Engine } from "../../../engine/engine.ts";
import { defineResource, type Game } from "../../../engine/index.ts";
import { defineJob } from "../../../engine/jobs/definition.ts";
import { defineOutput } from "../../../engine/jobs/output.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { resourceNumbers } from "../../../engine/streaming/definition.ts";
import { makeTide, readChart } from "../../games/tide.ts";
import { faultOf, faultOfAsync } from "../small-world.ts";
import { fileManifest } from "./files.ts";

const tide = makeTide();
const engineOf = (change: Partial<Game>): Engine =>
  new Engine({ ...tide, ...change }, { clock: new ManualClock() }, { seed: 1 });
const buildFault = (change: Partial<Game>) => faultOf(() => engineOf(change));
const startFault = (change: Partial<Game>) => faultOfAsync(() => engineOf(change).start());
const shown = (name: string) => defineResource({ name, pipeline: "chart", kind: "bytes" });

describe("a job", () => {
  test("that names a resource nobody defines is a build fault with the names that there are", () => {
    const job = { ...readChart, resources: ["chart", "cahrt"] };
    expect(buildFault({ jobs: [job] })).toEqual({
      kind: "unknown-name",
      fields: { what: "resource", name: "cahrt", where: 'Job "read-chart"', known: "chart" },
    });
    expect(buildFault({ resources: [] })).toMatchObject({ fields: { name: "chart", known: "none is defined" } });
  });

  test("that feeds the world reads no resource that only a shown world has", async () => {
    const resources = [...tide.resources!, shown("sky")];
    expect(await startFault({ resources, jobs: [{ ...readChart, resources: ["chart", "sky"] }] })).toEqual({
      kind: "bad-definition",
      fields: {
        what: "job",
        name: "read-chart",
        problem: 'it reads the resource "sky", which is made only where the world is shown',
        remedy: "Give the resource a `world` rule, or leave it to frame jobs.",
      },
    });
    const looking = defineJob({
      name: "look",
      resources: ["sky"],
      output: defineOutput("Look", { x: { scalar: "f32", length: 1 } }),
      chunkItems: 1,
      itemsMax: () => 1,
      begin: () => 1,
      run: ({ count }) => count,
    });
    const engine = engineOf({ resources, jobs: [readChart, looking] });
    await engine.start();
    engine.dispose();
  });
});

describe("names", () => {
  test("of two resources are not the same, nor those of a resource and a file", () => {
    expect(buildFault({ resources: [...tide.resources!, shown("chart")] })).toMatchObject({ kind: "duplicate-name" });
    expect(faultOf(() => resourceNumbers([{ name: "chart" }], [{ name: "a" }, { name: "chart" }]))).toEqual({
      kind: "duplicate-name",
      fields: { what: "resource", name: "chart" },
    });
  });

  test("give the numbers: the game's own in their order, then the files", () => {
    const own = [{ name: "b" }, { name: "a" }];
    const files = [{ name: "B" }, { name: "A" }];
    expect(resourceNumbers(own, files).map(({ name }) => name)).toEqual(["a", "b", "A", "B"]);
    // Files come last, so that a world without them has the same numbers for its own.
    expect(resourceNumbers(own, []).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("of pipelines are known", async () => {
    const resource = defineResource({ name: "map", pipeline: "chrat", kind: "bytes" });
    expect(await startFault({ resources: [...tide.resources!, resource] })).toMatchObject({
      kind: "unknown-name",
      fields: { name: "chrat", where: 'Resource "map"' },
    });
  });
});

test("more resources than the limit are a build fault, files of a manifest included", async () => {
  const resources = [...tide.resources!, shown("b"), shown("c"), shown("d")];
  const limited = (most: number): Partial<Game> => ({ resources, limits: { ...tide.limits, resources: most } });
  expect(buildFault(limited(3))).toEqual({
    kind: "limit-reached",
    fields: { limit: "resources", value: 3, setting: "limits.resources" },
  });
  const engine = engineOf(limited(4));
  await engine.start();
  engine.dispose();
  const memory = allocateAssetMemory();
  const files = new Map([["one.bin", Uint8Array.of(1)]]);
  const assets = { memory, manifest: fileManifest(files), source: new MemorySource(memory.buffer, files) };
  const withFiles = (): Engine =>
    new Engine({ ...tide, ...limited(4) }, { clock: new ManualClock(), assets }, { seed: 1 });
  expect(faultOf(withFiles)).toMatchObject({ kind: "limit-reached" });
});
