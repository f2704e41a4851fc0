/**
 * The packet: the bytes that render assembly hands to a driver for one frame. One file per wire:
 * layout, writer and reader stand together. A packet is complete in itself, so a slow driver may
 * skip any number of them. Whoever holds a packet never writes to it.
 *
 *   0  ┌───────────────────────────────────────────────┐ header, 16 u32 words
 *      │ magic version byteLength sectionCount         │
 *      │ tick frame tickMicros hashLow                 │
 *      │ hashHigh frameCostMicros tickCostMicros       │
 *      │ droppedTickCount rung workers idlePercent     │
 *      │ reserved                                      │
 *  64  ├───────────────────────────────────────────────┤ section table, 4 u32 words each
 *      │ kind offset byteLength count                  │
 *      ├───────────────────────────────────────────────┤ sections, each at a multiple of 16 bytes
 *      │ cameras   f32[24] a viewer                    │
 *      │ draws     u32[4]  mesh material first count   │
 *      │ previous  f32[12] an instance (rows of a 3x4) │
 *      │ current   f32[12] an instance                 │
 *      │ colors    f16[4]  an instance (linear RGBA)   │
 *      │ entities  u32     an instance (handle)        │
 *      │ visible   u32     an instance (a bit a camera)│
 *      │ levels    u32     an instance (2 bits a camera)│
 *      │ sounds    f32[8]  a sound                     │
 *      │ hud       f64     in the order of the cameras │
 *      │ particles f32[8]  a particle                  │
 *      │ lights    f32[8]  a light                     │
 *      │ assets    u32[4]  a resource                  │
 *      └───────────────────────────────────────────────┘
 * Kind `skins` is numbered already and stays empty until its issue.
 */
import { assert } from "../base/assertions.ts";

export const packetMagic = 0x4b50524f; // "ORPK" in memory order
export const packetVersion = 2;
const headerWordCount = 16;
const sectionWordCount = 4;

/** Section kinds; the numbers are the wire format. */
export const sectionKind = {
  cameras: 1,
  draws: 2,
  previous: 3,
  current: 4,
  colors: 5,
  entities: 6,
  sounds: 7,
  hud: 8,
  skins: 9,
  assets: 10,
  particles: 11,
  visible: 12,
  levels: 13,
  lights: 14,
} as const;
export type SectionName = keyof typeof sectionKind;

/** Elements per item of a section, and bytes per element. */
const sectionShape: Readonly<Record<SectionName, { readonly elements: number; readonly elementBytes: 4 | 8 }>> = {
  cameras: { elements: 24, elementBytes: 4 },
  draws: { elements: 4, elementBytes: 4 },
  previous: { elements: 12, elementBytes: 4 },
  current: { elements: 12, elementBytes: 4 },
  colors: { elements: 2, elementBytes: 4 },
  entities: { elements: 1, elementBytes: 4 },
  sounds: { elements: 8, elementBytes: 4 },
  hud: { elements: 1, elementBytes: 8 },
  skins: { elements: 1, elementBytes: 4 },
  assets: { elements: 4, elementBytes: 4 },
  particles: { elements: 8, elementBytes: 4 },
  visible: { elements: 1, elementBytes: 4 },
  levels: { elements: 1, elementBytes: 4 },
  lights: { elements: 8, elementBytes: 4 },
};
const sectionNames = Object.keys(sectionKind) as SectionName[];

/**
 * One camera, as 24 f32: [0] viewer key; [1] vertical field of view in radians; [2] near, [3] far in
 * metres; [4..6] previous eye, [7..9] previous target; [10..12] current eye, [13..15] current target;
 * [16..23] zero. Up is +Y. The driver blends previous and current by the fraction of a tick passed.
 */
export const cameraElementCount = 24;
/** One sound, as 8 f32: sound number, gain 0..1, pitch ratio, x, y, z in metres, entity index, zero. */
export const soundElementCount = 8;

/**
 * One particle, as 8 f32: x, y, z; size in metres; velocity x, y, z in metres a second; number of the system in
 * the scene plus 0.999 times its opacity.
 */
export const particleElementCount = 8;
/** One light, as 8 f32: x, y, z; radius in metres; red, green, blue in linear light times intensity; weight: cells it lights. */
export const lightElementCount = 8;
/** One resource, as 4 u32: number, version (0: its fallback is in use), byte length, state (its place in resourceStates). */
export const assetElementCount = 4;
/** The facts of the header. Times in whole microseconds; the hash is that of `tick`. */
export interface PacketHeader {
  readonly tick: number;
  readonly frame: number;
  readonly tickMicros: number;
  readonly hashLow: number;
  readonly hashHigh: number;
  readonly frameCostMicros: number;
  readonly tickCostMicros: number;
  readonly droppedTickCount: number;
  /** Rungs of the budget's ladder that are taken. */
  readonly rung: number;
  readonly workerCount: number;
  /** Share of the frame's period in which the coordinator had nothing to do, 0..100. */
  readonly idlePercent: number;
}

