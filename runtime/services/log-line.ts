/**
 * Lines of a log: a message as a line of JSON for a file or a pipe, or as a line to read for a terminal.
 * Each ends with a line feed and has no other: what a message says cannot look like another message.
 */
import { printable } from "../../engine/base/wording.ts";
import type { LogMessage } from "../../engine/services/log-reader.ts";
import { isoTime } from "./epoch-clock.ts";

export type LogFormat = "json" | "text";

/** One line for `message`; `sources` are the names of threads by number. */
export function logLine(message: LogMessage, sources: readonly string[], format: LogFormat): string {
  const source = sources[message.source] ?? (message.source < 0 ? "unknown" : `source ${message.source}`);
  return format === "json" ? jsonLine(message, source) : textLine(message, source);
}

function jsonLine({ level, tick, micros, note, text, isCut, numbers }: LogMessage, source: string): string {
  return `${JSON.stringify({
    time: isoTime(micros),
    level,
    source,
    tick,
    ...(note === "" ? {} : { note }),
    text,
    ...(isCut ? { isCut } : {}),
    // JSON has no NaN and no infinities, and null would not say which it was.
    ...(numbers.length === 0 ? {} : { numbers: numbers.map((one) => (Number.isFinite(one) ? one : String(one))) }),
  })}\n`;
}

function textLine({ level, tick, micros, note, text, numbers }: LogMessage, source: string): string {
  const time = isoTime(micros).slice(11, 23);
  const values = note === "" && numbers.length > 0 ? ` (${numbers.join(", ")})` : "";
  return `${time} ${level.padEnd(5)} ${source}${tick > 0 ? ` tick ${tick}` : ""}: ${printable(text)}${values}\n`;
}
