/**
 * Render assembly: turns the current and the previous snapshot into one packet, for every viewer at
 * once. Instances are sorted by (mesh, material) with a counting sort, so each pair is one draw.
 *
 * The assembler reads snapshots and the sounds that were noted after each tick; it keeps cameras from
 * frame to frame and nothing else, and none of it can reach authoritative state.
 */
import { placeOf, raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import { Player } from "../input/door.ts";
import type { PacketSink } from "../ports/packet-sink.ts";
import type { Frame } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { WorldTransform } from "../transform/components.ts";
import { Renderable, SoundCue } from "./look.ts";
import { cameraElementCount, layOutPacket, type PacketCounts, packetByteLength, soundElementCount } from "./packet.ts";
import type { Camera, ViewDefinition, Viewer } from "./view.ts";

/** An instance that moved farther than this between two packets is shown at its new place at once, metres. */
const snapDistance = 4;
/** Sounds of one packet; what is beyond stays silent. */
export const soundCountMax = 64;

interface CameraState extends Camera {
  lastTick: number;
}

export class Assembler {
  /** Packets that were not made because no space was free. */
  skippedCount = 0;

  readonly #view: ViewDefinition;
  readonly #sink: PacketSink;
  readonly #tickSeconds: number;
  readonly #tickMicros: number;
  readonly #materialCount: number;
  readonly #indices: Uint32Array;
  readonly #keys: Uint32Array;
  readonly #firsts: Uint32Array;
  readonly #sounds = new Float32Array(soundCountMax * soundElementCount);
  readonly #cameras = new Map<number, CameraState>();
  #soundCount = 0;

  constructor(view: ViewDefinition, sink: PacketSink, limits: Limits, tickRate: number) {
    this.#view = view;
    this.#sink = sink;
    this.#tickSeconds = 1 / tickRate;
    this.#tickMicros = Math.round(1_000_000 / tickRate);
    this.#materialCount = Math.max(1, view.look.materials.length);
    this.#indices = new Uint32Array(limits.entities + 1);
    this.#keys = new Uint32Array(limits.entities + 1);
    this.#firsts = new Uint32Array(Math.max(1, view.look.meshes.length) * this.#materialCount + 1);
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
  assemble(
    current: Snapshot,
    previous: Snapshot,
    frame: Frame,
    costs: { readonly frameMicros: number; readonly tickMicros: number },
  ): void {
    const viewers = listViewers(current);
    const instanceCount = this.#sortInstances(current);
    const drawCount = this.#countDraws();
    const counts: PacketCounts = {
      cameras: viewers.length,
      draws: drawCount,
      instances: instanceCount,
      sounds: this.#soundCount,
      hud: viewers.length * this.#view.hud.length,
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
      frameCostMicros: Math.round(costs.frameMicros),
      tickCostMicros: Math.round(costs.tickMicros),
      droppedTickCount: frame.droppedTickCount,
    });
    this.#writeDraws(packet.draws);
    this.#writeInstances(current, previous, instanceCount, packet);
    for (let i = 0; i < viewers.length; i++) {
      this.#writeCamera(current, viewers[i]!, packet.cameras, i * cameraElementCount);
      for (let item = 0; item < this.#view.hud.length; item++)
        packet.hud[i * this.#view.hud.length + item] = this.#hudValue(item, current, viewers[i]!);
    }
    this.#forgetGone(viewers);
    packet.sounds.set(this.#sounds.subarray(0, this.#soundCount * soundElementCount));
    this.#soundCount = 0;
    this.#sink.publish(packet.byteLength);
  }

  /** Fills #indices with the visible entities ordered by (mesh, material), then index. Returns how many. */
  #sortInstances(snapshot: Snapshot): number {
    const { mesh, material, tint } = snapshot.columnsOf(Renderable);
    const look = snapshot.presenceOf(Renderable);
    const place = snapshot.presenceOf(WorldTransform);
    const firsts = this.#firsts.fill(0);
    const keys = this.#keys;
    const keyCount = firsts.length - 1;
    const end = snapshot.slotCount;
    for (let e = 1; e < end; e++) {
      keys[e] = keyCount;
      if ((look.row[e]! & look.bit) === 0 || (place.row[e]! & place.bit) === 0 || tint[e]! >>> 24 === 0) continue;
      const key = mesh[e]! * this.#materialCount + material[e]!;
      if (key >= keyCount) continue;
      keys[e] = key;
      firsts[key + 1]!++;
    }
    for (let key = 0; key < keyCount; key++) firsts[key + 1]! += firsts[key]!;
    const instanceCount = firsts[keyCount]!;
    for (let e = 1; e < end; e++) {
      const key = keys[e]!;
      if (key < keyCount) this.#indices[firsts[key]!++] = e;
    }
    // Each start was moved to its end by the pass above, which is the next key's start.
    for (let key = keyCount; key > 0; key--) firsts[key] = firsts[key - 1]!;
    firsts[0] = 0;
    return instanceCount;
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

  #writeInstances(
    current: Snapshot,
    previous: Snapshot,
    count: number,
    out: {
      readonly previous: Float32Array;
      readonly current: Float32Array;
      readonly tints: Uint32Array;
      readonly entities: Uint32Array;
    },
  ): void {
    const { tint } = current.columnsOf(Renderable);
    const matrix = current.columnsOf(WorldTransform).matrix;
    const before = previous.columnsOf(WorldTransform).matrix;
    const place = previous.presenceOf(WorldTransform);
    const beforeEnd = previous.slotCount;
    for (let i = 0; i < count; i++) {
      const e = this.#indices[i]!;
      const from = e * 16;
      const at = i * 12;
      writeRows(matrix, from, out.current, at);
      const existed =
        e < beforeEnd && (place.row[e]! & place.bit) !== 0 && previous.generation[e] === current.generation[e];
      const dx = matrix[from + 12]! - before[from + 12]!;
      const dy = matrix[from + 13]! - before[from + 13]!;
      const dz = matrix[from + 14]! - before[from + 14]!;
      const isNear = dx * dx + dy * dy + dz * dz <= snapDistance * snapDistance;
      writeRows(existed && isNear ? before : matrix, from, out.previous, at);
      out.tints[i] = tint[e]!;
      out.entities[i] = current.handleOf(e);
    }
  }

  #hudValue(item: number, snapshot: Snapshot, viewer: Viewer): number {
    const shown = this.#view.hud[item]!;
    try {
      return shown.value(snapshot, viewer);
    } catch (thrown) {
      return raiseViewFault(`HUD item "${shown.name}"`, thrown);
    }
  }

  #moveCamera(snapshot: Snapshot, viewer: Viewer, camera: Camera, deltaSeconds: number): void {
    try {
      this.#view.camera(snapshot, viewer, camera, deltaSeconds);
    } catch (thrown) {
      raiseViewFault("camera", thrown);
    }
  }

  /** A later player with the key of one who left begins with a camera of its own. */
  #forgetGone(viewers: readonly Viewer[]): void {
    if (this.#cameras.size === viewers.length) return;
    for (const key of [...this.#cameras.keys()])
      if (!viewers.some((viewer) => viewer.key === key)) this.#cameras.delete(key);
  }

  #writeCamera(snapshot: Snapshot, viewer: Viewer, out: Float32Array, at: number): void {
    let camera = this.#cameras.get(viewer.key);
    const isNew = camera === undefined;
    if (camera === undefined) {
      camera = { eye: [0, 10, 20], target: [0, 0, 0], fieldOfView: 1, near: 0.1, far: 500, lastTick: snapshot.tick };
      this.#cameras.set(viewer.key, camera);
      this.#moveCamera(snapshot, viewer, camera, 0);
    }
    out[at] = viewer.key;
    const deltaSeconds = (snapshot.tick - camera.lastTick) * this.#tickSeconds;
    camera.lastTick = snapshot.tick;
    out.set(camera.eye, at + 4);
    out.set(camera.target, at + 7);
    if (!isNew) this.#moveCamera(snapshot, viewer, camera, deltaSeconds);
    out[at + 1] = camera.fieldOfView;
    out[at + 2] = camera.near;
    out[at + 3] = camera.far;
    out.set(camera.eye, at + 10);
    out.set(camera.target, at + 13);
  }
}

/** The joined players in ascending entity index, or the one viewer that stands for nobody. */
function listViewers(snapshot: Snapshot): readonly Viewer[] {
  const { key } = snapshot.columnsOf(Player);
  const { row, bit } = snapshot.presenceOf(Player);
  const viewers: Viewer[] = [];
  for (let entity = 1; entity < snapshot.slotCount; entity++)
    if ((row[entity]! & bit) !== 0) viewers.push({ key: key[entity]!, entity });
  return viewers.length > 0 ? viewers : [{ key: 0, entity: 0 }];
}

/** Writes the three upper rows of a column-major matrix. */
function writeRows(matrix: { readonly [index: number]: number }, from: number, out: Float32Array, at: number): void {
  for (let row = 0; row < 3; row++) {
    out[at + row * 4] = matrix[from + row]!;
    out[at + row * 4 + 1] = matrix[from + 4 + row]!;
    out[at + row * 4 + 2] = matrix[from + 8 + row]!;
    out[at + row * 4 + 3] = matrix[from + 12 + row]!;
  }
}

function raiseViewFault(what: string, thrown: unknown): never {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  raise("view-failed", { what, message, place: placeOf(thrown) }, thrown);
}
