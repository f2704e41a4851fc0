/**
 * What the driver tests share: a scene, packets of it, a host that writes down all it is told, a
 * clock moved by hand, and a page with nothing in it.
 */
import type { Fault } from "../../../engine/base/faults.ts";
import { decodeRecords, type PlayerKey, type WorldRecord } from "../../../engine/input/record.ts";
import type { DriverHost } from "../../../engine/render/driver.ts";
import {
  assetElementCount,
  cameraElementCount,
  lightElementCount,
  type PacketCounts,
  type PacketHeader,
  PacketPlaces,
  type PacketViews,
  packetByteLength,
  particleElementCount,
  soundElementCount,
} from "../../../engine/render/packet.ts";
import type { SceneDescription } from "../../../engine/render/scene.ts";
import type { DriverClock } from "../../../runtime/drivers/web/clock.ts";
import type { Page } from "../../../runtime/drivers/web/page.ts";

export const scene: SceneDescription = {
  game: "fixture",
  title: "Fixture <Yard>",
  tickMicros: 16_667,
  meshes: [{ shape: "box", width: 1, height: 1, depth: 1 }],
  materials: [{ color: 0xffffff }],
  lighting: {
    sunDirection: [-1, -2, -1],
    sunColor: 0xffffff,
    sunIntensity: 2,
    shadowExtent: 20,
    skyColor: 0x88aacc,
    groundColor: 0x333333,
    ambientIntensity: 1,
  },
  hud: [{ name: "score", label: "Score", format: "integer", place: "top-left" }],
  sounds: [],
  particles: [],
  resources: [],
  controls: [
    { name: "beam", kind: "held", keys: ["Space"], label: "Beam" },
    { name: "start", kind: "pressed", keys: ["Enter"], label: "Start" },
    { name: "thrust", kind: "axis", negative: ["KeyS"], positive: ["KeyW"], label: "Thrust" },
  ],
};

/** A packet of `tick` with some instances; `fill` writes what the test cares about. */
export function makePacket(
  tick: number,
  instances = 4,
  fill?: (views: PacketViews) => void,
  more: Partial<PacketCounts> = {},
): Uint8Array {
  const counts = { cameras: 1, draws: 1, instances, sounds: 0, hud: 1, particles: 0, lights: 0, assets: 0, ...more };
  const buffer = new ArrayBuffer(packetByteLength(counts));
  const header = {
    tick,
    frame: tick,
    tickMicros: 16_667,
    hashLow: 0x89abcdef,
    hashHigh: 0x01234567,
    frameCostMicros: 1_200,
    tickCostMicros: 800,
    droppedTickCount: 0,
    rung: 0,
    workerCount: 0,
    idlePercent: 90,
  };
  const views = layOutPacket(buffer, 0, buffer.byteLength, counts, header);
  views.draws.set([0, 0, 0, instances]);
  // Seen by the first sixteen cameras and by the shadow's.
  views.visible.fill(0x8000ffff);
  fill?.(views);
  return new Uint8Array(buffer);
}

/** One thing that a host was told, with records decoded. */
export type HostEntry =
  | { readonly told: "admit"; readonly records: readonly WorldRecord[] }
  | { readonly told: "takeSeat" | "leaveSeat"; readonly player: PlayerKey }
  | { readonly told: "report"; readonly fault: Fault };

export interface RecordingHost extends DriverHost {
  readonly entries: HostEntry[];
  /** All admitted records in order. */
  readonly records: readonly WorldRecord[];
  readonly faults: readonly Fault[];
}

/** A host with so many seats; the lowest free one is taken first. */
export function makeHost(seatCount = 4): RecordingHost {
  const taken = new Set<PlayerKey>();
  const entries: HostEntry[] = [];
  return {
    entries,
    get records() {
      return entries.flatMap((entry) => (entry.told === "admit" ? entry.records : []));
    },
    get faults() {
      return entries.flatMap((entry) => (entry.told === "report" ? [entry.fault] : []));
    },
    admit(recordBytes) {
      const records = decodeRecords(recordBytes);
      if ("problem" in records) throw new Error(`a driver admitted bytes that are no records: ${records.problem}`);
      entries.push({ told: "admit", records });
    },
    takeSeat() {
      let player = 1;
      while (taken.has(player)) player++;
      if (player > seatCount) return 0;
      taken.add(player);
      entries.push({ told: "takeSeat", player });
      return player;
    },
    leaveSeat(player) {
      if (!taken.delete(player)) throw new Error(`seat ${player} was left twice`);
      entries.push({ told: "leaveSeat", player });
    },
    report(fault) {
      entries.push({ told: "report", fault });
    },
  };
}

export interface ManualClock extends DriverClock {
  /** Moves time on and runs what falls due, in order. */
  advance(millis: number): void;
}

export function makeClock(): ManualClock {
  let now = 0;
  let nextId = 0;
  const due = new Map<number, { readonly atMillis: number; readonly run: () => void }>();
  return {
    nowMillis: () => now,
    after(millis, run) {
      const id = nextId++;
      due.set(id, { atMillis: now + millis, run });
      return () => due.delete(id);
    },
    advance(millis) {
      const end = now + millis;
      for (;;) {
        const [id, first] = [...due].sort((a, b) => a[1].atMillis - b[1].atMillis || a[0] - b[0])[0] ?? [];
        if (id === undefined || first === undefined || first.atMillis > end) break;
        now = first.atMillis;
        due.delete(id);
        first.run();
      }
      now = end;
    },
  };
}

export const emptyPage: Page = {
  html: new TextEncoder().encode(
    '<title>{{title}}</title><meta name="orrery-build" content="{{build}}"><script src="main.js?token={{token}}"></script>',
  ),
  script: new TextEncoder().encode("// nothing"),
  style: new TextEncoder().encode("body {}"),
  sourceMap: new TextEncoder().encode("{}"),
};

/**
 * Lays a packet out in `buffer` at `byteOffset` (a multiple of 16), writes header and section table,
 * and returns a view of each section to fill. `byteCapacity` holds packetByteLength(counts).
 */
function layOutPacket(
  buffer: ArrayBufferLike,
  byteOffset: number,
  byteCapacity: number,
  counts: PacketCounts,
  header: PacketHeader,
): PacketViews & { readonly byteLength: number } {
  const places = new PacketPlaces();
  places.place(buffer, byteOffset, byteCapacity, counts, header);
  const { offsets, byteLength } = places;
  return {
    byteLength,
    header,
    cameras: new Float32Array(buffer, offsets.cameras, counts.cameras * cameraElementCount),
    draws: new Uint32Array(buffer, offsets.draws, counts.draws * 4),
    previous: new Float32Array(buffer, offsets.previous, counts.instances * 12),
    current: new Float32Array(buffer, offsets.current, counts.instances * 12),
    colors: new Uint16Array(buffer, offsets.colors, counts.instances * 4),
    entities: new Uint32Array(buffer, offsets.entities, counts.instances),
    visible: new Uint32Array(buffer, offsets.visible, counts.instances),
    levels: new Uint32Array(buffer, offsets.levels, counts.instances),
    sounds: new Float32Array(buffer, offsets.sounds, counts.sounds * soundElementCount),
    hud: new Float64Array(buffer, offsets.hud, counts.hud),
    particles: new Float32Array(buffer, offsets.particles, counts.particles * particleElementCount),
    lights: new Float32Array(buffer, offsets.lights, counts.lights * lightElementCount),
    assets: new Uint32Array(buffer, offsets.assets, counts.assets * assetElementCount),
  };
}
