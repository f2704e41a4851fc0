/** Messages between tracks as arcs; where there are more than one can tell apart, a sample is drawn. */
import type { Pen } from "./browser.ts";
import type { Arc, TraceModel } from "./model.ts";
import { labelWidth, laneHeight, type Row, rulerHeight } from "./rows.ts";
import type { Viewport } from "./viewport.ts";

const drawnMax = 600;
/** Many arcs closer to upright than this are a picket fence and no picture; they show when one zooms in. */
const uprightMax = 150;
const widthPixelsMin = 2;

export function paintArcs(pen: Pen, model: TraceModel, rows: readonly Row[], view: Viewport, isDim: boolean): void {
  const inTime = model.arcs.filter(
    ({ fromMicros, toMicros }) => toMicros > view.fromMicros && fromMicros < view.toMicros,
  );
  const isWide = ({ fromMicros, toMicros }: Arc): boolean =>
    toMicros - fromMicros >= widthPixelsMin * view.microsPerPixel;
  const visible = inTime.length > uprightMax ? inTime.filter(isWide) : inTime;
  const each = Math.ceil(visible.length / drawnMax);
  pen.lineWidth = 1.1;
  for (let i = 0; i < visible.length; i += each) {
    const { from, to, fromMicros, toMicros } = visible[i]!;
    const fromX = labelWidth + view.xOf(fromMicros);
    const toX = labelWidth + view.xOf(toMicros);
    const fromY = middleOf(rows[from]!, view);
    const toY = middleOf(rows[to]!, view);
    const reach = Math.min(60, Math.max(8, (toX - fromX) / 2));
    pen.globalAlpha = isDim ? 0.2 : 0.6;
    pen.strokeStyle = "#e8f3f1";
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.bezierCurveTo(fromX + reach, fromY, toX - reach, toY, toX, toY);
    pen.stroke();
    pen.fillStyle = "#e8f3f1";
    pen.beginPath();
    pen.moveTo(toX, toY);
    pen.lineTo(toX - 6, toY - 3);
    pen.lineTo(toX - 6, toY + 3);
    pen.closePath();
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/** The middle of a track's outermost lane. Tracks are the first rows, in the model's order. */
function middleOf(row: Row, view: Viewport): number {
  return rulerHeight + row.top - view.scrollPixels + laneHeight / 2;
}
