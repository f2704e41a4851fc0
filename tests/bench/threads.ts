/**
 * The threads of the bench. Each group is measured in a new one, so that what V8 learned from one
 * subject does not slow or speed up the next, and `--only` gives the figures that the whole bench gives.
 */
import { startThread, type ThreadData } from "../../runtime/host/threads.ts";

export const benchRole = "bench";

/** What a thread is told: which part of the bench it is. */
export interface BenchThreadData extends ThreadData {
  readonly role: typeof benchRole;
  readonly part: string;
}

/** Starts a thread that becomes `data.part`, and gives the one message that it posts, or undefined. */
export function runInThread<Data extends BenchThreadData>(data: Data): Promise<unknown> {
  // In an executable the thread runs the packaged bench, in a checkout its main file.
  const thread = startThread(data, { name: data.part, entry: new URL("./main.ts", import.meta.url), program: "bench" });
  return new Promise((resolve, reject) => {
    let message: unknown;
    thread.on("message", (value: unknown) => {
      message = value;
    });
    thread.on("error", reject);
    thread.on("exit", () => resolve(message));
  });
}
