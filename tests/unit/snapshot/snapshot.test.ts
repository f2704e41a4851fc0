/** Snapshots: equal to the store's columns at their tick, unchanged while pinned, and nothing that is not shared. */
import { describe, expect, test } from "vitest";
import type { Limits } from "../../../engine/base/limits.ts";
import { defineComponent } from "../../../engine/ecs/component.ts";
import { array, entity, f32, f64, mat4, u8 } from "../../../engine/ecs/field.ts";
import { handleIndex } from "../../../engine/ecs/handle.ts";
import { defineSystem } from "../../../engine/sim/system.ts";
import type { World } from "../../../engine/sim/world.ts";
import type { Snapshot } from "../../../engine/snapshot/snapshot.ts";
import { snapshotSubsystem } from "../../../engine/snapshot/subsystem.ts";
import { SnapshotWriter } from "../../../engine/snapshot/writer.ts";
import { emptyGame, makeEngine } from "../engine/small-game.ts";
import { change, faultOf, smallWorld } from "../small-world.ts";

const Seen = defineComponent(
  "Seen",
  { a: f32, b: f64, c: u8, e: entity, m: mat4, row: array(u8, 3) },
  { shared: true },
);
const Also = defineComponent("Also", { x: f32 }, { shared: true });
const Hidden = defineComponent("Hidden", { x: f32 });
const fillers = Array.from({ length: 40 }, (_, i) => defineComponent(`Filler${i}`, {}));
const shared = [Seen, Also];

/** A world that spawns, despawns, adds, removes and writes at random. */
function churning(limits: Partial<Limits> = {}): World {
  return smallWorld({
    components: [...shared, Hidden, ...fillers],
    systems: [
      defineSystem({
        name: "churn",
        phase: "gameplay",
        query: [Seen],
        writes: [Seen],
        run: ({ entities, columns, random, commands, world }) => {
          for (const e of entities) {
            columns.Seen.a[e] = random.unit();
            columns.Seen.m[e * 16 + random.below(16)] = random.unit();
            columns.Seen.row[e * 3 + 2] = random.below(256);
            if (random.chance(0.1)) commands.despawn(world.handleOf(e));
            else if (random.chance(0.2)) commands.add(world.handleOf(e), Also.of({ x: random.unit() }));
            else if (world.has(e, Also) && random.chance(0.5)) commands.remove(world.handleOf(e), Also);
          }
          if (entities.length < 40) {
            commands.spawn(Seen.of({ b: random.unit() }));
            commands.spawn(Hidden, Also);
            if (random.chance(0.9)) commands.despawn(commands.spawn(Seen));
          }
          if (random.chance(0.3))
            for (const e of entities.slice(0, 2))
              if (world.isAlive(world.handleOf(e))) columns.Seen.e[e] = world.handleOf(e);
        },
      }),
    ],
    setup: ({ commands }) => {
      for (let i = 0; i < 5; i++) commands.spawn(Seen);
    },
    limits: { entities: 2_000, ...limits },
  });
}

interface Taken {
  readonly columns: string[];
  readonly present: boolean[][];
  readonly generations: number[];
  readonly head: number[];
}

function ofStore({ store, hash }: World): Taken {
  const slots = store.header[2] as number;
  return {
    columns: shared.flatMap((component) =>
      Object.values(store.columnsOf(component)).map((column) => {
        const end = (slots * column.length) / (store.limits.entities + 1);
        return Buffer.from(column.slice(0, end).buffer).toString("base64");
      }),
    ),
    present: [...shared, Hidden].map((component) => Array.from({ length: slots }, (_, e) => store.has(e, component))),
    generations: [...store.generation.slice(0, slots)],
    head: [store.header[0] as number, hash.low, hash.high, slots],
  };
}

function ofSnapshot(snapshot: Snapshot, entities: number): Taken {
  const slots = snapshot.slotCount;
  return {
    columns: shared.flatMap((component) =>
      Object.values(snapshot.columnsOf(component) as Record<string, Float32Array>).map((column) => {
        const end = (slots * column.length) / (entities + 1);
        return Buffer.from(column.slice(0, end).buffer).toString("base64");
      }),
    ),
    present: [...shared, Hidden].map((component) =>
      Array.from({ length: slots }, (_, e) => snapshot.has(e, component)),
    ),
    generations: [...snapshot.generation.slice(0, slots)],
    head: [snapshot.tick, snapshot.hashLow, snapshot.hashHigh, slots],
  };
}

