/**
 * What `Pipelines` is given and what it tells: settings, descriptions of resources, the listener, its figures.
 */
import type { Clock } from "../ports/clock.ts";
import type { ResourceHandle } from "./handle.ts";
import type { AssetMemory } from "./memory.ts";
import type { Publication } from "./publication.ts";
import type { RetryRules } from "./retry.ts";
import type { AssetSource } from "./source.ts";
import type { PipelineDefinition } from "./stage.ts";
import type { FailedAttempt } from "./workshop.ts";

/** Who is told, at the end of a poll, in handle order. May call anything of `Pipelines` but `poll`. */
export interface PipelineListener {
  published?(publication: Publication): void;
  failed?(failed: FailedAttempt): void;
}

export interface PipelineSettings {
  readonly memory: AssetMemory;
  readonly pipelines: readonly PipelineDefinition[];
  readonly source: AssetSource;
  readonly clock: Clock;
  readonly listener?: PipelineListener;
  /** Names the running stage of the frame. When given, a poll outside "publish" is the fault "out-of-place". */
  readonly place?: () => string;
  /** The thread number under which the coordinator runs stages and reads the table; 0 when left out. */
  readonly thread?: number;
  /** Micros of a frame after which no further stage is run here and no further result is published. 1,000 when left out. */
  readonly frameMicrosMax?: number;
  /** Results published in one frame; those that are told to be are not counted. 8 when left out. */
  readonly publicationsMax?: number;
  /** Reads at once. 4 when left out. */
  readonly readsInFlightMax?: number;
  readonly retry?: Partial<RetryRules>;
}

/** What a resource is, when it is registered. */
export interface ResourceDescription {
  readonly name: string;
  /** Name of its pipeline. */
  readonly kind: string;
  /** What a host pipeline reads, and what its bytes must be: `hashBytes` of them. */
  readonly content?: {
    readonly file: string;
    readonly byteLength: number;
    readonly hashLow: number;
    readonly hashHigh: number;
  };
  /** Resources that are requested with it and published before it. */
  readonly needs?: readonly ResourceHandle[];
  /** A resource whose bytes stand in until the first publication. Without one the pipeline's fallback bytes do. */
  readonly fallback?: ResourceHandle;
}

/** Figures for traces and budgets. Reading it allocates one object. */
export interface PipelineStatus {
  /** Resources that are loading. */
  readonly loading: number;
  readonly readsInFlight: number;
  readonly stagesOut: number;
  /** Finished results that wait for needs, budget, readers or for being told. */
  readonly finished: number;
  readonly published: number;
  readonly failedAttempts: number;
  readonly bytesRead: number;
  readonly heapUsedBytes: number;
  readonly heapLiveBytes: number;
  readonly blocksRetiring: number;
  /** Polls whose swap had to wait because readers held all other copies of the table. */
  readonly blockedSwaps: number;
}
