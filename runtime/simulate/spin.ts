/**
 * Work without a result: loops that keep a thread busy for about so many microseconds. How many rounds a
 * microsecond takes is measured once, before the run, and handed to every thread, so all spend alike; what
 * they compute meanwhile goes nowhere, so a slow machine makes a slow frame and never another one.
 */
import type { Clock } from "../../engine/ports/clock.ts";

const roundsPerTurn = 64;

export class Spinner {
  readonly #roundsPerMicro: number;
  /** Keeps the loop from being dropped as useless. */
  #left = 1;

  constructor(roundsPerMicro: number) {
    this.#roundsPerMicro = roundsPerMicro;
  }

  /** Busy for about `micros` microseconds. */
  spend(micros: number): void {
    this.#left = spin(Math.round(micros * this.#roundsPerMicro), this.#left);
  }
}

/** Rounds of the loop that a microsecond takes here: of several measurements the one that was disturbed least. */
export function measureRoundsPerMicro(clock: Clock): number {
  const rounds = 200_000;
  let left = 1;
  let best = 1;
  for (let i = 0; i < 12; i++) {
    const startMicros = clock.nowMicros();
    left = spin(rounds, left);
    best = Math.max(best, rounds / (clock.nowMicros() - startMicros));
  }
  // Without a use of its result the loop could be left out.
  return left < 0 ? 1 : best;
}

/** Many short loops, so that the function ends often enough while it is young to be compiled with its end. */
function spin(rounds: number, seed: number): number {
  let x = seed;
  for (let done = 0; done < rounds; done += roundsPerTurn) x = turn(x);
  return x;
}

function turn(seed: number): number {
  let x = seed | 0;
  for (let i = 0; i < roundsPerTurn; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x & 0xff_ffff;
}
