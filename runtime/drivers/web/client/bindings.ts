/**
 * Bindings: turns keys and the pointer into changes of controls. It is given what went down and up
 * and answers with records; it knows nothing of events or sockets.
 *
 * Rule: a button is down while any of its keys is; only changes make records, so key repeat makes none.
 * Axis changes wait for `takeAxes`, once an animation frame: a mouse moves far more often than that.
 */
import type { PlayerKey, WorldRecord } from "../../../../engine/input/record.ts";
import { type Controls, controlNumbers } from "../control-numbers.ts";

/** A pointer that moved an axis by less than this has not moved: half a pixel of a wide screen. */
const axisStepMin = 1 / 2048;

interface ControlState {
  readonly control: Controls[number];
  /** What was last told to the driver: 0 or 1 for a button. NaN when the world may have anything there. */
  sent: number;
}

export class Bindings {
  readonly #player: PlayerKey;
  readonly #controls: Controls;
  readonly #states: readonly ControlState[];
  readonly #keysDown = new Set<string>();
  readonly #boundKeys = new Set<string>();
  /** Where the pointer is in the view. */
  readonly #pointer = { MouseX: 0, MouseY: 0 };

  constructor(player: PlayerKey, controls: Controls) {
    this.#player = player;
    this.#controls = controls;
    this.#states = controls.map((control) => ({ control, sent: 0 }));
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
    this.movePointer(0, 0);
    return [...this.#takeButtons(), ...this.takeAxes()];
  }

  /** Notes the pointer's place in the view, each coordinate in -1..1, up and right positive. */
  movePointer(x: number, y: number): void {
    this.#pointer.MouseX = x;
    this.#pointer.MouseY = y;
  }

  /**
   * Goes on for the bindings of the scene before, in the same seat: what is down stays down, and the world still has what
   * they told it. Answers with the buttons that change by that, axes follow as ever. Controls that the scene before did not
   * have are told whatever they are: a world that went back to older code has them as they once were.
   */
  takeOver(before: Bindings): readonly WorldRecord[] {
    for (const key of before.#keysDown) this.#keysDown.add(key);
    this.movePointer(before.#pointer.MouseX, before.#pointer.MouseY);
    controlNumbers(this.#controls, before.#controls).forEach((number, at) => {
      const state = this.#states[at]!;
      state.sent = before.#states[number]?.sent ?? Number.NaN;
      // It is a key that presses, by going down: none is pressed because code is new.
      if (state.control.kind === "pressed" && this.#isDown(state.control.keys)) state.sent = 1;
    });
    return this.#takeButtons();
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

  #axisValue({ control }: ControlState): number {
    if (control.kind !== "axis") return 0;
    const positive = this.#isDown(control.positive) ? 1 : 0;
    const negative = this.#isDown(control.negative) ? 1 : 0;
    if (positive === 1 || negative === 1) return positive - negative;
    return control.pointer === undefined ? 0 : Math.max(-1, Math.min(1, this.#pointer[control.pointer]));
  }

  #isDown(keys: readonly string[]): boolean {
    return keys.some((key) => this.#keysDown.has(key));
  }

  #takeButtons(): readonly WorldRecord[] {
    const records: WorldRecord[] = [];
    for (let number = 0; number < this.#states.length; number++) {
      const state = this.#states[number]!;
      if (state.control.kind === "axis") continue;
      const down = this.#isDown(state.control.keys) ? 1 : 0;
      if (down === state.sent) continue;
      state.sent = down;
      records.push({ kind: "button", player: this.#player, control: number, down: down === 1 });
    }
    return records;
  }
}