/** How many items each section of a packet holds; `instances` counts six sections at once. */
export interface PacketCounts {
  readonly cameras: number;
  readonly draws: number;
  readonly instances: number;
  readonly sounds: number;
  readonly hud: number;
  readonly particles: number;
  readonly lights: number;
  readonly assets: number;
}

/** Views over a packet's sections, made without a copy. */
export interface PacketViews {
  readonly header: PacketHeader;
  readonly cameras: Float32Array;
  readonly draws: Uint32Array;
  readonly previous: Float32Array;
  readonly current: Float32Array;
  /** Four half floats an instance. */
  readonly colors: Uint16Array;
  readonly entities: Uint32Array;
  readonly visible: Uint32Array;
  readonly levels: Uint32Array;
  readonly sounds: Float32Array;
  readonly hud: Float64Array;
  readonly particles: Float32Array;
  readonly lights: Float32Array;
  readonly assets: Uint32Array;
}

function countOf(name: SectionName, counts: PacketCounts): number {
  switch (name) {
    case "cameras":
    case "draws":
    case "sounds":
    case "hud":
    case "particles":
    case "lights":
    case "assets":
      return counts[name];
    case "previous":
    case "current":
    case "colors":
    case "entities":
    case "visible":
    case "levels":
      return counts.instances;
    case "skins":
      return 0;
  }
}

/** Bytes that a packet with these counts takes; always a multiple of 16. */
export function packetByteLength(counts: PacketCounts): number {
  let offset = (headerWordCount + sectionNames.length * sectionWordCount) * 4;
  for (let i = 0; i < sectionNames.length; i++) {
    const name = sectionNames[i]!;
    const { elements, elementBytes } = sectionShape[name];
    offset = align16(offset) + countOf(name, counts) * elements * elementBytes;
  }
  return align16(offset);
}

/**
 * Where the sections of a packet are, for a writer that makes one a frame: views over the whole buffer and the
 * byte offsets of the sections in it. Kept and placed anew, so that a packet leaves no garbage.
 */
export class PacketPlaces {
  byteLength = 0;
  readonly offsets: Record<SectionName, number>;
  words: Uint32Array = new Uint32Array(0);
  floats: Float32Array = new Float32Array(0);
  doubles: Float64Array = new Float64Array(0);
  halves: Uint16Array = new Uint16Array(0);
  /** Views by buffer: a host may give its packets a few of them. */
  readonly #viewed = new WeakMap<ArrayBufferLike, WholeViews>();

  constructor() {
    const offsets: Partial<Record<SectionName, number>> = {};
    for (const name of sectionNames) offsets[name] = 0;
    this.offsets = offsets as Record<SectionName, number>;
  }

  /**
   * Lays a packet out in `buffer` at `byteOffset` (a multiple of 16) and writes header and section table.
   * `byteCapacity` holds packetByteLength(counts).
   */
  place(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteCapacity: number,
    counts: PacketCounts,
    header: PacketHeader,
  ): void {
    const byteLength = packetByteLength(counts);
    assert(byteOffset % 16 === 0, "a packet starts at a multiple of 16 bytes", { byteOffset });
    assert(byteLength <= byteCapacity, "a packet fits its slot", { byteLength, byteCapacity });
    this.byteLength = byteLength;
    this.#look(buffer);
    const { words } = this;
    const at = byteOffset >> 2;
    const tableEnd = headerWordCount + sectionNames.length * sectionWordCount;
    words.fill(0, at, at + tableEnd);
    words[at] = packetMagic;
    words[at + 1] = packetVersion;
    words[at + 2] = byteLength;
    words[at + 3] = sectionNames.length;
    words[at + 4] = header.tick;
    words[at + 5] = header.frame;
    words[at + 6] = header.tickMicros;
    words[at + 7] = header.hashLow;
    words[at + 8] = header.hashHigh;
    words[at + 9] = header.frameCostMicros;
    words[at + 10] = header.tickCostMicros;
    words[at + 11] = header.droppedTickCount;
    words[at + 12] = header.rung;
    words[at + 13] = header.workerCount;
    words[at + 14] = header.idlePercent;
    let offset = tableEnd * 4;
    let word = at + headerWordCount;
    for (let i = 0; i < sectionNames.length; i++) {
      const name = sectionNames[i]!;
      const { elements, elementBytes } = sectionShape[name];
      const count = countOf(name, counts);
      offset = align16(offset);
      this.offsets[name] = byteOffset + offset;
      words[word] = sectionKind[name];
      words[word + 1] = offset;
      words[word + 2] = count * elements * elementBytes;
      words[word + 3] = count;
      offset += count * elements * elementBytes;
      word += sectionWordCount;
    }
  }

