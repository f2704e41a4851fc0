/**
 * The HUD: the scene's items as elements over the picture, each updated when its number changes. It
 * also keeps the numbers by name, for tests and tools.
 */
import type { HudItemDescription, HudPlace, SceneDescription } from "../../../../engine/render/scene.ts";
import { makeElement, setText } from "./element.ts";
import { clampPart, hudText } from "./hud-text.ts";

const places: readonly HudPlace[] = ["top-left", "top", "top-right", "center", "bottom-left", "bottom", "bottom-right"];

interface ShownItem {
  readonly item: HudItemDescription;
  readonly root: HTMLElement;
  readonly value: HTMLElement;
  readonly fill: HTMLElement | undefined;
  shown: number;
}

export class Hud {
  readonly #items: readonly ShownItem[];

  constructor(root: HTMLElement, scene: SceneDescription) {
    root.replaceChildren();
    const corners = new Map<HudPlace, HTMLElement>();
    for (const place of places) {
      const corner = makeElement("div", `hud-place hud-${place}`);
      corners.set(place, corner);
      root.append(corner);
    }
    this.#items = scene.hud.map((item) => {
      const shown = makeItem(item);
      corners.get(item.place)?.append(shown.root);
      return shown;
    });
  }

  get itemCount(): number {
    return this.#items.length;
  }

  /** Shows one viewer's numbers, which start at `first` of a packet's HUD section. */
  show(numbers: Float64Array, first: number): void {
    for (let i = 0; i < this.#items.length; i++) {
      const shown = this.#items[i]!;
      const value = numbers[first + i] ?? Number.NaN;
      if (Object.is(value, shown.shown)) continue;
      const before = shown.shown;
      shown.shown = value;
      showItem(shown, before);
    }
  }

  /** The numbers by name. */
  get values(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#items.map(({ item, shown }) => [item.name, shown]));
  }
}

function makeItem(item: HudItemDescription): ShownItem {
  const style = item.style ?? "plain";
  const root = makeElement("div", `hud-item hud-item-${item.format} hud-item-${style}`);
  root.dataset["name"] = item.name;
  root.hidden = item.format === "choice";
  const value = makeElement("span", "hud-value");
  if (item.label !== "" && style === "plain") root.append(makeElement("span", "hud-label", item.label));
  let fill: HTMLElement | undefined;
  if (item.format === "bar") {
    fill = makeElement("span", "hud-fill");
    const track = makeElement("span", "hud-track");
    track.append(fill);
    root.append(track);
  } else {
    root.append(value);
  }
  if (item.color !== undefined) root.style.setProperty("--item-color", `#${item.color.toString(16).padStart(6, "0")}`);
  return { item, root, value, fill, shown: Number.NaN };
}

function showItem({ item, root, value, fill, shown }: ShownItem, before: number): void {
  const text = hudText(item, shown);
  if (fill !== undefined) {
    fill.style.transform = `scaleX(${clampPart(shown).toFixed(4)})`;
    root.title = `${item.label} ${text}`;
    return;
  }
  if (item.format === "choice") root.hidden = text === "";
  const changed = value.textContent !== text;
  setText(value, text);
  if (item.format === "integer" && changed && shown > before) restartAnimation(root, "hud-raised");
}

/** Plays a CSS animation from its start. */
function restartAnimation(element: HTMLElement, className: string): void {
  for (const animation of element.getAnimations({ subtree: true })) animation.cancel();
  element.classList.remove(className);
  void element.offsetWidth;
  element.classList.add(className);
}
