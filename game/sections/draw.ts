/** Numbers drawn from a seed, for meshes that are made outside of any world. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to below 1. */
  unit(): number {
    // A counter that steps by an odd number, whose bits are mixed.
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 16), 0x7feb_352d);
    word = Math.imul(word ^ (word >>> 15), 0x846c_a68b);
    return ((word ^ (word >>> 16)) >>> 8) / 16_777_216;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.unit();
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  of<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!;
  }

  /** `color` a little lighter or darker. */
  shade(color: number, share: number): number {
    const factor = 1 + this.between(-share, share);
    const channel = (shift: number): number => Math.min(255, Math.round(((color >>> shift) & 255) * factor)) << shift;
    return channel(16) | channel(8) | channel(0);
  }
}
