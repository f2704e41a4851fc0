/**
 * Threads: starts this same program again in a worker thread, from the entry file in a checkout and
 * from the bytes inside an executable. The program looks at `threadData()` to see which it is.
 *
 * Threads are started here and nowhere else: a `new Worker(file)` written elsewhere works in a
 * checkout and fails in an executable, which has no files.
 */
import { isMainThread, type ResourceLimits, type Transferable, Worker, workerData } from "node:worker_threads";
import { packagedProgram } from "./program.ts";
import { entryUrl, withEntry } from "./project.ts";

/** What a started thread is told. `role` says what it is to become; the rest is the role's own. */
export interface ThreadData {
  readonly role: string;
}

export interface ThreadOptions {
  /** Shown in stack traces, in the operating system's thread list and in profiles. */
  readonly name: string;
  /** The entry file, when it is not the one that the process was started with. For a checkout. */
  readonly entry?: URL;
  /** The program that `entry` is packaged as, when it is not this one. For an executable. */
  readonly program?: string;
  readonly transfer?: readonly Transferable[];
  readonly limits?: ResourceLimits;
}

const threadStart = new URL("./thread-start.ts", import.meta.url);

/** Starts the program in a thread. Costs about 4 ms here and 15 ms until its first line runs. */
export function startThread<Data extends ThreadData>(data: Data, options: ThreadOptions): Worker {
  const shared = {
    name: options.name,
    workerData: data,
    transferList: [...(options.transfer ?? [])],
    resourceLimits: options.limits ?? {},
  };
  const packaged = packagedProgram();
  if (packaged !== undefined) {
    const source = packaged.threadSource(options.program ?? packaged.name);
    return new Worker(source, { ...shared, eval: true });
  }
  return withEntry(options.entry ?? entryUrl(), () => new Worker(threadStart, shared));
}

/** What this thread was told when it was started; undefined on the main thread and in foreign threads. */
export function threadData(): ThreadData | undefined {
  if (isMainThread) return undefined;
  const data: unknown = workerData;
  return typeof data === "object" && data !== null && "role" in data && typeof data.role === "string"
    ? { ...data, role: data.role }
    : undefined;
}

/** How long a thread whose role is over may go on with what else keeps it alive. */
const lingerMillis = 1_000;

/** Ends this thread, whose role is over: timers that a game's modules have set would keep it alive for ever. */
export function endThreadSoon(): void {
  setTimeout(() => process.exit(), lingerMillis).unref();
}

/**
 * Call once in each thread when its usual work has run a few times, such as after the first ticks.
 * A packaging run then keeps the code compiled so far; at any other time this does nothing.
 */
export function markThreadWarm(): void {
  packagedProgram()?.markWarm();
}
