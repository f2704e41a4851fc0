/**
 * Makes every call of Trapped as its system does, one after the other in one process, and prints what the traps say:
 * an object of faults by system, as JSON. Afterwards every call is made again outside world code, where none may be caught,
 * and systems and setups throw what is no error, to show how it comes through the watch.
 */
import "../../runtime/traps/early.ts";
import { type FaultError, faultOf } from "../../engine/base/faults.ts";
import { withTraps } from "../../runtime/traps/world-code.ts";
import { calls, makeTrapped, type TrappedCall, trappedTick } from "./trapped.ts";

const names = Object.keys(calls) as (keyof typeof calls)[];

function faultOfCall(name: TrappedCall): unknown {
  const system = withTraps(makeTrapped(name)).systems.find((known) => known.name === name)!;
  try {
    system.run({ tick: trappedTick });
    return undefined;
  } catch (thrown) {
    return faultOf(thrown as FaultError);
  }
}

const faults = Object.fromEntries(names.map((name) => [name, faultOfCall(name)]));
const passed = names.filter((name) => {
  void calls[name]();
  return true;
});

/** What a system and a setup that throw `value` seem to have thrown, from outside: as texts, which JSON has a form for. */
function cameThrough(value: unknown): string[] {
  const game = makeTrapped("none" as TrappedCall);
  const run = (): never => {
    throw value;
  };
  const watched = withTraps({ ...game, systems: [{ ...game.systems[0]!, run }], setup: run });
  const calls = [() => watched.systems[0]!.run({ tick: 1 }), () => watched.setup(undefined as never)];
  return calls.map((call) => {
    try {
      call();
      return "nothing";
    } catch (thrown) {
      return Object.is(thrown, value) ? `the same ${String(thrown)}` : String(thrown);
    }
  });
}
const thrown = [null, undefined, 0, "words"].map(cameThrough);
process.stdout.write(JSON.stringify({ faults, passed, thrown }));
// The timers that were just set must not keep the process.
process.exit(0);
