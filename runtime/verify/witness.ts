/**
 * The witness: the subsystem that writes down, tick by tick, a hash of everything that must be the same in every
 * run of a world: what entered by the door, each span of state, each frame job's output and the packet. Two
 * runs are compared by comparing these tables, so the first difference has a tick and a name.
 *
 * It looks at rows that were written and at nothing else: what a chunk left unwritten may hold anything.
 */
import { ByteWriter } from "../../engine/base/bytes.ts";
import { avalanche, hashHex } from "../../engine/base/hash.ts";
import { encodeRecord } from "../../engine/input/record.ts";
import type { Task } from "../../engine/jobs/job-memory.ts";
import { jobsOf } from "../../engine/jobs/subsystem.ts";
import type { PacketSink } from "../../engine/ports/packet-sink.ts";
import { sectionKind } from "../../engine/render/packet.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import type { World } from "../../engine/sim/world.ts";
import type { Examination } from "./examination.ts";

/** What a witness saw: one row of names.length u32 a tick. */
export interface Testimony {
  /** What each word of a row is of, in the order in which a tick makes them: "Near.distance", "output Bounds of job bounds". */
  readonly names: readonly string[];
  /** Names before this place are of ticks, the others of frames. */
  readonly tickNameCount: number;
  /** The last so many names of ticks are spans of the state. */
  readonly spanCount: number;
  readonly words: Uint32Array;
  /** Tick of the first row: 1, or the one after a keyframe. */
  readonly firstTick: number;
  /** Rows. */
  readonly tickCount: number;
  /** Hash of the last tick. */
  readonly hash: string;
  /** Hash over the frames of all ticks: outputs and packets; "" when frames were not looked at. */
  readonly frameHash: string;
  /** What the program was compiled to; equal for every order of registration. */
  readonly planHash: string;
  readonly schemaHash: string;
  /** What was asked for. */
  readonly examination?: Examination;
}

/** Where a packet has its table of sections; see engine/render/packet.ts. */
const sectionCountWord = 3;
const sectionTableWord = 16;
const sectionWords = 4;
const hashSeed = 0x9e3779b9;

export class Witness {
  readonly definition: SubsystemDefinition;
  /** While true, ticks are not written down: they will be taken back. */
  isPaused = false;
  readonly #seesFrames: boolean;
  readonly #words: number[] = [];
  #names: string[] = [];
  /** Numbers of the components that tick jobs answer with. */
  #answers: number[] = [];
  #spanCount = 0;
  #firstTick = 1;
  #frameTasks: readonly Task[] = [];
  #world: World | undefined;
  #tickCount = 0;
  #hasPacket = false;
  #packetHash = 0;
  #frameLow = 0;
  #frameHigh = 0;

  /** For one engine, to whose subsystems `definition` is added. One tick is made in each frame; frames may be left out. */
  constructor(seesFrames = true) {
    this.#seesFrames = seesFrames;
    this.definition = defineSubsystem({ name: "witness", needs: ["jobs"], create: () => this.#subsystem() });
  }

  /** A sink for the packets of the engine. */
  sink(byteCapacity: number): PacketSink {
    const buffer = new ArrayBuffer(Math.ceil(byteCapacity / 16) * 16);
    this.#hasPacket = true;
    return {
      byteCapacity: buffer.byteLength,
      claim: () => ({ buffer, byteOffset: 0, byteCapacity: buffer.byteLength }),
      publish: () => {
        this.#packetHash = hashPacket(buffer);
      },
    };
  }

  get testimony(): Testimony {
    const { hash, program } = this.#world!;
    return {
      names: this.#names,
      tickNameCount: 1 + this.#answers.length + this.#spanCount,
      spanCount: this.#spanCount,
      words: Uint32Array.from(this.#words),
      firstTick: this.#firstTick,
      tickCount: this.#tickCount,
      hash: hashHex(hash.high, hash.low),
      frameHash: this.#seesFrames ? hashHex(this.#frameHigh, this.#frameLow) : "",
      planHash: program.planHash,
      schemaHash: program.schemaHash,
    };
  }

  #subsystem(): Subsystem {
    return {
      start: (host) => {
        const { world } = host;
        const { memory } = jobsOf(host);
        const jobs = memory.tasks.map(({ job }) => job);
        this.#world = world;
        this.#answers = [
          ...new Set(jobs.flatMap(({ answer }) => (answer === undefined ? [] : [world.store.numberOf(answer)]))),
        ];
        this.#spanCount = world.hash.spans.length;
        this.#frameTasks = this.#seesFrames ? memory.tasks.filter(({ job }) => job.kind === "frame") : [];
        this.#names = [
          "the records of players",
          ...this.#answers.map((number) => {
            const { name } = world.store.schema.components[number]!;
            const from = new Set(jobs.filter(({ answer }) => answer?.name === name).map((job) => job.name));
            return `the answer ${name} of job ${[...from].join(", ")}`;
          }),
          ...world.hash.spans.map(({ name }) => name),
          ...this.#frameTasks.map(({ job }) => `the output ${job.output.name} of job ${job.name}`),
          ...(this.#hasPacket ? ["the packet"] : []),
        ];
      },
      afterTick: (world) => this.#noteTick(world),
      stages: { budget: () => this.#noteFrame() },
    };
  }

