/**
 * Pools: one for each mesh, level of detail and material that is on screen, made when the first instance of
 * the three appears and filled anew from every packet with what this page's camera sees.
 *
 * Rule: a packet is believed only as far as it fits: a draw that names an unknown mesh or material,
 * or instances that the packet does not hold, is left out.
 */
import type { BufferGeometry, Object3D, Texture } from "three";
import type { PacketViews } from "../../../../engine/render/packet.ts";
import type { MaterialDescription, MeshDescription } from "../../../../engine/render/scene.ts";
import { chooseInstances, countLevels, packetLevelCount, type Sight } from "./blend.ts";
import { coarsened } from "./mesh-levels.ts";
import { Pool } from "./pool.ts";
import { buildLevels, levelCount, type MeshLevels, streamedLevels } from "./shapes.ts";
import { buildSurface, type Drawing, type Surface } from "./surfaces.ts";

/** A coarser level is drawn on its own only where it saves this many triangles: a draw costs more than fewer. */
const trianglesOfADraw = 1_000;

interface Mesh {
  readonly fallback: MeshLevels;
  levels: MeshLevels;
  /** The levels of a streamed geometry, while one is shown. */
  streamed: readonly BufferGeometry[] | undefined;
  /** Whether the geometry has colours of its own. */
  colored: boolean;
}

interface Material {
  readonly description: MaterialDescription;
  readonly plain: Surface;
  /** For meshes with colours of their own; made when the first is drawn. */
  colored: Surface | undefined;
  texture: Texture | undefined;
}

export class Pools {
  readonly #parent: Object3D;
  readonly #meshes: readonly Mesh[];
  readonly #materials: readonly Material[];
  readonly #pools = new Map<number, Pool>();
  readonly #order: Pool[] = [];
  readonly #counts = new Uint32Array(packetLevelCount);
  /** For each geometry of a mesh, the levels that are drawn with it, a bit each, and the instances at them. */
  readonly #wanted = new Uint8Array(levelCount);
  readonly #placeCounts = new Uint32Array(levelCount);
  #chosen = new Uint32Array(1_024);
  #drawing: Drawing = "detailed";
  #bias = 0;

