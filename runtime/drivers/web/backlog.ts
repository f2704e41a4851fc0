/**
 * A backlog: decides what a slow reader gets. While more than two packets wait in its socket, new
 * packets are skipped for it (each packet is complete, so nothing is lost but smoothness). When it
 * has read nothing useful for a while, it is closed: it would only ever see the past.
 */

/** Packets that may wait in a socket before new ones are skipped. */
export const waitingPacketsMax = 2;
/** How long a reader may miss every packet before it is closed. */
export const skippingMillisMax = 5_000;

export class Backlog {
  skippedCount = 0;
  #skippingSinceMillis: number | undefined;

  /** What to do with a packet of `packetBytes` while `waitingBytes` are not yet written. */
  decide(waitingBytes: number, packetBytes: number, nowMillis: number): "send" | "skip" | "close" {
    if (waitingBytes <= waitingPacketsMax * packetBytes) {
      this.#skippingSinceMillis = undefined;
      return "send";
    }
    this.skippedCount++;
    this.#skippingSinceMillis ??= nowMillis;
    return nowMillis - this.#skippingSinceMillis >= skippingMillisMax ? "close" : "skip";
  }
}
