/** A sink that keeps what it is given, as lists that can be compared whole. */
import { type EventKind, eventKind, type TraceSink } from "../../../engine/trace/event.ts";

const kindNames = new Map<number, string>(Object.entries(eventKind).map(([name, kind]) => [kind, name]));

export class EventList implements TraceSink {
  /** track, kind, name, start, duration, a, b; or track, "lost", count. */
  readonly rows: (readonly (number | string)[])[] = [];
  event(track: number, kind: EventKind, name: number, start: number, duration: number, a: number, b: number): void {
    this.rows.push([track, kindNames.get(kind) ?? `kind ${kind}`, name, start, duration, a, b]);
  }
  lost(track: number, count: number): void {
    this.rows.push([track, "lost", count]);
  }
}
