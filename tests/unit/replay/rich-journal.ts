/**
 * A journal of everything that can stand in one: keyframes, a step back, a swap to a program that is the same, a note, an
 * attachment.
 * Of the ticker, so that thousands of changed copies of it are read in seconds.
 */

import { crc32 } from "../../../engine/base/checksum.ts";
import { Engine } from "../../../engine/engine.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { type Compressor, codec, plainCompressor } from "../../../engine/ports/compressor.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { blockKind } from "../../../engine/replay/block.ts";
import { identityOf } from "../../../engine/replay/identity.ts";
import { KeyframeTaker } from "../../../engine/replay/keyframe-taker.ts";
import { type RecorderSubsystem, recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { encodeAttachment } from "../../../engine/replay/wire.ts";
import type { SubsystemDefinition } from "../../../engine/sim/subsystem.ts";
import { parseInput } from "../../../runtime/input/input-file.ts";
import { framed, partsOf } from "../../data/journals.ts";
import { ticker, tickerInput } from "./ticker.ts";

/** A ticker that is recorded while somebody does something with it between its frames. */
export class RecordedTicker {
  readonly engine: Engine;
  readonly sink: MemorySink;
  readonly definition: SubsystemDefinition<RecorderSubsystem>;
  #taker: KeyframeTaker | undefined;
  readonly #compressor: Compressor;
  readonly #everyTicks: number;
  readonly #script = parseInput(tickerInput(1_000), "input.jsonl", ticker);

  private constructor(everyTicks: number, compressor: Compressor, seed: number) {
    this.sink = new MemorySink();
    this.definition = recorderSubsystem(this.sink);
    this.engine = new Engine(ticker, { clock: new ManualClock() }, { seed, subsystems: [this.definition] });
    this.#compressor = compressor;
    this.#everyTicks = everyTicks;
  }

  static async start(everyTicks = 50, compressor = plainCompressor(), seed = 3): Promise<RecordedTicker> {
    const made = new RecordedTicker(everyTicks, compressor, seed);
    await made.engine.start();
    made.#taker = new KeyframeTaker({
      engine: () => made.engine,
      recorder: () => made.recorder,
      compressor: made.#compressor,
      everyTicks: made.#everyTicks,
    });
    return made;
  }

  get recorder(): RecorderSubsystem {
    return this.engine.of(this.definition);
  }

  get tick(): number {
    return this.engine.world.tickCount;
  }

  /** Makes ticks up to `tick`, with the records that the input has for them. */
  runTo(tick: number): void {
    while (this.tick < tick) {
      for (const { tick: at, record } of this.#script) if (at === this.tick + 1) this.engine.world.door.admit(record);
      this.engine.step();
      this.#taker!.afterFrame();
    }
  }

  /** Says that another program, which is the same one, makes the ticks from here on. */
  swap(recorder = this.recorder): void {
    const { world, program } = this.engine;
    const spans = world.hash.spans.map(({ name }) => name);
    recorder.swap({
      ...{ tick: this.tick, code: { hash: "c0de" }, settings: {}, program: identityOf(program), spans, moved: {} },
    });
  }

  /** Ends the run and gives the journal. */
  end(): Uint8Array {
    this.#taker!.finish();
    this.engine.dispose();
    return this.sink.bytes();
  }
}

/** What the journal carries with it. */
export const carried = { topic: "letter", name: "to whom", bytes: Uint8Array.of(3, 1, 4, 1, 5, 9, 2, 6) };

/** 400 ticks with keyframes, a note, a step back from 180 to 120, a swap behind 250, and an attachment ahead of that. */
export async function richJournal(seed = 3): Promise<Uint8Array> {
  const run = await RecordedTicker.start(50, plainCompressor(), seed);
  run.runTo(120);
  const saved = run.engine.save();
  run.runTo(180);
  run.recorder.note("test", "going back");
  run.engine.restore(saved);
  run.runTo(250);
  run.swap();
  run.runTo(400);
  const { topic, name, bytes } = carried;
  const stored = { codec: codec.none, rawLength: bytes.length, crc: crc32(bytes), bytes };
  const attachment = { kind: blockKind.attachment, payload: encodeAttachment({ topic, name, ...stored }) };
  const parts = partsOf(run.end());
  const at = parts.findIndex(({ kind }) => kind === blockKind.swap);
  return framed([...parts.slice(0, at), attachment, ...parts.slice(at)]);
}
