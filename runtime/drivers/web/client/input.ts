/**
 * Listens to the page's keyboard and pointer and sends the records that follow from them. Buttons
 * are sent the moment they change, axes once an animation frame.
 *
 * Rule: whatever takes the page's attention away (blur, a hidden tab, an open dialog of the system)
 * releases every control at once, because the key-up that would do it never arrives.
 */
import { ByteWriter } from "../../../../engine/base/bytes.ts";
import { encodeRecord, type WorldRecord } from "../../../../engine/input/record.ts";
import type { Bindings } from "./bindings.ts";

/** The names under which `ControlDefinition.keys` lists mouse buttons, by DOM button number. */
const mouseButtons: Readonly<Record<number, string>> = { 0: "MouseLeft", 2: "MouseRight" };

export class Input {
  readonly #view: HTMLElement;
  readonly #send: (recordBytes: Uint8Array) => void;
  readonly #writer = new ByteWriter();
  #bindings: Bindings | undefined;

  /** `view` is the element whose size the pointer's axes span. */
  constructor(view: HTMLElement, send: (recordBytes: Uint8Array) => void) {
    this.#view = view;
    this.#send = send;
    addEventListener("keydown", (event) => this.#keyDown(event));
    addEventListener("keyup", (event) => this.#keyUp(event));
    addEventListener("pointermove", (event) => this.#pointerMoved(event));
    view.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    addEventListener("pointerup", (event) => this.#release(mouseButtons[event.button] ?? ""));
    addEventListener("pointercancel", () => this.releaseAll());
    addEventListener("blur", () => this.releaseAll());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.releaseAll();
    });
    view.addEventListener("contextmenu", (event) => {
      if (this.#bindings?.binds("MouseRight") === true) event.preventDefault();
    });
  }

  /** Whether a key belongs to the game. */
  binds(key: string): boolean {
    return this.#bindings?.binds(key) === true;
  }

  /**
   * Speaks for other controls from now on; undefined for a page that only watches. `goesOn` says that the seat is the one
   * before and that nothing of it was released, so that keys which are down are so in the new scene.
   */
  bind(bindings: Bindings | undefined, goesOn: boolean): void {
    const before = this.#bindings;
    this.#bindings = bindings;
    if (goesOn && bindings !== undefined && before !== undefined) this.#sendAll(bindings.takeOver(before));
  }

  /** Sends the axes that moved; called once an animation frame. */
  flushAxes(): void {
    if (this.#bindings !== undefined) this.#sendAll(this.#bindings.takeAxes());
  }

  releaseAll(): void {
    if (this.#bindings !== undefined) this.#sendAll(this.#bindings.releaseAll());
  }

  #keyDown(event: KeyboardEvent): void {
    const bindings = this.#bindings;
    if (bindings === undefined || !bindings.binds(event.code) || isTyping(event)) return;
    const ownModifier = /^(Control|Alt|Meta)/.test(event.code);
    if ((event.ctrlKey || event.altKey || event.metaKey) && !ownModifier) return;
    event.preventDefault();
    if (!event.repeat) this.#sendAll(bindings.press(event.code));
  }

  #keyUp(event: KeyboardEvent): void {
    // macOS sends no key-up for keys that were down together with the command key.
    if (event.code === "MetaLeft" || event.code === "MetaRight") this.releaseAll();
    this.#release(event.code);
  }

  #pointerDown(event: PointerEvent): void {
    const button = mouseButtons[event.button];
    if (button === undefined || this.#bindings?.binds(button) !== true) return;
    event.preventDefault();
    this.#pointerMoved(event);
    this.#sendAll(this.#bindings.press(button));
  }

  #pointerMoved(event: PointerEvent): void {
    const { clientWidth, clientHeight } = this.#view;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#bindings?.movePointer((event.clientX / clientWidth) * 2 - 1, 1 - (event.clientY / clientHeight) * 2);
  }

  #release(key: string): void {
    if (this.#bindings !== undefined) this.#sendAll(this.#bindings.release(key));
  }

  #sendAll(records: readonly WorldRecord[]): void {
    if (records.length === 0) return;
    this.#writer.clear();
    for (const record of records) encodeRecord(this.#writer, record);
    this.#send(this.#writer.take());
  }
}

function isTyping(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
}
