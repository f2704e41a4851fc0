/**
 * The kernels of the parallel frame, each on one thread against the loop that one would write in TypeScript over
 * the same columns (kernel-loops.ts), with the time of its twin beside it; and culling against three's test of
 * every object. Particles are measured in a chunk that fits a core's cache, as jobs run them, and in a million,
 * which no cache holds: there the memory sets the pace.
 */
import { Frustum, Matrix4, PerspectiveCamera, Sphere, Vector3 } from "three";
import { tintTableLength, writeTintTable } from "../../engine/kernels/half-floats.ts";
import type { FrameKernels } from "../../engine/kernels/kernels.ts";
import {
  type ClusterGrid,
  clusterBorderBytes,
  clusterScratchBytes,
  type Four,
  type Nine,
  tableBytes,
  writeClusterTable,
  writeCullTable,
  writeInstanceTable,
  writeLevelTable,
  writeParticleTable,
  writeSphereTable,
  writeThresholds,
} from "../../engine/kernels/tables.ts";
import { hierarchyByteLength, hierarchyScratchBytes, SphereHierarchy } from "../../engine/render/culling/hierarchy.ts";
import { compareSides, fourTimes, KernelArena, kernelRow } from "./kernel-arena.ts";
import {
  attractLoop,
  compactLoop,
  cullLoop,
  gatherLoop,
  instancesLoop,
  integrateLoop,
  levelsLoop,
  lightsLoop,
  spheresLoop,
} from "./kernel-loops.ts";
import { agree, type BenchSize, keep } from "./measure.ts";
import { type BenchGroup, type BenchRow, rateText, timeRow } from "./row.ts";

const names = {
  copy: "kernel copy, 256 regions of 16 KiB",
  copySmall: "kernel copy, 1,000 regions of 256 B",
  particles: "kernel particles, 4,096 in cache",
  attracted: "kernel particles drawn to targets, 4,096",
  million: "kernel particles, 1,000,000",
  compact: "kernel list of the living, 100,000",
  gather: "kernel gather of 9 columns, 1 % died of 100,000",
  spheres: "kernel spheres from matrices, 100,000",
  cull: "kernel culling, 100,000 spheres",
  cullThree: "culling, 100,000 spheres, against three",
  wide: "hierarchy culling, wide view",
  narrow: "hierarchy culling, narrow view",
  fit: "hierarchy fit, 100,000 spheres",
  levels: "kernel levels of detail, 100,000",
  lights: "kernel lights in clusters, 256",
  instances: "kernel instances, 100,000",
} as const;

export const kernels: BenchGroup = { rowNames: Object.values(names), run };

function run(size: BenchSize): readonly BenchRow[] {
  const count = size === "whole" ? 100_000 : 100;
  return [
    copyRow(names.copy, size, size === "whole" ? 256 : 2, 16_384),
    copyRow(names.copySmall, size, size === "whole" ? 1_000 : 2, 256),
    particleRow(names.particles, size, 4_096, "integrateParticles"),
    particleRow(names.attracted, size, 4_096, "integrateAttracted"),
    particleRow(names.million, size, count * 10, "integrateParticles"),
    compactRow(size, count),
    gatherRow(size, count),
    spheresRow(size, count),
    ...cullRows(size, count),
    levelsRow(size, count),
    lightsRow(size),
    instancesRow(size, count),
  ];
}

const at = ({ byteOffset }: { readonly byteOffset: number }): number => byteOffset;

function copyRow(name: string, size: BenchSize, regionCount: number, byteLength: number): BenchRow {
  const bytes = regionCount * byteLength;
  const arena = new KernelArena(bytes * 2 + 1e6);
  const from = arena.column(bytes / 4, -1, 1);
  const to = arena.floats(bytes / 4);
  const table = arena.words(regionCount * 3);
  const pairs = Array.from({ length: regionCount }, (_, i) => {
    table.set([at(from) + i * byteLength, at(to) + i * byteLength, byteLength], i * 3);
    return {
      from: new Uint8Array(arena.buffer, at(from) + i * byteLength, byteLength),
      to: new Uint8Array(arena.buffer, at(to) + i * byteLength, byteLength),
    };
  });
  const ours = (): void => arena.kernels.copyRegions(at(table), regionCount);
  const peer = (): void => {
    for (let i = 0; i < pairs.length; i++) pairs[i]!.to.set(pairs[i]!.from);
  };
  ours();
  agree(name, to, from);
  const comparison = compareSides(size, ours, peer);
  const row = timeRow(name, comparison, "");
  return {
    ...row,
    ours: rateText(bytes, comparison.oursMillis),
    peer: `${rateText(bytes, comparison.peerMillis)} TypedArray.set`,
  };
}

