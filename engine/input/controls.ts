/**
 * Controls: what a player can do, as data. A game declares them once; the driver binds keys and mouse
 * to them, the door turns their changes into records, and world code reads the resulting columns of
 * the `Controls` component of each player's entity.
 *
 *   held     1 while down at any moment of the tick: a press shorter than a tick still gives one tick
 *   pressed  how many presses entered at this tick; 0 again at the next
 *   axis     a number in -1..1, kept until it changes
 * The number of a control (its place in the sorted list of names) is the wire format of records.
 */

import { raise } from "../base/faults.ts";
import { type Component, defineComponent } from "../ecs/component.ts";
import { type Field, f32, u8 } from "../ecs/field.ts";

/** Control numbers are u8 in a record. */
const controlCountMax = 255;

/**
 * One control. `keys` are DOM `KeyboardEvent.code` values or "MouseLeft", "MouseRight".
 * An axis lists keys for -1 and +1, or "MouseX"/"MouseY" as `pointer` for the pointer's place in the
 * view (-1 left or bottom, +1 right or top).
 */
export type ControlDefinition =
  | { readonly kind: "held" | "pressed"; readonly keys: readonly string[]; readonly label: string }
  | {
      readonly kind: "axis";
      readonly negative: readonly string[];
      readonly positive: readonly string[];
      readonly pointer?: "MouseX" | "MouseY";
      readonly label: string;
    };

export type ControlsDefinition = Readonly<Record<string, ControlDefinition>>;

/** A control that is on while one of `keys` is down. */
export function held(label: string, ...keys: readonly string[]): ControlDefinition & { readonly kind: "held" } {
  return { kind: "held", keys, label };
}

/** A control that counts presses of `keys`. */
export function pressed(label: string, ...keys: readonly string[]): ControlDefinition & { readonly kind: "pressed" } {
  return { kind: "pressed", keys, label };
}

/** A control in -1..1 between `negative` and `positive` keys, or by the pointer. */
export function axis(
  label: string,
  bindings: {
    readonly negative?: readonly string[];
    readonly positive?: readonly string[];
    readonly pointer?: "MouseX" | "MouseY";
  },
): ControlDefinition & { readonly kind: "axis" } {
  const base = { kind: "axis", negative: bindings.negative ?? [], positive: bindings.positive ?? [], label } as const;
  return bindings.pointer === undefined ? base : { ...base, pointer: bindings.pointer };
}

/** The names of the controls in the order of their numbers. */
export function controlNames(controls: ControlsDefinition): readonly string[] {
  return Object.keys(controls).sort();
}

type ControlFields<D extends ControlsDefinition> = {
  readonly [K in keyof D]: D[K] extends { readonly kind: "axis" } ? Field<"f32"> : Field<"u8">;
};

/** The component `Controls` of a game, with the definitions of its controls. */
export type ControlsComponent<D extends ControlsDefinition = ControlsDefinition> = Component<
  "Controls",
  ControlFields<D>
> & {
  readonly controls: D;
};

/**
 * Declares a game's controls. The result is the component `Controls`, one f32 column an axis and one
 * u8 column a button, which each player's entity carries and which only the door writes.
 */
export function defineControls<const D extends ControlsDefinition>(controls: D): ControlsComponent<D> {
  const names = controlNames(controls);
  if (names.length > controlCountMax)
    raise("limit-reached", { limit: "controls", value: controlCountMax, setting: "controlCountMax" });
  const fields = Object.fromEntries(names.map((name) => [name, controls[name]!.kind === "axis" ? f32 : u8]));
  const component = defineComponent("Controls", fields, { writtenIn: [], shared: true });
  return Object.freeze({ ...component, controls }) as unknown as ControlsComponent<D>;
}
