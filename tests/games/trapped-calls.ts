/**
 * Makes every call of Trapped as its system does, one after the other in one process, and prints what the traps say:
 * an object of faults by system, as JSON. Afterwards every call is made again outside world code, where none may be caught.
 */
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
process.stdout.write(JSON.stringify({ faults, passed }));
// The timers that were just set must not keep the process.
process.exit(0);
