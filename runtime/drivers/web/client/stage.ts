/**
 * The stage: everything that is drawn of one scene. It is made from a scene description, shown one
 * packet at a time, and thrown away when another scene comes.
 *
 * Rule: nothing here decides what the world is; a frame is a function of packet, blend and viewer.
 */
import {
  ACESFilmicToneMapping,
  BasicShadowMap,
  Color,
  DirectionalLight,
  Fog,
  HemisphereLight,
  PCFShadowMap,
  PerspectiveCamera,
  PMREMGenerator,
  Scene,
  Vector3,
  type WebGLRenderer,
  type WebGLRenderTarget,
} from "three";
import { cameraElementCount, type PacketViews } from "../../../../engine/render/packet.ts";
import type { SceneDescription } from "../../../../engine/render/scene.ts";
import { sightOf } from "./blend.ts";
import type { OpenCanvas } from "./canvas.ts";
import { Glow } from "./glow.ts";
import { Lights } from "./lights.ts";
import { Particles } from "./particles.ts";
import { Pools } from "./pools.ts";
import { type QualityLevel, qualityLevels } from "./quality.ts";
import type { ResourceContent } from "./resource-content.ts";
import type { Resources } from "./resources.ts";
import { type FetchResource, showResources } from "./shown-resources.ts";
import { buildSky, buildSkyLight } from "./sky.ts";
import type { Drawing } from "./surfaces.ts";

/** How far behind the camera's target the sun stands, in shadow extents. */
const sunDistanceRatio = 3;
/** The part of the ambient light that comes as a reflection of the sky. */
const reflectionRatio = 0.5;

/** What the last frame drew. */
export interface Drawn {
  instances: number;
  particles: number;
  lights: number;
  /** Draw calls and triangles of the picture and its shadows. */
  draws: number;
  triangles: number;
}

export class Stage {
  readonly drawn: Drawn = { instances: 0, particles: 0, lights: 0, draws: 0, triangles: 0 };

  readonly resources: Resources<ResourceContent>;
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(50, 1, 0.1, 500);
  readonly #sun: DirectionalLight;
  readonly #sunDirection: Vector3;
  /** The two directions of the shadow map, as its camera has them. */
  readonly #sunPlane: readonly [Vector3, Vector3];
  readonly #shadowExtent: number;
  readonly #sky: ReturnType<typeof buildSky>;
  readonly #pools: Pools;
  readonly #particles: Particles;
  readonly #lights: Lights;
  readonly #glow: Glow;
  /** Stands in for reflections where surfaces are plain. */
  readonly #skyLight: HemisphereLight;
  readonly #target = new Vector3();
  readonly #forward = new Vector3();
  readonly #buffer = { width: 1, height: 1 };
  #reflection: WebGLRenderTarget | undefined;
  #level: QualityLevel = qualityLevels[0]!;

