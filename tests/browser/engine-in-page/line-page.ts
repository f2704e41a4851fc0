/**
 * A page that ends a web thread in the middle of writing, to see what the end of a thread promises. The
 * thread of the role "writer" counts up in shared memory and never returns.
 */
import { becomeWebThread, WebThread, webThreadRole } from "../../../runtime/page/web-thread.ts";

declare global {
  interface Window {
    /** Ends a writing thread; the count when its end was told, and 300 ms later. */
    countsAtEnd(): Promise<readonly [atEnd: number, later: number]>;
    /** What is told of a thread whose script throws, and of one whose script is not there. */
    problems(): Promise<readonly [thrown: string, missing: string]>;
  }
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

const role = webThreadRole();
if (role === "writer")
  becomeWebThread((data) => {
    const words = data as Int32Array;
    for (;;) Atomics.add(words, 0, 1);
  });
else if (role === "thrower")
  becomeWebThread(() => {
    throw new Error("the thread fell");
  });
else {
  window.countsAtEnd = async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const thread = new WebThread(new URL(import.meta.url), "writer", () => {});
    thread.post(words);
    while (Atomics.load(words, 0) === 0) await pause(1);
    await thread.end();
    const atEnd = Atomics.load(words, 0);
    await pause(300);
    return [atEnd, Atomics.load(words, 0)];
  };
  window.problems = async () => {
    const thrower = new WebThread(new URL(import.meta.url), "thrower", () => {});
    thrower.post("fall");
    const missing = new WebThread(new URL("/isolated/missing/none.js", import.meta.url), "engine", () => {});
    return [await thrower.ended, await missing.ended];
  };
}
