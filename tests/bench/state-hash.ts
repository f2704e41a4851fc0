/**
 * The state hash: the SIMD kernel against its TypeScript twin on the same arena, and its share of a
 * representative tick; and what stands on it: the ring of hash trees, watches while they are off, audit mode.
 *
 * That tick has 10,000 entities: 1,000 crates, which are bodies that are awake, each with four parts
 * that move with it, and 5,000 drifting things, spawned in turns as a game does, so every column is in
 * use up to the highest index. All 10,000 have a world transform and all move in each tick.
 */
import { Auditor } from "../../engine/audit/auditor.ts";
import { HashRing } from "../../engine/audit/hash-ring.ts";
import { HashShape } from "../../engine/audit/hash-tree.ts";
import { observeTicks } from "../../engine/audit/observers.ts";
import { Watches } from "../../engine/audit/watches.ts";
import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import type { Engine } from "../../engine/engine.ts";
import { boxCollider, RigidBody } from "../../engine/physics/components.ts";
import { StateHash } from "../../engine/sim/state-hash.ts";
import { defineSystem } from "../../engine/sim/system.ts";
import { noTrace } from "../../engine/trace/trace-port.ts";
import { WatchRing } from "../../engine/trace/watch-ring.ts";
import { Position, Rotation, Scale, WorldTransform } from "../../engine/transform/components.ts";
import { hostClock } from "../../runtime/host/clock.ts";
import { agree, type BenchSize, compare, keep, median, millisOf, startEngine } from "./measure.ts";
import { boxPlaces, pileGame } from "./pile.ts";
import { type BenchGroup, type BenchRow, bytesText, rateText, timeRow, timeText } from "./row.ts";

const kernelRow = "state hash";
const shareRow = "state hash, share of a tick at 10,000";
const rateMin = 15;
const percentMax = 1;
const treePercentMax = 0.1;
const watchPercentMax = 0.01;

const treeRow = "hash tree, share of a tick at 10,000";
const watchRow = "watches off, share of a tick at 10,000";
const auditRow = "audit mode, tick at 10,000";

export const stateHash: BenchGroup = { rowNames: [kernelRow, shareRow, treeRow, watchRow, auditRow], run };

const Drift = defineComponent("Drift", { x: f32, y: f32, z: f32 });

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const engine = await startEngine(yard(size === "whole" ? 1_000 : 4));
  for (let tick = 0; tick < (size === "whole" ? 60 : 2); tick++) engine.step();
  const share = shareOfTick(engine, size === "whole" ? 120 : 2);
  const tree = treeOfTick(engine, share.tickMillis, size === "whole" ? 600 : 2);
  const watches = watchesOff(engine, share.tickMillis, size === "whole" ? 600 : 2);
  const audit = auditOfTick(engine, size === "whole" ? 30 : 2);
  const kernel = kernelAgainstTwin(engine, size);
  engine.dispose();
  return [kernel, share.row, tree, watches, audit];
}

/** What the ring of hash trees adds to a tick: the leaves of two minutes are kept, nothing is folded. */
function treeOfTick({ world }: Engine, tickMillis: number, roundCount: number): BenchRow {
  const ring = HashRing.allocate(new HashShape(world), 120 * world.program.tickRate);
  const noteMillis: number[] = [];
  // Many notes a round: one takes less than the clock can tell.
  for (let round = 0; round < roundCount; round++)
    noteMillis.push(
      millisOf(() => {
        for (let note = 0; note < 64; note++) ring.note(world);
      }) / 64,
    );
  keep(ring.tree(world.tickCount)!.hashOf(ring.shape.root).low);
  const percent = (median(noteMillis) / tickMillis) * 100;
  return {
    name: treeRow,
    ours: `${timeText(median(noteMillis))} of ${timeText(tickMillis)}`,
    peer: `${ring.shape.leafCount} leaves; two minutes are ${bytesText(ring.buffer.byteLength)}`,
    ratio: `${percent.toFixed(3)} %`,
    goal: `<= ${treePercentMax} % of the tick`,
    met: percent <= treePercentMax,
  };
}

function kernelAgainstTwin({ world }: Engine, size: BenchSize): BenchRow {
  const { arena, store, kernels } = world;
  const table = arena.regions.find(({ name }) => name === "Scratch.hashTable")!;
  const results = arena.regions.find(({ name }) => name === "Scratch.hashResults")!;
  const spans = world.hash.spans;
  const header = () => new Uint32Array(16);
  const ours = new StateHash(arena, { table, results }, spans, header(), kernels);
  const twin = new StateHash(arena, { table, results }, spans, header(), undefined);
  let tick = world.tickCount;
  // Every component counts as changed, so that both sides cover the whole state.
  const prepare = (): void => {
    store.changed.fill(++tick);
  };
  prepare();
  ours.update(tick);
  twin.update(tick);
  agree(kernelRow, [ours.low, ours.high], [twin.low, twin.high]);
  const { oursMillis, peerMillis, ratio } = compare({
    ...(size === "whole" ? { warmUpCount: 10, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 }),
    prepare,
    ours: () => ours.update(tick),
    peer: () => twin.update(tick),
  });
  const bytes = ours.coveredBytes;
  const rate = bytes / oursMillis / 1e6;
  return {
    name: kernelRow,
    ours: rateText(bytes, oursMillis),
    peer: `${rateText(bytes, peerMillis)} TypeScript twin`,
    ratio: `${(1 / ratio).toFixed(1)}x faster`,
    goal: `>= ${rateMin} GB/s`,
    met: rate >= rateMin,
  };
}

