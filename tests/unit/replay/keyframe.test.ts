/**
 * Keyframes are believed only whole: every single changed bit, every cut, every swapped or repeated section, and every
 * other program is refused with the place or with both sides named, and the engine is as it was.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fault, FaultError } from "../../../engine/base/faults.ts";
import { hashHex } from "../../../engine/base/hash.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { f32 } from "../../../engine/ecs/field.ts";
import type { Engine } from "../../../engine/engine.ts";
import { defineGame } from "../../../engine/game.ts";
import { encodeKeyframe, readKeyframe, restoreKeyframe, savedStateOf } from "../../../engine/replay/keyframe.ts";
import { runTo, type SavedGame, savedGames, startSaved } from "../engine/saved-games.ts";
import { Draws, testSeed } from "../seeds.ts";

const seed = testSeed("keyframe");
const swarm = savedGames.find(({ name }) => name === "swarm") as SavedGame;
let engine: Engine;
let bytes: Uint8Array;
let herdBytes: Uint8Array;

const Beast = defineComponent("Beast", {
  a: f32,
  b: f32,
  c: f32,
  d: f32,
  e: f32,
  f: f32,
  g: f32,
  h: f32,
  i: f32,
  j: f32,
});
/** A world whose keyframe has a little more than 64 KiB. */
const herdGame = defineGame({
  id: "herd",
  tickRate: 60,
  limits: { entities: 1_300, commandsPerTick: 2_048 },
  components: [Beast],
  systems: [],
  setup({ commands, random }) {
    for (let i = 0; i < 1_200; i++) commands.spawn(Beast.of({ a: random.between(0, 1), j: random.between(0, 1) }));
  },
});

beforeAll(async () => {
  engine = await startSaved(swarm);
  runTo(engine, swarm, 90);
  bytes = encodeKeyframe(engine, engine.save()).slice();
  const herd = await startSaved({ name: "herd", game: herdGame, script: [] });
  herd.step();
  herdBytes = encodeKeyframe(herd, herd.save()).slice();
  herd.dispose();
});
afterAll(() => engine.dispose());

