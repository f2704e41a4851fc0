/** `trace compare` and `trace view`: what two runs spent their time on, and one run as a picture. */

import { writeFileSync } from "node:fs";
import { raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import { validateTrace } from "../../../engine/trace/validate.ts";
import { compareTraces, figureNames, type SpanComparison, spanFigures } from "../../trace/comparison.ts";
import { readTrace } from "../../trace/read-trace.ts";
import { viewerPage } from "../../trace/viewer-page.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

/** `trace compare A B`. */
export async function traceCompare(
  { terminal }: CommandContext,
  _options: unknown,
  pathA: string,
  pathB: string,
): Promise<ExitCode> {
  const a = readTrace(pathA);
  const b = readTrace(pathB);
  for (const { path, trace } of [a, b]) if (spanFigures(trace.events).size === 0) raiseSpanless(path);
  const spans = compareTraces(a.trace, b.trace);
  const checked = [a, b].map(({ path, text, trace }) => {
    const problems = validateTrace(text);
    const dropped = Number(trace.otherData["droppedEvents"] ?? 0);
    if (problems.length > 0)
      terminal.note(`${path}: ${counted(problems.length, "problem")}, the first: ${problems[0]}`);
    if (dropped > 0) terminal.note(`${path}: ${dropped} events were dropped; its figures are of the others`);
    return { path, problems, droppedEvents: dropped };
  });
  for (const text of comparisonTable(spans)) terminal.line(text);
  terminal.value({ a: checked[0], b: checked[1], unit: "us", spans });
  return exitCode.ok;
}

/** `trace view FILE --output FILE.html`. */
export async function traceView(
  { terminal }: CommandContext,
  options: { readonly output?: string },
  path: string,
): Promise<ExitCode> {
  const { text, trace } = readTrace(path);
  const output = options.output ?? `${path.replace(/\.json$/, "")}.html`;
  const page = await viewerPage(text);
  try {
    writeFileSync(output, page);
  } catch (thrown) {
    const problem = (thrown as Error).message;
    return raise("trace-unwritable", { path: output, what: "page", problem }, thrown);
  }
  const byteCount = Buffer.byteLength(page);
  terminal.line(
    `${output}: ${counted(trace.events.length, "event")}, ${(byteCount / 1e6).toFixed(1)} MB; open it in any browser`,
  );
  terminal.value({ output, eventCount: trace.events.length, byteCount });
  return exitCode.ok;
}

function raiseSpanless(path: string): never {
  const remedy = "Give a trace with complete events (phase X); `run --trace FILE` writes one.";
  return raise("trace-unreadable", { path, place: "", problem: "it has no spans to compare", remedy });
}

/** Three lines a name: A, B and how they relate. */
function comparisonTable(spans: readonly SpanComparison[]): string[] {
  const rows = [["span", "", ...figureNames.map((figure) => (figure === "count" ? figure : `${figure} us`))]];
  for (const { name, a, b, ratios } of spans) {
    for (const [label, figures] of [
      ["A", a],
      ["B", b],
    ] as const)
      rows.push([
        label === "A" ? name : "",
        label,
        ...figureNames.map((figure) => figureText(figures?.[figure], figure)),
      ]);
    rows.push([
      "",
      "B/A",
      ...figureNames.map((figure) => (ratios[figure] === undefined ? "-" : ratios[figure].toFixed(2))),
    ]);
  }
  const widths = figureNames.map((_, column) => Math.max(...rows.map((row) => row[column + 2]!.length)));
  return tableText(rows.map((row) => row.map((cell, column) => cell.padStart(widths[column - 2] ?? 0))));
}

function figureText(value: number | undefined, figure: (typeof figureNames)[number]): string {
  if (value === undefined) return "-";
  return figure === "count" ? String(value) : value.toFixed(1);
}
