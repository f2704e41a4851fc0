/**
 * The signal that asks a process for a black box. It is listened to as soon as this is loaded, which the start of a program
 * does: without a listener the signal ends the process, whatever that is about to do. Windows has none of it.
 */
import { isMainThread } from "node:worker_threads";

const noRun = (): void => console.error("no black box: no world runs here, or not yet");
let answer = noRun;
if (isMainThread && process.platform !== "win32") process.on("SIGUSR2", () => answer());

/** Has `next` answer the signal from here on, until the returned function is called. */
export function answerDemands(next: () => void): () => void {
  answer = next;
  return () => {
    if (answer === next) answer = noRun;
  };
}
