/**
 * What a twin sees of an arena: the same bytes as words of several types. Twins take the arguments of their
 * kernels, byte offsets, so either can stand in for the other; elements are found by shifting offsets.
 */

export interface Views {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
}

/** Views of `buffer`, whose byte length is a multiple of 4. */
export function viewsOf(buffer: SharedArrayBuffer): Views {
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
  };
}

/** The element number, in words of 4 bytes, of the offset in word `word` of a table. */
export function wordAt({ u32 }: Views, table: number, word: number): number {
  return u32[(table >>> 2) + word]! >>> 2;
}

/** The f32 constant in word `word` of a table. */
export function constantAt({ f32 }: Views, table: number, word: number): number {
  return f32[(table >>> 2) + word]!;
}