/** What watches cost while nothing is watched: a load a frame, and no observer in the ticks. */
function watchesOff({ world }: Engine, tickMillis: number, roundCount: number): BenchRow {
  const watches = new Watches(world, { buffer: WatchRing.allocate().buffer }, hostClock, noTrace);
  const frameMillis: number[] = [];
  for (let round = 0; round < roundCount; round++)
    frameMillis.push(
      millisOf(() => {
        for (let frame = 0; frame < 4_096; frame++) watches.beginFrame(frame);
      }) / 4_096,
    );
  keep(watches.isOn ? 1 : 0);
  const percent = (median(frameMillis) / tickMillis) * 100;
  return {
    name: watchRow,
    ours: `${timeText(median(frameMillis))} of ${timeText(tickMillis)}`,
    peer: "one frame a tick",
    ratio: `${percent.toFixed(4)} %`,
    goal: `<= ${watchPercentMax} % of the tick`,
    met: percent <= watchPercentMax,
  };
}

/** A tick in audit mode beside one without, of the same world in turns. */
function auditOfTick(engine: Engine, roundCount: number): BenchRow {
  const auditor = new Auditor(engine.world);
  let end = (): void => {};
  const comparison = compare({
    warmUpCount: 2,
    roundCount,
    ours: () => {
      auditor.rebase();
      end = observeTicks(engine.world, auditor);
      engine.step();
      end();
    },
    peer: () => engine.step(),
  });
  return timeRow(
    auditRow,
    comparison,
    `without; ${engine.world.steps.length} steps of ${bytesText(auditor.coveredBytes)}`,
  );
}

function shareOfTick(engine: Engine, tickCount: number): { readonly row: BenchRow; readonly tickMillis: number } {
  const { hash } = engine.world;
  const update = hash.update.bind(hash);
  let hashMillis = 0;
  // The world's own hash, measured from within its own tick.
  hash.update = (tick) => {
    hashMillis = millisOf(() => update(tick));
  };
  const tickMillis: number[] = [];
  const hashesMillis: number[] = [];
  for (let tick = 0; tick < tickCount; tick++) {
    tickMillis.push(millisOf(() => engine.step()));
    hashesMillis.push(hashMillis);
  }
  // Of the time that a tick has: what else fills it, here 1,000 bodies awake, differs from game to game.
  const periodMillis = 1_000 / engine.program.tickRate;
  const percent = (median(hashesMillis) / periodMillis) * 100;
  const ofWork = median(hashesMillis.map((millis, tick) => (millis / tickMillis[tick]!) * 100));
  const row = {
    name: shareRow,
    ours: `${timeText(median(hashesMillis))} of ${timeText(periodMillis)}`,
    peer: `${ofWork.toFixed(1)} % of its work, ${timeText(median(tickMillis))}`,
    ratio: `${percent.toFixed(1)} %`,
    goal: `<= ${percentMax} % of the tick`,
    met: percent <= percentMax,
  };
  hash.update = update;
  return { row, tickMillis: median(tickMillis) };
}

function yard(crateCount: number) {
  const drift = defineSystem({
    name: "drift",
    phase: "gameplay",
    query: [Drift, Position],
    reads: [Drift],
    writes: [Position],
    run({ entities, columns: { Drift, Position }, deltaSeconds }) {
      const { x, y, z } = Position;
      const { x: dx, y: dy, z: dz } = Drift;
      for (let i = 0; i < entities.length; i++) {
        const e = entities[i]!;
        x[e] = x[e]! + dx[e]! * deltaSeconds;
        y[e] = y[e]! + dy[e]! * deltaSeconds;
        z[e] = z[e]! + dz[e]! * deltaSeconds;
      }
    },
  });
  const base = pileGame(0);
  return pileGame(0, {
    id: "bench-yard",
    // Room for as many as there are: columns lie close, which counts when the rest of a tick has filled the caches.
    limits: { entities: 10_240 },
    components: [Drift],
    systems: [drift],
    setup(context) {
      const { commands, random } = context;
      base.setup(context);
      for (const place of boxPlaces(crateCount)) {
        const crate = commands.spawn(
          Position.of(place),
          Rotation.of({ w: 1 }),
          RigidBody.of({ neverSleeps: true }),
          boxCollider(0.5, 0.5, 0.5),
          WorldTransform,
        );
        for (let part = 0; part < 4; part++)
          commands.spawnChild(crate, Position.of({ x: part / 4 }), Scale.of({ y: 0.5 }), WorldTransform);
        for (let thing = 0; thing < 5; thing++)
          commands.spawn(
            Position.of({ x: random.between(-50, 50), y: random.between(5, 50), z: random.between(-50, 50) }),
            Drift.of({ x: random.between(-1, 1), y: random.between(-1, 1), z: random.between(-1, 1) }),
            WorldTransform,
          );
      }
    },
  });
}
