/**
 * The twins of the kernels of the parallel frame, bound to one arena: the same names, arguments and bits as
 * the kernels. Those of the hash, of NaN and of world matrices stand where their callers are
 * (engine/base/hash.ts, engine/sim/health.ts, engine/transform/propagate.ts).
 */
import type { FrameKernels } from "../kernels.ts";
import { copyRegions } from "./copy.ts";
import { gatherColumns } from "./gather.ts";
import { cullHierarchy, fitBoxes, fitSpheres } from "./hierarchy.ts";
import { packInstances } from "./instances.ts";
import { selectLevels } from "./levels.ts";
import { binLights } from "./lights.ts";
import { compactAlive, integrateAttracted, integrateParticles } from "./particles.ts";
import { cullSpheres, spheresFromMatrices } from "./spheres.ts";
import { viewsOf } from "./views.ts";

/** The twins over `buffer`. */
export function bindTwins(buffer: SharedArrayBuffer): FrameKernels {
  const views = viewsOf(buffer);
  return {
    copyRegions: (table, count) => copyRegions(views, table, count),
    integrateParticles: (table, first, count) => integrateParticles(views, table, first, count),
    integrateAttracted: (table, first, count) => integrateAttracted(views, table, first, count),
    compactAlive: (life, first, count, out) => compactAlive(views, life, first, count, out),
    gatherColumns: (table, columnCount, indices, count, place) =>
      gatherColumns(views, table, columnCount, indices, count, place),
    spheresFromMatrices: (table, first, count) => spheresFromMatrices(views, table, first, count),
    cullSpheres: (table, planes, first, count, out) => cullSpheres(views, table, planes, first, count, out),
    fitSpheres: (table, first, count) => fitSpheres(views, table, first, count),
    fitBoxes: (table, level, first, count) => fitBoxes(views, table, level, first, count),
    cullHierarchy: (table, planes, scratch, out) => cullHierarchy(views, table, planes, scratch, out),
    selectLevels: (table, first, count) => selectLevels(views, table, first, count),
    binLights: (table, firstSlice, sliceCount) => binLights(views, table, firstSlice, sliceCount),
    packInstances: (table, first, count) => packInstances(views, table, first, count),
  };
}
