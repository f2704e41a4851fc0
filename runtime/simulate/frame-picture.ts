/**
 * One frame as lines of text: a row for each thread, each surface and each line of the device, a letter for
 * what went on there. A column stands for an equal part of the frame, and shows what took most of it.
 */
import { deviceTrackLabels } from "../../engine/render/device-tracks.ts";
import { isDrawing, warmUpFrames } from "./figures.ts";
import type { Span } from "./span-log.ts";

const idle = ".";
/** Letters by name of the span, then by category. */
const letters: readonly (readonly [letter: string, meaning: string, isMeant: (span: Span) => boolean])[] = [
  ["a", "animation", ({ name }) => name === "animation"],
  ["x", "particles", ({ name }) => name === "particles"],
  ["c", "culling", ({ name }) => name === "culling"],
  ["l", "level of detail", ({ name }) => name === "level-of-detail"],
  ["q", "routes", ({ name, category }) => name === "routes" && category === "tick job"],
  ["r", "record", ({ category }) => category === "surface record"],
  ["s", "submit", ({ category }) => category === "surface submit"],
  ["P", "present", ({ category }) => category === "surface present"],
  ["t", "tick", ({ name, category }) => name === "tick" && category === "frame"],
  ["L", "stage of a load", ({ name, category }) => name === "stage" && category === "pipelines"],
  ["#", "device", ({ category }) => category === "device"],
];

interface Row {
  readonly label: string;
  readonly spans: readonly Span[];
}

/** The picture of the frame that is most usual, at most `width` wide: rows, scale, legend. */
export function framePicture(spans: readonly Span[], width: number): readonly string[] {
  const frame = usualFrame(spans);
  if (frame === undefined) return [];
  const { startMicros, endMicros } = frame;
  const within = spans.filter((span) => span.endMicros > startMicros && span.startMicros < endMicros);
  const rows = rowsOf(within, threadsOf(spans));
  const labelWidth = Math.max(...rows.map(({ label }) => label.length));
  const cellCount = Math.max(20, width - labelWidth - 4);
  const lines = rows.map(({ label, spans: own }) => {
    const cells = cellsOf(own, startMicros, endMicros, cellCount);
    return `${label.padEnd(labelWidth)} |${cells}|`;
  });
  const micros = Math.round(endMicros - startMicros);
  const used = letters.filter(([letter]) => lines.some((line) => line.slice(labelWidth).includes(letter)));
  return [
    `frame ${frame.a}, ${micros} us, a column is ${(micros / cellCount).toFixed(0)} us`,
    ...lines,
    ...legendLines([...used.map(([letter, meaning]) => `${letter} ${meaning}`), `${idle} idle or waiting`], width),
  ];
}

/** Of the frames in which all surfaces are there the one of median length. */
function usualFrame(spans: readonly Span[]): Span | undefined {
  const frames = spans.filter(({ name, category }) => name === "frame" && category === "frame");
  const half = frames.slice(0, Math.max(1, Math.ceil(frames.length / 2)));
  const warm = half.length > warmUpFrames ? half.slice(warmUpFrames) : half;
  const length = (span: Span): number => span.endMicros - span.startMicros;
  return warm.toSorted((a, b) => length(a) - length(b))[warm.length >> 1];
}

/** Threads of the whole run: one that did nothing in a frame was idle there. */
function threadsOf(spans: readonly Span[]): readonly string[] {
  const tracks = [...new Set(spans.map(({ track }) => track))];
  const isDevice = (track: string): boolean => (deviceTrackLabels as readonly string[]).includes(track);
  return tracks.filter((track) => !isDevice(track)).sort();
}

function rowsOf(spans: readonly Span[], threads: readonly string[]): readonly Row[] {
  const ofSurface = spans.filter((span) => isDrawing(span) || span.category === "surface present");
  const surfaceOf = ({ name }: Span): string => name.slice(0, name.lastIndexOf(" "));
  const surfaces = [...new Set(ofSurface.toSorted((a, b) => a.startMicros - b.startMicros).map(surfaceOf))];
  return [
    ...threads.map((label) => ({ label, spans: spans.filter(({ track }) => track === label) })),
    ...surfaces.map((label) => ({ label, spans: ofSurface.filter((span) => surfaceOf(span) === label) })),
    ...deviceTrackLabels.map((label) => ({ label, spans: spans.filter(({ track }) => track === label) })),
  ];
}

function cellsOf(spans: readonly Span[], startMicros: number, endMicros: number, cellCount: number): string {
  const cellMicros = (endMicros - startMicros) / cellCount;
  const lettered = spans.flatMap((span) => {
    const found = letters.find(([, , isMeant]) => isMeant(span));
    return found === undefined ? [] : [{ letter: found[0], span }];
  });
  let cells = "";
  for (let cell = 0; cell < cellCount; cell++) {
    const from = startMicros + cell * cellMicros;
    const shares = new Map<string, number>();
    for (const { letter, span } of lettered) {
      const micros = Math.min(span.endMicros, from + cellMicros) - Math.max(span.startMicros, from);
      if (micros > 0) shares.set(letter, (shares.get(letter) ?? 0) + micros);
    }
    // Spans of jobs contain those of surfaces, which say more; what takes under a quarter of a column is not seen.
    const best = [...shares].sort((a, b) => b[1] - a[1])[0];
    cells += best === undefined || best[1] < cellMicros / 4 ? idle : best[0];
  }
  return cells;
}

function legendLines(entries: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + entry.length + 3 <= width) lines[lines.length - 1] = `${last}   ${entry}`;
    else lines.push(entry);
  }
  return lines;
}
