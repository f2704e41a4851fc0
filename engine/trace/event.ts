/**
 * One event of a trace as it lies in a ring: 40 bytes.
 *
 *      0  kind    u32     what it is, see `eventKind`
 *      4  name    u32     number of its name, see names.ts
 *      8  micros  f64     when it began, by the host's clock
 *     16  micros  f64     how long it took; 0 where there is no length
 *     24  a       f64     argument, value of a counter, or id of a flow or lifetime
 *     32  b       f64     second argument; NaN in an argument says that it is not given
 */

export const eventBytes = 40;
export const eventWords = eventBytes >> 2;
export const eventFloats = eventBytes >> 3;

export const eventKind = {
  /** A stretch of one track. Those of a track lie beside or within one another. */
  span: 1,
  instant: 2,
  counter: 3,
  flowBegin: 4,
  flowEnd: 5,
  /** Lifetimes over many frames; they may begin on one track and end on another. */
  asyncBegin: 6,
  asyncEnd: 7,
} as const;
export type EventKind = (typeof eventKind)[keyof typeof eventKind];

/** Takes events as they come out of the rings; numbers only, so nothing is made for an event. */
export interface TraceSink {
  event(
    track: number,
    kind: EventKind,
    name: number,
    startMicros: number,
    durationMicros: number,
    a: number,
    b: number,
  ): void;
  /** So many events of the track are gone since the one before: its ring was full. */
  lost(track: number, count: number): void;
}
