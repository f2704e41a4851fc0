/**
 * Swarm: the reference game of jobs. Motes drift towards their nearest neighbour, which a tick job finds
 * on snapshots (every 2 ticks, entering 3 later); frame jobs make bounds, cull them and fly dust that
 * keeps its state from frame to frame. Small numbers, every path of the job system.
 */
import {
  defineComponent,
  defineEvent,
  defineGame,
  defineSystem,
  entity,
  f32,
  type Game,
  Position,
  u32,
  WorldTransform,
} from "../../engine/index.ts";
import { type AnyJob, defineJob, defineTickJob } from "../../engine/jobs/definition.ts";
import { defineOutput } from "../../engine/jobs/output.ts";

export const Mote = defineComponent("Mote", { vx: f32, vy: f32, vz: f32 }, { shared: true });
export const Near = defineComponent("Near", { mote: entity, distance: f32 }, { writtenIn: [], writer: "door" });
export const Puff = defineEvent("Puff", { x: f32, z: f32 });

export const senseEvery = 2;
export const senseLatency = 3;

/** Index of every mote, so that items are dense: set by begin from the snapshot. */
export const sense: AnyJob = defineTickJob({
  name: "sense",
  every: senseEvery,
  latency: senseLatency,
  reads: [Mote, WorldTransform],
  params: { motes: { scalar: "u32", length: 1_024 }, count: u32 },
  answer: Near,
  chunkItems: 16,
  itemsMax: () => 1_024,
  begin({ snapshot, params }) {
    const { row, bit } = snapshot.presenceOf(Mote);
    let count = 0;
    for (let e = 1; e < snapshot.slotCount; e++) if ((row[e]! & bit) !== 0) params.motes[count++] = e;
    params.count[0] = count;
    return count;
  },
  run({ first, count, params, columns, output, snapshot }) {
    const { matrix } = columns.WorldTransform;
    const { motes } = params;
    const all = params.count[0]!;
    for (let i = 0; i < count; i++) {
      const e = motes[first + i]!;
      let best = 0;
      let bestSquare = 1e30;
      for (let k = 0; k < all; k++) {
        const other = motes[k]!;
        if (other === e) continue;
        const dx = matrix[other * 16 + 12]! - matrix[e * 16 + 12]!;
        const dy = matrix[other * 16 + 13]! - matrix[e * 16 + 13]!;
        const dz = matrix[other * 16 + 14]! - matrix[e * 16 + 14]!;
        const square = dx * dx + dy * dy + dz * dz;
        if (square < bestSquare) {
          best = other;
          bestSquare = square;
        }
      }
      output.entity[i] = snapshot.handleOf(e);
      output.mote[i] = best === 0 ? 0 : snapshot.handleOf(best);
      output.distance[i] = Math.sqrt(bestSquare);
    }
    return count;
  },
});

export const Bounds = defineOutput("Bounds", { x: f32, y: f32, z: f32, entity: u32 });
export const Seen = defineOutput("Seen", { entity: u32 });
export const Dust = defineOutput("Dust", { x: f32, y: f32, vy: f32, life: f32 });

export const bounds: AnyJob = defineJob({
  name: "bounds",
  reads: [Mote, WorldTransform],
  output: Bounds,
  chunkItems: 128,
  itemsMax: ({ entities }) => entities + 1,
  begin: ({ snapshot }) => snapshot.slotCount,
  run({ first, count, columns, output, snapshot }) {
    const { row, bit } = snapshot.presenceOf(Mote);
    const { matrix } = columns.WorldTransform;
    for (let i = 0; i < count; i++) {
      const e = first + i;
      const isThere = (row[e]! & bit) !== 0;
      output.entity[i] = isThere ? e : 0;
      output.x[i] = isThere ? matrix[e * 16 + 12]! : 0;
      output.y[i] = isThere ? matrix[e * 16 + 13]! : 0;
      output.z[i] = isThere ? matrix[e * 16 + 14]! : 0;
    }
    return count;
  },
});

export const cull: AnyJob = defineJob({
  name: "cull",
  inputs: [Bounds],
  output: Seen,
  chunkItems: 128,
  itemsMax: ({ entities }) => entities + 1,
  begin: ({ inputs }) => inputs.Bounds.itemCount,
  run({ first, count, inputs, output }) {
    const { x, entity } = inputs.Bounds.columns;
    let rows = 0;
    for (let i = first; i < first + count; i++) if (entity[i] !== 0 && x[i]! > 0) output.entity[rows++] = entity[i]!;
    return rows;
  },
});

