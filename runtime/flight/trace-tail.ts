/**
 * The last moments of a trace: the rings of a run are overwritten all the time, and when something happens what is still in
 * them becomes a trace in Chrome's format, for a black box. They may be those of a trace that nobody asked for, which are
 * small, or those of one that a file is made of. Given the memory of a trace; hands on text. The rule a reader could
 * break: a page does this, too, so nothing here knows a file, and the rings may have another reader, so nothing is taken.
 */
import { ChromeTrace, type TraceRun } from "../../engine/trace/chrome.ts";
import type { TraceSink } from "../../engine/trace/event.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { TraceReader } from "../../engine/trace/reader.ts";

/** Events that each track keeps: about half a second of a frame with a hundred spans. */
export const tailEventsPerTrack = 4_096;

/** Most events of all tracks in a black box; the oldest are left out. */
const eventCountMax = 5_000;

/** Most events of all tracks that a killed process leaves: it writes them all the time. */
const glanceCountMax = 400;

type EventArguments = Parameters<TraceSink["event"]>;
export type TailRun = Omit<TraceRun, "originMicros">;

/** The whole text of a trace of the newest events, for a black box. */
export function traceTail(memory: TraceMemory, run: TailRun, nowMicros: number): string {
  return newestText(memory, run, nowMicros, eventCountMax);
}

/** The whole text of a trace of a few of the newest events. */
export function glanceAtTrace(memory: TraceMemory, run: TailRun, nowMicros: number): string {
  return newestText(memory, run, nowMicros, glanceCountMax);
}

function newestText(memory: TraceMemory, run: TailRun, nowMicros: number, countMax: number): string {
  const events: EventArguments[] = [];
  new TraceReader(memory).peek(into(events), countMax);
  // A span is placed by its end: that is when it was written.
  const ends = events.map(([, , , start, duration]) => start + duration).sort((a, b) => b - a);
  const oldest = ends[countMax - 1] ?? Number.NEGATIVE_INFINITY;
  const kept = events.filter(([, , , start, duration]) => start + duration >= oldest);
  const originMicros = kept.reduce((least, [, , , start]) => Math.min(least, start), nowMicros);
  const chrome = new ChromeTrace(memory, { ...run, originMicros });
  for (const event of kept) chrome.event(...event);
  return chrome.opening + chrome.take() + chrome.closing(nowMicros);
}

function into(events: EventArguments[]): TraceSink {
  return {
    event: (...event) => {
      events.push(event);
    },
    lost: () => {},
  };
}
