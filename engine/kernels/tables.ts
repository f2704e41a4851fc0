/**
 * Writers of the tables that kernels read. A table is written by the coordinator before its job starts and
 * only read by chunks, so all chunks of a job share one. Places are byte offsets into the arena, multiples
 * of 16 for columns; the drawings are in assembly/.
 */

export type Four = readonly [number, number, number, number];
export type Three = readonly [number, number, number];
export type Nine = readonly [number, number, number, number, number, number, number, number, number];

/** Bytes to set aside for each table, multiples of 16. */
export const tableBytes = { particles: 144, spheres: 32, cull: 16, levels: 64, lights: 64, instances: 32 } as const;

/** Words that change from frame to frame, for whoever keeps the rest of a table. */
export const tableWords = { particleDeltaSeconds: 22, levelCamera: 9, lightCount: 4 } as const;

function wordsOf(buffer: SharedArrayBuffer, table: number, byteLength: number) {
  return { u32: new Uint32Array(buffer, table, byteLength / 4), f32: new Float32Array(buffer, table, byteLength / 4) };
}

/** Columns and constants of one particle system. Seconds, metres, metres a second. */
export interface ParticleTable {
  /** px py pz vx vy vz life lifeSpan size. */
  readonly before: Nine;
  /** px py pz vx vy vz life shownSize alpha; none of them is one of `before`. */
  readonly after: Nine;
  /** tx ty tz weight, for integrateAttracted. */
  readonly targets?: Four;
  readonly deltaSeconds: number;
  readonly acceleration: Three;
  /** Share of its velocity that a particle keeps in a step. */
  readonly drag: number;
  /** A height of -Infinity is no floor. */
  readonly floorHeight: number;
  readonly restitution: number;
  readonly floorHalfX: number;
  readonly floorHalfZ: number;
  /** Share of its size that a particle ends with. */
  readonly sizeAtEnd: number;
  /** Alpha is this times the share of life left, at most 1. */
  readonly fadeRate: number;
}

export function writeParticleTable(buffer: SharedArrayBuffer, table: number, values: ParticleTable): void {
  const { u32, f32 } = wordsOf(buffer, table, tableBytes.particles);
  u32.set(values.before, 0);
  u32.set(values.after, 9);
  u32.set(values.targets ?? [0, 0, 0, 0], 18);
  f32[22] = values.deltaSeconds;
  f32.set(values.acceleration, 23);
  f32[26] = values.drag;
  f32[27] = values.floorHeight;
  f32[28] = values.restitution;
  f32[29] = values.floorHalfX;
  f32[30] = values.floorHalfZ;
  f32[31] = values.sizeAtEnd;
  f32[32] = values.fadeRate;
}

export interface SphereTable {
  /** 16 f32 an entity, column-major. */
  readonly matrices: number;
  /** u32 entity indices. */
  readonly entities: number;
  /** Local radius, f32, by entity. */
  readonly radii: number;
  /** Columns x y z radius that are written, by place in the list. */
  readonly spheres: Four;
}

export function writeSphereTable(buffer: SharedArrayBuffer, table: number, values: SphereTable): void {
  const { u32 } = wordsOf(buffer, table, tableBytes.spheres);
  u32.set([values.matrices, values.entities, values.radii, ...values.spheres]);
}

/** The table of cullSpheres: columns x y z radius. */
export function writeCullTable(buffer: SharedArrayBuffer, table: number, spheres: Four): void {
  wordsOf(buffer, table, tableBytes.cull).u32.set(spheres);
}

export interface LevelTable {
  /** Columns x y z radius, by place in the list. */
  readonly spheres: Four;
  readonly entities: number;
  /** u16 by entity. */
  readonly mesh: number;
  /** u8 by entity; `after` is not `before`. */
  readonly before: number;
  readonly after: number;
  /** Four f32 a mesh, written by writeThresholds. */
  readonly thresholds: number;
  readonly camera: Three;
  /** Size on the screen is radius * this / distance: half the viewport's height / tan(half the field of view) gives pixels. */
  readonly projectionScale: number;
  /** Share of a threshold by which a size must pass it, on either side, to change the level; 0 is none. */
  readonly hysteresis: number;
}