export const dust: AnyJob = defineJob({
  name: "dust",
  hears: [Puff],
  params: { births: { scalar: "f32", length: 256 }, birthCount: u32, next: u32, seconds: f32 },
  output: Dust,
  chunkItems: 64,
  itemsMax: () => 512,
  begin({ events, params, deltaSeconds }) {
    const count = Math.min(64, events.Puff.count);
    for (let i = 0; i < count; i++) params.births[i] = events.Puff.columns.x[i]!;
    // Births take the slots from `next - count` on.
    params.next[0] = (params.next[0]! + count) % 512;
    params.birthCount[0] = count;
    params.seconds[0] = deltaSeconds;
    return 512;
  },
  run({ first, count, params, before, output, random }) {
    const seconds = params.seconds[0]!;
    for (let i = 0; i < count; i++) {
      output.x[i] = before.x[i]!;
      output.vy[i] = before.vy[i]! - 9 * seconds;
      output.y[i] = before.y[i]! + before.vy[i]! * seconds;
      output.life[i] = Math.max(0, before.life[i]! - seconds);
    }
    const births = params.birthCount[0]!;
    for (let b = 0; b < births; b++) {
      const slot = (params.next[0]! - births + b + 512) % 512;
      if (slot < first || slot >= first + count) continue;
      output.x[slot - first] = params.births[b]!;
      output.y[slot - first] = 0;
      output.vy[slot - first] = 3 + random.unit();
      output.life[slot - first] = 1;
    }
    return count;
  },
});

const flock = defineSystem({
  name: "flock",
  phase: "gameplay",
  query: [Mote, Near, Position],
  reads: [Near],
  writes: [Mote, Position],
  emits: [Puff],
  run({ entities, columns: { Mote, Near, Position }, world, events, random, deltaSeconds }) {
    for (let i = 0; i < entities.length; i++) {
      const e = entities[i]!;
      const near = world.indexOf(Near.mote[e]! as never);
      const pull = near === 0 ? -0.1 : Near.distance[e]! > 2 ? 0.8 : -1.2;
      const to = near === 0 ? e : near;
      Mote.vx[e] =
        Mote.vx[e]! * 0.98 + (Position.x[to]! - Position.x[e]!) * pull * deltaSeconds - Position.x[e]! * 0.002;
      Mote.vz[e] =
        Mote.vz[e]! * 0.98 + (Position.z[to]! - Position.z[e]!) * pull * deltaSeconds - Position.z[e]! * 0.002;
      Position.x[e] = Position.x[e]! + Mote.vx[e]! * deltaSeconds;
      Position.z[e] = Position.z[e]! + Mote.vz[e]! * deltaSeconds;
    }
    if (random.chance(0.4)) events.Puff.emit({ x: random.between(-5, 5), z: 0 });
  },
});

/** Makes motes come and go, so that answers find entities that are no more. */
const renew = defineSystem({
  name: "renew",
  phase: "gameplay",
  after: ["flock"],
  query: [Mote],
  run({ entities, tick, random, commands, world }) {
    if (tick % 3 !== 0) return;
    commands.despawn(world.handleOf(entities[random.below(entities.length)]!));
    commands.spawn(Mote, Near, WorldTransform, Position.of({ x: random.between(-9, 9), z: random.between(-9, 9) }));
  },
});

export const swarmJobs: readonly AnyJob[] = [sense, bounds, cull, dust];

/** The game with the given jobs in place of its own, or with its own. */
export function makeSwarm(jobs: readonly AnyJob[] = swarmJobs, moteCount = 200): Game {
  return defineGame({
    id: "swarm",
    tickRate: 60,
    limits: { entities: 1_000, snapshotSlots: 6 },
    components: [Mote, Near],
    events: [Puff],
    systems: [flock, renew],
    jobs,
    setup({ commands, random }) {
      for (let i = 0; i < moteCount; i++)
        commands.spawn(Mote, Near, WorldTransform, Position.of({ x: random.between(-9, 9), z: random.between(-9, 9) }));
    },
  });
}

export const swarm: Game = makeSwarm();
