/**
 * Rehearsal: stages of new code are run once on the inputs of the running world, in plain memory, before the world needs
 * them. What they make is forgotten; code that has never run is slow when it has to be quick.
 */
import type { PipelineDefinition } from "../asset/stage.ts";
import type { ResourceDefinition } from "./definition.ts";
import type { SavedResource } from "./saved-resources.ts";

/** Runs what `inputs` ask for by the given definitions. Throws what a stage throws. */
export function rehearseRebuilds(
  inputs: readonly SavedResource[],
  resources: readonly ResourceDefinition[],
  pipelines: readonly PipelineDefinition[],
): void {
  for (const { name, input } of inputs) {
    const resource = resources.find((candidate) => candidate.name === name);
    const pipeline = pipelines.find((candidate) => candidate.name === resource?.pipeline);
    if (input !== undefined && pipeline !== undefined) runStages(pipeline, input, resource?.parameters ?? []);
  }
}

function runStages({ stages }: PipelineDefinition, first: Uint8Array, numbers: readonly number[]): void {
  const parameters = new Float64Array(16);
  parameters.set(numbers);
  let input = first;
  for (const stage of stages) {
    let output = new Uint8Array(0);
    stage.run({
      ...{ input, parameters, isCancelled: false },
      allocate: (byteLength) => {
        output = new Uint8Array(byteLength);
        return output;
      },
      keepInput: () => {
        output = input.slice();
      },
      trim: (byteLength) => {
        output = output.subarray(0, byteLength) as typeof output;
      },
    });
    input = output;
  }
}
