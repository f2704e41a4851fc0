/** Reads a trace file for a command; what is wrong with it becomes a fault with place and mend. */
import { readFileSync } from "node:fs";
import { FaultError, raise } from "../../engine/base/faults.ts";
import { isTrouble, type ParsedTrace, parseTrace, type TraceTrouble } from "../../engine/trace/parsed.ts";

import { traceInBox } from "../flight/trace-in-box.ts";

export interface TraceSource {
  readonly path: string;
  readonly text: string;
  readonly trace: ParsedTrace;
}

/** Raises "trace-unreadable", with line, column and byte where a place is to blame. */
export function readTrace(path: string): TraceSource {
  let text: string;
  try {
    const bytes = readFileSync(path);
    const boxed = traceInBox(bytes, path);
    if (boxed === "") raiseTraceless(path);
    text = boxed ?? bytes.toString("utf8");
  } catch (thrown) {
    if (thrown instanceof FaultError) throw thrown;
    const problem = `it cannot be opened (${(thrown as Error).message})`;
    const remedy = "Check the path; it is taken from the current folder.";
    return raise("trace-unreadable", { path, place: "", problem, remedy }, thrown);
  }
  const trace = parseTrace(text);
  if (!isTrouble(trace)) return { path, text, trace };
  const { offset } = trace;
  const place = offset === undefined ? "" : placeText(text, offset);
  const where = offset === undefined ? "" : ` (byte ${Buffer.byteLength(text.slice(0, offset))})`;
  return raise("trace-unreadable", { path, place, problem: trace.problem + where, remedy: remedyOf(trace) });
}

function raiseTraceless(path: string): never {
  const remedy =
    "The newest events of a run are in the black box that it leaves, unless it was killed in its first second; all of them are in the file of `--trace FILE`. A journal has none.";
  return raise("trace-unreadable", { path, place: "", problem: "it is a journal and holds no trace", remedy });
}

function placeText(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return `${before.split("\n").length}:${offset - lineStart + 1}`;
}

function remedyOf({ isCutShort, problem }: TraceTrouble): string {
  if (isCutShort)
    return "Copy the file again whole; or cut off the unfinished line and the comma before it and end the file with ]} instead.";
  if (problem === "it has no events") return "Trace a run that makes at least one frame: `run --trace FILE`.";
  return "Give a file written with --trace, or another in Chrome's trace event format.";
}