function particleRow(
  name: string,
  size: BenchSize,
  count: number,
  kernel: "integrateParticles" | "integrateAttracted",
): BenchRow {
  const arena = new KernelArena(count * 22 * 4 + 1e6);
  const before = Array.from({ length: 9 }, () => arena.column(count, -5, 5));
  const after = Array.from({ length: 9 }, () => arena.floats(count));
  const targets = Array.from({ length: 4 }, () => arena.column(count, 0, 1));
  for (let i = 0; i < count; i++) {
    before[6]![i] = arena.random.between(0, 2);
    before[7]![i] = 2;
  }
  const constants = {
    deltaSeconds: 1 / 60,
    acceleration: [0, -9.8, 0],
    drag: 0.98,
    floorHeight: 0,
    restitution: 0.4,
    floorHalfX: 4,
    floorHalfZ: 4,
    sizeAtEnd: 0.2,
    fadeRate: 3,
  } as const;
  const table = arena.reserve(tableBytes.particles);
  writeParticleTable(arena.buffer, table, {
    ...constants,
    before: before.map(at) as unknown as Nine,
    after: after.map(at) as unknown as Nine,
    targets: targets.map(at) as unknown as Four,
  });
  const loop = kernel === "integrateParticles" ? integrateLoop : attractLoop;
  const sides = {
    ours: (): void => arena.kernels[kernel](table, 0, count),
    twin: (): void => arena.twins[kernel](table, 0, count),
    peer: (): void => loop({ before, after, targets }, constants, count),
  };
  sides.ours();
  const made = after.map((column) => column.slice());
  sides.peer();
  for (const [i, column] of made.entries()) agree(name, column, after[i]!, 1e-4);
  return kernelRow({ name, size, ...sides, goal: fourTimes });
}

function compactRow(size: BenchSize, count: number): BenchRow {
  const arena = new KernelArena(count * 8 + 1e6);
  const life = arena.column(count, -1, 1);
  const out = arena.words(count);
  const act = (side: FrameKernels) => () => keep(side.compactAlive(at(life), 0, count, at(out)));
  agree(names.compact, [arena.kernels.compactAlive(at(life), 0, count, at(out))], [compactLoop(life, count, out)]);
  const peer = (): void => keep(compactLoop(life, count, out));
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.compact, size, ...sides, goal: fourTimes });
}

function gatherRow(size: BenchSize, count: number): BenchRow {
  const arena = new KernelArena(count * 80 + 1e6);
  const from = Array.from({ length: 9 }, () => arena.column(count, -1, 1));
  const to = from.map(() => arena.floats(count));
  const indices = arena.words(count);
  let kept = 0;
  for (let i = 0; i < count; i++) if (arena.random.below(100) !== 0) indices[kept++] = i;
  const table = arena.words(18);
  table.set(from.flatMap((column, i) => [at(column), at(to[i]!)]));
  const act = (side: FrameKernels) => () => side.gatherColumns(at(table), 9, at(indices), kept, 0);
  const peer = (): void => gatherLoop(from, to, indices, kept);
  peer();
  const expected = to[8]!.slice();
  act(arena.kernels)();
  agree(names.gather, to[8]!, expected);
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.gather, size, ...sides, goal: fourTimes });
}

function spheresRow(size: BenchSize, count: number): BenchRow {
  const arena = new KernelArena(count * 100 + 1e6);
  const matrices = arena.column(count * 16, -2, 2);
  const listed = arena.words(count);
  for (let i = 0; i < count; i++) listed[i] = i;
  const radii = arena.column(count, 0.5, 2);
  const spheres = Array.from({ length: 4 }, () => arena.floats(count));
  const table = arena.reserve(tableBytes.spheres);
  writeSphereTable(arena.buffer, table, {
    ...{ matrices: at(matrices), entities: at(listed), radii: at(radii) },
    spheres: spheres.map(at) as unknown as Four,
  });
  const act = (side: FrameKernels) => () => side.spheresFromMatrices(table, 0, count);
  const peer = (): void => spheresLoop(matrices, listed, radii, spheres, count);
  peer();
  const made = spheres[3]!.slice();
  act(arena.kernels)();
  agree(names.spheres, spheres[3]!, made, 1e-5);
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.spheres, size, ...sides, goal: fourTimes });
}

