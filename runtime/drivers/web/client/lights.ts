/**
 * Lights: the few of a packet's lights that matter most to this page's camera, as point lights of the
 * renderer. Surfaces are compiled for a number of lights, so that number stays the same at a level of
 * quality and those without use are dark; a scene that never has a light is compiled without any.
 *
 * At a quarter of its radius a light of intensity 1 is as bright as a sun of intensity 1.
 */
import { type Object3D, PointLight, type Vector3 } from "three";
import { lightElementCount, type PacketViews } from "../../../../engine/render/packet.ts";

/** The most lights that are drawn at any level of quality. */
export const shownLightMax = 6;
const brightShare = 1 / 4;
/** A light fades over this part of its importance while another takes its place. */
const exchangeShare = 0.25;

export class Lights {
  readonly #lights: readonly PointLight[];
  #countMax = 0;
  #awake = false;
  #shownCount = 0;
  readonly #order = new Uint16Array(shownLightMax + 1);
  readonly #scores = new Float64Array(shownLightMax + 1);

  constructor(parent: Object3D) {
    this.#lights = Array.from({ length: shownLightMax }, () => new PointLight(0xffffff, 0, 1, 2));
    for (const light of this.#lights) {
      light.visible = false;
      parent.add(light);
    }
  }

  /** Lights that shine in the last frame. */
  get count(): number {
    return this.#shownCount;
  }

  /** Sets how many lights are drawn at most, from now on. */
  fit(countMax: number): void {
    this.#countMax = Math.min(countMax, shownLightMax);
    for (let i = 0; i < this.#lights.length; i++) this.#lights[i]!.visible = this.#awake && i < this.#countMax;
  }

  /** Shows the most important of a packet's lights to a camera at `eye` that looks along `forward`. */
  show({ lights }: PacketViews, eye: Vector3, forward: Vector3): void {
    if (!this.#awake && lights.length > 0) {
      this.#awake = true;
      this.fit(this.#countMax);
    }
    const listed = chooseLights(lights, this.#countMax + 1, eye, forward, this.#order, this.#scores);
    this.#shownCount = Math.min(listed, this.#countMax);
    const next = listed > this.#countMax ? this.#scores[this.#countMax]! : 0;
    for (let i = 0; i < this.#countMax; i++) {
      const light = this.#lights[i]!;
      if (i >= listed) {
        light.intensity = 0;
        continue;
      }
      const at = this.#order[i]! * lightElementCount;
      const radius = lights[at + 3]!;
      const fade = next === 0 ? 1 : Math.min(1, (this.#scores[i]! / next - 1) / exchangeShare);
      light.position.set(lights[at]!, lights[at + 1]!, lights[at + 2]!);
      light.distance = radius;
      light.color.setRGB(lights[at + 4]!, lights[at + 5]!, lights[at + 6]!);
      light.intensity = fade * (radius * brightShare) ** 2;
    }
  }

  dispose(): void {
    for (const light of this.#lights) light.dispose();
  }
}

/**
 * Lists the rows of up to `countMax` lights by their importance to a camera, most important first, with
 * their scores. A light wholly behind the camera has none. Returns how many.
 */
export function chooseLights(
  lights: Float32Array,
  countMax: number,
  eye: { readonly x: number; readonly y: number; readonly z: number },
  forward: { readonly x: number; readonly y: number; readonly z: number },
  order: Uint16Array,
  scores: Float64Array,
): number {
  let count = 0;
  for (let row = 0; row * lightElementCount < lights.length; row++) {
    const at = row * lightElementCount;
    const x = lights[at]! - eye.x;
    const y = lights[at + 1]! - eye.y;
    const z = lights[at + 2]! - eye.z;
    const radius = lights[at + 3]!;
    if (x * forward.x + y * forward.y + z * forward.z < -radius) continue;
    const brightness = lights[at + 4]! * 0.21 + lights[at + 5]! * 0.72 + lights[at + 6]! * 0.07;
    const score = (brightness * radius * radius) / (radius * radius + x * x + y * y + z * z);
    if (!(score > 0)) continue;
    let to = count < countMax ? count++ : count;
    while (to > 0 && scores[to - 1]! < score) {
      if (to < countMax) {
        order[to] = order[to - 1]!;
        scores[to] = scores[to - 1]!;
      }
      to--;
    }
    if (to >= countMax) continue;
    order[to] = row;
    scores[to] = score;
  }
  return count;
}
