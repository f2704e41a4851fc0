/** Tanks, and pipes that run over the deck from flange to flange. */
import type { Draw } from "./draw.ts";
import type { Mesh, Point } from "./mesh.ts";

const steel = 0x8b979f;
const dark = 0x39424a;
const pipePaints: readonly number[] = [0x97a3ab, 0xa5673e, 0x49787a, 0xb9a24a];
const tankPaints: readonly number[] = [0xcfd6da, 0x9aa3a8, 0xb8553f];

export function buildTanks(mesh: Mesh, draw: Draw, halfX: number, halfZ: number): void {
  const count = draw.whole(2, 4);
  const endX = draw.of([-1, 1]) * (halfX - 3.2);
  for (let tank = 0; tank < count; tank++) {
    const radius = draw.between(1.3, 2);
    const height = draw.between(2.8, 5.4);
    const paint = draw.shade(draw.of(tankPaints), 0.08);
    const z = -halfZ + 3 + ((halfZ * 2 - 6) * tank) / Math.max(1, count - 1);
    const at = (y: number): Point => [endX, y, z];
    mesh.tube(at(0), at(0.4), radius + 0.25, radius + 0.25, 36, dark);
    mesh.tube(at(0.4), at(height), radius, radius, 32, paint);
    for (let ring = 1; ring < 5; ring++) {
      const y = 0.4 + ((height - 0.4) * ring) / 5;
      mesh.tube(at(y), at(y + 0.14), radius + 0.06, radius + 0.06, 32, draw.shade(paint, 0.06));
    }
    mesh.tube(at(height), at(height + 0.5), radius, radius * 0.55, 32, paint);
    mesh.tube(at(height + 0.5), at(height + 0.7), radius * 0.55, 0, 32, paint);
    for (let rung = 0; rung < height * 2; rung++)
      mesh.box([endX - radius - 0.15, 0.3 + rung * 0.5, z], [0.04, 0.03, 0.3], steel);
    for (const side of [-0.3, 0.3])
      mesh.bar([endX - radius - 0.15, 0, z + side], [endX - radius - 0.15, height + 0.6, z + side], 0.04, steel);
  }
}

export function buildPipes(mesh: Mesh, draw: Draw, halfX: number, halfZ: number): void {
  const runs = draw.whole(6, 9);
  for (let run = 0; run < runs; run++) {
    const radius = draw.between(0.12, 0.3);
    const paint = draw.shade(draw.of(pipePaints), 0.08);
    let at: Point = [draw.between(-halfX + 2, halfX - 2), radius + 0.15, draw.between(-halfZ + 1, halfZ - 1)];
    const legs = draw.whole(6, 11);
    for (let leg = 0; leg < legs; leg++) {
      const way = leg % 3;
      const to: Point =
        way === 2
          ? [at[0], at[1] > 1 ? radius + 0.15 : draw.between(1.6, 3.4), at[2]]
          : way === 0
            ? [within(at[0] + draw.of([-1, 1]) * draw.between(3, 8), halfX - 0.6), at[1], at[2]]
            : [at[0], at[1], within(at[2] + draw.of([-1, 1]) * draw.between(2, 6), halfZ - 0.6)];
      if (Math.abs(to[0] - at[0]) + Math.abs(to[1] - at[1]) + Math.abs(to[2] - at[2]) < 0.5) continue;
      buildLeg(mesh, at, to, radius, paint);
      at = to;
    }
  }
}

/** A straight piece with a flange at each third, a joint at its end and feet where it hangs in the air. */
function buildLeg(mesh: Mesh, from: Point, to: Point, radius: number, paint: number): void {
  const along = (share: number): Point => [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
  mesh.tube(from, to, radius, radius, 12, paint);
  for (const share of [0.32, 0.66])
    mesh.tube(along(share), along(share + 0.03), radius + 0.07, radius + 0.07, 12, steel);
  for (const [low, high, narrow, wide] of [
    [-1, -0.5, 0.35, 1],
    [-0.5, 0.5, 1, 1],
    [0.5, 1, 1, 0.35],
  ] as const) {
    const bulge = radius * 1.35;
    mesh.tube(
      [to[0], to[1] + low * bulge, to[2]],
      [to[0], to[1] + high * bulge, to[2]],
      bulge * narrow,
      bulge * wide,
      10,
      paint,
    );
  }
  if (from[1] > 1 && to[1] > 1) {
    const [x, y, z] = along(0.5);
    mesh.bar([x, 0, z], [x, y, z], 0.07, dark);
    mesh.box([x, 0.05, z], [0.25, 0.05, 0.25], dark);
  }
}

function within(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
