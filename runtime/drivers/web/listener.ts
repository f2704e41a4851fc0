/**
 * Opens a server on the loopback address, on the port asked for or one of those that follow it. A
 * port that is taken is a fault that names who holds it.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Fault, FaultError, makeFault, raise } from "../../../engine/base/faults.ts";
import { findPortHolder } from "./port-holder.ts";

/** Ports tried after the one asked for, unless the port is strict. */
export const portAttemptsMax = 20;
const portMax = 65_535;

/** Returns the port that `server` now listens on; 0 asks for any. Reports a taken port once. */
export async function listenOnLoopback(
  server: Server,
  port: number,
  strictPort: boolean,
  report: (fault: Fault) => void,
): Promise<number> {
  const portLast = strictPort || port === 0 ? port : Math.min(port + portAttemptsMax, portMax);
  let taken: Fault | undefined;
  for (let candidate = port; candidate <= portLast; candidate++) {
    const code = await tryPort(server, candidate);
    if (code === undefined) {
      if (taken !== undefined) report(taken);
      return (server.address() as AddressInfo).port;
    }
    if (code !== "EADDRINUSE")
      raise("config-invalid", {
        setting: "port",
        value: String(candidate),
        expected: `a port that can be opened (${code})`,
      });
    taken ??= makeFault("port-in-use", { port: candidate, holder: await findPortHolder(candidate) });
  }
  throw new FaultError(taken as Fault);
}

/** Listens on one port; returns the error's code when that fails. */
function tryPort(server: Server, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off("listening", listening);
      resolve(error.code ?? error.message);
    };
    const listening = (): void => {
      server.off("error", failed);
      resolve(undefined);
    };
    server.once("error", failed);
    server.once("listening", listening);
    server.listen({ port, host: "127.0.0.1", exclusive: true });
  });
}
