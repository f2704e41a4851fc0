/**
 * Where the console of a game writes: to standard error, from every thread at once. It is the first import of whatever loads
 * a game, beside the traps.
 *
 * Standard output is for results and for what processes say to each other. Node's own console would write there, and from a
 * thread only when that thread waits for nothing, which the engine's does at the end of a run: what a system said before it
 * hangs would be lost with it.
 */
import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

const errorFile = 2;
/** Takes away the status line that may be there. */
const lineStart = isatty(errorFile) ? "\r\x1b[2K" : "";
/** How long a reader of a full pipe is waited for, in steps; a line that it has no room for then is lost. */
const waitMillis = 5;
const waitCount = 20;
const nobody = new Int32Array(new SharedArrayBuffer(4));
// Taken before traps stand before it: a game prints in ticks, too.
const { wait } = Atomics;
let isRead = true;

function write(text: string): void {
  let rest = Buffer.from(lineStart + text);
  let waited = 0;
  while (rest.length > 0)
    try {
      rest = rest.subarray(writeSync(errorFile, rest));
      isRead = true;
      waited = 0;
    } catch (thrown) {
      const isFull = (thrown as NodeJS.ErrnoException).code === "EAGAIN";
      isRead &&= isFull && waited++ < waitCount;
      if (!isRead) return;
      wait(nobody, 0, 0, waitMillis);
    }
}

const lines = new Writable({
  decodeStrings: false,
  write(text: string, _encoding, done) {
    write(text);
    done();
  },
});
for (const name of ["_stdout", "_stderr"])
  Object.defineProperty(console, name, { configurable: true, enumerable: false, writable: true, value: lines });
