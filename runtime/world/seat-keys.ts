/** Player keys of one world as drivers take them and give them back: always the lowest that is free. */
import type { PlayerKey } from "../../engine/input/record.ts";

export class SeatKeys {
  readonly #taken = new Set<PlayerKey>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** The lowest free key, or 0 when all are taken. */
  take(): PlayerKey {
    for (let key = 1; key <= this.#countMax; key++)
      if (!this.#taken.has(key)) {
        this.#taken.add(key);
        return key;
      }
    return 0;
  }

  leave(key: PlayerKey): void {
    this.#taken.delete(key);
  }
}
