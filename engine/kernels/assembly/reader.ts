/**
 * The body reader: reads vectors of many rigid bodies inside WebAssembly. Rapier hands each number of a
 * vector to an imported function; called as JavaScript that boxes every number on the heap. Here the
 * import is this module's `setIndex`, and the numbers go to memory. `node build.mjs kernels` compiles
 * this file into engine/kernels/reader-bytes.ts.
 */

// @ts-expect-error: decorator
@external("env", "setIndex")
declare function passOn(object: i32, index: i32, value: f32): void;

/** Where the vector being read goes; 0 while nobody reads in bulk, when numbers go on to JavaScript. */
let slot: usize = 0;

/** Takes the place of Rapier's import that does `object[index] = value`. */
export function setIndex(object: i32, index: i32, value: f32): void {
  if (slot == 0) passOn(object, index, value);
  else store<f32>(slot + ((<usize>index) << 2), value);
}

/** Takes the place of Rapier's import that reads a clock: physics has none. */
export function now(performance: i32): f64 {
  return 0;
}

/**
 * Calls the reading function in place `reader` of the table for `count` bodies of the set at `set`, whose
 * handles are f64 at `handles`; 16 bytes for each go to `out`.
 */
export function read(reader: u32, set: i32, handles: usize, count: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    slot = out + i * 16;
    call_indirect<void>(reader, set, load<f64>(handles + i * 8), 0);
  }
  slot = 0;
}
