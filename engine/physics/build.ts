/**
 * Which build of Rapier this program uses. Part of a journal's header: builds differ in speed and in
 * bits. To change builds, change the one line of package.json that aliases the dependency.
 */
import manifest from "../../package.json" with { type: "json" };

/** For example "npm:@dimforge/rapier3d-simd-compat@0.20.0". */
export const physicsBuild: string = manifest.dependencies["@dimforge/rapier3d-compat"];
