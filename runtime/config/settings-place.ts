/** Where settings stand that a plan refuses: the plan knows their names, their author a file. */
import type { Fault } from "../../engine/base/faults.ts";

/** The same fault with the place in the configuration file at `path`, where it is one of settings. */
export function withSettingsPlace(fault: Fault, path: string): Fault {
  if (fault.kind !== "settings-refused") return fault;
  const where = fault.fields.where
    .replace(/^(order|disabled)\b/, "systems.$1")
    .replace(/^tick\.perFrameMax\b/, "tick.per_frame_max");
  return { ...fault, fields: { ...fault.fields, where: `${path}, ${where}` } };
}
