/**
 * A thread that stands for the engine's: it blocks between frames, polls pipelines once a frame, and takes its files from
 * the main thread through rings. Reports what was published. Started by source-reader.test.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { AssetMemory } from "../../../engine/asset/memory.ts";
import { Pipelines } from "../../../engine/asset/pipelines.ts";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import type { ResourceDescription } from "../../../engine/asset/settings.ts";
import { RingSource } from "../../../engine/asset/source-protocol.ts";
import { hashBytes } from "../../../engine/base/hash.ts";
import { hostClock } from "../../../runtime/host/clock.ts";
import { testPipelines } from "../asset/bench.ts";

export interface ReadingTask {
  readonly memory: AssetMemory;
  readonly rings: SharedArrayBuffer;
  readonly contents: readonly NonNullable<ResourceDescription["content"]>[];
  readonly framesMax: number;
}

export interface ReadingReport {
  readonly published: readonly string[];
  readonly isIdle: boolean;
  readonly isWhole: boolean;
}

const { memory, rings, contents, framesMax } = workerData as ReadingTask;
const source = new RingSource(rings);
const published: string[] = [];
const pipelines = new Pipelines({
  memory,
  pipelines: testPipelines,
  source,
  clock: hostClock,
  retry: { attemptsMax: 50, pauseFrames: 1, pauseFramesMax: 4 },
  listener: { published: ({ name, version, byteLength }) => published.push(`${name} ${version} ${byteLength}`) },
});
const handles = contents.map((content) => pipelines.register({ name: content.file, kind: "raw", content }));
for (const handle of handles) pipelines.request(handle);
const pace = new Int32Array(new SharedArrayBuffer(4));
for (let frame = 1; frame <= framesMax && !(published.length === contents.length && pipelines.isIdle); frame++) {
  pipelines.poll(frame);
  Atomics.wait(pace, 0, 0, 2);
}
const view = makeResourceView();
const isWhole = handles.every((handle, i) => {
  pipelines.current(handle, view);
  const { high, low } = hashBytes(pipelines.bytesOf(view));
  return high === contents[i]!.hashHigh && low === contents[i]!.hashLow;
});
source.close();
parentPort!.postMessage({ published: published.toSorted(), isIdle: pipelines.isIdle, isWhole } satisfies ReadingReport);
