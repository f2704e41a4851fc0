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

interface Words {
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
}

/** Views over whole memories: tables are written in every frame, and a view a table would be garbage in each. */
const viewed = new WeakMap<SharedArrayBuffer, Words>();

function wordsOf(buffer: SharedArrayBuffer): Words {
  let words = viewed.get(buffer);
  if (words === undefined) {
    const wordCount = Math.floor(buffer.byteLength / 4);
    words = { u32: new Uint32Array(buffer, 0, wordCount), f32: new Float32Array(buffer, 0, wordCount) };
    viewed.set(buffer, words);
  }
  return words;
}

function put(words: Uint32Array | Float32Array, at: number, values: readonly number[]): void {
  for (let i = 0; i < values.length; i++) words[at + i] = values[i]!;
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

const noTargets: Four = [0, 0, 0, 0];

export function writeParticleTable(buffer: SharedArrayBuffer, table: number, values: ParticleTable): void {
  const { u32, f32 } = wordsOf(buffer);
  const at = table >> 2;
  put(u32, at, values.before);
  put(u32, at + 9, values.after);
  put(u32, at + 18, values.targets ?? noTargets);
  f32[at + 22] = values.deltaSeconds;
  put(f32, at + 23, values.acceleration);
  f32[at + 26] = values.drag;
  f32[at + 27] = values.floorHeight;
  f32[at + 28] = values.restitution;
  f32[at + 29] = values.floorHalfX;
  f32[at + 30] = values.floorHalfZ;
  f32[at + 31] = values.sizeAtEnd;
  f32[at + 32] = values.fadeRate;
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
  const { u32 } = wordsOf(buffer);
  const at = table >> 2;
  u32[at] = values.matrices;
  u32[at + 1] = values.entities;
  u32[at + 2] = values.radii;
  put(u32, at + 3, values.spheres);
}

/** The table of cullSpheres: columns x y z radius. */
export function writeCullTable(buffer: SharedArrayBuffer, table: number, spheres: Four): void {
  put(wordsOf(buffer).u32, table >> 2, spheres);
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
  const { u32, f32 } = wordsOf(buffer);
  const at = table >> 2;
  put(u32, at, values.spheres);
  u32[at + 4] = values.entities;
  u32[at + 5] = values.mesh;
  u32[at + 6] = values.before;
  u32[at + 7] = values.after;
  u32[at + 8] = values.thresholds;
  put(f32, at + 9, values.camera);
  f32[at + 12] = values.projectionScale;
  f32[at + 13] = (1 - values.hysteresis) * (1 - values.hysteresis);
  f32[at + 14] = (1 + values.hysteresis) * (1 + values.hysteresis);
}

/** Writes the sizes below which levels 1, 2 and 3 of mesh number `mesh` begin, falling. */
export function writeThresholds(buffer: SharedArrayBuffer, thresholds: number, mesh: number, sizes: Three): void {
  const { f32 } = wordsOf(buffer);
  const at = (thresholds >> 2) + mesh * 4;
  for (let i = 0; i < 3; i++) f32[at + i] = sizes[i]! * sizes[i]!;
  f32[at + 3] = 0;
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
  const { u32, f32 } = wordsOf(buffer);
  const at = table >> 2;
  const { grid, borders } = values;
  const slopesXEnd = borders + grid.slopesX.length * 4;
  const slopesYEnd = slopesXEnd + grid.slopesY.length * 4;
  put(f32, borders >> 2, grid.slopesX);
  put(f32, slopesXEnd >> 2, grid.slopesY);
  put(f32, slopesYEnd >> 2, grid.depths);
  put(u32, at, values.lights);
  u32[at + 4] = values.lightCount;
  u32[at + 5] = borders;
  u32[at + 6] = slopesXEnd;
  u32[at + 7] = slopesYEnd;
  u32[at + 8] = values.counts;
  u32[at + 9] = values.lists;
  u32[at + 10] = values.countMax;
  u32[at + 11] = grid.columnCount;
  u32[at + 12] = grid.rowCount;
  // Borders are products of two f32, so each may be half a unit in the last place off; this is many such units.
  f32[at + 13] = extentOf(grid) / 1_000_000;
}

/** The largest coordinate of any border. */
function extentOf({ slopesX, slopesY, depths }: ClusterGrid): number {
  const far = depths[depths.length - 1]!;
  let widest = 1;
  for (let i = 0; i < slopesX.length; i++) widest = Math.max(widest, Math.abs(slopesX[i]!));
  for (let i = 0; i < slopesY.length; i++) widest = Math.max(widest, Math.abs(slopesY[i]!));
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
  const { u32 } = wordsOf(buffer);
  const at = table >> 2;
  u32[at] = values.matrices;
  u32[at + 1] = values.entities;
  u32[at + 2] = values.tints;
  u32[at + 3] = values.rows;
  u32[at + 4] = values.colors;
  u32[at + 5] = values.light;
}
