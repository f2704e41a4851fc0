/**
 * The few names of WebAssembly that the engine uses, typed here because the ECMAScript library does
 * not know them and the engine compiles without any host's types.
 */

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}
export interface WasmModule {
  readonly wasmModule: unique symbol;
}
export type WasmFunction = (...args: number[]) => number;
export interface WasmInstance {
  readonly exports: Readonly<Record<string, WasmFunction>>;
}

interface WasmNamespace {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => WasmInstance;
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: WasmNamespace }).WebAssembly;

export const wasmPageBytes = 65_536;

/** A zeroed shared memory of fixed size, at least `byteLength` bytes. */
export function allocateShared(byteLength: number): SharedMemory {
  const pages = Math.ceil(byteLength / wasmPageBytes);
  return new wasm.Memory({ initial: pages, maximum: pages, shared: true });
}
