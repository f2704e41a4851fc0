/**
 * Render assembly: puts what the frame's jobs found out, the cameras, the HUD and the sounds into one
 * packet for all viewers. It runs on the coordinator after the jobs are joined and merges their outputs in
 * chunk order; it keeps nothing that could reach authoritative state.
 */
import { placeOf, raise } from "../base/faults.ts";
import type { JobsSubsystem } from "../jobs/subsystem.ts";
import { linearLight } from "../kernels/half-floats.ts";
import type { PacketSink } from "../ports/packet-sink.ts";
import type { Frame } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { WorldTransform } from "../transform/components.ts";
import type { CameraRig, CameraState } from "./camera-rig.ts";
import { Instances } from "./jobs/instances.ts";
import { Clusters, cellsPerViewer, lightsPerCell } from "./jobs/lights.ts";
import { type ViewJobs, viewJobs } from "./jobs/view-jobs.ts";
import { Light, lightCountMax } from "./light.ts";
import { SoundCue } from "./look.ts";
import {
  assetElementCount,
  cameraElementCount,
  layOutPacket,
  lightElementCount,
  type PacketCounts,
  packetByteLength,
  particleElementCount,
  soundElementCount,
} from "./packet.ts";
import type { ViewDefinition, Viewer } from "./view.ts";

/** Sounds of one packet; what is beyond stays silent. */
export const soundCountMax = 64;
/** Lights of one packet: those that light most cells of any viewer. */
export const packetLightMax = 32;

/** Particles of one packet; the later systems of a view go short first. */
export const packetParticleMax = 16_384;

/** What the frame knows beside the world, for the packet's header and the table of resources. */
export interface FrameFacts {
  readonly frameMicros: number;
  readonly tickMicros: number;
  readonly rung: number;
  readonly workerCount: number;
  readonly idlePercent: number;
  /** Rows of the packet's section of assets, assetElementCount words each. */
  readonly assets: Uint32Array;
}

export class Assembler {
  /** Packets that were not made because no space was free. */
  skippedCount = 0;

  readonly #view: ViewDefinition;
  readonly #jobs: JobsSubsystem;
  readonly #viewJobs: ViewJobs;
  readonly #rig: CameraRig;
  readonly #sink: PacketSink;
  readonly #tickMicros: number;
  readonly #materialCount: number;
  readonly #firsts: Uint32Array;
  readonly #sounds = new Float32Array(soundCountMax * soundElementCount);
  readonly #weights = new Uint32Array(lightCountMax);
  readonly #brightest = new Uint16Array(packetLightMax);
  #soundCount = 0;

  constructor(view: ViewDefinition, world: World, jobs: JobsSubsystem, rig: CameraRig, sink: PacketSink) {
    this.#view = view;
    this.#jobs = jobs;
    this.#rig = rig;
    this.#sink = sink;
    this.#viewJobs = viewJobs(view, world.limits.entities);
    this.#tickMicros = Math.round(1_000_000 / world.program.tickRate);
    this.#materialCount = Math.max(1, view.look.materials.length);
    const task = jobs.memory.tasks.find(({ job }) => job.output === Instances)!;
    this.#firsts = task.params["firsts"] as Uint32Array;
  }

  /** Notes the sounds of a tick; called after each, because events live for one tick. */
  noteSounds(world: World): void {
    const cues = world.events.tableOf(SoundCue);
    const { sound, gain, pitch, x, y, z } = cues.columns as Readonly<Record<string, Float32Array>>;
    for (let row = 0; row < cues.count && this.#soundCount < soundCountMax; row++) {
      const at = this.#soundCount++ * soundElementCount;
      this.#sounds[at] = sound![row]!;
      this.#sounds[at + 1] = gain![row]!;
      this.#sounds[at + 2] = pitch![row]! === 0 ? 1 : pitch![row]!;
      this.#sounds[at + 3] = x![row]!;
      this.#sounds[at + 4] = y![row]!;
      this.#sounds[at + 5] = z![row]!;
    }
  }

