/** `simulate`: a synthetic frame on the real engine, to see how its parts run side by side and in which order. */
import { defaultWorkerCount } from "../../jobs/worker-count.ts";
import type { LoadReport } from "../../simulate/director.ts";
import { type Concurrency, figuresOf, overlappingSurfaces } from "../../simulate/figures.ts";
import { framePicture } from "../../simulate/frame-picture.ts";
import { simulatedRun } from "../../simulate/simulated-run.ts";
import { traceText } from "../../trace/trace-file.ts";
import { type CommandContext, exitCodeOf } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { onInterrupt } from "../interrupt.ts";
import { tableText } from "../terminal.ts";

interface SimulateOptions {
  readonly frames: number;
  readonly seed: number;
  readonly workers?: number;
  readonly trace?: string;
}

const pipedWidth = 100;

export async function simulate({ terminal }: CommandContext, options: SimulateOptions): Promise<ExitCode> {
  const { frames, seed, trace } = options;
  const workerCount = options.workers ?? defaultWorkerCount();
  const interrupt = new AbortController();
  let interrupted = false;
  const endWatch = onInterrupt(() => {
    interrupted = true;
    interrupt.abort();
  });
  const run = await simulatedRun({
    seed,
    frameCount: frames,
    workerCount,
    tracePath: trace,
    signal: interrupt.signal,
    onProgress: (frame) => terminal.status(`frame ${frame} of ${frames}`),
    onReport: (fault) => terminal.report(fault),
  });
  endWatch();
  if (interrupted) return exitCode.interrupted;
  if ("fault" in run) {
    terminal.fault(run.fault);
    return exitCodeOf(run.fault);
  }
  const { outcome, spans } = run;
  const { order, worldHash, loads, elapsedMillis, waitedMicros } = outcome;
  const figures = figuresOf(spans);
  const overlapping = overlappingSurfaces(spans).length;

  terminal.line(
    `${frames} frames, ${workerCount} workers, seed ${seed}, ${(elapsedMillis / frames).toFixed(2)} ms a frame`,
  );
  terminal.line("");
  const width = Math.max(60, Math.min(process.stdout.columns ?? pipedWidth, 200));
  for (const text of framePicture(spans, width)) terminal.line(text);
  terminal.line("");
  for (const text of numberTable([
    ["stage", "mean us", "p95 us", "max us"],
    ...figures.stages.map(({ name, meanMicros, p95Micros, maxMicros }) => [
      name,
      ...[meanMicros, p95Micros, maxMicros].map((micros) => micros.toFixed(0)),
    ]),
  ]))
    terminal.line(text);
  terminal.line("");
  terminal.line(`parallel work (B): ${shareText(figures.jobs)}`);
  terminal.line(
    `surfaces: ${shareText(figures.surfaces)}; ${overlapping} pairs recorded at once, ${figures.surfacesOnWorkers} of ${figures.surfaceSpanCount} spans on workers`,
  );
  terminal.line(`device: ${shareText(figures.device)}`);
  terminal.line("");
  for (const text of numberTable([
    ["load", "bytes", "failed attempts", "ready in frame", "waited us"],
    ...loads.map(loadRow),
  ]))
    terminal.line(text);
  terminal.line("");
  terminal.line(`ordering ${order.hash}`);
  terminal.line(`world ${worldHash}`);
  if (run.trace !== undefined) terminal.line(traceText(run.trace));
  terminal.value({
    frames,
    workers: workerCount,
    seed,
    ordering: order.hash,
    firstFrame: order.firstFrame,
    world: worldHash,
    millisPerFrame: elapsedMillis / frames,
    coordinatorWaitedMicros: waitedMicros,
    figures: { ...figures, overlappingRecordPairs: overlapping },
    loads,
    trace: run.trace,
  });
  return exitCode.ok;
}

function loadRow({ name, byteLength, failedAttempts, readyFrame, waitedMicros }: LoadReport): string[] {
  const isReady = readyFrame > 0;
  return [
    name,
    String(byteLength),
    String(failedAttempts),
    isReady ? String(readyFrame) : "still loading",
    isReady ? waitedMicros.toFixed(0) : "-",
  ];
}

/** "62 % of 3.2 ms overlapped, 1.62 at once": of the time in which anything ran, and how many did on average. */
function shareText({ workMicros, anyMicros, overlapMicros }: Concurrency): string {
  if (anyMicros === 0) return "none";
  const percent = ((overlapMicros / anyMicros) * 100).toFixed(0);
  return `${percent} % of ${(anyMicros / 1_000).toFixed(1)} ms overlapped, ${(workMicros / anyMicros).toFixed(2)} at once`;
}

/** A table whose first column is text and whose others are numbers. */
function numberTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return tableText(rows.map((row) => row.map((cell, i) => (i === 0 ? cell : cell.padStart(widths[i]!)))));
}