  #noteTick(world: World): void {
    if (this.isPaused) return;
    if (this.#tickCount === 0) this.#firstTick = world.tickCount;
    const hashes = new Array<number>(1 + this.#answers.length).fill(hashSeed);
    const writer = new ByteWriter(1_024);
    for (const record of world.door.entered) {
      encodeRecord(writer, record);
      const at = record.kind === "answer" ? 1 + this.#answers.indexOf(record.component) : 0;
      const bytes = writer.take();
      hashes[at] = hashBytes(hashes[at]!, bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    for (const hash of hashes) this.#words.push(hash);
    for (let span = 0; span < this.#spanCount; span++) this.#words.push(world.hash.results[span * 2]!);
    this.#tickCount++;
  }

  #noteFrame(): void {
    if (this.isPaused) return;
    for (const task of this.#frameTasks) this.#noteOfFrame(hashOutput(task));
    if (this.#hasPacket) this.#noteOfFrame(this.#packetHash);
  }

  #noteOfFrame(hash: number): void {
    this.#words.push(hash);
    this.#frameLow = avalanche((Math.imul(this.#frameLow, 5) + hash) | 0);
    this.#frameHigh = avalanche((Math.imul(this.#frameHigh, 5) ^ ~hash) | 0);
  }
}

/** Hash of the last whole run of a task: how many chunks, how many rows in each, and the rows. */
function hashOutput({ view, job }: Task): number {
  const { chunkCount, rowCounts, rowStride, columns } = view;
  const names = Object.keys(columns).sort();
  let hash = avalanche(hashSeed ^ chunkCount);
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    const rows = rowCounts[chunk]!;
    hash = avalanche(Math.imul(hash, 5) ^ rows);
    for (const name of names) {
      const column = columns[name]!;
      const rowBytes = column.BYTES_PER_ELEMENT * job.output.fields[name]!.length;
      hash = hashBytes(hash, column.buffer, column.byteOffset + chunk * rowStride * rowBytes, rows * rowBytes);
    }
  }
  return hash;
}

/**
 * Hash of a packet's sections. The header tells how long things took, and the section of assets how far loading
 * has come: both are the machine's, and all else must be the same everywhere.
 */
function hashPacket(buffer: ArrayBuffer): number {
  const words = new Uint32Array(buffer);
  let hash = hashSeed;
  for (let section = 0; section < words[sectionCountWord]!; section++) {
    const [kind = 0, byteOffset = 0, byteLength = 0] = words.subarray(
      sectionTableWord + section * sectionWords,
      sectionTableWord + (section + 1) * sectionWords,
    );
    if (kind === sectionKind.assets) continue;
    hash = hashBytes(avalanche(hash ^ kind), buffer, byteOffset, byteLength);
  }
  return hash;
}

/** Continues `hash` over bytes; `byteOffset` need not be a multiple of anything. */
function hashBytes(hash: number, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): number {
  const wordCount = byteOffset % 4 === 0 ? byteLength >> 2 : 0;
  const words = new Uint32Array(buffer, wordCount === 0 ? 0 : byteOffset, wordCount);
  let h = hash ^ byteLength;
  for (let i = 0; i < wordCount; i++) {
    const product = Math.imul(h ^ words[i]!, 0x85ebca77);
    h = product ^ (product >>> 15);
  }
  const rest = new Uint8Array(buffer, byteOffset + wordCount * 4, byteLength - wordCount * 4);
  for (let i = 0; i < rest.length; i++) {
    const product = Math.imul(h ^ rest[i]!, 0x85ebca77);
    h = product ^ (product >>> 15);
  }
  return avalanche(h);
}
