/**
 * The scene: what a driver must know before the first packet, as plain JSON. Packets name meshes,
 * materials, sounds, controls, HUD items and resources by their number, which is the place in these lists.
 *
 * The scene holds descriptions only; how they look on a screen is the driver's business.
 */
import type { ControlDefinition } from "../input/controls.ts";

/**
 * A mesh made by the driver from a few numbers; lengths in metres, centred on the origin. Cylinders,
 * cones and capsules stand along +Y, a torus lies around Z, a plane faces +Y. A capsule's height is
 * that of its straight part.
 */
export type ShapeDescription =
  | {
      readonly shape: "box";
      readonly width: number;
      readonly height: number;
      readonly depth: number;
      readonly bevel?: number;
    }
  | { readonly shape: "sphere"; readonly radius: number; readonly segments?: number }
  | {
      readonly shape: "cylinder";
      readonly radiusTop: number;
      readonly radiusBottom: number;
      readonly height: number;
      readonly segments?: number;
    }
  | { readonly shape: "cone"; readonly radius: number; readonly height: number; readonly segments?: number }
  | { readonly shape: "capsule"; readonly radius: number; readonly height: number }
  | { readonly shape: "torus"; readonly radius: number; readonly tube: number }
  | { readonly shape: "plane"; readonly width: number; readonly depth: number };

/**
 * A mesh that is streamed: `fallback` is on screen until the resource of that name is published. `radius` is
 * that of a sphere about the origin that holds it, metres; that of the fallback when absent.
 */
export interface ResourceMeshDescription {
  readonly shape: "resource";
  readonly resource: string;
  readonly fallback: ShapeDescription;
  readonly radius?: number;
}

export type MeshDescription = ShapeDescription | ResourceMeshDescription;

/** A surface look. Colours are 0xRRGGBB in sRGB; roughness, metalness and opacity are in 0..1. */
export interface MaterialDescription {
  readonly color: number;
  readonly roughness?: number;
  readonly metalness?: number;
  readonly emissive?: number;
  readonly emissiveIntensity?: number;
  readonly opacity?: number;
  readonly castsShadow?: boolean;
  readonly receivesShadow?: boolean;
  /** Name of a streamed texture that takes the place of `color` once it is published. */
  readonly texture?: string;
}

/** The one shadowed light, the sky and the fog of a scene. */
export interface LightingDescription {
  /** The direction that sunlight travels in, any length. */
  readonly sunDirection: readonly [number, number, number];
  readonly sunColor: number;
  readonly sunIntensity: number;
  /** Half the side of the square around the camera's target that casts shadows, metres. */
  readonly shadowExtent: number;
  readonly skyColor: number;
  readonly groundColor: number;
  readonly ambientIntensity: number;
  readonly fog?: { readonly color: number; readonly near: number; readonly far: number };
}

export type HudPlace = "top-left" | "top" | "top-right" | "bottom-left" | "bottom" | "bottom-right" | "center";

/**
 * One HUD item, shown from the number that each packet carries for it.
 *   integer / decimal / clock (seconds as m:ss)  a label and the number
 *   bar      a bar from 0 to 1 with a label
 *   choice   the text `choices[number]`, hidden when it is empty; `style: "title"` is large
 */
export interface HudItemDescription {
  readonly name: string;
  readonly label: string;
  readonly format: "integer" | "decimal" | "clock" | "bar" | "choice";
  readonly place: HudPlace;
  readonly style?: "plain" | "title" | "subtitle";
  readonly color?: number;
  readonly choices?: readonly string[];
}

export interface SoundDescription {
  readonly name: string;
}

/** How a driver shows the particles of a system: sparks are stretched along their way, puffs are soft and round. */
export interface ParticleDescription {
  readonly color: number;
  readonly emissiveIntensity: number;
  readonly shape: "spark" | "puff";
}

/** Something that is streamed. Packets name it by its number, which is its place in the scene's list. */
export interface ResourceDescription {
  readonly name: string;
  readonly kind: "texture" | "mesh" | "bytes";
}

export interface SceneDescription {
  readonly game: string;
  readonly title: string;
  readonly tickMicros: number;
  readonly meshes: readonly MeshDescription[];
  readonly materials: readonly MaterialDescription[];
  readonly lighting: LightingDescription;
  readonly hud: readonly HudItemDescription[];
  readonly sounds: readonly SoundDescription[];
  /** In the order of the view's particle systems. */
  readonly particles: readonly ParticleDescription[];
  /** In the order of resource numbers. */
  readonly resources: readonly ResourceDescription[];
  /** In the order of control numbers. */
  readonly controls: readonly (ControlDefinition & { readonly name: string })[];
}
