/**
 * The picture: everything on the canvas, made anew for every change. What is thinner than a pixel is
 * merged with its neighbours, so a picture of a million spans costs no more than its pixels.
 */
import type { Pen } from "./browser.ts";
import { amber, colorOf, ground, groundLabel, groundRow, ink, inkFaint, inkSoft, line, teal } from "./colors.ts";
import { firstAfter, type Lane } from "./lane.ts";
import type { CounterRow, Moments, SpanRow, TraceModel } from "./model.ts";
import { paintArcs } from "./paint-arcs.ts";
import { instantHeight, labelWidth, laneHeight, type Row, rulerHeight } from "./rows.ts";
import { rulerStep, timeText, type Viewport } from "./viewport.ts";

export const textFont = '11px "Inter", "Segoe UI", system-ui, "Liberation Sans", sans-serif';
const labelPixelsMin = 26;

/** What is drawn besides the trace itself. */
export interface Shown {
  /** 1 for each name that the search leaves bright. */
  readonly bright: Uint8Array;
  readonly isSearching: boolean;
  /** The span under the pointer or found last. */
  readonly event: number;
  /** Where the pointer is; below 0 where it is not over the rows. */
  readonly pointerX: number;
}

export class Painter {
  readonly #pen: Pen;
  readonly #model: TraceModel;
  readonly #rows: readonly Row[];
  readonly #colors: readonly string[];
  readonly #textWidths = new Map<string, number>();

  constructor(pen: Pen, model: TraceModel, rows: readonly Row[]) {
    this.#pen = pen;
    this.#model = model;
    this.#rows = rows;
    this.#colors = model.names.map((_, name) => colorOf(name));
  }

