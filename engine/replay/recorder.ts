/**
 * The recorder: the subsystem that writes a journal while a world runs. Ticks are gathered into
 * blocks of about a second; a block is handed to the sink whole. When the engine faults, what has
 * been gathered is written at once, with the records of the tick that failed.
 */
import { ByteWriter } from "../base/bytes.ts";
import { type Fault, faultId, faultText } from "../base/faults.ts";
import type { ByteSink } from "../ports/storage.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition, type SubsystemHost } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { type BlockKind, blockKind, blockLink, encodeBlock } from "./block.ts";
import { identityOf } from "./identity.ts";
import { encodeEnd, encodeHeader, encodeNote, encodeRecords, journalFormat } from "./journal.ts";

const blockTickCount = 60;
const blockBytesMax = 256 * 1024;

/** The recorder of a running engine, for whoever has something to note. */
export interface RecorderSubsystem extends Subsystem {
  /** Writes a note behind the ticks so far. Replays pass by it. */
  note(topic: string, text: string): void;
}

export function recorderSubsystem(sink: ByteSink): SubsystemDefinition<RecorderSubsystem> {
  return defineSubsystem<RecorderSubsystem>({ name: "recorder", create: () => new Recorder(sink) });
}

class Recorder implements RecorderSubsystem {
  readonly #sink: ByteSink;
  readonly #writer = new ByteWriter(blockBytesMax);
  #world: World | undefined;
  #blockNumber = 0;
  #link = 0;
  #gatheredTicks = 0;
  #recordedTicks = 0;
  #recordedHigh = 0;
  #recordedLow = 0;
  #lastHashes = new Uint32Array(0);

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  start({ world }: SubsystemHost): void {
    this.#world = world;
    this.#lastHashes = new Uint32Array(world.hash.spans.length);
    const payload = encodeHeader({
      format: journalFormat,
      program: identityOf(world.program),
      seed: world.seed,
      spans: world.hash.spans.map((span) => span.name),
    });
    this.#write(blockKind.header, payload);
    this.#sink.flush();
    this.#beginBlock();
  }

  afterTick(world: World): void {
    const writer = this.#writer;
    encodeRecords(writer, world.door.entered);
    writer.u32(world.hash.high).u32(world.hash.low);
    const { results } = world.hash;
    const countAt = writer.length;
    writer.u16(0);
    let changedCount = 0;
    for (let span = 0; span < this.#lastHashes.length; span++) {
      const hash = results[span * 2]!;
      if (hash === this.#lastHashes[span]) continue;
      this.#lastHashes[span] = hash;
      writer.u16(span).u32(hash);
      changedCount++;
    }
    writer.patchU16(countAt, changedCount);
    this.#gatheredTicks++;
    this.#recordedTicks = world.tickCount;
    this.#recordedHigh = world.hash.high;
    this.#recordedLow = world.hash.low;
    if (this.#gatheredTicks >= blockTickCount || writer.length >= blockBytesMax) this.#endBlock();
  }

  note(topic: string, text: string): void {
    if (this.#world === undefined) return;
    if (this.#gatheredTicks > 0) this.#endBlock();
    this.#write(blockKind.note, encodeNote({ tick: this.#recordedTicks, topic, text }));
  }

  faulted(fault: Fault, world: World): void {
    this.#close("faulted", `${faultId(fault)} ${faultText(fault)}`, world);
  }

  stop(): void {
    if (this.#world !== undefined) this.#close("stopped", "", this.#world);
  }

  #close(reason: "stopped" | "faulted", text: string, world: World): void {
    if (this.#gatheredTicks > 0) this.#endBlock();
    // A tick that failed, or that another subsystem failed in before it came here, is not recorded; its records are.
    const tick = this.#recordedTicks;
    const records = tick < world.tickCount ? world.door.entered : [];
    const hash = { hashHigh: this.#recordedHigh, hashLow: this.#recordedLow };
    this.#write(blockKind.end, encodeEnd({ reason, tick, ...hash, text, records }));
    this.#sink.flush();
    this.#world = undefined;
  }

  #beginBlock(): void {
    this.#writer.clear();
    this.#writer.u32(this.#world!.tickCount + 1).u32(0);
    this.#gatheredTicks = 0;
  }

  #endBlock(): void {
    this.#writer.patchU32(4, this.#gatheredTicks);
    this.#write(blockKind.ticks, this.#writer.view());
    this.#beginBlock();
  }

  #write(kind: BlockKind, payload: Uint8Array): void {
    const block = encodeBlock(kind, this.#blockNumber, this.#link, payload);
    this.#sink.append(block);
    // Only now: a block that the sink refused may be tried again under its own number.
    this.#blockNumber++;
    this.#link = blockLink(block);
  }
}