export function writeLevelTable(buffer: SharedArrayBuffer, table: number, values: LevelTable): void {
  const { u32, f32 } = wordsOf(buffer, table, tableBytes.levels);
  u32.set([...values.spheres, values.entities, values.mesh, values.before, values.after, values.thresholds]);
  f32.set(values.camera, 9);
  f32[12] = values.projectionScale;
  f32[13] = (1 - values.hysteresis) * (1 - values.hysteresis);
  f32[14] = (1 + values.hysteresis) * (1 + values.hysteresis);
}

/** Writes the sizes below which levels 1, 2 and 3 of mesh number `mesh` begin, falling. */
export function writeThresholds(buffer: SharedArrayBuffer, thresholds: number, mesh: number, sizes: Three): void {
  new Float32Array(buffer, thresholds + mesh * 16, 4).set([...sizes.map((size) => size * size), 0]);
}

/** How a camera's frustum is cut into cells. */
export interface ClusterGrid {
  readonly columnCount: number;
  readonly rowCount: number;
  readonly sliceCount: number;
  /** columnCount + 1 ascending x / depth. */
  readonly slopesX: readonly number[];
  /** rowCount + 1 ascending y / depth. */
  readonly slopesY: readonly number[];
  /** sliceCount + 1 ascending depths, at least 0. */
  readonly depths: readonly number[];
}

export interface ClusterTable {
  /** Columns x y depth radius in camera space; depth grows forwards. */
  readonly lights: Four;
  readonly lightCount: number;
  readonly grid: ClusterGrid;
  /** Where the borders of the grid go: clusterBorderBytes(grid). */
  readonly borders: number;
  /** u16 a cell. */
  readonly counts: number;
  /** u16[countMax] a cell. */
  readonly lists: number;
  readonly countMax: number;
}

/** Bytes of the borders of a grid. */
export function clusterBorderBytes({ columnCount, rowCount, sliceCount }: ClusterGrid): number {
  return (columnCount + 1 + rowCount + 1 + sliceCount + 1) * 4;
}

/** Bytes of scratch of one call of binLights; each chunk has its own. */
export function clusterScratchBytes(lightCount: number): number {
  return ((lightCount + 7) & ~3) * 4 * 9;
}

export function writeClusterTable(buffer: SharedArrayBuffer, table: number, values: ClusterTable): void {
  const { u32, f32 } = wordsOf(buffer, table, tableBytes.lights);
  const { grid, borders } = values;
  const slopesXEnd = borders + grid.slopesX.length * 4;
  const slopesYEnd = slopesXEnd + grid.slopesY.length * 4;
  new Float32Array(buffer, borders, grid.slopesX.length).set(grid.slopesX);
  new Float32Array(buffer, slopesXEnd, grid.slopesY.length).set(grid.slopesY);
  new Float32Array(buffer, slopesYEnd, grid.depths.length).set(grid.depths);
  u32.set([...values.lights, values.lightCount, borders, slopesXEnd, slopesYEnd, values.counts, values.lists]);
  u32.set([values.countMax, grid.columnCount, grid.rowCount], 10);
  // Borders are products of two f32, so each may be half a unit in the last place off; this is many such units.
  f32[13] = extentOf(grid) / 1_000_000;
}

/** The largest coordinate of any border. */
function extentOf({ slopesX, slopesY, depths }: ClusterGrid): number {
  const far = depths[depths.length - 1]!;
  let widest = 1;
  for (const slope of [...slopesX, ...slopesY]) widest = Math.max(widest, Math.abs(slope));
  return widest * far;
}

export interface InstanceTable {
  readonly matrices: number;
  /** u32 in the order of instances. */
  readonly entities: number;
  /** u32 0xAABBGGRR by entity. */
  readonly tints: number;
  /** Out: 48 bytes an instance. */
  readonly rows: number;
  /** Out: 8 bytes an instance. */
  readonly colors: number;
  /** u16[512], filled by half-floats.ts. */
  readonly light: number;
}

export function writeInstanceTable(buffer: SharedArrayBuffer, table: number, values: InstanceTable): void {
  const { u32 } = wordsOf(buffer, table, tableBytes.instances);
  u32.set([values.matrices, values.entities, values.tints, values.rows, values.colors, values.light]);
}
