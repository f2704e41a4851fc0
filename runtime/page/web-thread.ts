/**
 * Web threads: the program's own script, started again in a web worker. The page holds a `WebThread`; in
 * the worker `becomeWebThread` answers it.
 *
 * A browser does not say when a worker has ended, and one that is terminated may run on for seconds
 * (Chromium lets a running script go on for 2). So each thread holds a line: a lock of a name of its own,
 * which the browser gives to the page when the thread is gone, however it went.
 *
 *     page                          worker
 *     new Worker ─────────────────▶ takes the line
 *          ◀──────────── alive ──── holds it until it is gone
 *     asks for the line
 *     what was posted ────────────▶ role begins
 *          ◀───────── messages ───▶
 *     has the line: it has ended
 *
 * A thread that does not hold its line is given nothing that is shared: it could not be told when it ended.
 */
import { browser, type PageWorker } from "./browser.ts";

/** What the page says first. */
interface LineMessage {
  readonly line: string;
}

const namePrefix = "orrery ";
const alive = "orrery: alive";

export class WebThread {
  /** Resolves when the thread no longer runs, with what went wrong, or "". Never rejects. */
  readonly ended: Promise<string>;
  readonly #worker: PageWorker;
  readonly #settle: (problem: string) => void;
  #waiting: unknown[] | undefined = [];
  #problem = "";

  /** Starts `script` as a worker of the name `name`, whose first word is its role. */
  constructor(script: URL, name: string, onMessage: (message: unknown) => void) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#settle = resolve;
    const line = `${namePrefix}${browser.crypto.randomUUID()}`;
    this.#worker = new browser.Worker(script, { type: "module", name: `${namePrefix}${name}` });
    this.#worker.onmessage = ({ data }) => {
      if (data === alive) this.#isAlive(line);
      else onMessage(data);
    };
    // An error that nobody caught leaves a web worker running; it is of no use any more.
    this.#worker.onerror = ({ message, filename, lineno }) => {
      this.#problem ||= message === undefined ? `${script} could not be loaded` : `${message} (${filename}:${lineno})`;
      void this.end();
    };
    this.#worker.postMessage({ line } satisfies LineMessage);
  }

  /** Sends a message, when the thread is there to take it. */
  post(message: unknown): void {
    if (this.#waiting === undefined) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  /** Ends the thread wherever it is. Resolves when it no longer runs. */
  end(): Promise<string> {
    this.#worker.terminate();
    if (this.#waiting !== undefined) this.#settle(this.#problem);
    return this.ended;
  }

  #isAlive(line: string): void {
    void browser.navigator.locks.request(line, () => this.#settle(this.#problem));
    for (const message of this.#waiting ?? []) this.#worker.postMessage(message);
    this.#waiting = undefined;
  }
}

/** The role that this script has as a web thread; undefined on a page and in workers of others. */
export function webThreadRole(): string | undefined {
  const { document, name } = browser;
  if (document !== undefined || name === undefined || !name.startsWith(namePrefix)) return undefined;
  return name.slice(namePrefix.length).split(" ")[0];
}

/**
 * In a worker, before anything is awaited: holds the line, then hands each message to `onMessage`, which
 * may block. What it throws ends the thread.
 */
export function becomeWebThread(onMessage: (message: unknown) => void | Promise<void>): void {
  browser.onmessage = ({ data }) => {
    const { line } = data as LineMessage;
    browser.onmessage = (event) => {
      Promise.try(onMessage, event.data).catch((thrown: unknown) => browser.reportError(thrown));
    };
    const held = (): Promise<never> => {
      browser.postMessage(alive);
      return new Promise(() => {});
    };
    browser.navigator.locks.request(line, held).catch((thrown: unknown) => browser.reportError(thrown));
  };
}
