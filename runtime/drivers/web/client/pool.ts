/**
 * A pool: one instanced mesh, one draw. It grows by doubling and never shrinks, so a steady scene makes no
 * garbage; only the part that is in use is sent to the graphics processor.
 */
import { type BufferGeometry, DynamicDrawUsage, InstancedBufferAttribute, InstancedMesh, type Object3D } from "three";
import type { PacketViews } from "../../../../engine/render/packet.ts";
import { blendPoses, copyColors } from "./blend.ts";
import type { Drawing, Surface } from "./surfaces.ts";

const firstCapacity = 16;

/** An attribute of an instance whose 16-bit words the renderer takes for half floats. */
class HalfFloatInstances extends InstancedBufferAttribute {
  readonly isFloat16BufferAttribute = true;
}

export class Pool {
  readonly surface: Surface;
  count = 0;
  /** Instances, the first of them, that the shadow map is drawn with. */
  #castingCount = 0;
  readonly #parent: Object3D;
  readonly #geometry: BufferGeometry;
  #mesh!: InstancedMesh;
  #capacity = 0;
  #colorsChanged = false;
  #matrices: Float32Array = new Float32Array(0);
  /** Four half floats an instance, in two words. */
  #colors = new Uint32Array(0);
  #drawing: Drawing;

  constructor(parent: Object3D, geometry: BufferGeometry, surface: Surface, drawing: Drawing) {
    this.#parent = parent;
    this.#geometry = geometry;
    this.surface = surface;
    this.#drawing = drawing;
    this.#allocate(firstCapacity);
  }

  /** Forgets the instances of the last frame. */
  begin(): void {
    this.count = 0;
    this.#castingCount = 0;
    this.#colorsChanged = false;
  }

  /**
   * Adds the packet's instances `chosen`, `alpha` of the way from their previous to their current poses.
   * Those that cast shadows come first; whoever stands before one of them casts as well.
   */
  add(
    packet: PacketViews,
    colors: Uint32Array,
    chosen: Uint32Array,
    count: number,
    alpha: number,
    casting: boolean,
  ): void {
    if (count === 0) return;
    const end = this.count + count;
    if (casting) this.#castingCount = end;
    if (end > this.#capacity) this.#grow(end);
    blendPoses(this.#matrices, this.count, packet.previous, packet.current, chosen, count, alpha);
    if (copyColors(this.#colors, this.count, colors, chosen, count)) this.#colorsChanged = true;
    this.count = end;
  }

  /** Hands the frame's instances to the renderer. */
  end(): void {
    const mesh = this.#mesh;
    mesh.count = this.count;
    mesh.visible = this.count > 0;
    if (this.count === 0) return;
    send(mesh.instanceMatrix, this.count * 16);
    if (this.#colorsChanged) send(mesh.instanceColor!, this.count * 4);
  }

  dress(drawing: Drawing): void {
    this.#drawing = drawing;
    const material = this.surface.materials[drawing];
    this.#mesh.visible = this.count > 0 && material !== undefined;
    if (material !== undefined) this.#mesh.material = material;
  }

  dispose(): void {
    this.#parent.remove(this.#mesh);
    this.#mesh.dispose();
  }

  /** Doubles the pool until it holds `count`; what the frame has written so far is kept. */
  #grow(count: number): void {
    let capacity = this.#capacity;
    while (capacity < count) capacity *= 2;
    const matrices = this.#matrices;
    const colors = this.#colors;
    this.dispose();
    this.#allocate(capacity);
    this.#matrices.set(matrices);
    this.#colors.set(colors);
    this.#colorsChanged = true;
  }

  #allocate(capacity: number): void {
    const { surface } = this;
    const mesh = new InstancedMesh(this.#geometry, surface.materials[this.#drawing], capacity);
    this.#matrices = mesh.instanceMatrix.array as Float32Array;
    this.#colors = new Uint32Array(capacity * 2);
    mesh.instanceMatrix.setUsage(DynamicDrawUsage);
    const halfFloats = new Uint16Array(this.#colors.buffer);
    mesh.instanceColor = new HalfFloatInstances(halfFloats, 4).setUsage(DynamicDrawUsage);
    mesh.castShadow = surface.castsShadow;
    mesh.receiveShadow = surface.receivesShadow;
    // The engine culls for each camera; bounds of a pool would have to be computed anew each frame.
    mesh.frustumCulled = false;
    mesh.matrixAutoUpdate = false;
    mesh.onBeforeShadow = () => {
      mesh.count = this.#castingCount;
    };
    mesh.onAfterShadow = () => {
      mesh.count = this.count;
    };
    this.#mesh = mesh;
    this.#capacity = capacity;
    this.#parent.add(mesh);
  }
}

function send(attribute: InstancedBufferAttribute, elementCount: number): void {
  attribute.clearUpdateRanges();
  attribute.addUpdateRange(0, elementCount);
  attribute.needsUpdate = true;
}
