/**
 * The job of a particle system: moves its particles from the columns of the last run to those of this one.
 * Births come from events: `begin` decides them, the chunk whose slots they fall into makes them, so a
 * chunk that is done again does the same.
 */
import { array, entity, f32, u32 } from "../../ecs/field.ts";
import type { Handle } from "../../ecs/handle.ts";
import { type AnyJob, defineJob } from "../../jobs/definition.ts";
import { defineOutput, type Output } from "../../jobs/output.ts";
import { type ParticleTable, tableBytes, writeParticleTable } from "../../kernels/tables.ts";
import { WorldTransform } from "../../transform/components.ts";
import type { Particle, ParticleSystem } from "../particles.ts";

const chunkItems = 1_024;
/** Births of one system in one frame; what is beyond does not happen. */
const birthCountMax = 1_024;
/** x y z, velocity x y z, life, size, and the target's handle as a number. */
const birthWords = 9;
/** A drawn particle this near its target is taken in, metres. */
const takenMetres = 1;

const fields = {
  x: f32,
  y: f32,
  z: f32,
  velocityX: f32,
  velocityY: f32,
  velocityZ: f32,
  /** Seconds left; 0 or less is no particle. */
  life: f32,
  lifeSpan: f32,
  size: f32,
  shownSize: f32,
  alpha: f32,
  target: entity,
  targetX: f32,
  targetY: f32,
  targetZ: f32,
  weight: f32,
};
type Columns = Readonly<Record<string, { readonly byteOffset: number }>>;
type MovingTable = Omit<ParticleTable, "deltaSeconds"> & { deltaSeconds: number };
export type ParticleOutput = Output<string, typeof fields>;

/** Slots of a system: its capacity in whole chunks. */
export function particleSlots(capacity: number): number {
  return Math.ceil(capacity / chunkItems) * chunkItems;
}

/** The output of a system's job. */
export function particleOutput(system: ParticleSystem): ParticleOutput {
  return defineOutput(`Particles-${system.name}`, fields);
}

