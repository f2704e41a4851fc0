/**
 * The public face of the engine: everything that a game or a host may import, by name. What is not
 * listed here is not promised to anyone.
 */

export { definePipeline, defineStage, type PipelineDefinition, type StageContext } from "./asset/stage.ts";
export { type Fault, FaultError, faultId, faultMend, faultText } from "./base/faults.ts";
export { hashHex } from "./base/hash.ts";
export type { Limits } from "./base/limits.ts";
export * as exact from "./base/math.ts";
export type { RandomStream } from "./base/random.ts";
export { AuthoredId } from "./ecs/authored-ids.ts";
export type { Commands } from "./ecs/commands.ts";
export {
  type ColumnsOf,
  type Component,
  type ComponentOptions,
  defineComponent,
  type Initial,
  type ReadonlyColumnsOf,
} from "./ecs/component.ts";
export {
  array,
  bool,
  entity,
  type Field,
  f32,
  f64,
  i8,
  i16,
  i32,
  mat4,
  type ReadonlyColumn,
  u8,
  u16,
  u32,
} from "./ecs/field.ts";
export { type Handle, handleGeneration, handleIndex } from "./ecs/handle.ts";
export { Parent } from "./ecs/hierarchy.ts";
export { defineMigration, type Migration } from "./ecs/migration.ts";
export { any, not, type QueryTerm } from "./ecs/prepared-query.ts";
// Running one
export { Engine, type EngineOptions, type EnginePorts, type EngineState, type EngineStatus } from "./engine.ts";
export { defineEvent, type EventKind, type EventOptions, type EventReader, type EventRows } from "./events/event.ts";
export { combineEvents, type EventStream, type StreamReader, type StreamRows } from "./events/stream.ts";
// Writing a game
export { defineGame, type Game } from "./game.ts";
export { defineConfig, numberSetting, settingNames, wholeSetting } from "./input/config.ts";
export {
  axis,
  type ControlDefinition,
  type ControlsDefinition,
  controlNames,
  defineControls,
  held,
  pressed,
} from "./input/controls.ts";
export { Player } from "./input/door.ts";
export { decodeRecords, encodeRecords, type PlayerKey, type WorldRecord } from "./input/record.ts";
export { type AnyJob, type Chunk, defineJob, defineTickJob } from "./jobs/definition.ts";
// Asking for paths and sight, in jobs
export { type Grid, gridByteLength, openGrid } from "./navigation/grid.ts";
export { buildGrid, gridBuildStateWords, stepGridBuild } from "./navigation/grid-build.ts";
export { encodeGridInput, type GridPlace, type GridShape } from "./navigation/grid-input.ts";
export {
  findPaths,
  movedEnd,
  openPathResults,
  type PathOptions,
  type PathResults,
  pathStatus,
} from "./navigation/path.ts";
export { openPathScratch, type PathScratch } from "./navigation/path-scratch.ts";
export { seeLines } from "./navigation/sight.ts";
export {
  AngularVelocity,
  ballCollider,
  bodyKind,
  boxCollider,
  Collider,
  Contact,
  capsuleCollider,
  colliderShape,
  coneCollider,
  cylinderCollider,
  ExternalForce,
  ExternalImpulse,
  LinearVelocity,
  RigidBody,
} from "./physics/components.ts";
export type { PhysicsOptions } from "./physics/subsystem.ts";
export { type Clock, ManualClock } from "./ports/clock.ts";
export { type ByteSink, MemorySink } from "./ports/storage.ts";
export { deviceTrackLabels } from "./render/device-tracks.ts";
export { Light } from "./render/light.ts";
export { defineLook, type Look, Renderable, SoundCue, tint, untinted } from "./render/look.ts";
export type { Particle, ParticleSystem } from "./render/particles.ts";
export type * from "./render/scene.ts";
export { type SurfacesSubsystem, surfacesOf, surfacesSubsystem } from "./render/surfaces.ts";
export { type Camera, defineView, type HudItem, type ViewDefinition, type Viewer } from "./render/view.ts";
// Going back
export { encodeKeyframe, restoreKeyframe } from "./replay/keyframe.ts";
export { type DerivedDefinition, defineDerived, fieldsOf, type Immutable } from "./sim/derived.ts";
export { checkDerived } from "./sim/derived-check.ts";
export { accumulateEvents, holdEvents, type ValueReset } from "./sim/event-values.ts";
export type { AmendedRecords, Past, PastOptions } from "./sim/past.ts";
export type { Plan } from "./sim/plan.ts";
export type { OverloadPolicy, PlanSettings, TickSettings } from "./sim/plan-settings.ts";
export type { SetupContext } from "./sim/program.ts";
export type { SavedState } from "./sim/saved-state.ts";
export {
  defineSubsystem,
  type Frame,
  type Subsystem,
  type SubsystemDefinition,
  type SubsystemHost,
} from "./sim/subsystem.ts";
export { type AnySystem, defineSystem, type Lookup, type SystemContext, type SystemDefinition } from "./sim/system.ts";
export type { World } from "./sim/world.ts";
export type { Snapshot } from "./snapshot/snapshot.ts";
export { defineResource, type ResourceDefinition } from "./streaming/definition.ts";
export { drawDeclared } from "./surface/declared-drawing.ts";
export type { SurfaceDefinition } from "./surface/surface.ts";
export type { DrawTurn } from "./surface/surface-turns.ts";
export { Position, Rotation, Scale, WorldTransform } from "./transform/components.ts";
