/**
 * WebAssembly modules that come with the program as assets, such as Rapier's.
 *
 * Bundling puts calls of `wasmModule` in the place of base64 text (runtime/package/wasm-text.ts), so
 * that the bytes go from the executable's pages to the compiler without a copy.
 */
import { readAsset } from "./assets.ts";

/** The one name of WebAssembly that is used here; it is typed in the DOM library only. */
const { Module } = (globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } })
  .WebAssembly;

/** Compiles the asset. Takes about 5 ms for Rapier: functions are compiled when they are first called. */
export function wasmModule(assetName: string): object {
  return new Module(readAsset(assetName));
}