export function particleJob(system: ParticleSystem, output: ParticleOutput): AnyJob {
  const capacity = particleSlots(system.capacity);
  const floor = system.floor ?? { height: -1e9, restitution: 0, halfX: 0, halfZ: 0 };
  const attraction = system.attraction ?? 0;
  /** Filled anew for each birth; kept, like the tables, so that a steady frame leaves no garbage. */
  const particle: Particle = {
    ...{ x: 0, y: 0, z: 0, velocityX: 0, velocityY: 0, velocityZ: 0, life: 0, size: 0 },
    target: 0,
  };
  /** The kernel's table by the column that a run writes: a world has two of them, turn by turn. */
  const tables = new WeakMap<object, MovingTable>();
  const tableOf = (before: Columns, after: Columns): MovingTable => {
    const key = after["x"]!;
    let table = tables.get(key);
    if (table === undefined) {
      // Made elsewhere: what a function in here captured would be kept aside in every call.
      table = makeTable(before, after);
      tables.set(key, table);
    }
    return table;
  };
  const makeTable = (before: Columns, after: Columns): MovingTable => {
    const was = (name: keyof typeof fields): number => before[name]!.byteOffset;
    const is = (name: keyof typeof fields): number => after[name]!.byteOffset;
    return {
      before: [
        ...([was("x"), was("y"), was("z"), was("velocityX"), was("velocityY"), was("velocityZ")] as const),
        ...([was("life"), was("lifeSpan"), was("size")] as const),
      ],
      after: [
        ...([is("x"), is("y"), is("z"), is("velocityX"), is("velocityY"), is("velocityZ")] as const),
        ...([is("life"), is("shownSize"), is("alpha")] as const),
      ],
      targets: [is("targetX"), is("targetY"), is("targetZ"), is("weight")],
      deltaSeconds: 0,
      acceleration: system.acceleration as [number, number, number],
      drag: system.drag,
      floorHeight: floor.height,
      restitution: floor.restitution,
      floorHalfX: floor.halfX,
      floorHalfZ: floor.halfZ,
      sizeAtEnd: system.sizeAtEnd,
      fadeRate: system.fadeRate,
    };
  };
  return defineJob({
    name: `particles-${system.name}`,
    reads: [WorldTransform],
    hears: [system.event],
    params: {
      table: array(u32, tableBytes.particles / 4),
      births: array(f32, birthCountMax * birthWords),
      targets: array(u32, birthCountMax),
      birthCount: u32,
      /** Slot of the first birth of this run, and of the next one. */
      firstSlot: u32,
      nextSlot: u32,
    },
    output,
    chunkItems,
    itemsMax: () => capacity,
    begin({ events, params, random, before, output: after, deltaSeconds, quality }) {
      const heard = events[system.event.name]!;
      let count = 0;
      for (let row = 0; row < heard.count; row++) {
        const wanted = Math.ceil(system.amount(heard.columns, row) * quality);
        for (let n = 0; n < wanted && count < birthCountMax; n++) {
          particle.target = 0;
          system.birth(heard.columns, row, random, particle);
          const at = count * birthWords;
          params.births[at] = particle.x;
          params.births[at + 1] = particle.y;
          params.births[at + 2] = particle.z;
          params.births[at + 3] = particle.velocityX;
          params.births[at + 4] = particle.velocityY;
          params.births[at + 5] = particle.velocityZ;
          params.births[at + 6] = particle.life;
          params.births[at + 7] = particle.size;
          params.targets[count++] = particle.target;
        }
      }
      params.firstSlot[0] = params.nextSlot[0]!;
      params.birthCount[0] = count;
      params.nextSlot[0] = (params.nextSlot[0]! + count) % capacity;
      const { table } = params;
      const values = tableOf(before, after);
      values.deltaSeconds = deltaSeconds;
      writeParticleTable(table.buffer as SharedArrayBuffer, table.byteOffset, values);
      return capacity;
    },
    run({ first, count, params, before, output: after, columns, snapshot, kernels }) {
      for (let i = 0; i < count; i++) {
        after.lifeSpan[i] = before.lifeSpan[i]!;
        after.size[i] = before.size[i]!;
        after.target[i] = before.target[i]!;
      }
      if (attraction > 0) {
        const { matrix } = columns.WorldTransform;
        for (let i = 0; i < count; i++) {
          const target = snapshot.indexOf(before.target[i]! as Handle);
          after.weight[i] = target === 0 ? 0 : attraction;
          if (target === 0) continue;
          after.targetX[i] = matrix[target * 16 + 12]!;
          after.targetY[i] = matrix[target * 16 + 13]!;
          after.targetZ[i] = matrix[target * 16 + 14]!;
        }
        kernels.integrateAttracted(params.table.byteOffset, first, count);
        for (let i = 0; i < count; i++) {
          if (after.weight[i] === 0) continue;
          const dx = after.targetX[i]! - after.x[i]!;
          const dy = after.targetY[i]! - after.y[i]!;
          const dz = after.targetZ[i]! - after.z[i]!;
          if (dx * dx + dy * dy + dz * dz < takenMetres * takenMetres) after.life[i] = 0;
        }
      } else kernels.integrateParticles(params.table.byteOffset, first, count);
      const birthCount = params.birthCount[0]!;
      for (let b = 0; b < birthCount; b++) {
        const slot = ((params.firstSlot[0]! + b) % capacity) - first;
        if (slot < 0 || slot >= count) continue;
        const at = b * birthWords;
        after.x[slot] = params.births[at]!;
        after.y[slot] = params.births[at + 1]!;
        after.z[slot] = params.births[at + 2]!;
        after.velocityX[slot] = params.births[at + 3]!;
        after.velocityY[slot] = params.births[at + 4]!;
        after.velocityZ[slot] = params.births[at + 5]!;
        after.life[slot] = params.births[at + 6]!;
        after.lifeSpan[slot] = params.births[at + 6]!;
        after.size[slot] = params.births[at + 7]!;
        after.shownSize[slot] = params.births[at + 7]!;
        after.alpha[slot] = 1;
        after.target[slot] = params.targets[b]!;
      }
      return count;
    },
  });
}