  #look(buffer: ArrayBufferLike): void {
    let views = this.#viewed.get(buffer);
    if (views === undefined) {
      views = {
        words: new Uint32Array(buffer, 0, buffer.byteLength >> 2),
        floats: new Float32Array(buffer, 0, buffer.byteLength >> 2),
        doubles: new Float64Array(buffer, 0, buffer.byteLength >> 3),
        halves: new Uint16Array(buffer, 0, buffer.byteLength >> 1),
      };
      this.#viewed.set(buffer, views);
    }
    this.words = views.words;
    this.floats = views.floats;
    this.doubles = views.doubles;
    this.halves = views.halves;
  }
}

interface WholeViews {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly halves: Uint16Array;
}

/**
 * Reads a packet without copying it. Returns undefined when the bytes are not a whole packet of this
 * version: wrong magic, other version, a section that leaves the buffer or is not aligned.
 * The packet must start at a multiple of 16 bytes of its buffer (a message of its own does).
 */
export function readPacket(bytes: Uint8Array): PacketViews | undefined {
  if (bytes.byteOffset % 16 !== 0 || bytes.byteLength < headerWordCount * 4) return undefined;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const word = (index: number): number => words[index] ?? 0;
  if (word(0) !== packetMagic || word(1) !== packetVersion || word(2) > bytes.byteLength) return undefined;
  const sectionCount = word(3);
  if (headerWordCount + sectionCount * sectionWordCount > words.length) return undefined;
  const spans = new Map<number, { offset: number; byteLength: number }>();
  for (let i = 0; i < sectionCount; i++) {
    const at = headerWordCount + i * sectionWordCount;
    const span = { offset: word(at + 1), byteLength: word(at + 2) };
    if (span.offset % 16 !== 0 || span.byteLength % 4 !== 0 || span.offset + span.byteLength > word(2))
      return undefined;
    spans.set(word(at), span);
  }
  const at = (name: SectionName): { offset: number; byteLength: number } =>
    spans.get(sectionKind[name]) ?? { offset: 0, byteLength: 0 };
  const floats = (name: SectionName): Float32Array =>
    new Float32Array(bytes.buffer, bytes.byteOffset + at(name).offset, at(name).byteLength >> 2);
  const integers = (name: SectionName): Uint32Array =>
    new Uint32Array(bytes.buffer, bytes.byteOffset + at(name).offset, at(name).byteLength >> 2);
  const views: PacketViews = {
    header: {
      tick: word(4),
      frame: word(5),
      tickMicros: word(6),
      hashLow: word(7),
      hashHigh: word(8),
      frameCostMicros: word(9),
      tickCostMicros: word(10),
      droppedTickCount: word(11),
      rung: word(12),
      workerCount: word(13),
      idlePercent: word(14),
    },
    cameras: floats("cameras"),
    draws: integers("draws"),
    previous: floats("previous"),
    current: floats("current"),
    colors: new Uint16Array(bytes.buffer, bytes.byteOffset + at("colors").offset, at("colors").byteLength >> 1),
    entities: integers("entities"),
    visible: integers("visible"),
    levels: integers("levels"),
    sounds: floats("sounds"),
    hud: new Float64Array(bytes.buffer, bytes.byteOffset + at("hud").offset, at("hud").byteLength >> 3),
    particles: floats("particles"),
    lights: floats("lights"),
    assets: integers("assets"),
  };
  return isConsistent(views) ? views : undefined;
}

/** Whether the sections agree: as many poses as instances, and no draw beyond them. */
function isConsistent(views: PacketViews): boolean {
  const { cameras, draws, previous, current, colors, entities, visible, levels, sounds } = views;
  const instanceCount = entities.length;
  if (
    colors.length !== instanceCount * 4 ||
    visible.length !== instanceCount ||
    levels.length !== instanceCount ||
    previous.length !== instanceCount * 12 ||
    current.length !== instanceCount * 12
  )
    return false;
  if (cameras.length % cameraElementCount !== 0 || draws.length % 4 !== 0 || sounds.length % soundElementCount !== 0)
    return false;
  if (views.particles.length % particleElementCount !== 0 || views.lights.length % lightElementCount !== 0)
    return false;
  if (views.assets.length % assetElementCount !== 0) return false;
  for (let draw = 0; draw < draws.length; draw += 4)
    if (draws[draw + 2]! + draws[draw + 3]! > instanceCount) return false;
  return true;
}

function align16(offset: number): number {
  return (offset + 15) & ~15;
}
