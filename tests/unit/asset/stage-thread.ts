/**
 * A thread of threads.test.ts. As "worker" it runs stages until it is told to stop or is ended from outside, in the
 * middle of one if it so happens. As "reader" it pins the table over and over and checks that what it sees holds still.
 */
import { parentPort, workerData } from "node:worker_threads";
import { headBytes } from "../../../engine/asset/head.ts";
import { type AssetMemory, assetLayout } from "../../../engine/asset/memory.ts";
import { makeResourceView, ResourceTable } from "../../../engine/asset/resource-table.ts";
import { definePipeline, defineStage, StageList } from "../../../engine/asset/stage.ts";
import { StageRunner } from "../../../engine/asset/stage-runner.ts";
import { TableVersions } from "../../../engine/asset/table-versions.ts";

export interface StageThreadTask {
  readonly role: "worker" | "reader";
  readonly thread: number;
  readonly memory: AssetMemory;
  /** Words: 0 stop, 1 stages run, 2 lookups of readers. */
  readonly flagsBuffer: SharedArrayBuffer;
  /** Reader: the handles to look up. */
  readonly handles: readonly number[];
}

/** Parameter 0 bytes (as given, plus 3 that it lets go again) of the value of parameter 1, written slowly. */
const fillStage = defineStage({
  name: "fill",
  run(context) {
    const { parameters } = context;
    const length = parameters[0]!;
    const output = context.allocate(length + 3);
    for (let round = 0; round < parameters[2]!; round++)
      for (let i = 0; i < length; i++) output[i] = parameters[1]! ^ round;
    output.fill(parameters[1]!, 0, length);
    context.trim(length);
  },
});

/** The same bytes, each one more. */
const raiseStage = defineStage({
  name: "raise",
  run(context) {
    const { input } = context;
    const output = context.allocate(input.length);
    for (let i = 0; i < input.length; i++) output[i] = input[i]! + 1;
  },
});

export const threadPipelines = [definePipeline({ name: "slow", host: false, stages: [fillStage, raiseStage] })];

if (parentPort !== null) {
  const task = workerData as StageThreadTask;
  const flags = new Int32Array(task.flagsBuffer);
  if (task.role === "worker") work(task, flags);
  else read(task, flags);
}

function work({ memory, thread }: StageThreadTask, flags: Int32Array): void {
  const runner = new StageRunner(memory, new StageList(threadPipelines));
  while (Atomics.load(flags, 0) === 0) {
    if (runner.hasWork && runner.runOne(thread)) Atomics.add(flags, 1, 1);
    else Atomics.wait(flags, 0, 0, 1);
  }
}

function read({ memory, thread, handles }: StageThreadTask, flags: Int32Array): void {
  const { buffer, limits } = memory;
  const layout = assetLayout(limits);
  const versions = new TableVersions(new Uint32Array(buffer, 0, headBytes >> 2), layout.pins, limits.threads);
  const table = new ResourceTable(buffer, layout.publishedRows, limits.resources, versions);
  const view = makeResourceView();
  const last = new Map<number, number>();
  const problems: string[] = [];
  for (let i = 0; Atomics.load(flags, 0) === 0; i++) {
    const copy = versions.pin(thread);
    for (const handle of handles) {
      if (!table.find(copy, handle, view)) continue;
      const bytes = new Uint8Array(buffer, view.byteOffset, view.byteLength);
      // The bytes of one version are all equal, whenever one looks while the table is pinned.
      for (let round = 0; round < 2; round++)
        for (let k = 0; k < bytes.length; k++)
          if (bytes[k] !== bytes[0] && problems.length < 5) problems.push(`torn: ${view.version} at ${k}`);
      if (view.version < (last.get(handle) ?? 0) && problems.length < 5) problems.push("a version went back");
      last.set(handle, view.version);
      Atomics.add(flags, 2, 1);
    }
    versions.unpin(thread);
    if (i % 16 === 0) Atomics.wait(flags, 0, 0, 1);
  }
  parentPort!.postMessage(problems);
}
