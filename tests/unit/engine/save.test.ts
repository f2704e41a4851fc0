/**
 * Saves in memory and as keyframes: a world that was put back goes on as the first line did, bit for bit, also over
 * spawns, despawns, contacts, tick jobs and world resources on their way; a fresh engine too.
 */
import { afterEach, describe, expect, test } from "vitest";
import { FaultError } from "../../../engine/base/faults.ts";
import type { Engine } from "../../../engine/engine.ts";
import { encodeKeyframe, readKeyframe, restoreKeyframe } from "../../../engine/replay/keyframe.ts";
import type { SavedState } from "../../../engine/sim/saved-state.ts";
import { Draws, testSeed } from "../seeds.ts";
import { runTo, savedGames, shapeOf, startSaved } from "./saved-games.ts";

const seed = testSeed("save");
let engine: Engine | undefined;
afterEach(() => {
  engine?.dispose();
  engine = undefined;
});

describe.each(savedGames)("$name", (saved) => {
  test("goes on from a save as it did, twice, and a second save has the same bytes", async () => {
    engine = await startSaved(saved);
    runTo(engine, saved, 150);
    const slot = engine.save();
    const bytes = encodeKeyframe(engine, slot);
    const line = runTo(engine, saved, 330);
    const shape = shapeOf(engine);
    for (let again = 0; again < 2; again++) {
      engine.restore(slot);
      expect(engine.world.tickCount).toBe(150);
      expect(sectionsWithoutImage(encodeKeyframe(engine, engine.save()))).toEqual(sectionsWithoutImage(bytes));
      expect(runTo(engine, saved, 330)).toEqual(line);
      expect(shapeOf(engine)).toEqual(shape);
    }
  });

  test("goes forward to a later save and back again", async () => {
    engine = await startSaved(saved);
    const early = engine.save();
    const line = runTo(engine, saved, 200);
    const late = engine.save();
    const rest = runTo(engine, saved, 260);
    engine.restore(early);
    expect(runTo(engine, saved, 40)).toEqual(line.slice(0, 40));
    engine.restore(late);
    expect(runTo(engine, saved, 260)).toEqual(rest);
    engine.restore(early);
    expect(runTo(engine, saved, 200)).toEqual(line);
  });

  test("goes on from a keyframe in a fresh engine", async () => {
    engine = await startSaved(saved);
    const draws = new Draws(seed);
    const keyframes: Uint8Array[] = [];
    const ticks: number[] = [];
    for (let at = draws.below(20); at < 240; at += 1 + draws.below(90)) {
      runTo(engine, saved, at);
      keyframes.push(encodeKeyframe(engine, engine.save()));
      ticks.push(at);
    }
    const end = ticks[ticks.length - 1]! + 60;
    runTo(engine, saved, end);
    const shape = shapeOf(engine);
    const { high, low } = engine.world.hash;
    engine.dispose();
    for (const [i, keyframe] of keyframes.entries()) {
      engine = await startSaved(saved);
      restoreKeyframe(engine, keyframe, "keyframe");
      expect(engine.world.tickCount).toBe(ticks[i]);
      runTo(engine, saved, end);
      expect([ticks[i], engine.world.hash.high, engine.world.hash.low]).toEqual([ticks[i], high, low]);
      expect(shapeOf(engine)).toEqual(shape);
      engine.dispose();
    }
    engine = undefined;
  });

  test("a random history of saves, restores and ticks gives each tick the one hash that it has", async () => {
    const draws = new Draws(seed ^ 0x5a5a);
    engine = await startSaved(saved);
    const line = runTo(engine, saved, 220);
    engine.dispose();
    engine = await startSaved(saved);
    const slots: SavedState[] = [engine.save()];
    for (let move = 0; move < 40; move++) {
      const at = engine.world.tickCount;
      const kind = draws.below(4);
      if (kind === 0) slots.push(engine.save());
      else if (kind === 1) slots[draws.below(slots.length)] = engine.save();
      else if (kind === 2) engine.restore(draws.pick(slots));
      else {
        const to = Math.min(220, at + draws.below(40));
        expect(runTo(engine, saved, to)).toEqual(line.slice(at, to));
      }
    }
  });
});

test("an engine that is not running, or in the middle of a frame, saves nothing", async () => {
  const made = await startSaved(savedGames[3]!);
  made.stop();
  expect(kindOf(() => made.save())).toBe("lifecycle");
  made.dispose();
});

test("two worlds with physics in one thread are refused, because a restore would take both back", async () => {
  const [one, other] = [await startSaved(savedGames[1]!), await startSaved(savedGames[1]!)];
  expect(kindOf(() => one.save())).toBe("physics-shared");
  other.dispose();
  expect(one.save().tick).toBe(0);
  one.dispose();
});

/** All sections but the image of Rapier's memory, which may lie elsewhere once the memory has grown. */
function sectionsWithoutImage(keyframe: Uint8Array): unknown {
  const { head, sections } = readKeyframe(keyframe, "keyframe");
  return sections.filter((_, i) => head.sections[i]!.name !== "physics");
}

function kindOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault.kind;
    throw thrown;
  }
  return "none";
}
