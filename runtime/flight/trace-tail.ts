/**
 * The last moments of a trace that nobody asked for: the rings of a run are small and are overwritten all the time, and
 * when something happens what is still in them becomes a trace in Chrome's format, for a black box.
 */
import { ChromeTrace, type TraceRun } from "../../engine/trace/chrome.ts";
import type { TraceSink } from "../../engine/trace/event.ts";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { TraceReader } from "../../engine/trace/reader.ts";

/** Events that each track keeps: about half a second of a frame with a hundred spans. */
export const tailEventsPerTrack = 4_096;

/** Most events of all tracks in a black box; the oldest are left out. */
const eventCountMax = 5_000;

type EventArguments = Parameters<TraceSink["event"]>;

/** The whole text of a trace of what is in the rings now; they are empty then. */
export function takeTraceTail(memory: TraceMemory, run: Omit<TraceRun, "originMicros">, nowMicros: number): string {
  const events: EventArguments[] = [];
  new TraceReader(memory).drain({
    event: (...event) => {
      events.push(event);
    },
    lost: () => {},
  });
  // A span is placed by its end: that is when it was written.
  const ends = events.map(([, , , start, duration]) => start + duration).sort((a, b) => b - a);
  const oldest = ends[eventCountMax - 1] ?? Number.NEGATIVE_INFINITY;
  const kept = events.filter(([, , , start, duration]) => start + duration >= oldest);
  const originMicros = kept.reduce((least, [, , , start]) => Math.min(least, start), nowMicros);
  const chrome = new ChromeTrace(memory, { ...run, originMicros });
  for (const event of kept) chrome.event(...event);
  return chrome.opening + chrome.take() + chrome.closing(nowMicros);
}
