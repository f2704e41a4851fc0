/**
 * The SIMD kernels in AssemblyScript, run on the memory of an arena: this file names what the module
 * exports, one file a noun holds them. Each has a TypeScript twin that gives the same bits; tests/unit/kernels
 * holds them together. `node build.mjs kernels` compiles this into engine/kernels/bytes.ts.
 *
 * Two rules. Fixed SIMD only: relaxed instructions differ between machines. And no static data: an instance
 * would write it over the arena that it is bound to.
 */

export { copyRegions } from "./copy";
export { gatherColumns } from "./gather";
export { hashRegions } from "./hash";
export { findNaN32, findNaN64, findNonFinite32, findNonFinite64 } from "./health";
export { cullHierarchy, fitBoxes, fitSpheres } from "./hierarchy";
export { packInstances } from "./instances";
export { selectLevels } from "./levels";
export { binLights } from "./lights";
export { compactAlive, integrateAttracted, integrateParticles } from "./particles";
export { cullSpheres, spheresFromMatrices } from "./spheres";
export { propagate } from "./transforms";
