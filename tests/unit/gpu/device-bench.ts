/** A null device with a clock moved by hand and short ways to use it, for tests. */
import { CommandRecorder } from "../../../engine/gpu/commands.ts";
import type { ResourceKind } from "../../../engine/gpu/device.ts";
import { NullDevice } from "../../../engine/gpu/null-device.ts";
import type { Fence, QueueName } from "../../../engine/gpu/queues.ts";
import type { DeviceSpan } from "../../../engine/gpu/timeline.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";

export class Bench {
  readonly clock = new ManualClock();
  readonly device = new NullDevice({ clock: this.clock });
  #sequence = 0;

  resource(name: string, kind: ResourceKind = "buffer", byteLength = 64): number {
    return this.device.createResource({ name, kind, byteLength });
  }
  submit(queue: QueueName, label: string, record: (to: CommandRecorder) => void, waits: readonly Fence[] = []): Fence {
    return this.submitAt(this.#sequence++, queue, label, record, waits, this.device.reserve(queue));
  }
  submitAt(
    sequence: number,
    queue: QueueName,
    label: string,
    record: (to: CommandRecorder) => void,
    waits: readonly Fence[],
    signal: Fence,
  ): Fence {
    const words = new Uint32Array(64);
    const recorder = new CommandRecorder(words);
    record(recorder);
    const commands = words.subarray(0, recorder.wordCount);
    const number = this.device.label(label);
    this.device.submit({ queue, frame: 1, order: 0, sequence, label: number, commands, waits, signal });
    return signal;
  }
  spans(): string[] {
    return this.rawSpans().map(
      ({ line, label, startMicros, endMicros }) =>
        `${line} ${this.device.labelText(label)} ${startMicros}..${endMicros}`,
    );
  }
  rawSpans(): DeviceSpan[] {
    const spans: DeviceSpan[] = [];
    this.device.drainTimeline((span) => spans.push(span));
    return spans;
  }
}

export const work = (micros: number) => (to: CommandRecorder) => to.dispatch(1, 1, 1, micros);
export const upload = (resource: number, micros: number) => (to: CommandRecorder) => to.upload(resource, 0, 64, micros);
export const readIt = (resource: number, micros: number) => (to: CommandRecorder) => {
  to.bind(0, resource);
  to.dispatch(1, 1, 1, micros);
};
