/** The project's own laws, over the whole tree. Each message says place, law and what to do instead. */
import { describe, expect, test } from "vitest";
import { banBreaches, isWorldCode } from "./bans.ts";
import { fileBreaches, nameBreaches } from "./files.ts";
import { layerBreaches, layers } from "./layers.ts";
import { breachText, listPaths, readSources } from "./sources.ts";

const sources = readSources();

describe("the tree keeps the project's laws", () => {
  test("the laws see the sources", () => {
    const paths = sources.map((source) => source.path);
    for (const path of ["build.mjs", "engine/engine.ts", "engine/ecs/store.ts", "tests/tidy/laws.test.ts"])
      expect(paths).toContain(path);
    expect(sources.filter((source) => isWorldCode(source.path)).length).toBeGreaterThan(40);
  });

  test("imports go down or sideways within a folder", () => {
    expect(breachText(sources.flatMap(layerBreaches))).toBe("");
  });

  test("world code uses nothing that differs between machines", () => {
    expect(breachText(sources.filter((source) => isWorldCode(source.path)).flatMap(banBreaches))).toBe("");
  });

  test("files say what they are and stay small", () => {
    expect(breachText(sources.flatMap(fileBreaches))).toBe("");
  });

  test("files and folders have names of their own", () => {
    expect(breachText(listPaths().flatMap(nameBreaches))).toBe("");
  });

  test("each layer exists or is awaited, and has a reason", () => {
    const awaited = ["engine/replay/", "game/"];
    const paths = listPaths();
    for (const { place, reason } of layers) {
      expect(reason).not.toBe("");
      if (!awaited.includes(place) && place.endsWith("/"))
        expect(paths.some((path) => path.startsWith(place))).toBe(true);
    }
  });
});
