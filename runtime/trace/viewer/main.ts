/**
 * The viewer's page: reads the trace that the page holds, draws it and follows pointer and keys.
 * Rule: everything that changes what is seen calls `draw`, which paints once a frame at most.
 */
import { isTrouble, parseTrace } from "../../../engine/trace/parsed.ts";
import { browser, newElement, type PageCanvas, pageElement } from "./browser.ts";
import { fillLegend } from "./legend.ts";
import { buildModel, type TraceModel } from "./model.ts";
import { Painter } from "./paint.ts";
import { pointedAt } from "./pointer.ts";
import { labelWidth, layOutRows, rulerHeight } from "./rows.ts";
import { Viewport } from "./viewport.ts";

const parsed = parseTrace(pageElement("trace").textContent ?? "");
if (isTrouble(parsed)) pageElement("facts").textContent = `This page holds no trace: ${parsed.problem}.`;
else start(buildModel(parsed));

function start(model: TraceModel): void {
  const canvas = pageElement<PageCanvas>("timeline");
  const tooltip = pageElement("tooltip");
  const search = pageElement("search");
  const found = pageElement("found");
  const { rows, height: rowsHeight } = layOutRows(model);
  const painter = new Painter(canvas.getContext("2d", { alpha: false }), model, rows);
  const view = new Viewport(model.startMicros, model.endMicros);
  const bright = new Uint8Array(model.names.length).fill(1);
  const pointer = { x: -1, y: -1, dragX: 0, dragY: 0, isDown: false };
  let matches: readonly number[] = [];
  let selected = -1;
  let isWaiting = false;

  const paint = (): void => {
    isWaiting = false;
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = browser.devicePixelRatio;
    const deviceWidth = Math.round(width * scale);
    const deviceHeight = Math.round(height * scale);
    if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
    if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    view.widthPixels = Math.max(1, width - labelWidth);
    view.scrollPixels = Math.max(0, Math.min(rowsHeight + rulerHeight - height, view.scrollPixels));
    const pointed = pointer.isDown ? undefined : pointedAt(model, rows, view, pointer.x, pointer.y);
    painter.paint(view, width, height, scale, {
      bright,
      isSearching: search.value !== "",
      event: pointed?.event ?? selected,
      pointerX: pointer.x,
    });
    tooltip.hidden = pointed === undefined;
    if (pointed !== undefined) {
      tooltip.replaceChildren(...pointed.lines.map((text, i) => newElement("div", i === 0 ? "title" : "", text)));
      tooltip.style["left"] = `${Math.min(pointer.x + 16, width - tooltip.clientWidth - 8)}px`;
      tooltip.style["top"] = `${Math.min(pointer.y + 18, height - tooltip.clientHeight - 8)}px`;
    }
    canvas.dataset["painted"] = String(Number(canvas.dataset["painted"] ?? 0) + 1);
  };
  const draw = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    browser.requestAnimationFrame(paint);
  };

  const searchFor = (text: string): void => {
    search.value = text;
    const wanted = text.toLowerCase();
    model.names.forEach(({ name }, number) => {
      bright[number] = name.toLowerCase().includes(wanted) ? 1 : 0;
    });
    matches = text === "" ? [] : matchesOf(model, bright);
    found.textContent = text === "" ? "" : `${matches.length}`;
    selected = -1;
    draw();
  };
  /** Goes to the next span that was searched for, seen from the middle of the picture. */
  const showNext = (direction: 1 | -1): void => {
    if (matches.length === 0) return;
    const at = matches.indexOf(selected);
    const middle = (view.fromMicros + view.toMicros) / 2;
    const nearest = matches.findIndex((event) => model.events[event]!.startMicros >= middle);
    const next = at >= 0 ? at + direction : nearest;
    selected = matches[(next + matches.length) % matches.length]!;
    const { startMicros, durationMicros } = model.events[selected]!;
    view.show(startMicros - 4 * durationMicros, startMicros + 5 * durationMicros);
    draw();
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pointer, { isDown: true, dragX: event.clientX, dragY: event.clientY });
    search.blur();
  });
  canvas.addEventListener("pointermove", (event) => {
    const top = pageElement("head").clientHeight;
    if (pointer.isDown) {
      view.pan(pointer.dragX - event.clientX);
      view.scrollPixels += pointer.dragY - event.clientY;
    }
    Object.assign(pointer, { x: event.clientX, y: event.clientY - top, dragX: event.clientX, dragY: event.clientY });
    draw();
  });
  canvas.addEventListener("pointerup", () => {
    pointer.isDown = false;
    draw();
  });
  canvas.addEventListener("pointerleave", () => {
    pointer.x = -1;
    draw();
  });
  canvas.addEventListener("dblclick", () => {
    const pointed = pointedAt(model, rows, view, pointer.x, pointer.y);
    if (pointed === undefined || pointed.event < 0) return;
    const { startMicros, durationMicros } = model.events[pointed.event]!;
    view.show(startMicros, startMicros + durationMicros);
    draw();
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === 0 ? 1 : 32;
      if (event.shiftKey) view.scrollPixels += (event.deltaY || event.deltaX) * pixels;
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) view.pan(event.deltaX * pixels);
      else view.zoom(2 ** ((event.deltaY * pixels) / 260), event.clientX - labelWidth);
      draw();
    },
    { passive: false },
  );
  const middleX = (): number => (pointer.x >= labelWidth ? pointer.x - labelWidth : view.widthPixels / 2);
  const keys: Readonly<Record<string, () => void>> = {
    w: () => view.zoom(0.7, middleX()),
    s: () => view.zoom(1 / 0.7, middleX()),
    a: () => view.pan(-view.widthPixels * 0.12),
    d: () => view.pan(view.widthPixels * 0.12),
    arrowleft: () => view.pan(-view.widthPixels * 0.12),
    arrowright: () => view.pan(view.widthPixels * 0.12),
    arrowup: () => (view.scrollPixels -= 40),
    arrowdown: () => (view.scrollPixels += 40),
    "0": () => view.showAll(),
    home: () => view.showAll(),
    n: () => showNext(1),
    escape: () => searchFor(""),
  };
  browser.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (browser.document.activeElement === search) {
      if (key === "enter") showNext(event.shiftKey ? -1 : 1);
      if (key === "escape") {
        searchFor("");
        search.blur();
      }
      return;
    }
    if (key === "/") search.focus();
    else if (keys[key] === undefined) return;
    else keys[key]();
    event.preventDefault();
    draw();
  });
  search.addEventListener("input", () => searchFor(search.value));
  browser.addEventListener("resize", draw);
  pageElement("fit").addEventListener("click", () => {
    view.showAll();
    draw();
  });
  fillLegend(model, (name) => searchFor(search.value === name ? "" : name));
  draw();
}

/** Events of all spans that are bright, in the order of time. */
function matchesOf(model: TraceModel, bright: Uint8Array): readonly number[] {
  const found: number[] = [];
  for (const { lanes } of model.tracks)
    for (const { names, events } of lanes)
      for (let i = 0; i < names.length; i++) if (bright[names[i]!] === 1) found.push(events[i]!);
  return found.sort((a, b) => model.events[a]!.startMicros - model.events[b]!.startMicros || a - b);
}
