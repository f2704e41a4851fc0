/**
 * The port of a graphics device: what Orrery asks of one, whether it is a real one or the null device
 * (null-device.ts), which is the model that a real one must agree with.
 *
 * Work is handed in with `submit`, or by any thread through a submission ring, under a place: frame,
 * order, sequence. Nothing runs until the coordinator calls `seal`, which takes all that was handed in,
 * in the order of places a queue. So the result never depends on which thread came first. Within one
 * seal a submission may wait for a fence that another, handed in later, signals; across seals it may
 * not.
 *
 * The one rule: a resource that one queue wrote is used by another only behind its fence, either waited
 * for by the submission (directly or through others) or seen as passed by the coordinator
 * (`completed`, `isUploaded`). All methods but a ring's `submit` are the coordinator's.
 */
import type { Fence, LineName, QueueName } from "./queues.ts";
import type { SubmissionRing } from "./submission-ring.ts";

/** Number of a resource: u32 from 1, never used twice by a device. */
export type ResourceId = number;
export type ResourceKind = "buffer" | "texture" | "target";

export interface ResourceDefinition {
  readonly name: string;
  readonly kind: ResourceKind;
  readonly byteLength: number;
}

export interface Submission {
  readonly queue: QueueName;
  /** Its place on the queue: compared in this order, u32 each. Two submissions of a queue never share one. */
  readonly frame: number;
  readonly order: number;
  readonly sequence: number;
  /** What timelines and faults call it: a number given by `label`. */
  readonly label: number;
  /** Whole commands (commands.ts). They are read by `seal`, and must not change until then. */
  readonly commands: Uint32Array;
  readonly waits: readonly Fence[];
  /** A fence of the same queue, from `reserve`; values rise with the place. */
  readonly signal: Fence;
}

export interface MemoryCounts {
  readonly resourceCount: number;
  /** Bytes of all resources that are not freed, retired ones included. */
  readonly residentBytes: number;
  /** Bytes of resources that are retired and not freed yet. */
  readonly retiredBytes: number;
  readonly residentBytesMax: number;
  readonly createdBytes: number;
  readonly freedBytes: number;
}

export interface GraphicsDevice {
  /** The number of a text, the same for equal texts; 0 is no label. */
  label(text: string): number;
  labelText(label: number): string;

  createResource(definition: ResourceDefinition): ResourceId;
  /** Frees at once. Raises "resource-in-use" while a line may still use it, "resource-retired" when it is gone. */
  destroy(resource: ResourceId): void;
  /** No use from now on; freed by the first `collect` after `after` and its own last use have passed. */
  retire(resource: ResourceId, after: Fence): void;
  /** Frees what is retired and held by nothing. Returns the bytes freed. */
  collect(): number;
  /** Whether the last upload into it has passed on the copy queue. What was never uploaded is not. */
  isUploaded(resource: ResourceId): boolean;
  memory(): MemoryCounts;

  /** The next fence of a queue. One that is never signalled passes with the next higher that is. */
  reserve(queue: QueueName): Fence;
  submit(submission: Submission): void;
  /** Takes what threads handed in since the last time. Raises "gpu-misuse" when the ring was too small. */
  drain(ring: SubmissionRing): void;
  /** Checks and runs what was handed in. Raises the faults of this folder; the device is lost then. */
  seal(): void;
  completed(fence: Fence): boolean;
  /** Highest value of the line that has passed. */
  completedValue(line: LineName): number;

  /** Shows `image` after `waits` and after all that was presented before. Its fence is of the line "present". */
  present(frame: number, label: number, image: ResourceId, waits: readonly Fence[], costMicros: number): Fence;
}
