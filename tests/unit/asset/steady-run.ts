/** Polls pipelines that have nothing to do and prints the fewest bytes that a hundred thousand polls leave. Run with --expose-gc. */
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import { Pipelines } from "../../../engine/asset/pipelines.ts";
import { makeResourceView } from "../../../engine/asset/resource-table.ts";
import { allocateSourceRings, RingSource } from "../../../engine/asset/source-protocol.ts";
import { hostClock } from "../../../runtime/host/clock.ts";
import { testPipelines } from "./bench.ts";

const collect = (globalThis as unknown as { readonly gc: () => void }).gc;
const memory = allocateAssetMemory();
const source = new RingSource(allocateSourceRings());
let stage = "publish";
const pipelines = new Pipelines({ memory, pipelines: testPipelines, source, clock: hostClock, place: () => stage });
const handles = Array.from({ length: 20 }, (_, i) => pipelines.register({ name: `y${i}`, kind: "yard" }));
for (const handle of handles) pipelines.requestWith(handle, undefined, [100, 1]);
let frame = 0;
const view = makeResourceView();
function run(count: number): void {
  for (let i = 0; i < count; i++) {
    stage = "publish";
    pipelines.poll(++frame);
    pipelines.current(handles[i % handles.length]!, view);
    pipelines.table.versions.pin(1);
    pipelines.table.versions.unpin(1);
  }
}
// V8 compiles when it finds the time, and code that it has not compiled yet boxes numbers: the best of several rounds counts.
let bytes = Number.POSITIVE_INFINITY;
for (let round = 0; round < 12 || (bytes >= 100_000 && round < 60); round++) {
  run(50_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  run(100_000);
  bytes = Math.min(bytes, process.memoryUsage().heapUsed - before);
}
console.log(JSON.stringify({ bytes, version: view.version, isIdle: pipelines.isIdle }));
