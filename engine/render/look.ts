/**
 * The look: the meshes, materials and sounds of a game, by name. World code names them by number, so
 * a component can hold them; the numbers are places in the sorted lists of names.
 *
 * A look is presentation: nothing in it changes a hash, except that numbers shift when names are
 * added. Journals are kept apart by the hash of the plan and schema, which includes the look's names.
 */
import { defineComponent } from "../ecs/component.ts";
import { f32, u16, u32 } from "../ecs/field.ts";
import { defineEvent } from "../events/event.ts";
import { WorldTransform } from "../transform/components.ts";
import type { MaterialDescription, MeshDescription, SoundDescription } from "./scene.ts";

/** What an entity with a WorldTransform looks like. `tint` is 0xAABBGGRR and multiplies the material; alpha 0 hides. */
export const Renderable = defineComponent(
  "Renderable",
  { mesh: u16, material: u16, tint: u32 },
  { shared: true, defaults: { tint: 0xffffffff }, requires: [WorldTransform] },
);

/** Asks drivers to play a sound at a place. Presentation follows the world, never the other way. */
export const SoundCue = defineEvent("SoundCue", { sound: u16, gain: f32, pitch: f32, x: f32, y: f32, z: f32 });

/** A tint that leaves the material's colour as it is. */
export const untinted = 0xffffffff;

/** A tint from 0xRRGGBB. */
export function tint(color: number): number {
  return (0xff000000 | ((color & 0xff) << 16) | (color & 0xff00) | ((color >>> 16) & 0xff)) >>> 0;
}

type Numbers<T> = { readonly [K in keyof T]: number };

export interface Look<M = unknown, A = unknown, S = unknown> {
  readonly mesh: Numbers<M>;
  readonly material: Numbers<A>;
  readonly sound: Numbers<S>;
  readonly meshes: readonly MeshDescription[];
  readonly materials: readonly MaterialDescription[];
  readonly sounds: readonly SoundDescription[];
}

/** Numbers the meshes, materials and sounds of a game. */
export function defineLook<
  const M extends Readonly<Record<string, MeshDescription>>,
  const A extends Readonly<Record<string, MaterialDescription>>,
  const S extends readonly string[] = readonly [],
>(look: { readonly meshes: M; readonly materials: A; readonly sounds?: S }): Look<M, A, Record<S[number], unknown>> {
  const sounds = [...(look.sounds ?? [])].sort();
  return {
    mesh: numbersOf(Object.keys(look.meshes)) as Numbers<M>,
    material: numbersOf(Object.keys(look.materials)) as Numbers<A>,
    sound: numbersOf(sounds) as Numbers<Record<S[number], unknown>>,
    meshes: Object.keys(look.meshes)
      .sort()
      .map((name) => look.meshes[name]!),
    materials: Object.keys(look.materials)
      .sort()
      .map((name) => look.materials[name]!),
    sounds: sounds.map((name) => ({ name })),
  };
}

function numbersOf(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...names].sort().map((name, number) => [name, number]));
}
