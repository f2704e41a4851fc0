/** The head words of a memory of assets, for tests that play a thread at a moment that no real thread can be held at. */
import { headBytes } from "../../../engine/asset/head.ts";

export function head(memory: { readonly buffer: SharedArrayBuffer }): Uint32Array {
  return new Uint32Array(memory.buffer, 0, headBytes >> 2);
}
