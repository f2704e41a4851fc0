/** Limits: defaults hold their own relations, and each relation is a fault that names the limit. */
import { describe, expect, test } from "vitest";
import {
  componentCountMax,
  defaultLimits,
  handleGenerationMask,
  handleIndexBits,
  handleIndexMask,
  type Limits,
  resolveLimits,
} from "../../../engine/base/limits.ts";
import { faultOf } from "../small-world.ts";

test("the defaults are these and pass their own check", () => {
  expect(resolveLimits()).toEqual(defaultLimits);
  expect(defaultLimits).toEqual({
    entities: 16_384,
    commandsPerTick: 16_384,
    eventsPerTick: 4_096,
    players: 16,
    recordsPerTick: 256,
    ticksPerFrame: 5,
    snapshotSlots: 6,
    resources: 256,
    timingFrames: 256,
  });
});

test("a handle's parts fill 32 bits", () => {
  expect([handleIndexBits, handleIndexMask, handleGenerationMask]).toEqual([20, 0xfffff, 0xfff]);
  expect(handleIndexMask * (handleGenerationMask + 1) + handleGenerationMask).toBe(0xffffffff);
  expect(componentCountMax).toBe(512);
});

test("an override replaces its limit and nothing else", () => {
  expect(resolveLimits({ entities: 99 })).toEqual({ ...defaultLimits, entities: 99 });
});

describe("refused", () => {
  const names = Object.keys(defaultLimits) as (keyof Limits)[];
  test.each(names)("%s of 0, a fraction, NaN, a text", (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "8" as unknown as number])
      expect(faultOf(() => resolveLimits({ [name]: value }))).toMatchObject({
        kind: "bad-definition",
        fields: { what: "limit", name, remedy: "Give a whole number above 0." },
      });
  });

  test.each([
    [{ entities: 0xfffff }, "entities"],
    [{ entities: 16 }, "players"],
    [{ entities: 100_000, players: 65_535 }, "recordsPerTick"],
    [{ snapshotSlots: 2 }, "snapshotSlots"],
    [{ entites: 5 } as Partial<Limits>, "entites"],
  ])("%j by the name of the limit: %s", (overrides, name) => {
    expect(faultOf(() => resolveLimits(overrides))).toMatchObject({
      kind: "bad-definition",
      fields: { what: "limit", name },
    });
  });

  test.each([[{ entities: 0xffffe }], [{ entities: 17 }], [{ snapshotSlots: 3 }]])("but %j passes", (overrides) => {
    expect(() => resolveLimits(overrides)).not.toThrow();
  });
});
