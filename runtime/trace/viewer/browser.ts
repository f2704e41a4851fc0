/**
 * The few names of the browser that the viewer uses. The runtime compiles without the DOM's types, so
 * that no server code can name the DOM by accident; what the page needs of it is typed here.
 */

export interface PointerLike {
  readonly clientX: number;
  readonly clientY: number;
  readonly button: number;
  readonly pointerId: number;
}
export interface WheelLike extends PointerLike {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly shiftKey: boolean;
  preventDefault(): void;
}
export interface KeyLike {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  preventDefault(): void;
}

interface EventMap {
  pointerdown: PointerLike;
  pointermove: PointerLike;
  pointerup: PointerLike;
  pointerleave: PointerLike;
  dblclick: PointerLike;
  click: PointerLike;
  wheel: WheelLike;
  keydown: KeyLike;
  input: unknown;
  resize: unknown;
}
interface Target {
  addEventListener<K extends keyof EventMap>(
    type: K,
    listener: (event: EventMap[K]) => void,
    options?: { readonly passive: boolean },
  ): void;
}

export interface PageElement extends Target {
  textContent: string | null;
  className: string;
  hidden: boolean;
  value: string;
  title: string;
  readonly style: { [name: string]: unknown };
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly dataset: { [name: string]: string | undefined };
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  focus(): void;
  blur(): void;
  select(): void;
  setPointerCapture(pointerId: number): void;
}
export interface PageCanvas extends PageElement {
  width: number;
  height: number;
  getContext(kind: "2d", options: { readonly alpha: boolean }): Pen;
}

/** What of a canvas's 2D context the viewer draws with. */
export interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  globalAlpha: number;
  font: string;
  textBaseline: "middle" | "alphabetic" | "top";
  textAlign: "left" | "right" | "center";
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  stroke(): void;
  fill(): void;
  clip(): void;
  save(): void;
  restore(): void;
}

interface Browser extends Target {
  readonly devicePixelRatio: number;
  readonly document: {
    title: string;
    readonly activeElement: PageElement | null;
    getElementById(id: string): PageElement | null;
    createElement(tag: string): PageElement;
  };
  requestAnimationFrame(act: (millis: number) => void): number;
}

export const browser = globalThis as unknown as Browser;

/** The element of that id; the page always has it. */
export function pageElement<Kind extends PageElement = PageElement>(id: string): Kind {
  return browser.document.getElementById(id) as Kind;
}

/** A new element with a class and text. */
export function newElement(tag: string, className: string, text = ""): PageElement {
  const element = browser.document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
