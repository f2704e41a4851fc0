/**
 * The glow around emissive surfaces: the scene is drawn once more at a quarter of the size with only
 * its own light, blurred, and added to the picture. It costs a sixteenth of the picture's pixels and
 * one blended pass, so that it can stay on where a full bloom could not.
 */
import {
  AdditiveBlending,
  type Camera,
  HalfFloatType,
  LinearFilter,
  Mesh,
  NoBlending,
  OrthographicCamera,
  PlaneGeometry,
  type Scene,
  ShaderMaterial,
  type Texture,
  Vector2,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

const shrink = 4;

const vertexShader = /* glsl */ `
  varying vec2 at;
  void main() {
    at = uv;
    gl_Position = vec4(position.xy, 0.0, 1.0);
  }
`;

/** Nine taps of a Gaussian as five bilinear reads. */
const blurShader = /* glsl */ `
  uniform sampler2D source;
  uniform vec2 stride;
  varying vec2 at;
  void main() {
    vec3 sum = texture2D(source, at).rgb * 0.227027;
    sum += (texture2D(source, at + stride * 1.384615).rgb + texture2D(source, at - stride * 1.384615).rgb) * 0.316216;
    sum += (texture2D(source, at + stride * 3.230769).rgb + texture2D(source, at - stride * 3.230769).rgb) * 0.070270;
    gl_FragColor = vec4(sum, 1.0);
  }
`;

const addShader = /* glsl */ `
  uniform sampler2D near;
  uniform sampler2D far;
  uniform float strength;
  varying vec2 at;
  void main() {
    vec3 light = texture2D(near, at).rgb * 0.55 + texture2D(far, at).rgb * 0.75;
    gl_FragColor = vec4(pow(1.0 - exp(-light * strength), vec3(0.4545)), 1.0);
  }
`;

export class Glow {
  readonly #renderer: WebGLRenderer;
  readonly #lens = new OrthographicCamera();
  readonly #quad = new Mesh(new PlaneGeometry(2, 2));
  readonly #near = [makeTarget(), makeTarget()] as const;
  readonly #far = [makeTarget(), makeTarget()] as const;
  readonly #blur = new ShaderMaterial({
    vertexShader,
    fragmentShader: blurShader,
    uniforms: { source: { value: null }, stride: { value: new Vector2() } },
    blending: NoBlending,
    depthTest: false,
    depthWrite: false,
  });
  readonly #add: ShaderMaterial;

  constructor(renderer: WebGLRenderer) {
    this.#renderer = renderer;
    this.#quad.frustumCulled = false;
    this.#add = new ShaderMaterial({
      vertexShader,
      fragmentShader: addShader,
      uniforms: {
        near: { value: this.#near[0].texture },
        far: { value: this.#far[0].texture },
        strength: { value: 0.8 },
      },
      blending: AdditiveBlending,
      depthTest: false,
      depthWrite: false,
      toneMapped: false,
    });
  }

  /** Fits the targets to a drawing buffer of this size in device pixels. */
  resize(width: number, height: number): void {
    for (const target of this.#near)
      target.setSize(Math.max(1, Math.ceil(width / shrink)), Math.max(1, Math.ceil(height / shrink)));
    for (const target of this.#far)
      target.setSize(Math.max(1, Math.ceil(width / shrink / 4)), Math.max(1, Math.ceil(height / shrink / 4)));
  }

  /** Adds the glow of `scene`, which must be dressed for it, to the picture on the screen. */
  render(scene: Scene, camera: Camera): void {
    const renderer = this.#renderer;
    renderer.setRenderTarget(this.#near[0]);
    renderer.clear();
    renderer.render(scene, camera);
    this.#spread(this.#near[0].texture, this.#near);
    this.#spread(this.#near[0].texture, this.#far);
    this.#draw(this.#add, null);
  }

  dispose(): void {
    for (const target of [...this.#near, ...this.#far]) target.dispose();
    this.#blur.dispose();
    this.#add.dispose();
    this.#quad.geometry.dispose();
  }

  /** Blurs `source` across, then down, so that the result is in the first of `targets`. */
  #spread(source: Texture, targets: readonly [WebGLRenderTarget, WebGLRenderTarget]): void {
    const { width, height } = targets[0];
    const { source: read, stride } = this.#blur.uniforms;
    read!.value = source;
    stride!.value.set(1 / width, 0);
    this.#draw(this.#blur, targets[1]);
    read!.value = targets[1].texture;
    stride!.value.set(0, 1 / height);
    this.#draw(this.#blur, targets[0]);
  }

  #draw(material: ShaderMaterial, target: WebGLRenderTarget | null): void {
    this.#quad.material = material;
    this.#renderer.setRenderTarget(target);
    this.#renderer.render(this.#quad, this.#lens);
  }
}

function makeTarget(): WebGLRenderTarget {
  return new WebGLRenderTarget(1, 1, {
    type: HalfFloatType,
    minFilter: LinearFilter,
    magFilter: LinearFilter,
    generateMipmaps: false,
  });
}
