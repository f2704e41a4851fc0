/** A journal of a game without input that is swapped for another while it runs, with keyframes, for tests of replays. */
import { Engine } from "../../../engine/engine.ts";
import type { Game } from "../../../engine/game.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";
import { plainCompressor } from "../../../engine/ports/compressor.ts";
import { MemorySink } from "../../../engine/ports/storage.ts";
import { type Journal, readJournal } from "../../../engine/replay/journal.ts";
import { KeyframeTaker } from "../../../engine/replay/keyframe-taker.ts";
import { recorderSubsystem } from "../../../engine/replay/recorder.ts";
import { Swap, successorPorts } from "../../../engine/swap/swap.ts";

export interface SwappedRun {
  readonly first: Game;
  readonly second: Game;
  /** The tick behind which `second` takes over; 0 for never. */
  readonly swapTick: number;
  readonly tickCount: number;
  /** Ticks between two keyframes. */
  readonly everyTicks: number;
}

const clock = new ManualClock();

export async function swappedRun({ first, second, swapTick, tickCount, everyTicks }: SwappedRun): Promise<Journal> {
  const sink = new MemorySink();
  let recorder = recorderSubsystem(sink);
  let engine = new Engine(first, { clock }, { seed: 7, subsystems: [recorder] });
  await engine.start();
  const taker = new KeyframeTaker({
    ...{ engine: () => engine, recorder: () => engine.of(recorder), compressor: plainCompressor(), everyTicks },
  });
  for (let tick = 1; tick <= tickCount; tick++) {
    engine.step();
    taker.afterFrame();
    if (tick !== swapTick) continue;
    const next = recorderSubsystem(new MemorySink());
    const options = { seed: 7, subsystems: [next], settings: {}, isSuccessor: true };
    const after = new Engine(second, successorPorts(engine, { clock }), options);
    const swap = new Swap(engine, after, second);
    await swap.allocate();
    swap.commit();
    after.of(next).swap(swap.payload({ hash: "second" }));
    engine.dispose();
    engine = after;
    recorder = next;
  }
  taker.finish();
  engine.dispose();
  return readJournal(sink.bytes(), `${first.id}.orj`);
}
