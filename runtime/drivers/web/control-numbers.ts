/**
 * Control numbers between two scenes: a control is the same in both when its name is, and when both know it as a button or
 * both as an axis; so is what a world keeps of it over a swap. The page and its driver both ask here.
 */
import type { SceneDescription } from "../../../engine/render/scene.ts";

export type Controls = SceneDescription["controls"];

/** The numbers in `to` of the controls of `from`, in their order; -1 for one that `to` does not have. */
export function controlNumbers(from: Controls, to: Controls): readonly number[] {
  return from.map(({ name, kind }) => controlNumber(to, name, kind === "axis"));
}

/** The number of the axis, or button, of this name; -1 when there is none. */
export function controlNumber(controls: Controls, name: string, isAxis: boolean): number {
  return controls.findIndex((control) => control.name === name && (control.kind === "axis") === isAxis);
}
