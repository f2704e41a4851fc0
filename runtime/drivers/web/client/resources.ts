/**
 * Streamed resources, as the page follows them: each packet says which version of each is published, and
 * what is on screen is brought up to it. A version is fetched and decoded whole before anything is shown of
 * it; until then, and after any failure, what is on screen stays.
 *
 * Rule: at most one fetch a resource. A newer version ends the fetch of an older one, and nothing of an
 * older one is shown once a newer one is known.
 */
import { assetElementCount } from "../../../../engine/render/packet.ts";

/** The first pause before another try; it doubles up to the last. */
const pauseMillisMin = 250;
const pauseMillisMax = 8_000;
/** Fetches that go on at once; more would only slow one another. */
const fetchCountMax = 2;

export interface ResourceHost<Content> {
  /** The bytes of a version. Rejects when they cannot be had or `signal` ends it. */
  fetch(number: number, version: number, signal: AbortSignal): Promise<Uint8Array>;
  /** What the bytes hold. Rejects with a reason when they are not what the resource is. */
  decode(number: number, bytes: Uint8Array): Promise<Content>;
  /** Shows what was decoded; undefined shows the fallback. */
  show(number: number, content: Content | undefined): void;
  /** Lets go of what is not shown any more. */
  release(content: Content): void;
  /** Calls `run` after a pause; returns how to cancel that. */
  after(millis: number, run: () => void): () => void;
}

/** Where a resource stands, for tests and tools. */
export interface ResourceState {
  /** The version on screen; 0 is the fallback. */
  readonly version: number;
  /** Why the last try failed, or "". */
  readonly problem: string;
  readonly failureCount: number;
}

interface Entry<Content> {
  readonly number: number;
  wanted: number;
  shown: number;
  content: Content | undefined;
  problem: string;
  failureCount: number;
  /** The fetch that goes on. */
  controller: AbortController | undefined;
  /** Cancels the pause before another try. */
  cancelPause: (() => void) | undefined;
}

export class Resources<Content> {
  readonly #host: ResourceHost<Content>;
  readonly #entries = new Map<number, Entry<Content>>();
  #fetchCount = 0;
  #disposed = false;

  /** Follows the resources with these numbers; packets may tell of others. */
  constructor(numbers: Iterable<number>, host: ResourceHost<Content>) {
    this.#host = host;
    for (const number of numbers)
      this.#entries.set(number, {
        ...{ number, wanted: 0, shown: 0, content: undefined, problem: "", failureCount: 0 },
        ...{ controller: undefined, cancelPause: undefined },
      });
  }

  /** Takes in a packet's rows of resources. */
  note(assets: Uint32Array): void {
    for (let at = 0; at + assetElementCount <= assets.length; at += assetElementCount) {
      const entry = this.#entries.get(assets[at]!);
      if (entry !== undefined && entry.wanted !== assets[at + 1]!) this.#want(entry, assets[at + 1]!);
    }
  }

  stateOf(number: number): ResourceState | undefined {
    const entry = this.#entries.get(number);
    return entry && { version: entry.shown, problem: entry.problem, failureCount: entry.failureCount };
  }

  dispose(): void {
    this.#disposed = true;
    for (const entry of this.#entries.values()) {
      this.#stop(entry);
      if (entry.content !== undefined) this.#host.release(entry.content);
      entry.content = undefined;
    }
  }

  #want(entry: Entry<Content>, version: number): void {
    this.#stop(entry);
    entry.wanted = version;
    entry.failureCount = 0;
    entry.problem = "";
    if (version === 0) this.#show(entry, 0, undefined);
    else this.#fetchNext();
  }

  /** Ends what goes on for a resource. */
  #stop(entry: Entry<Content>): void {
    entry.controller?.abort();
    entry.cancelPause?.();
    entry.cancelPause = undefined;
  }

  /** Begins fetches of what is not on screen yet, in the order of numbers. */
  #fetchNext(): void {
    for (const entry of this.#entries.values()) {
      if (this.#disposed || this.#fetchCount >= fetchCountMax) return;
      const due = entry.controller === undefined && entry.cancelPause === undefined;
      if (due && entry.wanted !== entry.shown) void this.#bring(entry, entry.wanted);
    }
  }

  /** Fetches, decodes and shows one version; never rejects. */
  async #bring(entry: Entry<Content>, version: number): Promise<void> {
    const controller = new AbortController();
    entry.controller = controller;
    this.#fetchCount++;
    try {
      const bytes = await this.#host.fetch(entry.number, version, controller.signal);
      const content = await this.#host.decode(entry.number, bytes);
      if (controller.signal.aborted) this.#host.release(content);
      else this.#show(entry, version, content);
    } catch (thrown) {
      if (!controller.signal.aborted) this.#failed(entry, thrown);
    }
    entry.controller = undefined;
    this.#fetchCount--;
    this.#fetchNext();
  }

  #failed(entry: Entry<Content>, thrown: unknown): void {
    entry.problem = thrown instanceof Error ? thrown.message : String(thrown);
    const pauseMillis = Math.min(pauseMillisMax, pauseMillisMin * 2 ** entry.failureCount++);
    entry.cancelPause = this.#host.after(pauseMillis, () => {
      entry.cancelPause = undefined;
      this.#fetchNext();
    });
  }

  #show(entry: Entry<Content>, version: number, content: Content | undefined): void {
    const before = entry.content;
    entry.shown = version;
    entry.content = content;
    entry.problem = "";
    this.#host.show(entry.number, content);
    if (before !== undefined) this.#host.release(before);
  }
}