describe("a writer", () => {
  test("publishes the store's bytes of each tick, and a pinned snapshot does not change under a world that goes on", () => {
    const world = churning();
    const writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
    const held: { slot: number; taken: Taken; until: number }[] = [];
    for (let tick = 1; tick <= 120; tick++) {
      world.tick();
      const slot = writer.publish();
      expect(slot).toBeGreaterThanOrEqual(0);
      const taken = ofStore(world);
      expect(ofSnapshot(writer.viewOf(slot), world.limits.entities)).toEqual(taken);
      expect(writer.copiedBytes).toBeLessThan(world.arena.buffer.byteLength);
      if (tick % 4 === 0) held.push({ slot: writer.ring.pin(), taken, until: tick + 7 });
      for (const one of [...held]) {
        expect(ofSnapshot(writer.viewOf(one.slot), world.limits.entities)).toEqual(one.taken);
        if (tick < one.until) continue;
        writer.ring.unpin(one.slot);
        held.splice(held.indexOf(one), 1);
      }
    }
    expect(writer.missedCount).toBe(0);
  });

  test("goes without when readers hold every slot, counts that, and goes on when one is free", () => {
    const world = churning({ snapshotSlots: 4 });
    const writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
    const tick = (): number => {
      world.tick();
      return writer.publish();
    };
    const pinned = Array.from({ length: world.limits.snapshotSlots }, () => {
      tick();
      return writer.ring.pin();
    });
    expect(new Set(pinned).size).toBe(4);
    expect([tick(), tick(), writer.missedCount]).toEqual([-1, -1, 2]);
    expect(writer.viewOf(writer.ring.published).tick).toBe(4);
    writer.ring.unpin(pinned[1] as number);
    expect([tick(), writer.viewOf(writer.ring.published).tick]).toEqual([pinned[1], 7]);
  });
});

describe("a snapshot", () => {
  const snap = (world: World): Snapshot => {
    const writer = new SnapshotWriter(world, world.scratchOf(snapshotSubsystem));
    return writer.viewOf(writer.publish());
  };
  const world = () => smallWorld({ components: [...shared, Hidden, ...fillers] });

  test("finds, counts and looks up as the world did", () => {
    const small = world();
    const [one, two] = change(
      small,
      (commands) =>
        [
          commands.spawn(Seen),
          commands.spawn(Also, fillers[39] as unknown as typeof Seen),
          commands.spawn(Also),
        ] as const,
    );
    const snapshot = snap(small);
    expect([
      snapshot.first(Seen),
      snapshot.first(Also),
      snapshot.first(Hidden),
      snapshot.first(fillers[39] as unknown as typeof Seen),
    ]).toEqual([2, 3, 0, 3]);
    expect([snapshot.count(Seen), snapshot.count(Also), snapshot.count(Hidden)]).toEqual([1, 2, 0]);
    expect([snapshot.handleOf(2), snapshot.indexOf(one), snapshot.indexOf(two)]).toEqual([one, 2, 3]);
  });

  test("does not know handles of other times: before, after, or never", () => {
    const small = world();
    const old = change(small, (commands) => commands.spawn(Seen));
    change(small, (commands) => commands.despawn(old));
    const between = snap(small);
    const heir = change(small, (commands) => commands.spawn(Seen));
    expect(handleIndex(heir)).toBe(handleIndex(old));
    // The slot was empty then, although its generation was already that of its next life.
    expect([between.indexOf(old), between.indexOf(heir)]).toEqual([0, 0]);
    expect([snap(small).indexOf(old), snap(small).indexOf(heir)]).toEqual([0, 2]);
    expect([0, 0xffffffff, 60].map((handle) => between.indexOf(handle))).toEqual([0, 0, 0]);
  });

  test("has no columns of what is not shared", () => {
    expect(faultOf(() => snap(world()).columnsOf(Hidden))).toMatchObject({
      kind: "unknown-name",
      fields: {
        what: "shared component",
        name: "Hidden",
        where: "The view",
        known: "Also, AuthoredId, Config, Controls, Player, Seen",
      },
    });
  });
});

describe("the subsystem", () => {
  test("has the last and the one before pinned, publishes once a frame, and holds on when no tick was made", async () => {
    const engine = makeEngine({ ...emptyGame, components: shared });
    const snapshots = engine.of(snapshotSubsystem);
    expect(snapshots.current).toBeUndefined();
    await engine.start();
    expect(snapshots.current).toBeUndefined();
    snapshots.want();
    const ticks = (): (number | undefined)[] => [snapshots.previous?.tick, snapshots.current?.tick];
    expect(ticks()).toEqual([0, 0]);
    engine.frame(0);
    expect(ticks()).toEqual([0, 0]);
    engine.frame(16_667);
    expect(ticks()).toEqual([0, 1]);
    engine.frame(66_670);
    expect(ticks()).toEqual([1, 4]);
    engine.frame(66_671);
    expect(ticks()).toEqual([1, 4]);
    for (let i = 0; i < 50; i++) engine.step();
    expect(ticks()).toEqual([53, 54]);
    expect([snapshots.current?.hashLow, snapshots.writer?.missedCount]).toEqual([engine.world.hash.low, 0]);
    engine.stop();
    expect(snapshots.current).toBeUndefined();
  });

  test("works with the fewest slots, beside a reader that holds one for long", async () => {
    const engine = makeEngine({ ...emptyGame, limits: { ...emptyGame.limits, snapshotSlots: 3 } });
    await engine.start();
    engine.of(snapshotSubsystem).want();
    const { writer } = engine.of(snapshotSubsystem);
    for (let i = 0; i < 5; i++) engine.step();
    expect([engine.of(snapshotSubsystem).current?.tick, writer?.missedCount]).toEqual([5, 0]);
    const slot = writer?.ring.pin() as number;
    for (let i = 0; i < 5; i++) engine.step();
    // The reader's slot is held back for as long as it is pinned: two slots are left, and both are in use.
    expect(engine.of(snapshotSubsystem).previous?.tick).toBeGreaterThanOrEqual(5);
    writer?.ring.unpin(slot);
    engine.step();
    engine.step();
    expect(engine.of(snapshotSubsystem).current?.tick).toBe(engine.status.tick);
    engine.dispose();
  });
});
