/**
 * Published resources as another thread reads them, such as the main thread that serves them to drivers:
 * a copy of the bytes of one version, or nothing when that version is no longer current.
 */

import type { ResourceHandle } from "../asset/handle.ts";
import { headBytes } from "../asset/head.ts";
import { type AssetMemory, assetLayout } from "../asset/memory.ts";
import { makeResourceView, ResourceTable } from "../asset/resource-table.ts";
import { TableVersions } from "../asset/table-versions.ts";

export class ResourceReader {
  readonly #buffer: SharedArrayBuffer;
  readonly #versions: TableVersions;
  readonly #table: ResourceTable;
  readonly #thread: number;
  readonly #view = makeResourceView();

  /** `thread` is a thread number of assets that nobody else reads under. */
  constructor(memory: AssetMemory, thread: number) {
    const { buffer, limits } = memory;
    const layout = assetLayout(limits);
    this.#buffer = buffer;
    this.#thread = thread;
    this.#versions = new TableVersions(new Uint32Array(buffer, 0, headBytes >> 2), layout.pins, limits.threads);
    this.#table = new ResourceTable(buffer, layout.publishedRows, limits.resources, this.#versions);
  }

  /** The bytes of `handle` when `version` is what is published now. */
  read(handle: ResourceHandle, version: number): Uint8Array | undefined {
    const copy = this.#versions.pin(this.#thread);
    try {
      const view = this.#view;
      if (!this.#table.find(copy, handle, view) || view.version !== version || version === 0) return undefined;
      return new Uint8Array(this.#buffer, view.byteOffset, view.byteLength).slice();
    } finally {
      this.#versions.unpin(this.#thread);
    }
  }
}
