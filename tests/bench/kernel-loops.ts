/**
 * The loops that the kernels are measured against: what one would write in TypeScript over the same columns,
 * with columns and constants in locals and nothing allocated, without regard to the bits of each step.
 */

export interface ParticleColumns {
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
  readonly targets: readonly Float32Array[];
}

export interface ParticleConstants {
  readonly deltaSeconds: number;
  readonly acceleration: readonly [number, number, number];
  readonly drag: number;
  readonly floorHeight: number;
  readonly restitution: number;
  readonly floorHalfX: number;
  readonly floorHalfZ: number;
  readonly sizeAtEnd: number;
  readonly fadeRate: number;
}

export function integrateLoop(columns: ParticleColumns, constants: ParticleConstants, count: number): void {
  const [px, py, pz, vx, vy, vz, life, lifeSpan, size] = columns.before as Nine;
  const [nx, ny, nz, ux, uy, uz, nextLife, shown, alpha] = columns.after as Nine;
  const { deltaSeconds: dt, drag, floorHeight, restitution, floorHalfX, floorHalfZ, sizeAtEnd, fadeRate } = constants;
  const ax = constants.acceleration[0] * dt;
  const ay = constants.acceleration[1] * dt;
  const az = constants.acceleration[2] * dt;
  for (let i = 0; i < count; i++) {
    const x = px[i]! + vx[i]! * dt;
    let y = py[i]! + vy[i]! * dt;
    const z = pz[i]! + vz[i]! * dt;
    let speedY = vy[i]! * drag + ay;
    if (y < floorHeight && py[i]! >= floorHeight && Math.abs(x) <= floorHalfX && Math.abs(z) <= floorHalfZ) {
      y = floorHeight + (floorHeight - y) * restitution;
      speedY = Math.abs(speedY) * restitution;
    }
    nx[i] = x;
    ny[i] = y;
    nz[i] = z;
    ux[i] = vx[i]! * drag + ax;
    uy[i] = speedY;
    uz[i] = vz[i]! * drag + az;
    const rest = life[i]! - dt;
    nextLife[i] = rest;
    const share = Math.min(1, Math.max(0, rest / lifeSpan[i]!));
    shown[i] = size[i]! * (sizeAtEnd + (1 - sizeAtEnd) * share);
    alpha[i] = Math.min(1, share * fadeRate);
  }
}

export function attractLoop(columns: ParticleColumns, constants: ParticleConstants, count: number): void {
  const [px, py, pz, vx, vy, vz, life, lifeSpan, size] = columns.before as Nine;
  const [nx, ny, nz, ux, uy, uz, nextLife, shown, alpha] = columns.after as Nine;
  const [tx, ty, tz, weight] = columns.targets as Four;
  const { deltaSeconds: dt, drag, floorHeight, restitution, floorHalfX, floorHalfZ, sizeAtEnd, fadeRate } = constants;
  const [ax, ay, az] = constants.acceleration;
  for (let i = 0; i < count; i++) {
    const x = px[i]! + vx[i]! * dt;
    let y = py[i]! + vy[i]! * dt;
    const z = pz[i]! + vz[i]! * dt;
    const w = weight[i]!;
    let speedY = vy[i]! * drag + (ay + (ty[i]! - py[i]!) * w) * dt;
    if (y < floorHeight && py[i]! >= floorHeight && Math.abs(x) <= floorHalfX && Math.abs(z) <= floorHalfZ) {
      y = floorHeight + (floorHeight - y) * restitution;
      speedY = Math.abs(speedY) * restitution;
    }
    nx[i] = x;
    ny[i] = y;
    nz[i] = z;
    ux[i] = vx[i]! * drag + (ax + (tx[i]! - px[i]!) * w) * dt;
    uy[i] = speedY;
    uz[i] = vz[i]! * drag + (az + (tz[i]! - pz[i]!) * w) * dt;
    const rest = life[i]! - dt;
    nextLife[i] = rest;
    const share = Math.min(1, Math.max(0, rest / lifeSpan[i]!));
    shown[i] = size[i]! * (sizeAtEnd + (1 - sizeAtEnd) * share);
    alpha[i] = Math.min(1, share * fadeRate);
  }
}

