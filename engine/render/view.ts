/**
 * The view: how a world is shown, as a definition. A view reads snapshots and nothing else; it is run
 * once a frame by the assembler and can change no authoritative state.
 */
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Look } from "./look.ts";
import type { ParticleSystem } from "./particles.ts";
import type { HudItemDescription, LightingDescription } from "./scene.ts";

/** Who looks: a joined player, or key 0 and entity 0 before anyone has joined. */
export interface Viewer {
  readonly key: number;
  /** Index of the player's entity in the snapshot. */
  readonly entity: number;
}

/** A camera that a view moves. It keeps its values from frame to frame, so a view may ease towards a goal. */
export interface Camera {
  eye: [x: number, y: number, z: number];
  target: [x: number, y: number, z: number];
  /** Vertical, in radians. */
  fieldOfView: number;
  near: number;
  far: number;
}

export interface HudItem extends HudItemDescription {
  /** The number to show to `viewer`; it must be finite. */
  value(snapshot: Snapshot, viewer: Viewer): number;
}

export interface ViewDefinition {
  readonly title: string;
  readonly look: Look;
  readonly lighting: LightingDescription;
  /** Moves the camera of one viewer. `deltaSeconds` is the time since its last move. */
  camera(snapshot: Snapshot, viewer: Viewer, camera: Camera, deltaSeconds: number): void;
  readonly hud: readonly HudItem[];
  /** Sparks, smoke and the like. */
  readonly particles?: readonly ParticleSystem[];
}

export function defineView(view: ViewDefinition): ViewDefinition {
  return view;
}
