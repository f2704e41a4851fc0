/**
 * The help panel: the scene's controls with their keys. It opens with H (unless the game uses that
 * key) or ?, and with the button in the status line.
 */
import type { SceneDescription } from "../../../../engine/render/scene.ts";
import { makeElement } from "./element.ts";
import { keyLabel } from "./key-label.ts";

export class Help {
  readonly #panel: HTMLElement;
  readonly #button: HTMLElement;

  /** `binds` says whether the game uses a key. */
  constructor(panel: HTMLElement, button: HTMLElement, binds: (key: string) => boolean) {
    this.#panel = panel;
    this.#button = button;
    button.addEventListener("click", () => {
      this.#toggle();
      button.blur();
    });
    panel.addEventListener("click", () => this.#toggle(false));
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (event.key === "?" || (event.code === "KeyH" && !binds("KeyH"))) this.#toggle();
      else if (event.code === "Escape" && !binds("Escape")) this.#toggle(false);
    });
  }

  show(scene: SceneDescription): void {
    const list = makeElement("dl", "help-list");
    for (const control of scene.controls) {
      const keys = makeElement("dt", "help-keys");
      if (control.kind === "axis") {
        const between = control.negative.length > 0 && control.positive.length > 0;
        keys.append(...keyCaps(control.negative));
        if (between) keys.append(makeElement("span", "help-between", "–"));
        keys.append(...keyCaps(control.positive));
        if (control.pointer !== undefined) keys.append(makeElement("kbd", "help-key", keyLabel(control.pointer)));
      } else {
        keys.append(...keyCaps(control.keys));
      }
      list.append(keys, makeElement("dd", "help-label", control.label));
    }
    this.#panel.replaceChildren(makeElement("h2", "help-title", "Controls"), list);
  }

  #toggle(open = this.#panel.hidden): void {
    this.#panel.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
  }
}

function keyCaps(keys: readonly string[]): HTMLElement[] {
  return keys.map((key) => makeElement("kbd", "help-key", keyLabel(key)));
}
