/**
 * The arena: the one shared memory that holds all authoritative state of a world, and the one file
 * that computes offsets in it. Regions are laid out in the order in which they are asked for, each at
 * a multiple of 64 bytes and padded with zeros to one, so that kernels and the hash work on whole
 * blocks and no two regions share a cache line.
 *
 *     0  ┌──────────────────────────────┐
 *        │ Header            16 x u32   │  word 0 tick, 1 alive count, 2 peak index
 *        ├──────────────────────────────┤
 *        │ Entities.dense    u32[n]     │  alive indices, then the free list: bitecs's own array
 *        │ Entities.sparse   u32[n + 1] │  place of each index in dense
 *        │ Entities.generation u16[n+1] │
 *        │ Entities.used     u32[c]     │  slots ever used, a component
 *        │ Entities.changed  u32[c]     │  tick of the last write, a component
 *        │ Entities.mask0..  i32[n + 1] │  presence, 31 components a row: bitecs's own arrays
 *        ├──────────────────────────────┤
 *        │ Position.x        f32[n + 1] │  one region a field, slot 0 unused, components and
 *        │ Position.y        ...        │  fields in the order of their names
 *        ├──────────────────────────────┤
 *        │ Random.streams    u32[4 s]   │  then the regions of events, input and subsystems
 *        ├──────────────────────────────┤
 *        │ Scratch                      │  tables for kernels; never hashed or saved
 *        └──────────────────────────────┘
 *
 * Everything before Scratch is the state: copying those bytes saves it. The tick hash covers all of it
 * but what follows from the rest: the inverse of dense, the used and changed counters and the header.
 */
import { assert } from "../base/assertions.ts";
import { allocateShared, type SharedMemory } from "../base/wasm.ts";

export const regionAlignment = 64;

/** A named span of the arena. `byteLength` is what was asked for; `paddedLength` is what it occupies. */
export interface Region {
  readonly name: string;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly paddedLength: number;
}

/** Computes offsets. Ask for all regions, then allocate; the order of asking is the layout. */
export class ArenaLayout {
  readonly #regions = new Map<string, Region>();
  #byteLength = 0;

  /** Reserves `byteLength` bytes under `name`. Names are unique. */
  reserve(name: string, byteLength: number): Region {
    assert(!this.#regions.has(name), "a region is reserved once", { name });
    assert(byteLength >= 0, "a region has a length", { name, byteLength });
    const region = { name, byteOffset: this.#byteLength, byteLength, paddedLength: align(byteLength) };
    this.#regions.set(name, region);
    this.#byteLength += region.paddedLength;
    return region;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get regions(): readonly Region[] {
    return [...this.#regions.values()];
  }
}

/** One allocated arena: shared memory that TypeScript, workers and kernels all see. */
export class Arena {
  readonly memory: SharedMemory;
  readonly buffer: SharedArrayBuffer;
  readonly regions: readonly Region[];

  /** `used` is the memory of an arena that nobody has any more: it is cleared and serves again, if it is large enough. */
  constructor(layout: ArenaLayout, used?: SharedMemory) {
    if (used !== undefined && used.buffer.byteLength >= layout.byteLength) {
      new Uint8Array(used.buffer).fill(0);
      this.memory = used;
    } else this.memory = allocateShared(layout.byteLength);
    this.buffer = this.memory.buffer;
    this.regions = layout.regions;
  }

  u32(region: Region): Uint32Array {
    return new Uint32Array(this.buffer, region.byteOffset, region.byteLength >> 2);
  }

  i32(region: Region): Int32Array {
    return new Int32Array(this.buffer, region.byteOffset, region.byteLength >> 2);
  }

  u16(region: Region): Uint16Array {
    return new Uint16Array(this.buffer, region.byteOffset, region.byteLength >> 1);
  }

  f32(region: Region): Float32Array {
    return new Float32Array(this.buffer, region.byteOffset, region.byteLength >> 2);
  }

  bytes(region: Region): Uint8Array {
    return new Uint8Array(this.buffer, region.byteOffset, region.byteLength);
  }
}

function align(byteLength: number): number {
  return Math.ceil(byteLength / regionAlignment) * regionAlignment;
}
