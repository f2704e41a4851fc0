/**
 * Timing: how long each system took, in a ring of the last frames. Presentation only: nothing here
 * is hashed, and world code cannot see it.
 */

export interface SystemTiming {
  readonly system: string;
  readonly meanMicros: number;
  readonly maxMicros: number;
}

export class TimingRing {
  readonly #names: readonly string[];
  readonly #micros: Float32Array;
  readonly #capacity: number;
  #row = 0;
  #rowCount = 0;

  constructor(names: readonly string[], capacity: number) {
    this.#names = names;
    this.#capacity = capacity;
    this.#micros = new Float32Array(Math.max(1, names.length) * capacity);
  }

  /** Starts the row of the next tick. */
  beginTick(): void {
    this.#row = (this.#row + 1) % this.#capacity;
    if (this.#rowCount < this.#capacity) this.#rowCount++;
  }

  /** Ticks in the ring. */
  get tickCount(): number {
    return this.#rowCount;
  }

  note(system: number, micros: number): void {
    this.#micros[this.#row * this.#names.length + system] = micros;
  }

  /** Mean and maximum of each system over the ticks in the ring, in plan order. */
  summary(): SystemTiming[] {
    return this.#names.map((system, column) => {
      let sum = 0;
      let max = 0;
      for (let back = 0; back < this.#rowCount; back++) {
        const row = (this.#row - back + this.#capacity) % this.#capacity;
        const micros = this.#micros[row * this.#names.length + column]!;
        sum += micros;
        if (micros > max) max = micros;
      }
      return { system, meanMicros: this.#rowCount === 0 ? 0 : sum / this.#rowCount, maxMicros: max };
    });
  }
}
