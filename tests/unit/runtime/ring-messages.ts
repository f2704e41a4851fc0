/** The messages that both ends of a ring test know: a seed gives their lengths and every byte. */
import { Draws } from "../seeds.ts";

/** Messages of 0 to `lengthMax` bytes, most of them short, until they hold `byteCount` bytes. */
export function* ringMessages(seed: number, byteCount: number, lengthMax: number): Generator<Uint8Array> {
  const draws = new Draws(seed);
  for (let made = 0; made < byteCount; ) {
    const length = draws.below(1 + Math.min(lengthMax, draws.pick([0, 8, 64, lengthMax])));
    const message = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = draws.u32();
      for (let k = 0; k < 4 && i + k < length; k++) message[i + k] = word >>> (k * 8);
    }
    made += length;
    yield message;
  }
}
