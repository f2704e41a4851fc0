/**
 * Render assembly: puts what the frame's jobs found out, the cameras, the HUD and the sounds into one
 * packet for all viewers. It runs on the coordinator after the jobs are joined and merges their outputs in
 * chunk order; it keeps nothing that could reach authoritative state.
 */
import { placeOf, raise } from "../base/faults.ts";
import type { Column } from "../ecs/field.ts";
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
import { particleSlots } from "./jobs/particles.ts";
import { type ViewJobs, viewJobs } from "./jobs/view-jobs.ts";
import { Light, lightCountMax } from "./light.ts";
import { SoundCue } from "./look.ts";
import {
  assetElementCount,
  cameraElementCount,
  lightElementCount,
  PacketPlaces,
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
const packetParticleMax = 16_384;

/** The most particles that a packet of this view has. */
export function packetParticleCount({ particles = [] }: Pick<ViewDefinition, "particles">): number {
  return Math.min(
    packetParticleMax,
    particles.reduce((sum, { capacity }) => sum + particleSlots(capacity), 0),
  );
}

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
  readonly #materialCount: number;
  readonly #firsts: Uint32Array;
  readonly #lightParams: Readonly<Record<string, Column>>;
  // Kept from frame to frame and filled anew, so that a packet leaves no garbage.
  readonly #packet = new PacketPlaces();
  readonly #header = {
    ...{ tick: 0, frame: 0, tickMicros: 0, hashLow: 0, hashHigh: 0, frameCostMicros: 0, tickCostMicros: 0 },
    ...{ droppedTickCount: 0, rung: 0, workerCount: 0, idlePercent: 0 },
  };
  readonly #counts = { cameras: 0, draws: 0, instances: 0, sounds: 0, hud: 0, particles: 0, lights: 0, assets: 0 };
  readonly #particles: Float32Array;
  #particleCount = 0;
  #lightCount = 0;
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
    this.#particles = new Float32Array(packetParticleCount(view) * particleElementCount);
    this.#materialCount = Math.max(1, view.look.materials.length);
    const { tasks } = jobs.memory;
    this.#firsts = tasks.find(({ job }) => job.output === Instances)!.params["firsts"] as Uint32Array;
    this.#lightParams = tasks.find(({ job }) => job.output === Clusters)!.params;
    this.#header.tickMicros = Math.round(1_000_000 / world.program.tickRate);
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

  /** Merges what the frame's jobs left in private columns: the living particles of all systems, and the lights that matter. */
  integrate(): void {
    this.#particleCount = this.#mergeParticles();
    this.#lightCount = this.#chooseLights();
  }

  /** Makes and publishes the packet of a frame. */
  assemble(current: Snapshot, frame: Frame, facts: FrameFacts): void {
    const { cameras } = this.#rig;
    const instances = this.#jobs.outputOf(Instances);
    const counts = this.#counts;
    counts.cameras = cameras.length;
    counts.draws = this.#countDraws();
    counts.instances = instances.itemCount;
    counts.sounds = this.#soundCount;
    counts.hud = cameras.length * this.#view.hud.length;
    counts.particles = this.#particleCount;
    counts.lights = this.#lightCount;
    counts.assets = facts.assets.length / assetElementCount;
    const space = packetByteLength(counts) <= this.#sink.byteCapacity ? this.#sink.claim() : undefined;
    if (space === undefined) {
      this.skippedCount++;
      return;
    }
    const header = this.#header;
    header.tick = current.tick;
    header.frame = frame.index;
    header.hashLow = current.hashLow;
    header.hashHigh = current.hashHigh;
    header.frameCostMicros = Math.round(facts.frameMicros);
    header.tickCostMicros = Math.round(facts.tickMicros);
    header.droppedTickCount = frame.droppedTickCount;
    header.rung = facts.rung;
    header.workerCount = facts.workerCount;
    header.idlePercent = facts.idlePercent;
    const packet = this.#packet;
    packet.place(space.buffer, space.byteOffset, space.byteCapacity, counts, header);
    const { offsets, words, floats, doubles, halves } = packet;
    this.#writeDraws(words, offsets.draws >> 2);
    // Chunks of instances are whole multiples of the row alignment, so the chunks follow one another without a gap.
    const { columns, itemCount } = instances;
    copy(columns.current, itemCount * 12, floats, offsets.current >> 2);
    copy(columns.previous, itemCount * 12, floats, offsets.previous >> 2);
    copy(columns.color, itemCount * 4, halves, offsets.colors >> 1);
    copy(columns.entity, itemCount, words, offsets.entities >> 2);
    copy(columns.visible, itemCount, words, offsets.visible >> 2);
    copy(columns.levels, itemCount, words, offsets.levels >> 2);
    for (let i = 0; i < cameras.length; i++) {
      writeCamera(cameras[i]!, floats, (offsets.cameras >> 2) + i * cameraElementCount);
      for (let item = 0; item < this.#view.hud.length; item++)
        doubles[(offsets.hud >> 3) + i * this.#view.hud.length + item] = this.#hudValue(
          item,
          current,
          cameras[i]!.viewer,
        );
    }
    copy(this.#particles, this.#particleCount * particleElementCount, floats, offsets.particles >> 2);
    this.#writeLights(current, floats, offsets.lights >> 2, this.#lightCount);
    words.set(facts.assets, offsets.assets >> 2);
    copy(this.#sounds, this.#soundCount * soundElementCount, floats, offsets.sounds >> 2);
    this.#soundCount = 0;
    this.#sink.publish(packet.byteLength);
  }

  #countDraws(): number {
    let count = 0;
    for (let key = 0; key + 1 < this.#firsts.length; key++) if (this.#firsts[key + 1]! > this.#firsts[key]!) count++;
    return count;
  }

  #writeDraws(draws: Uint32Array, first: number): void {
    let at = first;
    for (let key = 0; key + 1 < this.#firsts.length; key++) {
      const instance = this.#firsts[key]!;
      const count = this.#firsts[key + 1]! - instance;
      if (count === 0) continue;
      draws[at] = Math.floor(key / this.#materialCount);
      draws[at + 1] = key % this.#materialCount;
      draws[at + 2] = instance;
      draws[at + 3] = count;
      at += 4;
    }
  }

  /** Merges the private columns of all systems, system by system and chunk by chunk. Returns how many live. */
  #mergeParticles(): number {
    const out = this.#particles;
    const end = out.length;
    let at = 0;
    for (let system = 0; system < this.#viewJobs.particles.length; system++) {
      const { columns, itemCount } = this.#jobs.outputOf(this.#viewJobs.particles[system]!.output);
      const { x, y, z, velocityX, velocityY, velocityZ, life, shownSize, alpha } = columns;
      for (let i = 0; i < itemCount && at < end; i++) {
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
    return at / particleElementCount;
  }

  /** Chooses the lights that reach the most cells of any viewer. Returns how many. */
  #chooseLights(): number {
    const lightCount = this.#lightParams["lightCount"]![0]!;
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

  #writeLights(snapshot: Snapshot, out: Float32Array, first: number, count: number): void {
    if (count === 0) return;
    const entities = this.#lightParams["entities"]!;
    const { matrix } = snapshot.columnsOf(WorldTransform);
    const { color, intensity, radius } = snapshot.columnsOf(Light);
    for (let i = 0; i < count; i++) {
      const e = entities[this.#brightest[i]!]!;
      const at = first + i * lightElementCount;
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

/** From here on a copy in one piece is faster, and the view that it needs is lost among so many bytes. */
const copyInOneMin = 8_192;

/** Copies the first `count` elements of `from`; few of them without a view, which would be garbage in every frame. */
function copy<Elements extends Float32Array | Uint32Array | Uint16Array>(
  from: Elements,
  count: number,
  to: Elements,
  at: number,
): void {
  if (count >= copyInOneMin) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[i]!;
}

function writeCamera(camera: CameraState, out: Float32Array, at: number): void {
  out.fill(0, at, at + cameraElementCount);
  out[at] = camera.viewer.key;
  out[at + 1] = camera.fieldOfView;
  out[at + 2] = camera.near;
  out[at + 3] = camera.far;
  out.set(camera.eyeBefore, at + 4);
  out.set(camera.targetBefore, at + 7);
  out.set(camera.eye, at + 10);
  out.set(camera.target, at + 13);
}
