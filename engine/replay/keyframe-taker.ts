/**
 * Takes keyframes for a journal while the world runs, so that no tick waits for one: the state is copied between two
 * frames, its bytes are made behind a later frame, and they are made small by somebody else.
 *
 * Given: the engine and its recorder, a compressor, and how often. Hands on: keyframes to the recorder. `afterFrame` is to
 * be called behind every frame, where there is time before the next.
 */
import type { Engine } from "../engine.ts";
import type { Compressed, Compressor } from "../ports/compressor.ts";
import type { SavedState } from "../sim/saved-state.ts";
import { encodeKeyframe } from "./keyframe.ts";
import type { RecorderSubsystem } from "./recorder.ts";

export interface KeyframeTakerOptions {
  /** The engine that makes ticks now, and its recorder: a swap of code changes both. */
  engine(): Engine;
  recorder(): RecorderSubsystem;
  readonly compressor: Compressor;
  /** A keyframe behind every tick that is a multiple of this, or the next frame's end. */
  readonly everyTicks: number;
  /** Another such distance, for somebody else who reads along: seconds of ticks, at the rate at which they are made. */
  readonly alsoEverySeconds?: number;
}

/** Of which tick the bytes are that are being compressed. */
interface Pending {
  readonly tick: number;
  readonly hashHigh: number;
  readonly hashLow: number;
}

export class KeyframeTaker {
  readonly #options: KeyframeTakerOptions;
  readonly #pending: Pending[] = [];
  /** The save whose memory is used again, and the engine that it is of. */
  #saved: SavedState | undefined;
  #savedOf: Engine | undefined;
  #isEncoded = true;
  /** The tick behind which the last one was taken, or behind which the world went on. */
  #lastTick: number;

  constructor(options: KeyframeTakerOptions) {
    this.#options = options;
    this.#lastTick = options.engine().world.tickCount;
  }

  /** Does at most one of: taking a state, making its bytes, handing on a finished keyframe. */
  afterFrame(): void {
    const engine = this.#options.engine();
    const { tickCount } = engine.world;
    // Behind a step back, what was taken beyond it is taken anew.
    if (tickCount < this.#lastTick) this.#lastTick = tickCount;
    if (!this.#isEncoded) this.#encode(engine);
    else if (this.#isDue(engine, tickCount)) this.#take(engine, tickCount);
    else if (this.#pending.length > 0) this.#handOn(this.#options.compressor.poll());
  }

  /** Finishes what is on its way, at the end of a run. */
  finish(): void {
    if (!this.#isEncoded) this.#encode(this.#options.engine());
    while (this.#pending.length > 0 && this.#handOn(this.#options.compressor.wait()));
  }

  #isDue({ program }: Engine, tickCount: number): boolean {
    const { everyTicks, alsoEverySeconds = 0 } = this.#options;
    const alsoEveryTicks = alsoEverySeconds * program.tickRate;
    return hasPassed(everyTicks, this.#lastTick, tickCount) || hasPassed(alsoEveryTicks, this.#lastTick, tickCount);
  }

  #take(engine: Engine, tickCount: number): void {
    this.#saved = engine.save(this.#savedOf === engine ? this.#saved : undefined);
    this.#savedOf = engine;
    this.#isEncoded = false;
    this.#lastTick = tickCount;
    this.#options.recorder().awaitKeyframe();
  }

  #encode(engine: Engine): void {
    this.#isEncoded = true;
    // The engine that the state is of is gone: its keyframe is given up, the journal goes on without it.
    if (this.#savedOf !== engine || this.#saved === undefined) return;
    const { tick, hashHigh, hashLow } = this.#saved;
    this.#pending.push({ tick, hashHigh, hashLow });
    this.#options.compressor.compress(encodeKeyframe(engine, this.#saved));
  }

  /** False when there was nothing. */
  #handOn(compressed: Compressed | undefined): boolean {
    if (compressed === undefined) return false;
    this.#options.recorder().keyframe({ ...this.#pending.shift()!, ...compressed });
    return true;
  }
}

/** Whether there is a multiple of `everyTicks` from `last` up to `now`; there is none of 0. */
function hasPassed(everyTicks: number, last: number, now: number): boolean {
  return everyTicks > 0 && Math.floor(now / everyTicks) > Math.floor(last / everyTicks);
}
