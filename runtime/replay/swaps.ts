/**
 * The way of replays through recorded swaps: the program behind a swap is made of the code that its hash names, or of the
 * code that runs when only settings changed, and the world moves to it as it did when it was recorded.
 *
 * Given a way to find code by its hash, hands on what `replayHost` takes. The rule a reader could break: a replay goes
 * through swaps in their order, and one that begins at a keyframe begins with the code of the last swap before it.
 */
import { Engine, type EnginePorts } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { Pulse } from "../../engine/ports/pulse.ts";
import type { Journal } from "../../engine/replay/journal.ts";
import type { SwapHost } from "../../engine/replay/replay.ts";
import type { JournalSwap } from "../../engine/replay/wire.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { Arrival, handoverOf } from "../../engine/swap/handover.ts";
import { Swap, successorPorts } from "../../engine/swap/swap.ts";
import { hostClock } from "../host/clock.ts";

/** The game whose code has this hash. Raises when it is not to be had. */
export type FindCode = (hash: string, swap: JournalSwap) => Promise<Game>;

/** Swaps of a journal that was begun with `game`. */
export function swapHost(
  journal: Journal,
  game: Game,
  findCode: FindCode,
  /** Parts beside a game's own, made anew for each engine. */
  subsystems: () => readonly SubsystemDefinition[],
  pulse?: Pulse,
): SwapHost {
  const ports: EnginePorts = { clock: hostClock, pulse };
  /** The code behind a swap: its own, or that of the last one before it that brought any. */
  const gameBehind = async (swap: JournalSwap): Promise<Game> => {
    const own = journal.swaps.indexOf(swap);
    for (let at = own; at >= 0; at--) {
      const { code } = journal.swaps[at]!;
      if (code !== null) return findCode(code.hash, journal.swaps[at]!);
    }
    return game;
  };
  return {
    async engineOf(swap, seed) {
      const settings = swap.program.settings ?? {};
      return new Engine(await gameBehind(swap), ports, { seed, settings, subsystems: subsystems() });
    },
    async apply(before, swap) {
      const next = await gameBehind(swap);
      const settings = swap.program.settings ?? {};
      const options = { seed: before.world.seed, settings, subsystems: subsystems(), isSuccessor: true };
      if (swap.isRestart === true) return restarted(before, new Engine(next, ports, options), next);
      const after = new Engine(next, successorPorts(before, ports), options);
      try {
        const move = new Swap(before, after, next);
        await move.allocate();
        move.commit();
      } catch (thrown) {
        after.dispose();
        throw thrown;
      }
      before.dispose();
      return after;
    },
  };
}

/** As another thread took the world over: nothing but a keyframe goes along, and `before` ends before `after` begins. */
async function restarted(before: Engine, after: Engine, next: Game): Promise<Engine> {
  try {
    await after.start();
    const arrival = new Arrival(after, handoverOf(before), next);
    before.dispose();
    arrival.enter();
    return after;
  } catch (thrown) {
    after.dispose();
    throw thrown;
  }
}
