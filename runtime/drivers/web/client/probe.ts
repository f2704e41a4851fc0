/**
 * The probe: what tests and tools may read of the page, as `window.orrery`. Everything in it is
 * read-only and current at the moment it is read.
 */
import type { Connection } from "./link.ts";
import type { ResourceState } from "./resources.ts";
import type { Drawn } from "./stage.ts";

export interface Probe {
  /** The tick of the newest packet, or -1. */
  readonly tick: number;
  /** Its hash as 16 hex digits, or "". */
  readonly hash: string;
  /** The HUD numbers on show, by name. */
  readonly hud: Readonly<Record<string, number>>;
  /** The place that the viewer's camera looks at, metres. */
  readonly cameraTarget: readonly [x: number, y: number, z: number];
  readonly playerKey: number;
  readonly connection: Connection;
  readonly framesPerSecond: number;
  readonly quality: string;
  /** What the last frame drew. */
  readonly drawn: Readonly<Drawn> | undefined;
  /** Where each streamed resource stands on this page, by name; undefined for those that nothing shows. */
  readonly resources: Readonly<Record<string, ResourceState | undefined>>;
}

declare global {
  interface Window {
    readonly orrery: Probe;
  }
}

export function exposeProbe(probe: Probe): void {
  Object.defineProperty(window, "orrery", { value: Object.freeze(probe), writable: false, configurable: false });
}
