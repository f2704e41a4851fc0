/**
 * What the coordinator knows of one resource: what it is, what of it is published, and what is being done for it.
 *
 * State, seen from outside:
 *
 *     missing ──request──▶ loading ──publish──▶ ready ──request with new input──▶ loading ...
 *        ▲                   │  │                 │
 *        └──────cancel───────┘  └─last attempt──▶ failed ──request──▶ loading
 *        └──────────────────────evict─────────────┘
 *
 * Work, within loading:
 *
 *     waiting ─▶ reading ─▶ waiting ─▶ running ─▶ (next stage) waiting ... running ─▶ finished ─▶ publish
 *        ▲          │                    │
 *        └─ pausing ◀────── failed ──────┘        frames pass
 *
 * The token of an attempt is (handle, attemptId): whatever comes back with another one is dropped.
 */
import { type ResourceHandle, resourceHandle } from "./handle.ts";
import { stageParameterCount } from "./limits.ts";
import type { ResourceState } from "./resource-table.ts";

export type ResourceWork = "idle" | "waiting" | "pausing" | "reading" | "running" | "finished";

/** The stage number of "read from the source", before the first stage. */
export const hostStage = -1;

export class ResourceRecord {
  readonly index: number;
  generation = 0;
  isAlive = false;
  name = "";
  file = "";
  /** Number of the pipeline. */
  kind = 0;
  readonly needs: ResourceHandle[] = [];
  fallback: ResourceHandle = 0;
  expectedLength = 0;
  expectedLow = 0;
  expectedHigh = 0;

  state: ResourceState = "missing";
  /** Publications so far; grows also across an eviction. */
  version = 0;
  /** Whether the block below is published; otherwise the fallback is. */
  isPublished = false;
  blockOffset = 0;
  blockLength = 0;
  hashLow = 0;
  hashHigh = 0;

  work: ResourceWork = "idle";
  priority = 0;
  /** Order of the request among equals of priority. */
  order = 0;
  attempt = 0;
  attemptId = 0;
  retryFrame = 0;
  /** hostStage, or the place in the pipeline's list of stages. */
  stageAt = 0;
  /** The block that the stage is to be given, owned by this record; 0 for none. */
  inputOffset = 0;
  inputLength = 0;
  /** Whether the input came from the source and is still to be compared with the manifest. */
  isUnchecked = false;
  ticket = -1;
  /** Bytes to set aside for the output, since the top of the heap had no room for them; 0 for none. */
  reserveBytes = 0;
  buildingRow = -1;
  readonly parameters: Float64Array = new Float64Array(stageParameterCount);

  /** The newest request that came while another was at work. It begins when that one ends. */
  hasPending = false;
  pendingOffset = 0;
  pendingLength = 0;
  pendingPriority = 0;
  readonly pendingParameters: Float64Array = new Float64Array(stageParameterCount);

  /** Whether it is published only when told, and the version that was told last. */
  isTold = false;
  toldVersion = 0;
  isDirty = false;
  /** The walk along needs that came by last. */
  walk = 0;

  constructor(index: number) {
    this.index = index;
  }

  get handle(): ResourceHandle {
    return resourceHandle(this.index, this.generation);
  }

  /** Makes the slot that of a new resource. */
  open(generation: number, name: string, kind: number): void {
    this.generation = generation;
    this.isAlive = true;
    this.name = name;
    this.file = "";
    this.kind = kind;
    this.needs.length = 0;
    this.fallback = 0;
    this.expectedLength = 0;
    this.expectedLow = 0;
    this.expectedHigh = 0;
    this.state = "missing";
    this.version = 0;
    this.isPublished = false;
    this.blockOffset = 0;
    this.blockLength = 0;
    this.hashLow = 0;
    this.hashHigh = 0;
    this.priority = 0;
    this.isTold = false;
    this.toldVersion = 0;
    this.parameters.fill(0);
  }
}
