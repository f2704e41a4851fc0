/**
 * What a device did, in the trace: one track a queue and one for presenting, written by the coordinator.
 * The device knows when a piece of work will end as soon as it is sealed, so a span is held back until
 * the clock has reached its end: a trace ends now, and not in the future.
 */
import type { GraphicsDevice } from "../gpu/device.ts";
import { lineNames } from "../gpu/queues.ts";
import type { DeviceSpan } from "../gpu/timeline.ts";
import type { TracePort } from "../trace/trace-port.ts";
import type { Track } from "../trace/track.ts";

/** Labels of the tracks by number of the line. A host that wants them allocates its trace with them. */
export const deviceTrackLabels = ["gpu graphics", "gpu compute", "gpu copy", "gpu present"] as const;

/** A device, which may tell what ran on it when. */
export type SurfaceDevice = GraphicsDevice & { drainTimeline?(visit: (span: DeviceSpan) => void): void };

export class DeviceTracks {
  readonly #trace: TracePort;
  readonly #device: SurfaceDevice;
  /** By number of the line; undefined where the trace has no such track. */
  readonly #tracks: readonly (Track | undefined)[];
  readonly #waiting: DeviceSpan[] = [];
  readonly #take = (span: DeviceSpan): void => {
    if (this.#trace.track.isOn) this.#waiting.push(span);
  };

  constructor(trace: TracePort, device: SurfaceDevice) {
    this.#trace = trace;
    this.#device = device;
    this.#tracks = deviceTrackLabels.map((label) => trace.open(label));
  }

  /** Writes what has ended by `nowMicros`, a line's in the order in which it worked. */
  flush(nowMicros: number): void {
    this.#device.drainTimeline?.(this.#take);
    let kept = 0;
    for (let i = 0; i < this.#waiting.length; i++) {
      const span = this.#waiting[i]!;
      if (span.endMicros > nowMicros) this.#waiting[kept++] = span;
      else {
        const name = this.#trace.number(this.#device.labelText(span.label), "device", "frame");
        this.#tracks[lineNames.indexOf(span.line)]?.span(name, span.startMicros, span.endMicros, span.frame);
      }
    }
    if (kept !== this.#waiting.length) this.#waiting.length = kept;
  }
}
