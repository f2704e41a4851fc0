/** One clock for all threads: what another thread says between two of our readings lies between them. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { hostClock } from "../../../runtime/host/clock.ts";

test("threads that began at different times tell the same time", async () => {
  for (let thread = 0; thread < 2; thread++) {
    const worker = new Worker(new URL("./clock-thread.ts", import.meta.url));
    await once(worker, "online");
    for (let ping = 0; ping < 50; ping++) {
      const before = hostClock.nowMicros();
      worker.postMessage("ping");
      const [there] = (await once(worker, "message")) as [number];
      const after = hostClock.nowMicros();
      expect(there).toBeGreaterThan(before);
      expect(there).toBeLessThan(after);
    }
    await worker.terminate();
  }
});

test("it never goes back", () => {
  let last = hostClock.nowMicros();
  for (let i = 0; i < 100_000; i++) {
    const now = hostClock.nowMicros();
    if (now < last) throw new Error(`${now} after ${last}`);
    last = now;
  }
});