  /** Draws all; sizes in pixels of the page, `scale` device pixels each. */
  paint(view: Viewport, width: number, height: number, scale: number, shown: Shown): void {
    const pen = this.#pen;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.font = textFont;
    pen.textBaseline = "middle";
    pen.fillStyle = ground;
    pen.fillRect(0, 0, width, height);
    pen.save();
    pen.beginPath();
    pen.rect(0, rulerHeight, width, height - rulerHeight);
    pen.clip();
    const visible = this.#rows.filter((row) => {
      const top = topOf(row, view);
      return top < height && top + row.height > rulerHeight;
    });
    for (const row of visible) {
      pen.fillStyle = groundRow;
      pen.fillRect(labelWidth, topOf(row, view) - 3, width - labelWidth, row.height + 6);
    }
    pen.save();
    pen.beginPath();
    pen.rect(labelWidth, rulerHeight, width - labelWidth, height - rulerHeight);
    pen.clip();
    this.#paintMarks(view, height);
    for (const row of visible) {
      if (row.kind === "counter") this.#paintCounter(row.counter, topOf(row, view), row.height, view);
      else this.#paintSpans(row.spans, topOf(row, view), view, shown);
    }
    paintArcs(pen, this.#model, this.#rows, view, shown.isSearching);
    pen.restore();
    this.#paintLabels(visible, view, height);
    pen.restore();
    this.#paintRuler(view, width, height, shown.pointerX);
  }

  #paintSpans({ lanes, instants }: SpanRow, top: number, view: Viewport, shown: Shown): void {
    for (let depth = 0; depth < lanes.length; depth++)
      this.#paintLane(lanes[depth]!, top + depth * laneHeight, view, shown);
    if (instants.times.length > 0) this.#paintInstants(instants, top + lanes.length * laneHeight, view);
  }

  #paintLane({ starts, ends, names, events }: Lane, top: number, view: Viewport, shown: Shown): void {
    const pen = this.#pen;
    const { toMicros } = view;
    const height = laneHeight - 1;
    for (let i = firstAfter(ends, view.fromMicros); i < starts.length && starts[i]! < toMicros; ) {
      const left = labelWidth + view.xOf(starts[i]!);
      const width = view.xOf(ends[i]!) + labelWidth - left;
      const name = names[i]!;
      const isBright = shown.bright[name] === 1;
      pen.fillStyle = this.#colors[name]!;
      if (width < 1) {
        // The pixel's first span that the search wants stands for all that begin within this pixel.
        const next = firstAfter(starts, view.microsAt(Math.floor(left - labelWidth) + 1), i);
        let wanted = i;
        if (shown.isSearching) while (wanted < next && shown.bright[names[wanted]!] === 0) wanted++;
        const isFound = wanted < next;
        pen.fillStyle = this.#colors[names[isFound ? wanted : i]!]!;
        pen.globalAlpha = isFound ? (shown.isSearching ? 1 : 0.7) : 0.15;
        pen.fillRect(Math.floor(left), top, 1, height);
        i = Math.max(next, i + 1);
        continue;
      }
      const shownLeft = Math.max(left, labelWidth - 2);
      const shownWidth = Math.min(left + width, labelWidth + view.widthPixels + 2) - shownLeft;
      pen.globalAlpha = isBright ? 1 : 0.15;
      pen.fillRect(shownLeft, top, Math.max(0.75, shownWidth - (width > 3 ? 0.75 : 0)), height);
      if (events[i] === shown.event) {
        pen.globalAlpha = 1;
        pen.strokeStyle = "#ffffff";
        pen.lineWidth = 1.5;
        pen.strokeRect(shownLeft + 0.5, top + 0.75, Math.max(1, shownWidth - 2), height - 1.5);
      }
      if (shownWidth > labelPixelsMin) {
        pen.fillStyle = isBright ? "#0a1012" : inkSoft;
        pen.globalAlpha = isBright ? 1 : 0.6;
        this.#fitText(
          this.#spanText(name, events[i]!, shownWidth),
          shownLeft + 5,
          top + height / 2 + 0.5,
          shownWidth - 9,
        );
      }
      i++;
    }
    pen.globalAlpha = 1;
  }

  /** The name, and how long it took where there is room. */
  #spanText(name: number, event: number, width: number): string {
    const text = this.#model.names[name]!.name;
    const { durationMicros } = this.#model.events[event]!;
    return width > 130 && durationMicros > 0 ? `${text}  ${timeText(durationMicros)}` : text;
  }

  #paintInstants({ times }: Moments, top: number, view: Viewport): void {
    const pen = this.#pen;
    pen.fillStyle = amber;
    for (let i = firstAfter(times, view.fromMicros); i < times.length && times[i]! < view.toMicros; ) {
      const x = Math.round(labelWidth + view.xOf(times[i]!));
      const middle = top + instantHeight / 2;
      pen.beginPath();
      pen.moveTo(x, middle - 4);
      pen.lineTo(x + 4, middle);
      pen.lineTo(x, middle + 4);
      pen.lineTo(x - 4, middle);
      pen.closePath();
      pen.fill();
      i = Math.max(i + 1, firstAfter(times, view.microsAt(x - labelWidth + 2), i));
    }
  }

  #paintMarks(view: Viewport, height: number): void {
    const { times, events } = this.#model.marks;
    const pen = this.#pen;
    let labelEnd = labelWidth;
    for (let i = firstAfter(times, view.fromMicros); i < times.length && times[i]! < view.toMicros; ) {
      const x = Math.round(labelWidth + view.xOf(times[i]!));
      pen.fillStyle = "rgb(150 205 200 / 12%)";
      pen.fillRect(x, rulerHeight, 1, height);
      if (x >= labelEnd) {
        const { name, args } = this.#model.events[events[i]!]!;
        const text = `${name} ${Object.values(args)[0] ?? ""}`;
        pen.fillStyle = inkFaint;
        pen.fillText(text, x + 5, height - 12);
        labelEnd = x + this.#widthOf(text) + 24;
      }
      i = Math.max(i + 1, firstAfter(times, view.microsAt(x - labelWidth + 5), i));
    }
  }

  #paintCounter({ times, values, min, max }: CounterRow, top: number, height: number, view: Viewport): void {
    const pen = this.#pen;
    const range = max - min || 1;
    const yOf = (value: number): number => top + 2 + (height - 4) * (1 - (value - min) / range);
    const first = Math.max(0, firstAfter(times, view.fromMicros) - 1);
    if (times.length === 0 || times[first]! > view.toMicros) return;
    // A step line; of many values within a pixel the greatest and the least are drawn.
    const points: number[] = [];
    for (let i = first; i < times.length && times[i]! < view.toMicros; ) {
      const x = labelWidth + view.xOf(times[i]!);
      const next = Math.max(i + 1, firstAfter(times, view.microsAt(x - labelWidth + 1), i));
      let least = values[i]!;
      let most = least;
      for (let k = i + 1; k < next; k++) {
        least = Math.min(least, values[k]!);
        most = Math.max(most, values[k]!);
      }
      const before = points[points.length - 1];
      if (before !== undefined) points.push(x, before);
      points.push(x, yOf(least), x, yOf(most), x, yOf(values[next - 1]!));
      i = next;
    }
    const right = labelWidth + view.widthPixels;
    points.push(right, points[points.length - 1]!);
    const trace = (): void => {
      for (let i = 2; i < points.length; i += 2) pen.lineTo(points[i]!, points[i + 1]!);
    };
    pen.beginPath();
    pen.moveTo(points[0]!, yOf(min));
    pen.lineTo(points[0]!, points[1]!);
    trace();
    pen.lineTo(right, yOf(min));
    pen.fillStyle = "rgb(47 211 189 / 14%)";
    pen.fill();
    pen.beginPath();
    pen.moveTo(points[0]!, points[1]!);
    trace();
    pen.strokeStyle = teal;
    pen.lineWidth = 1.25;
    pen.stroke();
  }

  #paintLabels(rows: readonly Row[], view: Viewport, height: number): void {
    const pen = this.#pen;
    pen.fillStyle = groundLabel;
    pen.fillRect(0, rulerHeight, labelWidth, height);
    pen.fillStyle = line;
    pen.fillRect(labelWidth - 1, rulerHeight, 1, height);
    for (const row of rows) {
      const top = topOf(row, view);
      const isCounter = row.kind === "counter";
      pen.fillStyle = row.kind === "track" ? ink : inkSoft;
      const middle = isCounter ? top + 12 : top + Math.min(row.height, laneHeight) / 2 + 0.5;
      this.#fitText(isCounter ? row.counter.label : row.spans.label, 12, middle, labelWidth - 22);
      if (!isCounter) continue;
      pen.fillStyle = inkFaint;
      this.#fitText(`max ${compactNumber(row.counter.max)}`, 12, top + 28, labelWidth - 22);
    }
  }

  #paintRuler(view: Viewport, width: number, height: number, pointerX: number): void {
    const pen = this.#pen;
    pen.fillStyle = groundLabel;
    pen.fillRect(0, 0, width, rulerHeight);
    pen.fillStyle = line;
    pen.fillRect(0, rulerHeight - 1, width, 1);
    const step = rulerStep(view.microsPerPixel, 92);
    for (let k = Math.ceil(view.fromMicros / step); k * step < view.toMicros; k++) {
      const x = Math.round(labelWidth + view.xOf(k * step));
      if (x < labelWidth) continue;
      pen.fillStyle = inkFaint;
      pen.fillRect(x, rulerHeight - 8, 1, 7);
      pen.fillStyle = "rgb(255 255 255 / 3%)";
      pen.fillRect(x, rulerHeight, 1, height);
      pen.fillStyle = inkSoft;
      pen.fillText(timeText(k * step, step), x + 5, 13);
    }
    pen.fillStyle = inkFaint;
    pen.fillText(`${timeText(view.widthMicros)} shown`, 12, 14);
    if (pointerX < labelWidth) return;
    pen.fillStyle = "rgb(255 255 255 / 20%)";
    pen.fillRect(Math.round(pointerX), rulerHeight, 1, height);
    const text = timeText(view.microsAt(pointerX - labelWidth), view.microsPerPixel);
    const textWidth = this.#widthOf(text);
    const left = Math.min(Math.max(labelWidth, pointerX - textWidth / 2 - 6), width - textWidth - 12);
    pen.fillStyle = "#24343a";
    pen.fillRect(left, 3, textWidth + 12, 21);
    pen.fillStyle = ink;
    pen.fillText(text, left + 6, 14);
  }

  /** As much of the text as fits, with an ellipsis where something is missing. */
  #fitText(text: string, x: number, y: number, width: number): void {
    const pen = this.#pen;
    const whole = this.#widthOf(text);
    if (whole <= width) {
      pen.fillText(text, x, y);
      return;
    }
    const length = Math.floor((text.length * width) / whole) - 1;
    if (length > 0) pen.fillText(`${text.slice(0, length)}\u2026`, x, y);
  }

  #widthOf(text: string): number {
    const known = this.#textWidths.get(text);
    if (known !== undefined) return known;
    if (this.#textWidths.size > 5_000) this.#textWidths.clear();
    const { width } = this.#pen.measureText(text);
    this.#textWidths.set(text, width);
    return width;
  }
}

/** Top of a row on the canvas. */
export function topOf(row: Row, view: Viewport): number {
  return rulerHeight + row.top - view.scrollPixels;
}

export function compactNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
