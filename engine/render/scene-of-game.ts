/** The scene description of a game, from its view, its controls and the resources that it streams. */
import { type ControlsComponent, controlNames } from "../input/controls.ts";
import type { ResourceDescription, SceneDescription } from "./scene.ts";
import type { ViewDefinition } from "./view.ts";

export function describeScene(
  game: string,
  tickRate: number,
  view: ViewDefinition,
  controls: ControlsComponent | undefined,
  resources: readonly ResourceDescription[] = [],
): SceneDescription {
  const definitions = controls?.controls ?? {};
  return {
    game,
    title: view.title,
    tickMicros: Math.round(1_000_000 / tickRate),
    meshes: view.look.meshes,
    materials: view.look.materials,
    lighting: view.lighting,
    hud: view.hud.map(({ value: _, ...item }) => item),
    sounds: view.look.sounds,
    particles: (view.particles ?? []).map(({ color, emissiveIntensity, shape }) => ({
      color,
      emissiveIntensity,
      shape,
    })),
    resources,
    controls: controlNames(definitions).map((name) => ({ ...definitions[name]!, name })),
  };
}
