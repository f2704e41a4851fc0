/**
 * A source of made-up files, as slow as a network: every read gets the same few bytes in each frame, and a
 * file that is to fail breaks off half-way the first time. Its time is the number of the frame, so the
 * bytes of a run are there in the same frames on every machine.
 */
import type { AssetSource, SourceListener } from "../../engine/asset/source.ts";
import { hashBytes } from "../../engine/base/hash.ts";
import { type SimulatedLoad, sourceBytesPerFrame } from "./costs.ts";

interface Read {
  readonly id: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly byteOffset: number;
  readonly startFrame: number;
  readonly breaksOff: boolean;
  isCancelled: boolean;
  toldCount: number;
}

/** The bytes of a made-up file: its name over and over. */
export function simulatedBytes({ name, byteLength }: SimulatedLoad): Uint8Array {
  const text = new TextEncoder().encode(`${name}\n`);
  return Uint8Array.from({ length: byteLength }, (_, i) => text[i % text.length]!);
}

/** The manifest of made-up files, as its text. */
export function simulatedManifest(loads: readonly SimulatedLoad[]): string {
  const hex = (word: number): string => word.toString(16).padStart(8, "0");
  const assets = loads
    .filter(({ kind }) => kind !== "shader")
    .map((load) => {
      const { high, low } = hashBytes(simulatedBytes(load));
      const { name, kind, byteLength, needs = [] } = load;
      return { name, kind, file: `${name}.bin`, byteLength, hash: `${hex(high)}${hex(low)}`, needs };
    });
  return JSON.stringify({ assets });
}

export class SlowSource implements AssetSource {
  /** The frame that is being made. */
  frame = 0;
  readonly #buffer: SharedArrayBuffer;
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #failing: Set<string>;
  #reads: Read[] = [];

  constructor(buffer: SharedArrayBuffer, loads: readonly SimulatedLoad[]) {
    this.#buffer = buffer;
    this.#files = new Map(loads.map((load) => [`${load.name}.bin`, simulatedBytes(load)]));
    this.#failing = new Set(loads.filter(({ failsOnce }) => failsOnce === true).map(({ name }) => `${name}.bin`));
  }

  read(id: number, name: string, fileOffset: number, byteLength: number, byteOffset: number): boolean {
    const bytes = (this.#files.get(name) ?? new Uint8Array(0)).subarray(fileOffset, fileOffset + byteLength);
    const breaksOff = this.#failing.delete(name);
    this.#reads.push({
      id,
      name,
      bytes,
      byteOffset,
      startFrame: this.frame,
      breaksOff,
      isCancelled: false,
      toldCount: 0,
    });
    return true;
  }

  cancel(id: number): boolean {
    const read = this.#reads.find((known) => known.id === id);
    if (read !== undefined) read.isCancelled = true;
    return true;
  }

  poll(listener: SourceListener): void {
    if (this.#reads.length === 0) return;
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) if (!this.#advance(read, listener)) this.#reads.push(read);
  }

  /** Gives a read what it is due by now. True when it has ended. */
  #advance(read: Read, listener: SourceListener): boolean {
    const { id, bytes, byteOffset, startFrame, breaksOff, toldCount } = read;
    if (read.isCancelled) {
      listener.cancelled(id);
      return true;
    }
    const count = Math.min(bytes.length, (this.frame - startFrame) * sourceBytesPerFrame);
    if (breaksOff && count * 2 > bytes.length) {
      listener.failed(id, "the connection broke off (simulated)");
      return true;
    }
    if (count > toldCount) {
      new Uint8Array(this.#buffer, byteOffset + toldCount, count - toldCount).set(bytes.subarray(toldCount, count));
      read.toldCount = count;
      listener.progressed(id, count);
    }
    if (count < bytes.length) return false;
    listener.finished(id, bytes.length, bytes.length);
    return true;
  }
}