  /** Makes and publishes the packet of a frame. */
  assemble(current: Snapshot, frame: Frame, facts: FrameFacts): void {
    const { cameras } = this.#rig;
    const instances = this.#jobs.outputOf(Instances);
    const lightCount = this.#chooseLights();
    const counts: PacketCounts = {
      cameras: cameras.length,
      draws: this.#countDraws(),
      instances: instances.itemCount,
      sounds: this.#soundCount,
      hud: cameras.length * this.#view.hud.length,
      particles: this.#countParticles(),
      lights: lightCount,
      assets: facts.assets.length / assetElementCount,
    };
    const space = packetByteLength(counts) <= this.#sink.byteCapacity ? this.#sink.claim() : undefined;
    if (space === undefined) {
      this.skippedCount++;
      return;
    }
    const packet = layOutPacket(space.buffer, space.byteOffset, space.byteCapacity, counts, {
      tick: current.tick,
      frame: frame.index,
      tickMicros: this.#tickMicros,
      hashLow: current.hashLow,
      hashHigh: current.hashHigh,
      frameCostMicros: Math.round(facts.frameMicros),
      tickCostMicros: Math.round(facts.tickMicros),
      droppedTickCount: frame.droppedTickCount,
      rung: facts.rung,
      workerCount: facts.workerCount,
      idlePercent: facts.idlePercent,
    });
    this.#writeDraws(packet.draws);
    // Chunks of instances are whole multiples of the row alignment, so the chunks follow one another without a gap.
    const { columns, itemCount } = instances;
    packet.current.set(columns.current.subarray(0, itemCount * 12));
    packet.previous.set(columns.previous.subarray(0, itemCount * 12));
    packet.colors.set(columns.color.subarray(0, itemCount * 4));
    packet.entities.set(columns.entity.subarray(0, itemCount));
    packet.visible.set(columns.visible.subarray(0, itemCount));
    packet.levels.set(columns.levels.subarray(0, itemCount));
    for (let i = 0; i < cameras.length; i++) {
      writeCamera(cameras[i]!, packet.cameras, i * cameraElementCount);
      for (let item = 0; item < this.#view.hud.length; item++)
        packet.hud[i * this.#view.hud.length + item] = this.#hudValue(item, current, cameras[i]!.viewer);
    }
    this.#writeParticles(packet.particles);
    this.#writeLights(current, packet.lights, lightCount);
    packet.assets.set(facts.assets);
    packet.sounds.set(this.#sounds.subarray(0, this.#soundCount * soundElementCount));
    this.#soundCount = 0;
    this.#sink.publish(packet.byteLength);
  }

  #countDraws(): number {
    let count = 0;
    for (let key = 0; key + 1 < this.#firsts.length; key++) if (this.#firsts[key + 1]! > this.#firsts[key]!) count++;
    return count;
  }

  #writeDraws(draws: Uint32Array): void {
    let at = 0;
    for (let key = 0; key + 1 < this.#firsts.length; key++) {
      const first = this.#firsts[key]!;
      const count = this.#firsts[key + 1]! - first;
      if (count === 0) continue;
      draws[at] = Math.floor(key / this.#materialCount);
      draws[at + 1] = key % this.#materialCount;
      draws[at + 2] = first;
      draws[at + 3] = count;
      at += 4;
    }
  }

  #countParticles(): number {
    let count = 0;
    for (let system = 0; system < this.#viewJobs.particles.length; system++) {
      const { columns, itemCount } = this.#jobs.outputOf(this.#viewJobs.particles[system]!.output);
      const { life } = columns;
      for (let i = 0; i < itemCount; i++) if (life[i]! > 0) count++;
    }
    return Math.min(count, packetParticleMax);
  }

  /** Merges the private columns of all systems, system by system and chunk by chunk. */
  #writeParticles(out: Float32Array): void {
    let at = 0;
    for (let system = 0; system < this.#viewJobs.particles.length; system++) {
      const { columns, itemCount } = this.#jobs.outputOf(this.#viewJobs.particles[system]!.output);
      const { x, y, z, velocityX, velocityY, velocityZ, life, shownSize, alpha } = columns;
      for (let i = 0; i < itemCount && at < out.length; i++) {
        if (!(life[i]! > 0)) continue;
        out[at] = x[i]!;
        out[at + 1] = y[i]!;
        out[at + 2] = z[i]!;
        out[at + 3] = shownSize[i]!;
        out[at + 4] = velocityX[i]!;
        out[at + 5] = velocityY[i]!;
        out[at + 6] = velocityZ[i]!;
        out[at + 7] = system + 0.999 * Math.min(1, alpha[i]!);
        at += particleElementCount;
      }
    }
  }

  /** Chooses the lights that reach the most cells of any viewer. Returns how many. */
  #chooseLights(): number {
    const task = this.#jobs.memory.tasks.find(({ job }) => job.output === Clusters)!;
    const lightCount = task.params["lightCount"]![0]!;
    const weights = this.#weights.fill(0);
    const { columns, itemCount } = this.#jobs.outputOf(Clusters);
    const { count, lights } = columns;
    const cellCount = (itemCount / 24) * cellsPerViewer;
    for (let cell = 0; cell < cellCount; cell++)
      for (let k = 0; k < count[cell]!; k++) {
        const light = lights[cell * lightsPerCell + k]!;
        weights[light] = weights[light]! + 1;
      }
    let chosen = 0;
    while (chosen < packetLightMax) {
      let best = -1;
      for (let light = 0; light < lightCount; light++)
        if (weights[light]! > 0 && (best < 0 || weights[light]! > weights[best]!)) best = light;
      if (best < 0) break;
      this.#brightest[chosen++] = best;
      // Kept for the packet, but out of the choice.
      weights[best] = 0;
    }
    return chosen;
  }

