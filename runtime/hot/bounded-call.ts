/**
 * A call that is ended when it takes too long: code that is run for the first time may loop, and a thread that loops can do
 * nothing about it itself. The limit is kept by a thread of Node's own, which `vm` starts for a script.
 */
import { Script } from "node:vm";
import { isDebugged } from "../host/thread-stack.ts";

const key = Symbol.for("orrery.bounded-call");
const holder = globalThis as { [key]?: (() => void) | undefined };
let script: Script | undefined;

/**
 * Runs `act` to its end, or for `limitMillis`: false then, and nothing of it goes on. While somebody debugs the process there
 * is no limit. Raises what `act` does.
 */
export async function callWithin(limitMillis: number, act: () => void): Promise<boolean> {
  if (await isDebugged()) {
    act();
    return true;
  }
  script ??= new Script('globalThis[Symbol.for("orrery.bounded-call")]()', { filename: "bounded-call.js" });
  holder[key] = act;
  try {
    script.runInThisContext({ timeout: limitMillis, displayErrors: false });
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw thrown;
  } finally {
    holder[key] = undefined;
  }
}
