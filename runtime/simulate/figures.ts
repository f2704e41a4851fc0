/**
 * Figures of a simulation, from its spans: how long stages take, and how much was done at the same time.
 * Pure; the first frames are left out, in which code is still being compiled.
 */

import { lineNames } from "../../engine/gpu/queues.ts";
import { type DeviceSpan, measureOverlap } from "../../engine/gpu/timeline.ts";
import { deviceTrackLabels } from "../../engine/render/device-tracks.ts";
import type { Span } from "./span-log.ts";

export interface StageFigures {
  readonly name: string;
  readonly count: number;
  readonly meanMicros: number;
  readonly p95Micros: number;
  readonly maxMicros: number;
}

/** How much of some work was done at the same time as other such work, on another track. */
export interface Concurrency {
  /** Sum over all tracks. */
  readonly workMicros: number;
  /** Time in which at least one track, and at least two, did such work. */
  readonly anyMicros: number;
  readonly overlapMicros: number;
}

export interface SimulationFigures {
  readonly frameCount: number;
  readonly stages: readonly StageFigures[];
  /** Chunks of jobs and of surfaces. */
  readonly jobs: Concurrency;
  /** Recording and submitting of surfaces, the chunks' inner parts. */
  readonly surfaces: Concurrency;
  /** Of those, spans that workers made. */
  readonly surfacesOnWorkers: number;
  readonly surfaceSpanCount: number;
  /** Lines of the device. */
  readonly device: Concurrency;
}

export const stageOrder: readonly string[] = [
  "frame",
  "tick",
  "snapshot",
  "jobs",
  "integrate",
  "assemble",
  "submit",
  "present",
  "publish",
  "budget",
];

/** Frames at the beginning that do not count, when there are enough others. */
export const warmUpFrames = 10;

export function figuresOf(spans: readonly Span[]): SimulationFigures {
  const frames = spans.filter(({ name }) => name === "frame");
  const fromMicros = frames.length > 2 * warmUpFrames ? frames[warmUpFrames]!.startMicros : 0;
  const counted = spans.filter(({ startMicros }) => startMicros >= fromMicros);
  const drawing = counted.filter(isDrawing);
  return {
    frameCount: counted.filter(({ name }) => name === "frame").length,
    stages: stageOrder.map((stage) => stageFigures(stage, counted)),
    jobs: concurrencyOf(counted.filter(({ category }) => category === "frame job")),
    surfaces: concurrencyOf(drawing),
    surfacesOnWorkers: drawing.filter(({ track }) => track.startsWith("worker")).length,
    surfaceSpanCount: drawing.length,
    device: deviceConcurrency(counted),
  };
}

/** Whether a span is a surface's recording or submitting. */
export function isDrawing({ category }: Span): boolean {
  return category === "surface record" || category === "surface submit";
}

/** Pairs of spans of different surfaces that overlap in time on different tracks. */
export function overlappingSurfaces(spans: readonly Span[]): readonly (readonly [Span, Span])[] {
  const drawing = spans.filter(({ category }) => category === "surface record");
  drawing.sort((a, b) => a.startMicros - b.startMicros);
  const pairs: [Span, Span][] = [];
  for (let i = 0; i < drawing.length; i++)
    for (let k = i + 1; k < drawing.length && drawing[k]!.startMicros < drawing[i]!.endMicros; k++)
      if (drawing[i]!.track !== drawing[k]!.track && drawing[i]!.name !== drawing[k]!.name)
        pairs.push([drawing[i]!, drawing[k]!]);
  return pairs;
}

function stageFigures(stage: string, spans: readonly Span[]): StageFigures {
  const micros = spans
    .filter(({ name, category }) => name === stage && (category === "stage" || category === "frame"))
    .map(({ startMicros, endMicros }) => endMicros - startMicros)
    .sort((a, b) => a - b);
  const sum = micros.reduce((total, value) => total + value, 0);
  return {
    name: stage,
    count: micros.length,
    meanMicros: micros.length === 0 ? 0 : sum / micros.length,
    p95Micros: micros[Math.max(0, Math.ceil(micros.length * 0.95) - 1)] ?? 0,
    maxMicros: micros.at(-1) ?? 0,
  };
}

/** Spans of one track lie beside one another here. */
function concurrencyOf(spans: readonly Span[]): Concurrency {
  const edges = spans
    .flatMap(({ startMicros, endMicros }) => [
      { micros: startMicros, step: 1 },
      { micros: endMicros, step: -1 },
    ])
    .sort((a, b) => a.micros - b.micros || a.step - b.step);
  let depth = 0;
  let lastMicros = 0;
  let workMicros = 0;
  let anyMicros = 0;
  let overlapMicros = 0;
  for (const { micros, step } of edges) {
    const passed = micros - lastMicros;
    workMicros += passed * depth;
    if (depth > 0) anyMicros += passed;
    if (depth > 1) overlapMicros += passed;
    depth += step;
    lastMicros = micros;
  }
  return { workMicros, anyMicros, overlapMicros };
}

function deviceConcurrency(spans: readonly Span[]): Concurrency {
  const lines: DeviceSpan[] = [];
  for (const { track, startMicros, endMicros } of spans) {
    const line = lineNames[(deviceTrackLabels as readonly string[]).indexOf(track)];
    if (line !== undefined) lines.push({ line, label: 0, frame: 0, startMicros, endMicros });
  }
  const { busyMicros, anyMicros, overlapMicros } = measureOverlap(lines);
  const workMicros = lineNames.reduce((sum, line) => sum + busyMicros[line], 0);
  return { workMicros, anyMicros, overlapMicros };
}
