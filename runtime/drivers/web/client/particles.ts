/**
 * Particles: one draw for each system that has any, in the order of the scene. The rows of a packet go to
 * the graphics processor as they are, once a packet; the shader moves each along its velocity to where it is
 * between two ticks.
 *
 * Rule: the rows of a system stand together and systems ascend, as assembly merges them; a row out of order
 * ends its system.
 */
import {
  BufferAttribute,
  Color,
  CustomBlending,
  DynamicDrawUsage,
  InstancedBufferGeometry,
  InstancedInterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  type Object3D,
  OneFactor,
  OneMinusSrcAlphaFactor,
  ShaderMaterial,
  Vector2,
  Vector3,
} from "three";
import { type PacketViews, particleElementCount } from "../../../../engine/render/packet.ts";
import type { LightingDescription, ParticleDescription } from "../../../../engine/render/scene.ts";
import { particleFragmentShader, particleVertexShader } from "./particle-shaders.ts";
import type { Drawing } from "./surfaces.ts";

const firstCapacity = 256;
/** Half the width of what is drawn as a share of a particle's size; a soft edge needs more than a hard one. */
const halfWidths = { spark: "0.8", puff: "0.9" } as const;

interface System {
  readonly mesh: Mesh;
  readonly picture: ShaderMaterial;
  readonly glow: ShaderMaterial;
  readonly glows: boolean;
  rows: InstancedInterleavedBuffer;
  count: number;
}

export class Particles {
  readonly #parent: Object3D;
  readonly #systems: readonly System[];
  /** Shared by the shaders of all systems. */
  readonly #secondsAhead = { value: 0 };
  readonly #halfHeightPixels = { value: 1 };
  #packet: PacketViews | undefined;
  #count = 0;

  constructor(parent: Object3D, descriptions: readonly ParticleDescription[], lighting: LightingDescription) {
    this.#parent = parent;
    const shared = {
      secondsAhead: this.#secondsAhead,
      halfHeightPixels: this.#halfHeightPixels,
      ...lightUniforms(lighting),
    };
    this.#systems = descriptions.map((description) => makeSystem(description, shared));
    for (const { mesh } of this.#systems) parent.add(mesh);
  }

  /** Particles that are on show. */
  get count(): number {
    return this.#count;
  }

  get glowing(): boolean {
    return this.#systems.some(({ glows, count }) => glows && count > 0);
  }

  fit(bufferHeight: number): void {
    this.#halfHeightPixels.value = bufferHeight / 2;
  }

  /** Shows a packet's particles as they are `alpha` of the way through its tick. */
  show(packet: PacketViews, alpha: number): void {
    this.#secondsAhead.value = ((1 - alpha) * packet.header.tickMicros) / 1_000_000;
    if (packet === this.#packet) return;
    this.#packet = packet;
    const { particles } = packet;
    const rowCount = particles.length / particleElementCount;
    let row = 0;
    for (let number = 0; number < this.#systems.length; number++) {
      const first = row;
      while (row < rowCount && Math.floor(particles[row * particleElementCount + 7]!) === number) row++;
      fill(this.#systems[number]!, particles, first, row - first);
    }
    this.#count = row;
  }

  dress(drawing: Drawing): void {
    for (const { mesh, picture, glow, glows, count } of this.#systems) {
      mesh.material = drawing === "glow" ? glow : picture;
      mesh.visible = count > 0 && (drawing !== "glow" || glows);
    }
  }

  dispose(): void {
    for (const { mesh, picture, glow } of this.#systems) {
      this.#parent.remove(mesh);
      mesh.geometry.dispose();
      picture.dispose();
      glow.dispose();
    }
  }
}

function fill(system: System, particles: Float32Array, first: number, count: number): void {
  system.count = count;
  system.mesh.visible = count > 0;
  const { mesh, rows } = system;
  let capacity = rows.count;
  if (capacity < count) {
    while (capacity < count) capacity *= 2;
    mesh.geometry.dispose();
    system.rows = makeRows(capacity);
    mesh.geometry = makeGeometry(system.rows);
  }
  (mesh.geometry as InstancedBufferGeometry).instanceCount = count;
  if (count === 0) return;
  const elementCount = count * particleElementCount;
  const from = first * particleElementCount;
  (system.rows.array as Float32Array).set(particles.subarray(from, from + elementCount));
  system.rows.clearUpdateRanges();
  system.rows.addUpdateRange(0, elementCount);
  system.rows.needsUpdate = true;
}

type Uniforms = Record<string, { value: unknown }>;

function makeSystem({ color, emissiveIntensity, shape }: ParticleDescription, shared: Uniforms): System {
  const own = new Color(color);
  const uniforms = {
    ...shared,
    color: { value: own },
    light: { value: own.clone().multiplyScalar(emissiveIntensity) },
  };
  const defines = { WIDTH: halfWidths[shape], ...(shape === "spark" ? { SPARK: "" } : {}) };
  const settings = {
    vertexShader: particleVertexShader,
    fragmentShader: particleFragmentShader,
    uniforms,
    transparent: true,
    depthWrite: false,
    blending: CustomBlending,
    blendSrc: OneFactor,
    blendDst: OneMinusSrcAlphaFactor,
  } as const;
  const rows = makeRows(firstCapacity);
  const picture = new ShaderMaterial({ ...settings, defines });
  const mesh = new Mesh(makeGeometry(rows), picture);
  mesh.frustumCulled = false;
  mesh.matrixAutoUpdate = false;
  mesh.visible = false;
  // After other transparent things, and light after smoke.
  mesh.renderOrder = shape === "puff" ? 1 : 2;
  const glow = new ShaderMaterial({ ...settings, defines: { ...defines, GLOW: "" } });
  return { mesh, picture, glow, glows: emissiveIntensity > 0, rows, count: 0 };
}

function makeRows(capacity: number): InstancedInterleavedBuffer {
  const rows = new InstancedInterleavedBuffer(
    new Float32Array(capacity * particleElementCount),
    particleElementCount,
    1,
  );
  return rows.setUsage(DynamicDrawUsage);
}

function makeGeometry(rows: InstancedInterleavedBuffer): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute("corner", new BufferAttribute(Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1), 2));
  geometry.setAttribute("place", new InterleavedBufferAttribute(rows, 4, 0));
  geometry.setAttribute("motion", new InterleavedBufferAttribute(rows, 4, 4));
  geometry.setIndex([0, 1, 2, 2, 1, 3]);
  geometry.instanceCount = 0;
  return geometry;
}

/** The sun, the sky and the fog, as a puff is lit by them. */
function lightUniforms(lighting: LightingDescription): Uniforms {
  const { fog, ambientIntensity } = lighting;
  // A matt surface gives back the share 1/pi of what shines on it.
  const matt = 1 / Math.PI;
  const scaled = (color: number, intensity: number): Color => new Color(color).multiplyScalar(intensity * matt);
  return {
    sunDirection: { value: new Vector3(...lighting.sunDirection).normalize().negate() },
    sunLight: { value: scaled(lighting.sunColor, lighting.sunIntensity) },
    skyLight: { value: scaled(lighting.skyColor, ambientIntensity * (1 + Math.PI / 2)) },
    groundLight: { value: scaled(lighting.groundColor, ambientIntensity * (1 + Math.PI / 2)) },
    fogColor: { value: new Color(fog?.color ?? 0) },
    fogRange: { value: new Vector2(fog?.near ?? 1e8, fog?.far ?? 1e9) },
  };
}