export function compactLoop(life: Float32Array, count: number, out: Uint32Array): number {
  let alive = 0;
  for (let i = 0; i < count; i++) if (life[i]! > 0) out[alive++] = i;
  return alive;
}

export function gatherLoop(
  from: readonly Float32Array[],
  to: readonly Float32Array[],
  indices: Uint32Array,
  count: number,
): void {
  for (let column = 0; column < from.length; column++) {
    const source = from[column]!;
    const target = to[column]!;
    for (let i = 0; i < count; i++) target[i] = source[indices[i]!]!;
  }
}

export function cullLoop(spheres: readonly Float32Array[], planes: Float32Array, count: number, out: Uint32Array) {
  const [x, y, z, r] = spheres as Four;
  const [ax, ay, az, aw, bx, by, bz, bw, cx, cy, cz, cw] = planes as unknown as readonly number[] as Twelve;
  const [dx, dy, dz, dw, ex, ey, ez, ew, fx, fy, fz, fw] = planes.subarray(12) as unknown as Twelve;
  let visible = 0;
  for (let i = 0; i < count; i++) {
    const px = x[i]!;
    const py = y[i]!;
    const pz = z[i]!;
    const least = -r[i]!;
    if (ax * px + ay * py + az * pz + aw < least) continue;
    if (bx * px + by * py + bz * pz + bw < least) continue;
    if (cx * px + cy * py + cz * pz + cw < least) continue;
    if (dx * px + dy * py + dz * pz + dw < least) continue;
    if (ex * px + ey * py + ez * pz + ew < least) continue;
    if (fx * px + fy * py + fz * pz + fw < least) continue;
    out[visible++] = i;
  }
  return visible;
}

export function spheresLoop(
  matrices: Float32Array,
  entities: Uint32Array,
  radii: Float32Array,
  out: readonly Float32Array[],
  count: number,
): void {
  const [x, y, z, r] = out as Four;
  for (let i = 0; i < count; i++) {
    const e = entities[i]!;
    const m = e * 16;
    const a = matrices[m]! * matrices[m]! + matrices[m + 1]! * matrices[m + 1]! + matrices[m + 2]! * matrices[m + 2]!;
    const b =
      matrices[m + 4]! * matrices[m + 4]! + matrices[m + 5]! * matrices[m + 5]! + matrices[m + 6]! * matrices[m + 6]!;
    const c =
      matrices[m + 8]! * matrices[m + 8]! + matrices[m + 9]! * matrices[m + 9]! + matrices[m + 10]! * matrices[m + 10]!;
    x[i] = matrices[m + 12]!;
    y[i] = matrices[m + 13]!;
    z[i] = matrices[m + 14]!;
    r[i] = Math.sqrt(Math.max(a, b, c)) * radii[e]!;
  }
}

export interface LevelColumns {
  readonly spheres: readonly Float32Array[];
  readonly entities: Uint32Array;
  readonly mesh: Uint16Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Three a mesh, not squared. */
  readonly sizes: Float32Array;
}

export function levelsLoop(
  columns: LevelColumns,
  [cameraX, cameraY, cameraZ]: readonly [number, number, number],
  scale: number,
  hysteresis: number,
  count: number,
): void {
  const { entities, mesh, before, after, sizes } = columns;
  const [x, y, z, r] = columns.spheres as Four;
  const low = (1 - hysteresis) * (1 - hysteresis);
  const high = (1 + hysteresis) * (1 + hysteresis);
  for (let i = 0; i < count; i++) {
    const e = entities[i]!;
    const dx = x[i]! - cameraX;
    const dy = y[i]! - cameraY;
    const dz = z[i]! - cameraZ;
    const distance = dx * dx + dy * dy + dz * dz;
    const size = r[i]! * scale * (r[i]! * scale);
    const row = mesh[e]! * 3;
    const was = before[e]!;
    let level = 0;
    while (level < 3) {
      const limit = sizes[row + level]!;
      if (size >= limit * limit * (was <= level ? low : high) * distance) break;
      level++;
    }
    after[e] = level;
  }
}

