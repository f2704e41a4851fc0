/** A folder of files of known bytes for tests of sources, and pipelines that load them through rings and a reader. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocateAssetMemory } from "../../../engine/asset/memory.ts";
import type { PipelineSettings } from "../../../engine/asset/settings.ts";
import { allocateSourceRings, RingSource } from "../../../engine/asset/source-protocol.ts";
import { type FileSource, folderFiles } from "../../../runtime/assets/file-source.ts";
import { SourceReader } from "../../../runtime/assets/source-reader.ts";
import { contentOf, makeBench } from "../asset/bench.ts";

export interface TestFolder extends Disposable {
  readonly path: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Bytes that differ from one another and from other files'. */
export function patternBytes(byteLength: number, key: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let i = 0, state = key; i < byteLength; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function makeFolder(byteLengths: Readonly<Record<string, number>>): TestFolder {
  const path = mkdtempSync(join(tmpdir(), "orrery-assets-"));
  const files = new Map<string, Uint8Array>();
  for (const [i, [name, byteLength]] of Object.entries(byteLengths).entries()) {
    const bytes = patternBytes(byteLength, i + 1);
    files.set(name, bytes);
    writeFileSync(join(path, name), bytes);
  }
  return { path, files, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Pipelines whose files come through the rings from a reader on this same thread. */
export function makeReadingBench(
  folder: TestFolder,
  overrides: Partial<PipelineSettings> = {},
  disturb: (files: FileSource) => FileSource = (files) => files,
) {
  const memory = allocateAssetMemory({ resources: 16, tickets: 8, threads: 8, heapBytesMax: 64 * 1024 * 1024 });
  const rings = allocateSourceRings();
  const source = new RingSource(rings);
  // Frames come each millisecond here: a disk that rests for a second is not silent, unless a test says how long that is.
  const retry = { silenceFrames: 10_000, ...overrides.retry };
  const bench = makeBench(new Map(), { memory, source, ...overrides, retry });
  const reader = new SourceReader(rings, memory.buffer, disturb(folderFiles(folder.path)));
  const running = reader.run();
  return {
    bench,
    reader,
    /** Registers a file of the folder. */
    register: (file: string, kind = "raw") =>
      bench.pipelines.register({ name: file, kind, content: contentOf(file, folder.files.get(file)!) }),
    /** Polls a frame a millisecond until `isDone`; false when that took too long. */
    async pollUntil(isDone: () => boolean, framesMax = 10_000): Promise<boolean> {
      for (let frame = 0; frame < framesMax; frame++) {
        bench.poll();
        if (isDone()) return true;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return false;
    },
    async close(): Promise<void> {
      source.close();
      reader.stop();
      await running;
    },
  };
}
