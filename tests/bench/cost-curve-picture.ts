/**
 * The picture of the cost curve: an SVG text with two logarithmic axes, entities and milliseconds a frame, and a line
 * for each part of the frame. It brings its own colours for light and dark, so it is read on either ground.
 */

/** Parts of a frame in the order in which they happen, by the names of their spans. */
export const costParts = ["tick", "snapshot", "jobs", "assemble"] as const;

export interface CostPoint {
  readonly entityCount: number;
  readonly frameMillis: number;
  /** In the order of `costParts`. */
  readonly partMillis: readonly number[];
}

const width = 720;
const height = 440;
const plot = { left: 76, right: 590, top: 48, bottom: 380 } as const;
/** Labels of lines keep this distance from one another. */
const labelGap = 17;

const style = `
    text { font: 13px system-ui, sans-serif; fill: #333 }
    .title { font-size: 16px; font-weight: 600 }
    .grid { stroke: #ddd; stroke-width: 1 }
    .budget { stroke: #999; stroke-width: 1; stroke-dasharray: 5 4 }
    .line { fill: none; stroke-width: 2.2 }
    .c0 { stroke: #1565c0; fill: #1565c0 } .c1 { stroke: #2e7d32; fill: #2e7d32 }
    .c2 { stroke: #c62828; fill: #c62828 } .c3 { stroke: #8e4ec6; fill: #8e4ec6 }
    .c4 { stroke: #333; fill: #333 }
    .line { fill: none } text[class] { stroke: none }
    @media (prefers-color-scheme: dark) {
      text { fill: #ddd } .grid { stroke: #3a3a3a } .budget { stroke: #888 }
      .c0 { stroke: #64b5f6; fill: #64b5f6 } .c1 { stroke: #81c784; fill: #81c784 }
      .c2 { stroke: #ef8a80; fill: #ef8a80 } .c3 { stroke: #c9a0f0; fill: #c9a0f0 }
      .c4 { stroke: #ddd; fill: #ddd }
      .line { fill: none } text[class] { stroke: none }
    }`;

/** The picture of `points`, which are in ascending order of their entities. */
export function costCurvePicture(points: readonly CostPoint[]): string {
  const series = [
    ...costParts.map((name, i) => ({ name, millis: points.map((point) => point.partMillis[i]!) })),
    { name: "whole frame", millis: points.map((point) => point.frameMillis) },
  ];
  const all = series.flatMap(({ millis }) => millis);
  const lowest = Math.floor(Math.log10(Math.min(...all)));
  const highest = Math.ceil(Math.log10(Math.max(...all, 1000 / 60)));
  const firstDecade = Math.floor(Math.log10(points[0]!.entityCount));
  const lastDecade = Math.ceil(Math.log10(points.at(-1)!.entityCount));
  const x = (count: number): number =>
    plot.left + ((Math.log10(count) - firstDecade) / (lastDecade - firstDecade)) * (plot.right - plot.left);
  const y = (millis: number): number =>
    plot.bottom - ((Math.log10(millis) - lowest) / (highest - lowest)) * (plot.bottom - plot.top);
  const round = (value: number): string => value.toFixed(1);

  const lines: string[] = [];
  for (let decade = lowest; decade <= highest; decade++) {
    const at = round(y(10 ** decade));
    lines.push(`<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/>`);
    lines.push(`<text x="${plot.left - 8}" y="${at}" dy="4" text-anchor="end">${millisText(decade)}</text>`);
  }
  for (let decade = firstDecade; decade <= lastDecade; decade++) {
    const at = round(x(10 ** decade));
    lines.push(`<line class="grid" x1="${at}" x2="${at}" y1="${plot.top}" y2="${plot.bottom}"/>`);
    lines.push(`<text x="${at}" y="${plot.bottom + 20}" text-anchor="middle">${countText(10 ** decade)}</text>`);
  }
  const budget = round(y(1000 / 60));
  lines.push(`<line class="budget" x1="${plot.left}" x2="${plot.right}" y1="${budget}" y2="${budget}"/>`);
  lines.push(`<text x="${plot.left + 6}" y="${budget}" dy="-5">16.7 ms: 60 frames a second</text>`);

  const labels = series
    .map(({ name, millis }, i) => ({ name, i, last: millis.at(-1)!, at: y(millis.at(-1)!) }))
    .sort((a, b) => a.at - b.at);
  for (let i = 1; i < labels.length; i++) labels[i]!.at = Math.max(labels[i]!.at, labels[i - 1]!.at + labelGap);
  for (const [i, { millis }] of series.entries()) {
    const places = millis.map((value, at) => `${round(x(points[at]!.entityCount))},${round(y(value))}`);
    lines.push(`<polyline class="line c${i}" points="${places.join(" ")}"/>`);
    for (const place of places) {
      const [cx, cy] = place.split(",");
      lines.push(`<circle class="c${i}" cx="${cx}" cy="${cy}" r="3.2"/>`);
    }
  }
  for (const { name, i, last, at } of labels)
    lines.push(
      `<text class="c${i}" x="${plot.right + 10}" y="${round(at)}" dy="4">${name} ${threeDigits(last)}</text>`,
    );

  const what = series.map(({ name }) => name).join(", ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title what">
  <title id="title">Cost of a frame by entities</title>
  <desc id="what">Milliseconds a frame on two logarithmic axes: ${what}.</desc>
  <style>${style}
  </style>
  <text class="title" x="${plot.left}" y="26">Cost of a frame, milliseconds, one thread</text>
  ${lines.join("\n  ")}
  <text x="${(plot.left + plot.right) / 2}" y="${height - 14}" text-anchor="middle">entities, all moving and presented</text>
</svg>
`;
}

function millisText(decade: number): string {
  return decade >= 0 ? String(10 ** decade) : (10 ** decade).toFixed(-decade);
}

function countText(count: number): string {
  return count.toLocaleString("en-US");
}

function threeDigits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}
