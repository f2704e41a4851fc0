/** Assets, their sources, and resources. Faults E08xx. */
import { entry } from "./entry.ts";

export const assetsFaults = {
  "manifest-invalid": entry<{ file: string; path: string; problem: string; remedy: string }>({
    id: "E0801",
    text: (f) => `${f.file}, at ${f.path}: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "A manifest lists the assets of a game: name, kind, file, byte length and content hash, and optionally needs, priority and fallback. It is checked whole before anything is loaded.",
  }),
  "asset-failed": entry<{ name: string; stage: string; attempt: number; attemptsMax: number; problem: string }>({
    id: "E0802",
    text: (f) =>
      `Asset "${f.name}" failed in stage "${f.stage}", attempt ${f.attempt} of ${f.attemptsMax}: ${f.problem}.`,
    mend: (f) => `Its fallback stays in use; mend the cause and request "${f.name}" again.`,
    explain:
      "An attempt to load an asset ends in failure when its source cannot be read, a stage throws, the worker that ran it ends, or an asset that it needs has failed. Attempts are repeated with growing pauses, counted in frames.",
  }),
  "asset-content": entry<{
    name: string;
    file: string;
    expectedBytes: number;
    actualBytes: number;
    expectedHash: string;
    actualHash: string;
    attempt: number;
    attemptsMax: number;
  }>({
    id: "E0803",
    text: (f) =>
      `${f.file} (asset "${f.name}", attempt ${f.attempt} of ${f.attemptsMax}) is not what the manifest says: ${f.actualBytes} bytes of hash ${f.actualHash}, expected ${f.expectedBytes} bytes of hash ${f.expectedHash}.`,
    mend: () => "Copy the file anew, or write the manifest anew if the file was changed on purpose.",
    explain:
      "The manifest holds the byte length and the content hash of every file. Bytes that were cut short or changed are never handed to a stage.",
  }),
  "asset-cycle": entry<{ cycle: string }>({
    id: "E0804",
    text: (f) => `Assets wait for one another in a circle: ${f.cycle}.`,
    mend: () => "Remove one of the needs along the circle.",
    explain: "An asset is published after those it needs. In a circle none could ever be the first.",
  }),
  "out-of-place": entry<{ what: string; where: string; allowed: string }>({
    id: "E0805",
    text: (f) => `${f.what} was changed in ${f.where}, where nothing may change it.`,
    mend: (f) => `Change it in ${f.allowed} only.`,
    explain:
      "Each piece of shared state has one place in the frame where it changes, so that whoever reads it elsewhere sees one version from beginning to end.",
  }),
  "stale-resource": entry<{ operation: string; index: number; generation: number; current: number }>({
    id: "E0806",
    text: (f) =>
      `\`${f.operation}\` was given resource ${f.index} of generation ${f.generation}, which was released (the slot is at generation ${f.current}).`,
    mend: () => "Ask `isAlive(handle)` before using a handle of a resource that may have been released.",
    explain:
      "A resource's handle is an index and a generation. Releasing the resource ends the handle; the slot is used again with the next generation.",
  }),
  "asset-heap-full": entry<{ neededBytes: number; heapBytesMax: number }>({
    id: "E0807",
    text: (f) => `The asset heap of ${f.heapBytesMax} bytes has no room for a block of ${f.neededBytes} bytes.`,
    mend: () => "Raise `heapBytesMax` of the asset limits, or release resources that are no longer used.",
    explain: "All bytes of assets, sources and results of stages alike, lie in one shared memory with a largest size.",
  }),
  "resource-overdue": entry<{ name: string; pipeline: string; launchedTick: number; tick: number; problem: string }>({
    id: "E0808",
    text: (f) =>
      `Tick ${f.tick} waits for the world resource "${f.name}", launched after tick ${f.launchedTick}, and cannot have it: ${f.problem}.`,
    mend: (f) => `Mend the stages of the pipeline "${f.pipeline}": they must give a result for every input.`,
    explain:
      "A world resource enters the world at a fixed tick, so that equal runs stay equal. That tick waits while the resource is late; when it cannot be made at all, the world stops.",
  }),
  "stage-hung": entry<{ worker: number; waitedSeconds: number }>({
    id: "E0809",
    text: (f) => `A pipeline's stage did not end on worker ${f.worker} within ${f.waitedSeconds} s.`,
    mend: () => "Look for a loop without end in the stage; the worker is replaced and the stage tried elsewhere.",
    explain:
      "A stage may take many frames, but a worker that never comes back is lost to the frame's jobs. It is ended, and the stage is tried again as often as its pipeline allows.",
  }),
} as const;
