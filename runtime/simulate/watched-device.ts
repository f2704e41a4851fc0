/** The null device with an ear: what its lines worked on becomes facts of the order, and is handed on as ever. */
import { NullDevice, type NullDeviceOptions } from "../../engine/gpu/null-device.ts";
import type { DeviceSpan } from "../../engine/gpu/timeline.ts";
import type { OrderLog } from "./order-log.ts";

export class WatchedDevice extends NullDevice {
  readonly #order: OrderLog | undefined;

  constructor(options: NullDeviceOptions, order: OrderLog | undefined) {
    super(options);
    this.#order = order;
  }

  override drainTimeline(visit: (span: DeviceSpan) => void): void {
    super.drainTimeline((span) => {
      this.#order?.note(`device ${span.line} ${this.labelText(span.label)} of frame ${span.frame}`);
      visit(span);
    });
  }
}
