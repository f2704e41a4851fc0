/** What a call raises, as "kind: text"; "nothing" when it returns. */
import { type Fault, FaultError, faultText } from "../../../engine/base/faults.ts";

export function faultOfCall(call: () => unknown): Fault | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  return undefined;
}

export function raised(call: () => unknown): string {
  const fault = faultOfCall(call);
  return fault === undefined ? "nothing" : `${fault.kind}: ${faultText(fault)}`;
}
