/** What nobody caught, on the command line: told as a fault with its place and its stack, and the process ends. */
import { FaultError, placeOf } from "../../engine/base/faults.ts";
import { withSourcePlaces } from "../host/source-places.ts";
import { endProcess, uncaughtFault } from "../host/uncaught.ts";
import { exitCodeOf } from "./command-line.ts";
import { Terminal } from "./terminal.ts";

/** Without a terminal for what comes before a command does. */
export function tellUncaught(thrown: unknown, terminal = new Terminal(process.argv.includes("--json"))): void {
  const fault = uncaughtFault(thrown);
  terminal.fault(fault);
  // A definition is refused where it stands; other faults say themselves where they were.
  if (thrown instanceof FaultError && !("place" in fault.fields) && placeOf(thrown) !== "")
    terminal.note(`      at ${withSourcePlaces(placeOf(thrown))}`);
  terminal.stack(stackOf(thrown));
  terminal.finish("failed");
  endProcess(exitCodeOf(fault));
}

/** The stack of an error, or of the one that a fault stands for; "" where there is none. */
export function stackOf(thrown: unknown): string {
  const innermost = thrown instanceof FaultError ? thrown.cause : thrown;
  return innermost instanceof Error ? withSourcePlaces(innermost.stack ?? "") : "";
}
