/**
 * Bindings: turns keys and the pointer into changes of controls. It is given what went down and up
 * and answers with records; it knows nothing of events or sockets.
 *
 * Rule: a button is down while any of its keys is; only changes make records, so key repeat makes none.
 * Axis changes wait for `takeAxes`, once an animation frame: a mouse moves far more often than that.
 */
import type { PlayerKey, WorldRecord } from "../../../../engine/input/record.ts";
import type { SceneDescription } from "../../../../engine/render/scene.ts";

/** A pointer that moved an axis by less than this has not moved: half a pixel of a wide screen. */
const axisStepMin = 1 / 2048;

interface ControlState {
  readonly control: SceneDescription["controls"][number];
  /** What was last told to the driver: 0 or 1 for a button. */
  sent: number;
  pointer: number;
}

export class Bindings {
  readonly #player: PlayerKey;
  readonly #states: readonly ControlState[];
  readonly #keysDown = new Set<string>();
  readonly #boundKeys = new Set<string>();

  constructor(player: PlayerKey, controls: SceneDescription["controls"]) {
    this.#player = player;
    this.#states = controls.map((control) => ({ control, sent: 0, pointer: 0 }));
    for (const control of controls)
      for (const key of control.kind === "axis" ? [...control.negative, ...control.positive] : control.keys)
        this.#boundKeys.add(key);
  }

  /** Whether a key or mouse button moves any control. */
  binds(key: string): boolean {
    return this.#boundKeys.has(key);
  }

  /** The button records of a key that went down; none when it was down already. */
  press(key: string): readonly WorldRecord[] {
    if (!this.binds(key) || this.#keysDown.has(key)) return [];
    this.#keysDown.add(key);
    return this.#takeButtons();
  }

  /** The button records of a key that went up. */
  release(key: string): readonly WorldRecord[] {
    return this.#keysDown.delete(key) ? this.#takeButtons() : [];
  }

  /** Lets everything go, the pointer's axes as well: buttons first, then axes. */
  releaseAll(): readonly WorldRecord[] {
    this.#keysDown.clear();
    for (const state of this.#states) state.pointer = 0;
    return [...this.#takeButtons(), ...this.takeAxes()];
  }

  /** Notes the pointer's place in the view, each coordinate in -1..1, up and right positive. */
  movePointer(x: number, y: number): void {
    for (const state of this.#states) {
      if (state.control.kind !== "axis") continue;
      if (state.control.pointer === "MouseX") state.pointer = x;
      else if (state.control.pointer === "MouseY") state.pointer = y;
    }
  }

  /** The records of the axes that moved since the last call. */
  takeAxes(): readonly WorldRecord[] {
    let records: WorldRecord[] | undefined;
    for (let number = 0; number < this.#states.length; number++) {
      const state = this.#states[number]!;
      if (state.control.kind !== "axis") continue;
      const value = Math.fround(this.#axisValue(state));
      if (value === state.sent) continue;
      if (Math.abs(value - state.sent) < axisStepMin && value !== 0 && Math.abs(value) !== 1) continue;
      state.sent = value;
      records ??= [];
      records.push({ kind: "axis", player: this.#player, control: number, value });
    }
    return records ?? [];
  }

  #axisValue({ control, pointer }: ControlState): number {
    if (control.kind !== "axis") return 0;
    const positive = control.positive.some((key) => this.#keysDown.has(key)) ? 1 : 0;
    const negative = control.negative.some((key) => this.#keysDown.has(key)) ? 1 : 0;
    return positive === 1 || negative === 1 ? positive - negative : Math.max(-1, Math.min(1, pointer));
  }

  #takeButtons(): readonly WorldRecord[] {
    const records: WorldRecord[] = [];
    for (let number = 0; number < this.#states.length; number++) {
      const state = this.#states[number]!;
      if (state.control.kind === "axis") continue;
      const down = state.control.keys.some((key) => this.#keysDown.has(key)) ? 1 : 0;
      if (down === state.sent) continue;
      state.sent = down;
      records.push({ kind: "button", player: this.#player, control: number, down: down === 1 });
    }
    return records;
  }
}
