/**
 * A saved world: a copy of the used part of every region of an arena that is state, and nothing else of the world. What
 * bitecs, prepared queries and the like keep follows from it and is brought up to date when it is put back.
 *
 *     bytes  ┌────────┬────────────────┬─────────────────┬─────┐
 *            │ Header │ Entities.dense │ Entities.sparse │ ... │  each region's used bytes, one behind the other,
 *            └────────┴────────────────┴─────────────────┴─────┘  at multiples of 16
 *
 * A save shares nothing with the world and may be put back any number of times, into every world of the same program.
 * The rule a reader could break: bytes behind the used part are zeros in every world, so a restore makes them zero.
 */
import { assert } from "../base/assertions.ts";
import type { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Arena } from "../ecs/arena.ts";
import { type HashedSpan, headerWord, type Store, type StoreRegions } from "../ecs/store.ts";

/** A region of the state and how much of it is used. */
interface StatePart {
  readonly name: string;
  readonly place: Uint8Array;
  usedBytes(): number;
}

/** The regions of one world that a save has, in the order of the arena. */
export class StateParts {
  readonly store: Store;
  readonly parts: readonly StatePart[];

  constructor(arena: Arena, store: Store, regions: StoreRegions, spans: readonly HashedSpan[]) {
    this.store = store;
    const { header } = store;
    const bySpan = new Map(spans.map((span) => [span.name, span]));
    const whole = new Set([regions.header, regions.used, regions.changed]);
    const parts: StatePart[] = [];
    for (const region of arena.regions) {
      const span = bySpan.get(region.name);
      const part = (usedBytes: () => number): void => {
        parts.push({ name: region.name, place: arena.bytes(region), usedBytes });
      };
      if (whole.has(region)) part(() => region.byteLength);
      else if (region === regions.sparse) part(() => Math.min(region.byteLength, header[headerWord.peakSlots]! * 4));
      else if (span !== undefined)
        part(() => Math.min(region.byteLength, span.slotBytes * span.counter[span.counterIndex]!));
    }
    this.parts = parts;
  }

  /** Copies the state; `into` is a save whose memory is used again. */
  save(into: SavedWorld = new SavedWorld()): SavedWorld {
    const { parts } = this;
    let byteLength = 0;
    for (let i = 0; i < parts.length; i++) byteLength += aligned(parts[i]!.usedBytes());
    into.begin(parts.length, byteLength);
    into.store = this.store;
    into.structureVersion = this.store.structureVersion;
    for (let i = 0; i < parts.length; i++) {
      const { name, place, usedBytes } = parts[i]!;
      into.add(name, place.subarray(0, usedBytes()));
    }
    return into;
  }

  /** Puts a save back, structure first. Raises no fault: the save is of a world of the same program. */
  restore(saved: SavedWorld): void {
    const { parts, store } = this;
    assert(saved.names.length === parts.length, "a save has the regions of the world", {
      saved: saved.names.length,
      regions: parts.length,
    });
    // Read before the counters are those of the save.
    const usedBefore = parts.map((part) => part.usedBytes());
    const version = saved.store === store ? saved.structureVersion : 0;
    store.restoreStructure(
      version,
      (name) => saved.bytesOf(name),
      () => {
        for (let i = 0; i < parts.length; i++) {
          const { name, place } = parts[i]!;
          assert(saved.names[i] === name, "a save has the regions of the world in their order", { name });
          const bytes = saved.bytesAt(i);
          place.set(bytes);
          if (usedBefore[i]! > bytes.length) place.fill(0, bytes.length, usedBefore[i]!);
        }
      },
    );
  }
}

/** The bytes of a saved world. */
export class SavedWorld {
  readonly names: string[] = [];
  /** The store that it was made from, and the version of its structure: the same structure need not be put back. */
  store: Store | undefined;
  structureVersion = 0;
  #ends: number[] = [];
  #starts: number[] = [];
  #bytes = new Uint8Array(0);
  #at = 0;

  /** Ticks that the saved world had made. */
  get tick(): number {
    return this.#headerWord(headerWord.tick);
  }
  get hashLow(): number {
    return this.#headerWord(headerWord.chainLow);
  }
  get hashHigh(): number {
    return this.#headerWord(headerWord.chainHigh);
  }

  /** Bytes of all regions, with their padding. */
  get byteLength(): number {
    return this.#at;
  }

  begin(partCount: number, byteLength: number): void {
    this.names.length = 0;
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#at = 0;
    assert(partCount > 0, "a save has regions");
    if (this.#bytes.length < byteLength) this.#bytes = new Uint8Array(Math.ceil(byteLength * 1.25));
  }

  add(name: string, bytes: Uint8Array): void {
    this.names.push(name);
    this.#bytes.set(bytes, this.#at);
    this.#starts.push(this.#at);
    this.#ends.push(this.#at + bytes.length);
    this.#at += aligned(bytes.length);
  }

  bytesAt(part: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[part]!, this.#ends[part]!);
  }

  /** The used bytes of a region, such as "Position.x"; empty when the world has none of this name. */
  bytesOf(name: string): Uint8Array {
    const part = this.names.indexOf(name);
    return part < 0 ? new Uint8Array(0) : this.bytesAt(part);
  }

  encode(writer: ByteWriter): void {
    writer.u32(this.names.length);
    this.names.forEach((name, part) => {
      const bytes = this.bytesAt(part);
      writer.text(name).u32(bytes.length).bytes(bytes);
    });
  }

  /** Raises ShortRead or RangeError for bytes that `encode` does not make. */
  static decode(reader: ByteReader): SavedWorld {
    const saved = new SavedWorld();
    const count = reader.u32();
    const read: [string, Uint8Array][] = [];
    let byteLength = 0;
    for (let i = 0; i < count; i++) {
      const name = reader.text();
      const bytes = reader.bytes(reader.u32());
      byteLength += aligned(bytes.length);
      read.push([name, bytes]);
    }
    if (count === 0) throw new RangeError("it has no regions");
    saved.begin(count, byteLength);
    for (const [name, bytes] of read) saved.add(name, bytes);
    return saved;
  }

  #headerWord(word: number): number {
    const at = this.#starts[0]! + word * 4;
    const b = this.#bytes;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }
}

/** Views over a save's words need multiples of 4; 16 keeps copies quick. */
function aligned(byteLength: number): number {
  return (byteLength + 15) & ~15;
}
