/**
 * The few names of a browser that its host uses, typed here: this folder compiles with the runtime, which
 * knows Node's names only, and so it cannot use more of a page than it says here.
 */

/** Each name is there in the scopes that its comment names. */
interface BrowserScope {
  /** On a page only. */
  readonly document?: PageDocument;
  readonly location: { readonly href: string };
  /** In a worker: the name that it was started with. */
  readonly name?: string;
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency: number; readonly locks: LockManager };
  readonly crypto: { randomUUID(): string };
  readonly Worker: new (script: URL, options: { readonly type: "module"; readonly name: string }) => PageWorker;
  /** In a worker: to and from the page. */
  onmessage: ((event: MessageEventLike) => void) | null;
  postMessage(message: unknown): void;
  /** Tells the page of an error as if nobody had caught it. */
  reportError(thrown: unknown): void;
}

export interface MessageEventLike {
  readonly data: unknown;
}

/** A worker as the page holds it. */
export interface PageWorker {
  onmessage: ((event: MessageEventLike) => void) | null;
  onerror:
    | ((event: { readonly message?: string; readonly filename?: string; readonly lineno?: number }) => void)
    | null;
  postMessage(message: unknown): void;
  /** Asks the browser to end the thread, which may run on for seconds: nothing says when it has ended. */
  terminate(): void;
}

/** An element of a page, as far as it is made here. */
export interface PageElement {
  id: string;
  textContent: string;
  /** Of links only. */
  href: string;
  download: string;
  readonly style: { cssText: string };
  append(...elements: PageElement[]): void;
}

interface PageDocument {
  readonly body: PageElement;
  createElement(tag: string): PageElement;
}

interface LockManager {
  /** Calls `whileHeld` when nobody holds the lock of this name, and holds it until what that gives has settled. */
  request<Result>(name: string, whileHeld: () => Result | Promise<Result>): Promise<Result>;
}

export const browser = globalThis as unknown as BrowserScope;
