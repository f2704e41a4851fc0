/** Traces, services, surfaces and devices, budget, navigation. Faults E09xx. */
import { entry } from "./entry.ts";

export const frameFaults = {
  "surface-cycle": entry<{ circle: string }>({
    id: "E0921",
    text: (f) => `Surfaces wait for one another's pictures in a circle: ${f.circle}.`,
    mend: () => "Take one `reads` out of the circle, or draw one of the pictures into a surface of its own.",
    explain:
      "The order of presentation follows from which surface reads whose picture. In a circle no surface could be first. A change that makes one is refused as a whole.",
  }),
  "surface-unknown": entry<{ operation: string; name: string; known: string }>({
    id: "E0922",
    text: (f) => `${f.operation} names the surface "${f.name}", which does not exist.`,
    mend: (f) => `Add it in the same change, or use one of: ${f.known}.`,
    explain: "Surfaces are found by name, compared exactly. A change is checked as a whole, so its order is free.",
  }),
  "surface-needed": entry<{ name: string; readers: string }>({
    id: "E0923",
    text: (f) => `Surface "${f.name}" cannot be removed: its picture is read by ${f.readers}.`,
    mend: (f) => `Remove or replace ${f.readers} in the same change.`,
    explain: "A surface whose source is gone would read memory that is given back.",
  }),
  "surface-order": entry<{ surface: string; operation: string; state: string; needed: string }>({
    id: "E0924",
    text: (f) => `\`${f.operation}\` of surface "${f.surface}" came while it was ${f.state}.`,
    mend: (f) => `It must be ${f.needed}: a turn goes planned, recording, recorded, submitted, sealed, presented.`,
    explain:
      "Surfaces are recorded and submitted in parallel, sealed together and presented in sequence, once each a frame. A step out of this order would show a picture that is not drawn, or draw into one that is shown.",
  }),
  "resource-not-ready": entry<{ resource: string; use: string; reason: string }>({
    id: "E0925",
    text: (f) => `${f.use} uses ${f.resource}, but ${f.reason}.`,
    mend: () =>
      "Let the submission wait for that fence, or use the resource after the device said that it is complete.",
    explain:
      "Queues run at the same time. What one queue writes is there for another only after its fence: waited for by the submission, directly or through others, or seen completed by the coordinator.",
  }),
  "resource-retired": entry<{ resource: string; use: string }>({
    id: "E0926",
    text: (f) => `${f.use} uses ${f.resource}, which is retired or freed.`,
    mend: () => "Retire a resource after the seal of its last use; keep no handle of it beyond.",
    explain: "The memory of a retired resource is given back as soon as its last fence has passed.",
  }),
  "resource-in-use": entry<{ resource: string; holder: string }>({
    id: "E0927",
    text: (f) => `${f.resource} cannot be destroyed: ${f.holder} still uses it.`,
    mend: () => "Retire it behind a fence instead: it is freed when nothing can use it any more.",
    explain: "Destroying at once is for resources that no queue holds. Everything else is retired.",
  }),
  "queue-deadlock": entry<{ waits: string }>({
    id: "E0928",
    text: (f) => `Waits that nobody will signal: ${f.waits}.`,
    mend: () => "Submit what signals the fence before the seal, and let no two queues wait for each other.",
    explain:
      "When submissions are sealed, each fence that one waits for must be signalled by another of the same seal or of an earlier one. Otherwise its queue, and every queue that waits for it, would stand still for ever.",
  }),
  "gpu-misuse": entry<{ use: string; problem: string; remedy: string }>({
    id: "E0929",
    text: (f) => `${f.use} is refused by the graphics device: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "Commands, keys and fences are checked when submissions are sealed. A fault while sealing loses the device, because a part of the frame may have been taken.",
  }),
  "trace-unreadable": entry<{ path: string; place: string; problem: string; remedy: string }>({
    id: "E0901",
    text: (f) => `${f.path}${f.place === "" ? "" : `:${f.place}`} is not a trace that can be read: ${f.problem}.`,
    mend: (f) => f.remedy,
    explain:
      "A trace is JSON in Chrome's trace event format: an object with a list `traceEvents`, or the bare list. Traces of any program are taken as long as they hold complete events.",
  }),
  "trace-unwritable": entry<{ path: string; what: string; problem: string }>({
    id: "E0902",
    text: (f) => `${f.path} (${f.what}) cannot be written: ${f.problem}.`,
    mend: () => "Check that the folder exists, is writable and has room.",
    explain:
      "A trace is written while the run goes on. When that fails, tracing is switched off and the run is not disturbed; what was written before is whole.",
  }),
  "grid-invalid": entry<{ problem: string }>({
    id: "E0941",
    text: (f) => `A navigation grid cannot be built: ${f.problem}.`,
    mend: () => "Correct the place or the shape that is named.",
    explain: "Sizes and shapes are checked when they are encoded, on the thread that collects them.",
  }),
  "grid-unreadable": entry<{ problem: string }>({
    id: "E0942",
    text: (f) => `These bytes are not a navigation grid: ${f.problem}.`,
    mend: () => "Build the grid again from its shapes.",
    explain: "A grid's block begins with a header that names its format, size and hash.",
  }),
  "producers-full": entry<{ producerCount: number }>({
    id: "E0911",
    text: (f) => `All ${f.producerCount} producer numbers of a message ring are taken.`,
    mend: () => "Raise `producerCount` of the ring, or revoke the tokens of threads that have ended.",
    explain:
      "Each thread that writes to a log has a number of its own. A revoked number is free again when the flush thread has passed the last message that its thread may have begun.",
  }),
} as const;
