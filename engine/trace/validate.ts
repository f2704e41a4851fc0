/**
 * The validator of traces: whether a file says what a trace of ours must say. Every problem names what
 * is wrong and where.
 *
 *   metadata   each track that has events has one label and one place in the order
 *   clock      every moment lies within the run; no message arrives before it left
 *   order      each track's events stand in the order in which they were written, that is, ended
 *   nesting    two spans of one track lie beside or within one another
 *   pairs      flows and lifetimes begin and end, except what the file itself says is open or dropped
 *   count      as many events as the file says
 */
import { type ChromeEvent, isTrouble, parseTrace } from "./parsed.ts";

/** Two threads read one clock, but not at one instant. */
const clockToleranceNanos = 5_000;
const phases = "XiCsfbeM";

/** All problems of a trace, worst places first found; none when it is as it must be. */
export function validateTrace(text: string): readonly string[] {
  const parsed = parseTrace(text);
  if (isTrouble(parsed)) {
    const place = parsed.offset === undefined ? "" : ` at unit ${parsed.offset}`;
    return [`the trace cannot be read: ${parsed.problem}${place}`];
  }
  const { events, otherData } = parsed;
  const problems: string[] = [];
  const say = (problem: string): void => {
    problems.push(problem);
  };
  const dropped = Number(otherData["droppedEvents"] ?? 0);
  const labels = labelsOf(events, say);
  const tracks = new Map<string, ChromeEvent[]>();
  let endMicros = Number(otherData["endMicros"] ?? Number.POSITIVE_INFINITY);
  if (!(endMicros >= 0)) {
    say(`otherData.endMicros is ${String(otherData["endMicros"])}`);
    endMicros = Number.POSITIVE_INFINITY;
  }
  let count = 0;
  for (const event of events) {
    if (event.phase === "M") continue;
    if (!phases.includes(event.phase)) say(`${placeOf(event, labels)}: unknown phase "${event.phase}"`);
    if (!isClosingEnd(event)) count++;
    checkNumbers(event, endMicros, labels, say);
    const key = trackKey(event);
    if (!labels.has(key)) {
      say(`${placeOf(event, labels)}: the track has no label`);
      labels.set(key, key);
    }
    const track = tracks.get(key);
    if (track === undefined) tracks.set(key, [event]);
    else track.push(event);
  }
  const told = otherData["events"];
  if (typeof told === "number" && told !== count) say(`the file has ${count} events and says ${told}`);
  for (const track of tracks.values()) {
    checkOrder(track, labels, say);
    checkNesting(track, labels, say);
  }
  checkPairs(events, "s", "f", "flow", dropped > 0, Number(otherData["openFlows"] ?? 0), labels, say);
  checkPairs(events, "b", "e", "lifetime", dropped > 0, 0, labels, say);
  return problems;
}

type Say = (problem: string) => void;
type Labels = Map<string, string>;

function labelsOf(events: readonly ChromeEvent[], say: Say): Labels {
  const labels: Labels = new Map();
  const places = new Map<string, string>();
  for (const event of events) {
    if (event.phase !== "M") continue;
    const key = trackKey(event);
    if (event.name === "thread_name") {
      if (labels.has(key)) say(`track ${key} has two labels`);
      labels.set(key, String(event.args["name"]));
    }
    if (event.name === "thread_sort_index") {
      const place = `${event.processId}:${String(event.args["sort_index"])}`;
      const other = places.get(place);
      if (other !== undefined) say(`tracks ${other} and ${key} have one place in the order`);
      places.set(place, key);
    }
  }
  return labels;
}

