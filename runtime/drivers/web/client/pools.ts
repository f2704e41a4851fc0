/**
 * Pools: one instanced mesh for each pair of mesh and material, filled anew from every packet. A
 * pool grows by doubling and never shrinks, so a steady scene makes no garbage.
 *
 * Rule: a packet is believed only as far as it fits: a draw that names an unknown mesh or material,
 * or instances that the packet does not hold, is left out.
 */
import { type BufferGeometry, DynamicDrawUsage, InstancedBufferAttribute, InstancedMesh, type Object3D } from "three";
import type { PacketViews } from "../../../../engine/render/packet.ts";
import { blendPoses, copyColors } from "./blend.ts";
import type { Drawing, Surface } from "./surfaces.ts";

const firstCapacity = 16;

/** An attribute an instance whose 16-bit words the renderer takes for half floats. */
class HalfFloatInstances extends InstancedBufferAttribute {
  readonly isFloat16BufferAttribute = true;
}

interface Pool {
  readonly geometry: BufferGeometry;
  readonly surface: Surface;
  mesh: InstancedMesh;
  matrices: Float32Array;
  /** Four half floats an instance, in two words. */
  colors: Uint32Array;
  capacity: number;
  count: number;
  colorsChanged: boolean;
}

export class Pools {
  readonly #parent: Object3D;
  readonly #geometries: readonly BufferGeometry[];
  readonly #surfaces: readonly Surface[];
  readonly #pools = new Map<number, Pool>();
  readonly #order: Pool[] = [];
  #drawing: Drawing = "detailed";

  constructor(parent: Object3D, geometries: readonly BufferGeometry[], surfaces: readonly Surface[]) {
    this.#parent = parent;
    this.#geometries = geometries;
    this.#surfaces = surfaces;
  }

  /** Shows a packet's instances, `alpha` of the way from their previous to their current poses. */
  show(packet: PacketViews, alpha: number): void {
    const { draws, previous, current } = packet;
    const colors = new Uint32Array(packet.colors.buffer, packet.colors.byteOffset, packet.colors.length >> 1);
    const instanceCount = Math.min(previous.length / 12, current.length / 12, colors.length / 2) | 0;
    for (let i = 0; i < this.#order.length; i++) {
      const pool = this.#order[i]!;
      pool.count = 0;
      pool.colorsChanged = false;
    }
    for (let draw = 0; draw + 3 < draws.length; draw += 4) {
      const first = draws[draw + 2]!;
      const count = draws[draw + 3]!;
      if (count === 0 || first + count > instanceCount) continue;
      const pool = this.#poolOf(draws[draw]!, draws[draw + 1]!);
      if (pool === undefined) continue;
      const at = pool.count;
      if (at + count > pool.capacity) this.#grow(pool, at + count);
      blendPoses(pool.matrices, at, previous, current, first, count, alpha);
      if (copyColors(pool.colors, at, colors, first, count)) pool.colorsChanged = true;
      pool.count = at + count;
    }
    for (let i = 0; i < this.#order.length; i++) {
      const { mesh, count, colorsChanged } = this.#order[i]!;
      mesh.count = count;
      mesh.visible = count > 0;
      if (count === 0) continue;
      mesh.instanceMatrix.needsUpdate = true;
      if (colorsChanged) mesh.instanceColor!.needsUpdate = true;
    }
  }

  /** Whether anything shown glows. */
  get glowing(): boolean {
    for (let i = 0; i < this.#order.length; i++) {
      const pool = this.#order[i]!;
      if (pool.count > 0 && pool.surface.glows) return true;
    }
    return false;
  }

  /** Gives every pool the surface for one way of drawing. */
  dress(drawing: Drawing): void {
    this.#drawing = drawing;
    for (let i = 0; i < this.#order.length; i++) {
      const { mesh, surface, count } = this.#order[i]!;
      const material = surface.materials[drawing];
      mesh.visible = count > 0 && material !== undefined;
      if (material !== undefined) mesh.material = material;
    }
  }

  /** Has every surface compiled again, for another kind of shadow. */
  recompile(): void {
    for (const { materials } of this.#surfaces)
      for (const material of Object.values(materials)) if (material !== undefined) material.needsUpdate = true;
  }

  dispose(): void {
    for (const { mesh } of this.#order) {
      this.#parent.remove(mesh);
      mesh.dispose();
    }
    for (const geometry of this.#geometries) geometry.dispose();
    for (const { materials } of this.#surfaces) for (const material of Object.values(materials)) material?.dispose();
  }

  #poolOf(meshNumber: number, materialNumber: number): Pool | undefined {
    const key = meshNumber * 65_536 + materialNumber;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const geometry = this.#geometries[meshNumber];
    const surface = this.#surfaces[materialNumber];
    if (geometry === undefined || surface === undefined) return undefined;
    const pool: Pool = {
      geometry,
      surface,
      capacity: firstCapacity,
      count: 0,
      colorsChanged: false,
      ...allocate(geometry, surface, this.#drawing, firstCapacity),
    };
    this.#parent.add(pool.mesh);
    this.#pools.set(key, pool);
    this.#order.push(pool);
    return pool;
  }

  /** Doubles a pool until it holds `count`; what the frame has written so far is kept. */
  #grow(pool: Pool, count: number): void {
    let capacity = pool.capacity;
    while (capacity < count) capacity *= 2;
    const { mesh, matrices, colors } = pool;
    Object.assign(pool, {
      capacity,
      colorsChanged: true,
      ...allocate(pool.geometry, pool.surface, this.#drawing, capacity),
    });
    pool.matrices.set(matrices);
    pool.colors.set(colors);
    this.#parent.remove(mesh);
    mesh.dispose();
    this.#parent.add(pool.mesh);
  }
}

function allocate(
  geometry: BufferGeometry,
  surface: Surface,
  drawing: Drawing,
  capacity: number,
): Pick<Pool, "mesh" | "matrices" | "colors"> {
  const mesh = new InstancedMesh(geometry, surface.materials[drawing], capacity);
  const matrices = mesh.instanceMatrix.array as Float32Array;
  const colors = new Uint32Array(capacity * 2);
  mesh.instanceMatrix.setUsage(DynamicDrawUsage);
  mesh.instanceColor = new HalfFloatInstances(new Uint16Array(colors.buffer), 4).setUsage(DynamicDrawUsage);
  mesh.castShadow = surface.castsShadow;
  mesh.receiveShadow = surface.receivesShadow;
  // The engine culls before it assembles a packet; bounds of a pool would have to be computed anew each frame.
  mesh.frustumCulled = false;
  mesh.matrixAutoUpdate = false;
  return { mesh, matrices, colors };
}