function cullRows(size: BenchSize, count: number): BenchRow[] {
  const arena = new KernelArena(count * 100 + hierarchyByteLength(count) + 1e6);
  const reach = 200;
  const spheres = [reach, reach, reach].map((side) => arena.column(count, -side, side));
  spheres.push(arena.column(count, 0.5, 2.5));
  const columns = spheres.map(at) as unknown as Four;
  const table = arena.reserve(tableBytes.cull);
  writeCullTable(arena.buffer, table, columns);
  const planes = arena.floats(24);
  const out = arena.words(count);
  const scratch = arena.reserve(hierarchyScratchBytes(count));
  const hierarchy = new SphereHierarchy(
    arena.buffer,
    arena.kernels,
    arena.reserve(hierarchyByteLength(count)),
    count,
    columns,
  );
  hierarchy.build(count);
  const flat = (side: FrameKernels) => () => keep(side.cullSpheres(table, at(planes), 0, count, at(out)));
  const frustum = look(planes, 500);
  const objects = Array.from(
    { length: count },
    (_, i) => new Sphere(new Vector3(spheres[0]![i]!, spheres[1]![i]!, spheres[2]![i]!), spheres[3]![i]!),
  );
  const three = (): number => {
    let visible = 0;
    for (let i = 0; i < objects.length; i++) if (frustum.intersectsSphere(objects[i]!)) out[visible++] = i;
    return visible;
  };
  const listOf = (visible: number): Uint32Array => out.slice(0, visible);
  const ours = listOf(arena.kernels.cullSpheres(table, at(planes), 0, count, at(out)));
  agree(names.cull, ours, listOf(cullLoop(spheres, planes, count, out)));
  agree(names.cullThree, ours, listOf(three()));
  const rows = [
    kernelRow({
      ...{ name: names.cull, size, goal: fourTimes },
      ...{ ours: flat(arena.kernels), twin: flat(arena.twins) },
      peer: () => keep(cullLoop(spheres, planes, count, out)),
    }),
    kernelRow({
      ...{ name: names.cullThree, size, goal: { fasterMin: 6, text: ">= 6x faster than three" } },
      ...{ ours: flat(arena.kernels), peer: () => keep(three()), peerName: "three" },
    }),
  ];
  for (const [name, far] of [
    [names.wide, 500],
    [names.narrow, 60],
  ] as const) {
    look(planes, far);
    const visible = hierarchy.cull(at(planes), scratch, at(out));
    const byBoxes = listOf(visible);
    agree(name, byBoxes, listOf(arena.kernels.cullSpheres(table, at(planes), 0, count, at(out))));
    const boxes = (): void => keep(hierarchy.cull(at(planes), scratch, at(out)));
    const peerName = `every sphere by the kernel, ${((visible / count) * 100).toFixed(1)} % visible`;
    rows.push(kernelRow({ name, size, ours: boxes, peer: flat(arena.kernels), peerName }));
  }
  const fit = (): void => hierarchy.fit();
  const build = (): void => hierarchy.build(count);
  rows.push(kernelRow({ name: names.fit, size, ours: fit, peer: build, peerName: "build anew" }));
  return rows;
}

/** Writes the planes of a camera in the middle that looks along -z as far as `far`. */
function look(planes: Float32Array, far: number): Frustum {
  const camera = new PerspectiveCamera(60, 16 / 9, 0.1, far);
  camera.updateMatrixWorld();
  const matrix = new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
  const frustum = new Frustum().setFromProjectionMatrix(matrix);
  for (const [i, { normal, constant }] of frustum.planes.entries())
    planes.set([normal.x, normal.y, normal.z, constant], i * 4);
  return frustum;
}

function levelsRow(size: BenchSize, count: number): BenchRow {
  const arena = new KernelArena(count * 40 + 1e6);
  const spheres = Array.from({ length: 3 }, () => arena.column(count, -200, 200));
  spheres.push(arena.column(count, 0.5, 2.5));
  const entities = arena.words(count);
  const mesh = new Uint16Array(arena.buffer, arena.reserve(count * 2), count);
  const before = new Uint8Array(arena.buffer, arena.reserve(count), count);
  const after = new Uint8Array(arena.buffer, arena.reserve(count), count);
  const meshSizes = Array.from({ length: 20 }, (_, i) => [30 + i, 12 + i / 2, 5] as const);
  const thresholds = arena.reserve(meshSizes.length * 16);
  for (const [i, sizes] of meshSizes.entries()) writeThresholds(arena.buffer, thresholds, i, sizes);
  for (let i = 0; i < count; i++) {
    entities[i] = i;
    mesh[i] = arena.random.below(meshSizes.length);
    before[i] = arena.random.below(4);
  }
  const camera = [0, 0, 0] as const;
  const table = arena.reserve(tableBytes.levels);
  writeLevelTable(arena.buffer, table, {
    ...{ spheres: spheres.map(at) as unknown as Four, entities: at(entities), mesh: at(mesh), before: at(before) },
    ...{ after: at(after), thresholds, camera, projectionScale: 900, hysteresis: 0.1 },
  });
  const sizes = new Float32Array(meshSizes.flat());
  const act = (side: FrameKernels) => () => side.selectLevels(table, 0, count);
  const peer = (): void => levelsLoop({ spheres, entities, mesh, before, after, sizes }, camera, 900, 0.1, count);
  peer();
  const expected = after.slice();
  act(arena.kernels)();
  // The kernel counts thresholds in f32, the loop in doubles: a size at a border may fall on either side.
  let differing = 0;
  for (let i = 0; i < count; i++) if (after[i] !== expected[i]) differing++;
  if (differing > count / 1_000) throw new Error(`${differing} levels differ`);
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.levels, size, ...sides, goal: fourTimes });
}