function checkNumbers(event: ChromeEvent, endMicros: number, labels: Labels, say: Say): void {
  const { startMicros, durationMicros } = event;
  if (!Number.isFinite(startMicros) || !Number.isFinite(durationMicros))
    say(`${placeOf(event, labels)}: a time is no number`);
  else if (startMicros < 0) say(`${placeOf(event, labels)}: it is before the run`);
  else if (durationMicros < 0) say(`${placeOf(event, labels)}: it ends before it begins`);
  else if (endNanos(event) > nanos(endMicros) + clockToleranceNanos)
    say(`${placeOf(event, labels)}: it ends after the run`);
  if (event.phase === "C" && typeof event.args["value"] !== "number")
    say(`${placeOf(event, labels)}: a counter without a value`);
}

function checkOrder(track: readonly ChromeEvent[], labels: Labels, say: Say): void {
  let last: ChromeEvent | undefined;
  for (const event of track) {
    // Ends that the file's closing added stand last and belong to no thread.
    if (isClosingEnd(event)) continue;
    if (last !== undefined && endNanos(event) < endNanos(last)) {
      say(`${placeOf(event, labels)}: it stands after ${placeOf(last, labels)}, which ended later`);
      return;
    }
    last = event;
  }
}

function checkNesting(track: readonly ChromeEvent[], labels: Labels, say: Say): void {
  const spans = track.filter(({ phase }) => phase === "X");
  spans.sort((a, b) => nanos(a.startMicros) - nanos(b.startMicros) || endNanos(b) - endNanos(a));
  const open: ChromeEvent[] = [];
  for (const span of spans) {
    while (open.length > 0 && endNanos(open[open.length - 1]!) <= nanos(span.startMicros)) open.pop();
    const outer = open[open.length - 1];
    if (outer !== undefined && endNanos(span) > endNanos(outer)) {
      say(`${placeOf(span, labels)}: it overlaps ${placeOf(outer, labels)} without lying within it`);
      return;
    }
    open.push(span);
  }
}

function checkPairs(
  events: readonly ChromeEvent[],
  beginPhase: string,
  endPhase: string,
  what: string,
  someDropped: boolean,
  openCount: number,
  labels: Labels,
  say: Say,
): void {
  const begun = new Map<string, ChromeEvent[]>();
  for (const event of events) {
    if (event.phase !== beginPhase) continue;
    const key = pairKey(event);
    const list = begun.get(key);
    if (list === undefined) begun.set(key, [event]);
    else list.push(event);
  }
  const taken = new Map<string, number>();
  for (const event of events) {
    if (event.phase !== endPhase) continue;
    const key = pairKey(event);
    const index = taken.get(key) ?? 0;
    const begin = begun.get(key)?.[index];
    taken.set(key, index + 1);
    if (begin === undefined) {
      if (!someDropped) say(`${placeOf(event, labels)}: the ${what} ends and has never begun`);
    } else if (!someDropped && nanos(event.startMicros) < nanos(begin.startMicros) - clockToleranceNanos)
      say(`${placeOf(event, labels)}: the ${what} ends before it begins at ${begin.startMicros} us`);
  }
  const unended: ChromeEvent[] = [];
  for (const [key, list] of begun) unended.push(...list.slice(taken.get(key) ?? 0));
  if (someDropped || unended.length <= openCount) return;
  say(`${placeOf(unended[0]!, labels)}: the ${what} begins and never ends (${unended.length} do, ${openCount} may)`);
}

function isClosingEnd(event: ChromeEvent): boolean {
  return event.phase === "e" && event.args["open"] === 1;
}

function pairKey({ name, category, id }: ChromeEvent): string {
  return `${category}\u0000${name}\u0000${id}`;
}

function trackKey({ processId, threadId }: ChromeEvent): string {
  return `${processId}:${threadId}`;
}

function placeOf(event: ChromeEvent, labels: Labels): string {
  return `"${event.name}" on ${labels.get(trackKey(event)) ?? trackKey(event)} at ${event.startMicros} us`;
}

function nanos(micros: number): number {
  return Math.round(micros * 1_000);
}

function endNanos({ startMicros, durationMicros }: ChromeEvent): number {
  return nanos(startMicros) + nanos(durationMicros);
}