describe("a keyframe", () => {
  test("is refused with any bit flipped, and the world is untouched", () => {
    const before = hashHex(engine.world.hash.high, engine.world.hash.low);
    expect(herdBytes.length).toBeGreaterThan(64 * 1024);
    const damaged = herdBytes.slice();
    let refusedCount = 0;
    for (let bit = 0; bit < damaged.length * 8; bit++) {
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const kind = faultOf(() => readKeyframe(damaged, "k"))?.kind;
      if (kind === "keyframe-damaged" || kind === "keyframe-mismatch") refusedCount++;
      damaged[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(refusedCount).toBe(damaged.length * 8);
    expect(faultOf(() => restoreKeyframe(engine, bytes.subarray(1), "k"))?.kind).toBe("keyframe-damaged");
    expect(hashHex(engine.world.hash.high, engine.world.hash.low)).toBe(before);
  }, 600_000);

  test.each(["swarm", "tumble"])(
    "that is damaged never enters a live engine, which goes on as it was: %s",
    async (name) => {
      const saved = savedGames.find((one) => one.name === name)!;
      const plain = await startSaved(saved);
      const line = runTo(plain, saved, 140);
      plain.dispose();
      const live = await startSaved(saved);
      runTo(live, saved, 100);
      const whole = encodeKeyframe(live, live.save()).slice();
      // The engine is elsewhere by now, so whatever of a keyframe entered would show.
      expect(runTo(live, saved, 130)).toEqual(line.slice(100, 130));
      const before = encodeKeyframe(live, live.save()).slice();
      const draws = new Draws(seed);
      for (let round = 0; round < 400; round++) {
        const damaged = damagedBy(draws, whole);
        const fault = faultOf(() => restoreKeyframe(live, damaged, "k"));
        expect(fault?.kind).toMatch(/^keyframe-(damaged|mismatch)$/);
        expect(hashHex(live.world.hash.high, live.world.hash.low)).toBe(line[129]);
      }
      // Not a bit of the state is another, with all that lies outside of the arena.
      expect(Buffer.compare(encodeKeyframe(live, live.save()), before)).toBe(0);
      expect(runTo(live, saved, 140)).toEqual(line.slice(130));
      restoreKeyframe(live, whole, "k");
      expect(runTo(live, saved, 140)).toEqual(line.slice(100));
      live.dispose();
    },
  );

  test("is refused cut at any byte, and with anything behind it", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(faultOf(() => readKeyframe(bytes.subarray(0, length), "k"))?.kind).toBe("keyframe-damaged");
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(faultOf(() => readKeyframe(longer, "k"))).toMatchObject({
      kind: "keyframe-damaged",
      fields: { offset: bytes.length },
    });
  }, 600_000);

  test("of the other order of bytes names both", () => {
    const { sections, head } = readKeyframe(bytes, "k");
    expect(sections.length).toBe(head.sections.length);
    const swapped = bytes.slice();
    swapped.set([1, 2, 3, 4], 8);
    // A machine of that order would have written its own checksum; the head's is made anew.
    const fault = faultOf(() => readKeyframe(withHeadSum(swapped), "k"));
    expect(fault).toEqual({
      kind: "keyframe-mismatch",
      fields: { path: "k", field: "order of bytes", keyframe: "big-endian", program: "little-endian" },
    });
  });

  test("of another game, seed or list of parts names both", async () => {
    for (const other of savedGames) {
      if (other === swarm) continue;
      const made = await startSaved(other);
      const found = faultOf(() => restoreKeyframe(made, bytes, "k"));
      expect(found?.kind).toBe("keyframe-mismatch");
      expect(found?.fields).toMatchObject({ field: "game", keyframe: "swarm" });
      made.dispose();
    }
    const keyframe = readKeyframe(bytes, "k");
    const changed = (head: Partial<(typeof keyframe)["head"]>) =>
      faultOf(() => savedStateOf({ ...keyframe, head: { ...keyframe.head, ...head } }, engine, "k"))?.fields;
    expect(changed({ seed: 8 })).toMatchObject({ field: "seed", keyframe: "8", program: "7" });
    expect(changed({ sections: keyframe.head.sections.slice(1) })).toMatchObject({ field: "list of sections" });
    const { program } = keyframe.head;
    for (const [key, name] of [
      ["engine", "engine"],
      ["physicsBuild", "physics build"],
      ["schemaHash", "schema"],
      ["planHash", "plan"],
    ] as const)
      expect(changed({ program: { ...program, [key]: "other" } })).toMatchObject({ field: name, keyframe: "other" });
  });

  test("with sections that say something else is refused or restored whole, never a crash", () => {
    const draws = new Draws(seed);
    const keyframe = readKeyframe(bytes, "k");
    for (let round = 0; round < 300; round++) {
      const sections = keyframe.sections.map((section) => section.slice());
      const victim = draws.below(sections.length);
      const cut = sections[victim]!.slice(0, draws.below(sections[victim]!.length));
      sections[victim] = cut;
      const fault = faultOf(() => savedStateOf({ ...keyframe, sections }, engine, "k"));
      expect(fault?.kind).toBe("keyframe-damaged");
    }
  });
});

/** Some bits flipped, cut short, a stretch lost in the middle, or one copied over another. */
function damagedBy(draws: Draws, whole: Uint8Array): Uint8Array {
  const damaged = whole.slice();
  const [from, to] = [draws.below(whole.length), draws.below(whole.length)].sort((a, b) => a - b) as [number, number];
  switch (draws.below(4)) {
    case 0: {
      // Different bits: one that is flipped twice is whole again.
      const bits = new Set(Array.from({ length: 1 + draws.below(3) }, () => draws.below(whole.length * 8)));
      for (const bit of bits) damaged[bit >> 3]! ^= 1 << (bit & 7);
      return damaged;
    }
    case 1:
      return damaged.subarray(0, from);
    case 2:
      return Uint8Array.from([...damaged.subarray(0, from), ...damaged.subarray(to + 1)]);
    default: {
      const length = 1 + draws.below(64);
      damaged.copyWithin(from, Math.max(0, to - length), to);
      // Zeros copied over zeros are no damage, and a flip could undo what was copied.
      if (Buffer.compare(damaged, whole) === 0) damaged[from]! ^= 1;
      return damaged;
    }
  }
}

function withHeadSum(keyframe: Uint8Array): Uint8Array {
  const view = new DataView(keyframe.buffer);
  const headLength = view.getUint32(12, true);
  const joined = new Uint8Array(16 + headLength);
  joined.set(keyframe.subarray(0, 16));
  joined.set(keyframe.subarray(20, 20 + headLength), 16);
  view.setUint32(16, crc(joined), true);
  return keyframe;
}

/** CRC-32 of the standard, bit by bit: the reference for the engine's. */
function crc(of: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of of) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ ((remainder & 1) === 0 ? 0 : 0xedb88320);
  }
  return ~remainder >>> 0;
}

function faultOf(act: () => unknown): Fault | undefined {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  return undefined;
}
