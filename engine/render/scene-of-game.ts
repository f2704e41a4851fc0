/** The scene description of a game, from its view and its controls. */
import { type ControlsComponent, controlNames } from "../input/controls.ts";
import type { SceneDescription } from "./scene.ts";
import type { ViewDefinition } from "./view.ts";

export function describeScene(
  game: string,
  tickRate: number,
  view: ViewDefinition,
  controls: ControlsComponent | undefined,
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
    controls: controlNames(definitions).map((name) => ({ ...definitions[name]!, name })),
  };
}