  constructor(parent: Object3D, meshes: readonly MeshDescription[], materials: readonly MaterialDescription[]) {
    this.#parent = parent;
    this.#meshes = meshes.map((mesh) => {
      const levels = buildLevels(mesh.shape === "resource" ? mesh.fallback : mesh);
      return { fallback: levels, levels, streamed: undefined, colored: false };
    });
    this.#materials = materials.map((description) => ({
      ...{ description, plain: buildSurface(description) },
      ...{ colored: undefined, texture: undefined },
    }));
  }

  /** Instances that the last frame drew, those that only cast a shadow among them. */
  get instanceCount(): number {
    let count = 0;
    for (let i = 0; i < this.#order.length; i++) count += this.#order[i]!.count;
    return count;
  }

  /** Whether anything shown glows. */
  get glowing(): boolean {
    for (let i = 0; i < this.#order.length; i++) {
      const pool = this.#order[i]!;
      if (pool.count > 0 && pool.surface.glows) return true;
    }
    return false;
  }

  /** Shows what `sight` takes in of a packet, `alpha` of the way from previous to current poses. */
  show(packet: PacketViews, alpha: number, sight: Sight): void {
    const { draws, visible, levels } = packet;
    const colors = new Uint32Array(packet.colors.buffer, packet.colors.byteOffset, packet.colors.length >> 1);
    const instanceCount = packet.entities.length;
    if (this.#chosen.length < instanceCount) this.#chosen = new Uint32Array(instanceCount * 2);
    for (let i = 0; i < this.#order.length; i++) this.#order[i]!.begin();
    for (let draw = 0; draw + 3 < draws.length; draw += 4) {
      const first = draws[draw + 2]!;
      const count = draws[draw + 3]!;
      const mesh = this.#meshes[draws[draw]!];
      const material = this.#materials[draws[draw + 1]!];
      if (count === 0 || first + count > instanceCount || mesh === undefined || material === undefined) continue;
      countLevels(this.#counts, visible, levels, first, count, sight);
      this.#assignLevels(mesh.levels);
      for (let place = 0; place < levelCount; place++) {
        const wanted = this.#wanted[place]!;
        if (wanted === 0) continue;
        const pool = this.#poolOf(draws[draw]!, place, draws[draw + 1]!);
        const chosen = this.#chosen;
        const castingCount = chooseInstances(chosen, visible, levels, first, count, sight, wanted, 1);
        pool.add(packet, colors, chosen, castingCount, alpha, true);
        const otherCount = chooseInstances(chosen, visible, levels, first, count, sight, wanted, 0);
        pool.add(packet, colors, chosen, otherCount, alpha, false);
      }
    }
    for (let i = 0; i < this.#order.length; i++) this.#order[i]!.end();
  }

  /** Gives every pool the surface for one way of drawing. */
  dress(drawing: Drawing): void {
    this.#drawing = drawing;
    for (let i = 0; i < this.#order.length; i++) this.#order[i]!.dress(drawing);
  }

  /** Has every surface compiled again, for another kind of shadow. */
  recompile(): void {
    for (const material of this.#materials)
      for (const surface of surfacesOf(material))
        for (const each of Object.values(surface.materials)) if (each !== undefined) each.needsUpdate = true;
  }

  /** Shows a texture on a material that names one; undefined gives it its plain colour back. */
  setTexture(material: number, texture: Texture | undefined): void {
    const dressed = this.#materials[material]!;
    dressed.texture = texture;
    for (const surface of surfacesOf(dressed)) surface.setTexture(texture);
  }

  /** Shows a streamed geometry as a mesh; undefined gives it its fallback back. */
  setGeometry(number: number, geometry: BufferGeometry | undefined): void {
    const mesh = this.#meshes[number]!;
    for (const [key, pool] of this.#pools) {
      if (keyMesh(key) !== number) continue;
      pool.dispose();
      this.#pools.delete(key);
      this.#order.splice(this.#order.indexOf(pool), 1);
    }
    for (const before of mesh.streamed ?? []) before.dispose();
    mesh.streamed = geometry === undefined ? undefined : coarsened(geometry);
    mesh.levels = mesh.streamed === undefined ? mesh.fallback : streamedLevels(mesh.streamed, this.#bias);
    mesh.colored = geometry?.hasAttribute("color") === true;
  }

  /** Draws streamed meshes so many levels coarser than packets say. */
  coarsen(bias: number): void {
    if (bias === this.#bias) return;
    this.#bias = bias;
    for (const mesh of this.#meshes) if (mesh.streamed !== undefined) mesh.levels = streamedLevels(mesh.streamed, bias);
  }

  dispose(): void {
    for (const pool of this.#order) pool.dispose();
    for (const { fallback, streamed } of this.#meshes)
      for (const geometry of [...fallback.geometries, ...(streamed ?? [])]) geometry.dispose();
    for (const material of this.#materials)
      for (const surface of surfacesOf(material)) for (const each of Object.values(surface.materials)) each?.dispose();
  }

  /** Decides from `#counts` which geometry of a mesh draws which levels. */
  #assignLevels({ geometries, places, triangleCounts }: MeshLevels): void {
    const wanted = this.#wanted.fill(0);
    const counts = this.#placeCounts.fill(0);
    for (let level = 0; level < levelCount; level++) {
      if (this.#counts[level] === 0) continue;
      const place = places[level]!;
      wanted[place] = wanted[place]! | (1 << level);
      counts[place] = counts[place]! + this.#counts[level]!;
    }
    for (let place = geometries.length - 1; place > 0; place--) {
      let finer = place - 1;
      while (finer > 0 && counts[finer] === 0) finer--;
      const saved = counts[place]! * (triangleCounts[finer]! - triangleCounts[place]!);
      if (counts[place] === 0 || counts[finer] === 0 || saved >= trianglesOfADraw) continue;
      wanted[finer] = wanted[finer]! | wanted[place]!;
      counts[finer] = counts[finer]! + counts[place]!;
      wanted[place] = counts[place] = 0;
    }
  }

  #poolOf(meshNumber: number, place: number, materialNumber: number): Pool {
    const key = (meshNumber * levelCount + place) * 65_536 + materialNumber;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const { levels, colored } = this.#meshes[meshNumber]!;
    const surface = this.#surfaceOf(this.#materials[materialNumber]!, colored);
    const pool = new Pool(this.#parent, levels.geometries[place]!, surface, this.#drawing);
    this.#pools.set(key, pool);
    this.#order.push(pool);
    return pool;
  }

  #surfaceOf(material: Material, colored: boolean): Surface {
    if (!colored) return material.plain;
    if (material.colored === undefined) {
      material.colored = buildSurface(material.description, true);
      if (material.texture !== undefined) material.colored.setTexture(material.texture);
    }
    return material.colored;
  }
}

function keyMesh(key: number): number {
  return Math.floor(key / 65_536 / levelCount);
}

function surfacesOf({ plain, colored }: Material): readonly Surface[] {
  return colored === undefined ? [plain] : [plain, colored];
}
