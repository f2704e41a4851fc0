/**
 * A small world of assets for tests: memory, pipelines over files in memory, a clock that stands still, and lists of
 * everything that was told.
 */

import type { AssetLimits } from "../../../engine/asset/limits.ts";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { Pipelines } from "../../../engine/asset/pipelines.ts";
import type { Publication } from "../../../engine/asset/publication.ts";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import type { PipelineSettings, ResourceDescription } from "../../../engine/asset/settings.ts";
import { type AssetSource, MemorySource, type SourceListener } from "../../../engine/asset/source.ts";
import { definePipeline, defineStage, keepBytes } from "../../../engine/asset/stage.ts";
import type { FailedAttempt } from "../../../engine/asset/workshop.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { ManualClock } from "../../../engine/ports/clock.ts";

/** Every byte plus parameter 0; throws for an input that begins with 255. */
export const addStage = defineStage({
  name: "add",
  run(context) {
    const { input, parameters } = context;
    if (input[0] === 255) throw new Error("the first byte is 255");
    const output = context.allocate(input.length);
    for (let i = 0; i < input.length; i++) output[i] = input[i]! + parameters[0]!;
  },
});

/** All bytes twice; asks for more than it uses. */
export const doubleStage = defineStage({
  name: "double",
  run(context) {
    const { input } = context;
    const output = context.allocate(input.length * 2 + 500);
    output.set(input);
    output.set(input, input.length);
    context.trim(input.length * 2);
  },
});

/** As many bytes as parameter 0 says, all of the value of parameter 1; no input. */
export const makeStage = defineStage({
  name: "make",
  run(context) {
    context.allocate(context.parameters[0]!).fill(context.parameters[1]!);
  },
});

export const testPipelines = [
  definePipeline({ name: "raw", host: true, stages: [keepBytes], fallback: Uint8Array.of(1, 2, 3) }),
  definePipeline({ name: "twice", host: true, stages: [addStage, doubleStage] }),
  definePipeline({ name: "grid", host: false, stages: [addStage], fallback: Uint8Array.of(9) }),
  definePipeline({ name: "yard", host: false, stages: [makeStage, doubleStage] }),
];

/** Reads that the test answers itself. */
export class HandSource implements AssetSource {
  readonly asked: { id: number; name: string; byteOffset: number; byteLength: number }[] = [];
  readonly cancelled: number[] = [];
  readonly answers: ((listener: SourceListener) => void)[] = [];
  read(id: number, name: string, _fileOffset: number, byteLength: number, byteOffset: number): boolean {
    this.asked.push({ id, name, byteLength, byteOffset });
    return true;
  }
  cancel(id: number): boolean {
    this.cancelled.push(id);
    return true;
  }
  poll(listener: SourceListener): void {
    while (this.answers.length > 0) this.answers.shift()!(listener);
  }
}

/** What `content` says of a file with these bytes. */
export function contentOf(file: string, bytes: Uint8Array): NonNullable<ResourceDescription["content"]> {
  const { low, high } = hashBytes(bytes);
  return { file, byteLength: bytes.length, hashLow: low, hashHigh: high };
}

export function makeBench(
  files: ReadonlyMap<string, Uint8Array> = new Map(),
  overrides: Partial<PipelineSettings> & { readonly limits?: Partial<AssetLimits> } = {},
) {
  const { limits, ...settings } = overrides;
  const memory = overrides.memory ?? allocateAssetMemory({ resources: 16, tickets: 8, threads: 8, ...limits });
  const clock = new ManualClock();
  const published: Publication[] = [];
  const failed: FailedAttempt[] = [];
  const pipelines = new Pipelines({
    memory,
    pipelines: testPipelines,
    source: new MemorySource(memory.buffer, files),
    clock,
    listener: { published: (p) => published.push(p), failed: (f) => failed.push(f) },
    ...settings,
  });
  let frame = 0;
  return {
    memory,
    clock,
    pipelines,
    published,
    failed,
    /** Polls `count` frames. */
    poll(count = 1): void {
      for (let i = 0; i < count; i++) pipelines.poll(++frame);
    },
    get frame() {
      return frame;
    },
    /** What a handle stands for: state, version and bytes. */
    show(handle: number) {
      const view = makeResourceView();
      if (!pipelines.current(handle, view)) return undefined;
      return { state: view.state, version: view.version, bytes: [...pipelines.bytesOf(view)] };
    },
  };
}
