/** A crane of lattice: a tower, a jib with its counterweight, a cabin and a hook. */
import { orange } from "../palette.ts";
import type { Draw } from "./draw.ts";
import type { Mesh, Point } from "./mesh.ts";

const dark = 0x39424a;
const glass = 0x14222c;
const levelMetres = 1.7;
const half = 0.8;

export function buildCrane(mesh: Mesh, draw: Draw, [x, y, z]: Point): void {
  const levels = draw.whole(6, 9);
  const paint = draw.shade(orange, 0.12);
  const corner = (number: number, height: number): Point => {
    const turned = number & 3;
    return [x + (turned === 0 || turned === 3 ? -half : half), height, z + (turned < 2 ? -half : half)];
  };
  mesh.box([x, y + 0.3, z], [1.5, 0.3, 1.5], dark);
  for (let level = 0; level < levels; level++) {
    const low = y + 0.6 + level * levelMetres;
    const high = low + levelMetres;
    for (let side = 0; side < 4; side++) {
      mesh.bar(corner(side, low), corner(side, high), 0.09, paint);
      mesh.bar(corner(side, high), corner(side + 1, high), 0.05, paint);
      mesh.bar(corner(side + (level & 1), low), corner(side + 1 - (level & 1), high), 0.04, paint);
    }
  }
  const top = y + 0.6 + levels * levelMetres;
  mesh.tube([x, top, z], [x, top + 0.5, z], 1.1, 1.1, 24, dark);
  mesh.box([x + 1.3, top + 1.1, z + 0.9], [0.6, 0.7, 0.6], paint);
  mesh.box([x + 1.6, top + 1.2, z + 0.9], [0.36, 0.4, 0.5], glass);
  buildJib(mesh, draw, [x, top + 0.6, z], paint);
}

/** Along one of the axes, so that it stays over the platform. */
function buildJib(mesh: Mesh, draw: Draw, [x, y, z]: Point, paint: number): void {
  const sign = draw.of([-1, 1]);
  const lengths = draw.whole(7, 10);
  const at = (along: number, height: number, aside: number): Point => [x + sign * along, y + height, z + aside];
  for (let step = -3; step < lengths; step++) {
    const near = step * 1.5;
    const far = near + 1.5;
    for (const side of [-0.5, 0.5]) {
      mesh.bar(at(near, 0, side), at(far, 0, side), 0.07, paint);
      mesh.bar(at(near, 0, side), at((near + far) / 2, 1, 0), 0.04, paint);
      mesh.bar(at((near + far) / 2, 1, 0), at(far, 0, side), 0.04, paint);
    }
    mesh.bar(at(near, 0, -0.5), at(near, 0, 0.5), 0.04, paint);
    mesh.bar(at(near - 0.75, 1, 0), at(near + 0.75, 1, 0), 0.06, paint);
  }
  mesh.box(at(-4, -0.5, 0), [0.9, 0.7, 0.8], dark);
  const mast: Point = at(0, 3.4, 0);
  mesh.bar(at(0, 0.5, 0), mast, 0.12, paint);
  mesh.bar(mast, at(-4.2, 0.9, 0), 0.03, dark);
  mesh.bar(mast, at(lengths * 1.1, 1, 0), 0.03, dark);
  const reach = draw.between(4, lengths * 1.4);
  const drop = draw.between(2.5, 5);
  mesh.bar(at(reach, 0, 0), at(reach, -drop, 0), 0.03, dark);
  mesh.tube(at(reach, -drop, 0), at(reach, -drop - 0.5, 0), 0.25, 0.12, 12, paint);
}
