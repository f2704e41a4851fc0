/**
 * Particles, TypeScript form: the reference that the SIMD kernels must equal bit for bit, each step of
 * arithmetic rounded to f32 as vector instructions round. assembly/particles.ts draws the table.
 */
import { constantAt, type Views, wordAt } from "./views.ts";

const round = Math.fround;

/** Steps the particles first..first+count-1 from the columns before to the columns after. */
export function integrateParticles(views: Views, table: number, first: number, count: number): void {
  integrate(views, table, first, count, false);
}

/** As integrateParticles; each particle is drawn to its target by weight * distance, weight 0 is none. */
export function integrateAttracted(views: Views, table: number, first: number, count: number): void {
  integrate(views, table, first, count, true);
}

function integrate(views: Views, table: number, first: number, count: number, attracted: boolean): void {
  const { f32 } = views;
  const column = (word: number): number => wordAt(views, table, word);
  const constant = (word: number): number => constantAt(views, table, word);
  const dt = constant(22);
  const drag = constant(26);
  const floor = constant(27);
  const restitution = constant(28);
  const sizeAtEnd = constant(31);

  const speed = (axis: number, i: number): number => {
    let pull = constant(23 + axis);
    if (attracted) {
      const away = round(f32[column(18 + axis) + i]! - f32[column(axis) + i]!);
      pull = round(pull + round(away * f32[column(21) + i]!));
    }
    return round(round(f32[column(3 + axis) + i]! * drag) + round(pull * dt));
  };

  for (let i = first; i < first + count; i++) {
    const before = f32[column(1) + i]!;
    const x = round(f32[column(0) + i]! + round(f32[column(3) + i]! * dt));
    let y = round(before + round(f32[column(4) + i]! * dt));
    const z = round(f32[column(2) + i]! + round(f32[column(5) + i]! * dt));
    let speedY = speed(1, i);
    if (y < floor && before >= floor && Math.abs(x) <= constant(29) && Math.abs(z) <= constant(30)) {
      y = round(floor + round(round(floor - y) * restitution));
      speedY = round(Math.abs(speedY) * restitution);
    }
    f32[column(9) + i] = x;
    f32[column(10) + i] = y;
    f32[column(11) + i] = z;
    f32[column(12) + i] = speed(0, i);
    f32[column(13) + i] = speedY;
    f32[column(14) + i] = speed(2, i);

    const life = round(f32[column(6) + i]! - dt);
    f32[column(15) + i] = life;
    const quotient = round(life / f32[column(7) + i]!);
    const positive = quotient > 0 ? quotient : 0;
    const left = positive < 1 ? positive : 1;
    const share = round(sizeAtEnd + round(round(1 - sizeAtEnd) * left));
    f32[column(16) + i] = round(f32[column(8) + i]! * share);
    const alpha = round(left * constant(32));
    f32[column(17) + i] = alpha < 1 ? alpha : 1;
  }
}

/** Writes the indices of the living ones of first..first+count-1 at `out`; returns how many. */
export function compactAlive({ f32, u32 }: Views, life: number, first: number, count: number, out: number): number {
  const lives = life >>> 2;
  let at = out >>> 2;
  for (let i = first; i < first + count; i++) if (f32[lives + i]! > 0) u32[at++] = i;
  return at - (out >>> 2);
}