  #writeLights(snapshot: Snapshot, out: Float32Array, count: number): void {
    if (count === 0) return;
    const task = this.#jobs.memory.tasks.find(({ job }) => job.output === Clusters)!;
    const entities = task.params["entities"]!;
    const { matrix } = snapshot.columnsOf(WorldTransform);
    const { color, intensity, radius } = snapshot.columnsOf(Light);
    for (let i = 0; i < count; i++) {
      const e = entities[this.#brightest[i]!]!;
      const at = i * lightElementCount;
      out[at] = matrix[e * 16 + 12]!;
      out[at + 1] = matrix[e * 16 + 13]!;
      out[at + 2] = matrix[e * 16 + 14]!;
      out[at + 3] = radius[e]!;
      out[at + 4] = linearLight((color[e]! >>> 16) & 255) * intensity[e]!;
      out[at + 5] = linearLight((color[e]! >>> 8) & 255) * intensity[e]!;
      out[at + 6] = linearLight(color[e]! & 255) * intensity[e]!;
      out[at + 7] = count - i;
    }
  }

  #hudValue(item: number, snapshot: Snapshot, viewer: Viewer): number {
    const shown = this.#view.hud[item]!;
    try {
      return shown.value(snapshot, viewer);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      raise("view-failed", { what: `HUD item "${shown.name}"`, message, place: placeOf(thrown) }, thrown);
    }
  }
}

function writeCamera(camera: CameraState, out: Float32Array, at: number): void {
  out[at] = camera.viewer.key;
  out[at + 1] = camera.fieldOfView;
  out[at + 2] = camera.near;
  out[at + 3] = camera.far;
  out.set(camera.eyeBefore, at + 4);
  out.set(camera.targetBefore, at + 7);
  out.set(camera.eye, at + 10);
  out.set(camera.target, at + 13);
}