  constructor({ renderer, software }: OpenCanvas, description: SceneDescription, fetchResource: FetchResource) {
    const { lighting } = description;
    this.#renderer = renderer;
    renderer.toneMapping = ACESFilmicToneMapping;
    renderer.shadowMap.enabled = true;
    renderer.shadowMap.autoUpdate = false;
    renderer.autoClear = false;
    this.#shadowExtent = lighting.shadowExtent;
    this.#sunDirection = new Vector3(...lighting.sunDirection).normalize();
    const right = new Vector3(0, 1, 0).cross(this.#sunDirection).negate().normalize();
    this.#sunPlane = [right, right.clone().cross(this.#sunDirection).normalize()];
    this.#sun = this.#makeSun(lighting.sunColor, lighting.sunIntensity);
    this.#sky = buildSky(lighting);
    const ambient = new HemisphereLight(lighting.skyColor, lighting.groundColor, lighting.ambientIntensity);
    this.#skyLight = buildSkyLight(lighting);
    this.#skyLight.intensity *= lighting.ambientIntensity * reflectionRatio;
    this.#scene.add(this.#sun, this.#sun.target, ambient, this.#skyLight, this.#sky);
    if (lighting.fog !== undefined)
      this.#scene.fog = new Fog(new Color(lighting.fog.color), lighting.fog.near, lighting.fog.far);
    this.#scene.environmentIntensity = lighting.ambientIntensity * reflectionRatio;
    this.#pools = new Pools(this.#scene, description.meshes, description.materials);
    this.#particles = new Particles(this.#scene, description.particles, lighting);
    this.#lights = new Lights(this.#scene);
    this.#glow = new Glow(renderer);
    this.resources = showResources(description, this.#pools, fetchResource, software);
  }

  /** Makes again what lived in the graphics context only; called when that was lost. */
  restore(): void {
    this.#reflection?.dispose();
    this.#reflection = undefined;
    if (this.#level.detailed) this.#reflectSky();
  }

  /** Fits the drawing buffer to a view of this size in CSS pixels, at a level of quality. */
  fit(width: number, height: number, devicePixelRatio: number, level: QualityLevel): void {
    this.#renderer.setPixelRatio(Math.min(devicePixelRatio, level.pixelRatioMax));
    this.#renderer.setSize(width, height, false);
    const { width: bufferWidth, height: bufferHeight } = this.#renderer.domElement;
    this.#buffer.width = bufferWidth;
    this.#buffer.height = bufferHeight;
    this.#glow.resize(bufferWidth, bufferHeight);
    this.#particles.fit(bufferHeight);
    this.#lights.fit(level.lightCount);
    this.#pools.coarsen(level.streamedBias);
    this.#level = level;
    this.#skyLight.visible = !level.detailed;
    if (level.detailed && this.#reflection === undefined) this.#reflectSky();
    this.#dress(level.detailed ? "detailed" : "plain");
    this.#fitShadow(level);
    this.#camera.aspect = width / Math.max(1, height);
  }

  /** Draws one frame as the viewer of `cameraIndex` sees it. */
  draw(packet: PacketViews, alpha: number, cameraIndex: number): void {
    this.resources.note(packet.assets);
    this.#pools.show(packet, alpha, sightOf(cameraIndex));
    this.#particles.show(packet, alpha);
    this.#aim(packet.cameras, cameraIndex * cameraElementCount, alpha);
    this.#forward.copy(this.#target).sub(this.#camera.position).normalize();
    this.#lights.show(packet, this.#camera.position, this.#forward);
    this.#followTarget();
    this.#renderer.shadowMap.needsUpdate = true;
    this.#renderer.setRenderTarget(null);
    this.#renderer.clear();
    this.#renderer.render(this.#scene, this.#camera);
    this.#noteDrawn();
    if (this.#level.glow && (this.#pools.glowing || this.#particles.glowing)) this.#drawGlow();
  }

  dispose(): void {
    this.resources.dispose();
    this.#pools.dispose();
    this.#particles.dispose();
    this.#lights.dispose();
    this.#glow.dispose();
    this.#sky.geometry.dispose();
    this.#sky.material.dispose();
    this.#sun.dispose();
    this.#reflection?.dispose();
  }

  /** Draws the sky once as what detailed surfaces reflect. Slow in software, so only when it is used. */
  #reflectSky(): void {
    const generator = new PMREMGenerator(this.#renderer);
    this.#reflection = generator.fromScene(new Scene().add(this.#sky.clone()), 0, 0.1, 10, { size: 32 });
    this.#scene.environment = this.#reflection.texture;
    generator.dispose();
  }

  #drawGlow(): void {
    this.#sky.visible = false;
    this.#dress("glow");
    this.#glow.render(this.#scene, this.#camera);
    this.#dress(this.#level.detailed ? "detailed" : "plain");
    this.#sky.visible = true;
  }

  #dress(drawing: Drawing): void {
    this.#pools.dress(drawing);
    this.#particles.dress(drawing);
  }

  #noteDrawn(): void {
    const { calls, triangles } = this.#renderer.info.render;
    this.drawn.instances = this.#pools.instanceCount;
    this.drawn.particles = this.#particles.count;
    this.drawn.lights = this.#lights.count;
    this.drawn.draws = calls;
    this.drawn.triangles = triangles;
  }

  /** A shadow map of another size or kind is made anew, and surfaces are compiled for it. */
  #fitShadow(level: QualityLevel): void {
    const { shadow } = this.#sun;
    const type = level.softShadows ? PCFShadowMap : BasicShadowMap;
    const { shadowMap } = this.#renderer;
    if (shadow.mapSize.x === level.shadowMapSize && shadowMap.type === type) return;
    shadow.mapSize.setScalar(level.shadowMapSize);
    shadow.map?.dispose();
    shadow.map = null;
    if (shadowMap.type === type) return;
    shadowMap.type = type;
    this.#pools.recompile();
  }

  #makeSun(color: number, intensity: number): DirectionalLight {
    const sun = new DirectionalLight(color, intensity);
    sun.castShadow = true;
    sun.shadow.bias = -0.0004;
    sun.shadow.normalBias = 0.03;
    const { camera } = sun.shadow;
    camera.left = camera.bottom = -this.#shadowExtent;
    camera.right = camera.top = this.#shadowExtent;
    camera.near = 0.5;
    camera.far = this.#shadowExtent * sunDistanceRatio * 2;
    return sun;
  }

  /** Blends a camera entry: field of view, near, far, then eye and target, previous and current. */
  #aim(cameras: Float32Array, at: number, alpha: number): void {
    if (at + cameraElementCount > cameras.length) return;
    const blended = (offset: number): number =>
      cameras[at + offset]! + (cameras[at + offset + 6]! - cameras[at + offset]!) * alpha;
    this.#camera.position.set(blended(4), blended(5), blended(6));
    this.#target.set(blended(7), blended(8), blended(9));
    this.#camera.lookAt(this.#target);
    this.#camera.fov = (cameras[at + 1]! * 180) / Math.PI;
    this.#camera.near = cameras[at + 2]!;
    this.#camera.far = cameras[at + 3]!;
    this.#camera.updateProjectionMatrix();
  }

  /** Moves the sun along with the camera's target, in whole shadow texels so that edges stay still. */
  #followTarget(): void {
    const { target, shadow } = this.#sun;
    const texel = (this.#shadowExtent * 2) / shadow.mapSize.x;
    target.position.copy(this.#target);
    for (const across of this.#sunPlane) {
      const distance = this.#target.dot(across);
      target.position.addScaledVector(across, Math.round(distance / texel) * texel - distance);
    }
    this.#sun.position
      .copy(this.#sunDirection)
      .multiplyScalar(-this.#shadowExtent * sunDistanceRatio)
      .add(target.position);
  }
}