function lightsRow(size: BenchSize): BenchRow {
  const lightCount = size === "whole" ? 256 : 8;
  const arena = new KernelArena(2e6);
  const even = (count: number, reach: number): number[] =>
    Array.from({ length: count + 1 }, (_, i) => ((2 * i) / count - 1) * reach);
  const grid: ClusterGrid = {
    ...{ columnCount: 16, rowCount: 9, sliceCount: 24 },
    slopesX: even(16, 1.03),
    slopesY: even(9, 0.58),
    depths: Array.from({ length: 25 }, (_, i) => 0.5 * (200 / 0.5) ** (i / 24)),
  };
  const depth = arena.column(lightCount, 1, 120);
  const x = arena.column(lightCount, -1, 1).map((share, i) => share * depth[i]!);
  const y = arena.column(lightCount, -0.6, 0.6).map((share, i) => share * depth[i]!);
  const lights = [arena.floats(lightCount), arena.floats(lightCount), depth, arena.column(lightCount, 2, 12)];
  lights[0]!.set(x);
  lights[1]!.set(y);
  const countMax = 64;
  const cellCount = 16 * 9 * 24;
  const counts = new Uint16Array(arena.buffer, arena.reserve(cellCount * 2), cellCount);
  const lists = new Uint16Array(arena.buffer, arena.reserve(cellCount * countMax * 2), cellCount * countMax);
  const table = arena.reserve(tableBytes.lights);
  const borders = arena.reserve(clusterBorderBytes(grid));
  const scratch = arena.reserve(clusterScratchBytes(lightCount));
  const columns = lights.map(at) as unknown as Four;
  writeClusterTable(arena.buffer, table, {
    ...{ lights: columns, lightCount, grid, borders, counts: at(counts), lists: at(lists), countMax },
  });
  const floats = (values: readonly number[]): Float32Array => new Float32Array(values);
  const slopes = { slopesX: floats(grid.slopesX), slopesY: floats(grid.slopesY), depths: floats(grid.depths) };
  const act = (side: FrameKernels) => () => keep(side.binLights(table, 0, 24, scratch));
  const peer = (): void => keep(lightsLoop({ lights, lightCount, ...slopes, counts, lists, countMax }));
  peer();
  const expected = counts.reduce((sum, cell) => sum + cell, 0);
  act(arena.kernels)();
  const listed = counts.reduce((sum, cell) => sum + cell, 0);
  if (listed < expected || listed > expected * 1.001) throw new Error(`${listed} entries, the loop has ${expected}`);
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.lights, size, ...sides, goal: fourTimes });
}

function instancesRow(size: BenchSize, count: number): BenchRow {
  const arena = new KernelArena(count * 140 + 1e6);
  const matrices = arena.column(count * 16, -2, 2);
  const entities = arena.words(count);
  const tints = arena.words(count);
  for (let i = 0; i < count; i++) {
    entities[i] = i;
    tints[i] = arena.random.u32();
  }
  const rows = arena.floats(count * 12);
  const colors = new Uint16Array(arena.buffer, arena.reserve(count * 8), count * 4);
  const light = new Uint16Array(arena.buffer, arena.reserve(tintTableLength * 2), tintTableLength);
  writeTintTable(light);
  const table = arena.reserve(tableBytes.instances);
  writeInstanceTable(arena.buffer, table, {
    ...{ matrices: at(matrices), entities: at(entities), tints: at(tints) },
    ...{ rows: at(rows), colors: at(colors), light: at(light) },
  });
  const act = (side: FrameKernels) => () => side.packInstances(table, 0, count);
  const peer = (): void => instancesLoop({ matrices, entities, tints, rows, colors, light }, count);
  peer();
  const expected = rows.slice();
  act(arena.kernels)();
  agree(names.instances, rows, expected);
  const sides = { ours: act(arena.kernels), twin: act(arena.twins), peer };
  return kernelRow({ name: names.instances, size, ...sides, goal: fourTimes });
}