export interface LightGrid {
  readonly lights: readonly Float32Array[];
  readonly lightCount: number;
  readonly slopesX: Float32Array;
  readonly slopesY: Float32Array;
  readonly depths: Float32Array;
  readonly counts: Uint16Array;
  readonly lists: Uint16Array;
  readonly countMax: number;
}

/** Light after light: each narrows slices, then rows, then columns. */
export function lightsLoop(grid: LightGrid): number {
  const [x, y, depth, radius] = grid.lights as Four;
  const { lightCount, slopesX, slopesY, depths, counts, lists, countMax } = grid;
  const columnCount = slopesX.length - 1;
  const rowCount = slopesY.length - 1;
  let overflow = 0;
  counts.fill(0);
  for (let light = 0; light < lightCount; light++) {
    const lx = x[light]!;
    const ly = y[light]!;
    const lz = depth[light]!;
    const limit = radius[light]! * radius[light]!;
    for (let slice = 0; slice < depths.length - 1; slice++) {
      const near = depths[slice]!;
      const far = depths[slice + 1]!;
      const dz = Math.max(near - lz, lz - far, 0);
      if (dz * dz > limit) continue;
      for (let row = 0; row < rowCount; row++) {
        const bottom = slopesY[row]!;
        const top = slopesY[row + 1]!;
        const low = Math.min(bottom * near, bottom * far);
        const high = Math.max(top * near, top * far);
        const dy = Math.max(low - ly, ly - high, 0);
        const part = dy * dy + dz * dz;
        if (part > limit) continue;
        for (let column = 0; column < columnCount; column++) {
          const left = slopesX[column]!;
          const right = slopesX[column + 1]!;
          const dx = Math.max(Math.min(left * near, left * far) - lx, lx - Math.max(right * near, right * far), 0);
          if (dx * dx + part > limit) continue;
          const cell = (slice * rowCount + row) * columnCount + column;
          const place = counts[cell]!;
          if (place === countMax) overflow++;
          else {
            lists[cell * countMax + place] = light;
            counts[cell] = place + 1;
          }
        }
      }
    }
  }
  return overflow;
}

export interface InstanceColumns {
  readonly matrices: Float32Array;
  readonly entities: Uint32Array;
  readonly tints: Uint32Array;
  readonly rows: Float32Array;
  readonly colors: Uint16Array;
  readonly light: Uint16Array;
}

export function instancesLoop(columns: InstanceColumns, count: number): void {
  const { matrices, entities, tints, rows, colors, light } = columns;
  for (let i = 0; i < count; i++) {
    const e = entities[i]!;
    const m = e * 16;
    const at = i * 12;
    rows[at] = matrices[m]!;
    rows[at + 1] = matrices[m + 4]!;
    rows[at + 2] = matrices[m + 8]!;
    rows[at + 3] = matrices[m + 12]!;
    rows[at + 4] = matrices[m + 1]!;
    rows[at + 5] = matrices[m + 5]!;
    rows[at + 6] = matrices[m + 9]!;
    rows[at + 7] = matrices[m + 13]!;
    rows[at + 8] = matrices[m + 2]!;
    rows[at + 9] = matrices[m + 6]!;
    rows[at + 10] = matrices[m + 10]!;
    rows[at + 11] = matrices[m + 14]!;
    const tint = tints[e]!;
    const color = i * 4;
    colors[color] = light[tint & 255]!;
    colors[color + 1] = light[(tint >>> 8) & 255]!;
    colors[color + 2] = light[(tint >>> 16) & 255]!;
    colors[color + 3] = light[256 + (tint >>> 24)]!;
  }
}

type Four = [Float32Array, Float32Array, Float32Array, Float32Array];
type Nine = [...Four, ...Four, Float32Array];
type Twelve = [
  ...[number, number, number, number],
  ...[number, number, number, number],
  ...[number, number, number, number],
];
