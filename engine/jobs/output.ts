/**
 * Outputs: the named columns that a job writes and that other jobs and the merge read. One job writes an
 * output; whoever names it among its inputs runs after that job. An output is presentation, or on its
 * way to the door: it is never hashed or saved.
 */
import { raise } from "../base/faults.ts";
import { checkName } from "../ecs/component.ts";
import type { Field } from "../ecs/field.ts";

export type OutputFields = Readonly<Record<string, Field>>;

export interface Output<N extends string = string, F extends OutputFields = OutputFields> {
  readonly name: N;
  readonly fields: F;
}

/** Defines an output: `defineOutput("Spheres", { x: f32, y: f32, z: f32, radius: f32 })`. One row an item, or as many as a chunk emits. */
export function defineOutput<const N extends string, const F extends OutputFields>(name: N, fields: F): Output<N, F> {
  checkName("output", name);
  if (Object.keys(fields).length === 0)
    raise("bad-definition", {
      what: "output",
      name,
      problem: "it has no fields",
      remedy: "Give it a column for what the job finds out.",
    });
  for (const fieldName of Object.keys(fields)) checkName("field", fieldName);
  return Object.freeze({ name, fields });
}
