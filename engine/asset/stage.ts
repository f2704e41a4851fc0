/**
 * Stages: the steps of a pipeline that threads run. A stage is a pure function of its input bytes and sixteen
 * parameters; it is found by its name's number in the list that every thread makes from the same pipelines, so nothing
 * is serialised. It may run in any thread, again after a failure, and twice at once when a thread was given up.
 *
 * The one rule: a stage writes to what `allocate` gave it and to nothing else, and it writes the same for the same input.
 */
import { assert } from "../base/assertions.ts";
import { raise } from "../base/faults.ts";

/** What a stage is given. One object a thread, used again for each run: never keep it or its views. */
export interface StageContext {
  /** The bytes that the stage before, the source or the request gave. To be read only. */
  readonly input: Uint8Array;
  /** Sixteen numbers of the request. To be read only. */
  readonly parameters: Float64Array;
  /** True once nobody wants the result; a long stage may look now and then and return. */
  readonly isCancelled: boolean;
  /** The output: `byteLength` zeroed bytes in shared memory, its start a multiple of 64. Once a run. */
  allocate(byteLength: number): Uint8Array;
  /** Says that the input itself, as it is, is the output; instead of `allocate`, and without a copy. */
  keepInput(): void;
  /** Says that only the first `byteLength` bytes of the output are used. */
  trim(byteLength: number): void;
}

export interface StageDefinition {
  readonly name: string;
  /** Throws when the input is not what it should be; the message becomes part of a fault. No output is an empty one. */
  readonly run: (context: StageContext) => void;
}

export function defineStage(definition: StageDefinition): StageDefinition {
  return definition;
}

/** The stage of every pipeline whose bytes are used as they come: they are checked, and nothing is copied. */
export const keepBytes: StageDefinition = defineStage({
  name: "keep-bytes",
  run(context) {
    context.keepInput();
  },
});

/**
 * A pipeline: the kind of a resource and how its bytes come to be.
 *
 * `host: true`: the first input is read from the source, by the resource's file name. Otherwise it is what
 * `requestWith` hands in, or nothing. Then each stage's output is the next one's input; the last one's is the resource.
 */
export interface PipelineDefinition {
  readonly name: string;
  readonly host: boolean;
  readonly stages: readonly StageDefinition[];
  /** Bytes that stand in for any resource of this kind until its first publication. Empty when left out. */
  readonly fallback?: Uint8Array;
}

export function definePipeline(definition: PipelineDefinition): PipelineDefinition {
  return definition;
}

/** Pipelines and their stages by number: the same in every thread that was given the same pipelines, in any order. */
export class StageList {
  readonly pipelines: readonly PipelineDefinition[];
  readonly stages: readonly StageDefinition[];
  /** stageNumbers[pipeline][k] is the number of the pipeline's k-th stage. */
  readonly stageNumbers: readonly (readonly number[])[];

  /** Raises "duplicate-name" for two pipelines, or two different stages, of one name; "bad-definition" for no stage. */
  constructor(pipelines: readonly PipelineDefinition[]) {
    this.pipelines = pipelines.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const stages = new Map<string, StageDefinition>();
    for (let i = 0; i < this.pipelines.length; i++) {
      const { name, stages: own } = this.pipelines[i]!;
      if (this.pipelines[i + 1]?.name === name) raise("duplicate-name", { what: "pipeline", name });
      if (own.length === 0)
        raise("bad-definition", {
          what: "pipeline",
          name,
          problem: "it has no stages",
          remedy: "Give it at least one; `keepBytes` uses bytes as they are.",
        });
      for (const stage of own) {
        if ((stages.get(stage.name) ?? stage) !== stage) raise("duplicate-name", { what: "stage", name: stage.name });
        stages.set(stage.name, stage);
      }
    }
    this.stages = [...stages.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.stageNumbers = this.pipelines.map(({ stages: own }) => own.map((stage) => this.stages.indexOf(stage)));
  }

  /** Pipelines and their stages by name, as text: lists of one text number them alike. */
  get layout(): string {
    return JSON.stringify(
      this.pipelines.map(({ name, host, stages }) => [name, host, stages.map((stage) => stage.name)]),
    );
  }

  /** Takes other code for the same pipelines. */
  replace(pipelines: readonly PipelineDefinition[]): void {
    const other = new StageList(pipelines);
    assert(other.layout === this.layout, "other code is of the same pipelines and stages");
    (this.pipelines as PipelineDefinition[]).splice(0, this.pipelines.length, ...other.pipelines);
    (this.stages as StageDefinition[]).splice(0, this.stages.length, ...other.stages);
  }

  /** The number of the pipeline of this name; raises "unknown-name". */
  pipelineNumber(name: string, where: string): number {
    const number = this.pipelines.findIndex((pipeline) => pipeline.name === name);
    const known = this.pipelines.map((pipeline) => pipeline.name).join(", ");
    return number >= 0 ? number : raise("unknown-name", { what: "pipeline", name, where, known });
  }
}
