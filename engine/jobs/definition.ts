/**
 * Jobs: pure functions over a snapshot, run in chunks by the worker pool. A definition is data; a worker
 * finds it by name in the same bundle, so no function is ever sent anywhere.
 *
 * Two kinds. A frame job is presentation: launched in the stage `jobs` and joined at B4. A tick job
 * feeds the world: launched after tick T on the snapshot of T, its rows enter by the door at exactly
 * T + latency, and that tick waits for them.
 *
 * The rule a reader could break: `run` reads what its chunk hands it, writes the rows of its chunk's
 * output and nothing else, and keeps nothing. It may be run twice for one chunk, on any thread.
 */
import { raise } from "../base/faults.ts";
import type { Limits } from "../base/limits.ts";
import type { RandomStream } from "../base/random.ts";
import { type Component, checkName, type Fields, type ReadonlyColumnsOf } from "../ecs/component.ts";
import { type ColumnOf, entity, type Field } from "../ecs/field.ts";
import type { EventKind, EventReader } from "../events/event.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { defineOutput, type Output, type OutputFields } from "./output.ts";

/** Writable columns of an output's fields, or of a job's parameters. */
export type ColumnsOfFields<F extends OutputFields> = { readonly [K in keyof F]: ColumnOf<F[K]> };

/** An output as another job, or the coordinator, reads it: whole columns, written chunk by chunk. */
export interface OutputView<F extends OutputFields = OutputFields> {
  /** Row r of chunk c is at c * rowStride + r; a field of length n has n elements a row. */
  readonly columns: { readonly [K in keyof F]: ColumnOf<F[K]> };
  readonly rowStride: number;
  readonly chunkCount: number;
  /** Rows that each chunk wrote. */
  readonly rowCounts: Uint32Array;
  /** Items that the job was run over. */
  readonly itemCount: number;
  /** The tick of the snapshot that it was made from; -1 before the job has run for the first time. */
  readonly tick: number;
}

/**
 * Where a chunk may say how long parts of it took. Names are numbers that the coordinator has from its trace port
 * and hands over in parameters. What it tells must never reach an output.
 */
export interface ChunkPen {
  /** 0 while nobody traces. */
  nowMicros(): number;
  /** A part of the chunk; a start of 0 writes nothing. */
  span(name: number, startMicros: number, endMicros: number, a?: number): void;
}

/** For chunks that nobody traces. */
export const silentPen: ChunkPen = { nowMicros: () => 0, span: () => {} };

type ColumnsRead<R extends Component> = { readonly [C in R as C["name"]]: ReadonlyColumnsOf<C> };
type ViewsOf<I extends Output> = { readonly [O in I as O["name"]]: OutputView<O["fields"]> };
type EventsHeard<H extends EventKind> = { readonly [K in H as K["name"]]: EventReader<K> };

/** What a chunk of a job is given. The object is the same for every chunk of a job on a thread. */
export interface Chunk<
  R extends Component = Component,
  I extends Output = Output,
  P extends Fields = Fields,
  F extends OutputFields = OutputFields,
> {
  /** Number of the chunk: it covers the items from `first` on. */
  readonly number: number;
  readonly first: number;
  readonly count: number;
  /** Items of the whole job. */
  readonly itemCount: number;
  /** The tick of the snapshot. */
  readonly tick: number;
  readonly snapshot: Snapshot;
  readonly columns: ColumnsRead<R>;
  readonly params: ColumnsOfFields<P>;
  readonly inputs: ViewsOf<I>;
  /** This chunk's rows of the output: element 0 is its first. Writes beyond them go nowhere. */
  readonly output: ColumnsOfFields<F>;
  /** The same rows as the last run left them; zeros before. Read only. */
  readonly before: ColumnsOfFields<F>;
  /** Published resources that the job named, by name; undefined before the first publication. */
  readonly resources: Readonly<Record<string, Uint8Array | undefined>>;
  /** A stream that depends on job, tick and chunk alone. */
  readonly random: RandomStream;
  readonly kernels: Kernels;
  readonly pen: ChunkPen;
  /** True when nobody waits for the result any more; a long loop may ask and return. */
  readonly isCancelled: boolean;
}

/** What `begin` is given, on the coordinator, before the chunks of a run. */
export interface JobBegin<
  R extends Component = Component,
  I extends Output = Output,
  P extends Fields = Fields,
  H extends EventKind = EventKind,
> {
  readonly tick: number;
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly columns: ColumnsRead<R>;
  readonly inputs: ViewsOf<I>;
  /** Keeps its values from run to run; those of a tick job are zeros when its run begins. */
  readonly params: ColumnsOfFields<P>;
  /** Whole columns of the output that this run writes, for tables of kernels; `begin` does not write them. */
  readonly output: ColumnsOfFields<OutputFields>;
  /** Whole columns as the last run left them. */
  readonly before: ColumnsOfFields<OutputFields>;
  /** A stream that depends on job and tick alone. */
  readonly random: RandomStream;
  /** Events of all ticks since the last run. */
  readonly events: EventsHeard<H>;
  /** Values of the frame that are in no snapshot, such as the cameras, by the name under which the engine feeds them. */
  readonly feeds: Readonly<Record<string, Float32Array>>;
  readonly limits: Limits;
  /** Seconds of world time since the last run. */
  readonly deltaSeconds: number;
  /** 0..1: what the budget grants; 1 is everything. */
  readonly quality: number;
}

/** Stages of the frame that run jobs: over the snapshot, joined at B4, or for surfaces, joined at B5. */
export type JobStage = "jobs" | "submit";

/** What both kinds of job have. */
interface JobBase<R extends Component, P extends Fields> {
  readonly name: string;
  /** Shared components whose columns it reads. */
  readonly reads?: readonly R[];
  /** Values that `begin` sets and every chunk reads. */
  readonly params?: P;
  /** Resources whose published bytes it reads, by name. */
  readonly resources?: readonly string[];
  /** Items a chunk. Part of the job's meaning: it never depends on the machine. */
  readonly chunkItems: number;
  /** The most items that `begin` may ask for. */
  itemsMax(limits: Limits): number;
  /** Rows that one item may write at most. Default: 1. */
  readonly rowsPerItem?: number;
  /** What becomes of a chunk whose worker threw, died or hung: done again by the coordinator, or the world is stopped. Default: "redo". */
  readonly onFailure?: "redo" | "stop";
  /** How long a chunk may take on a worker before it counts as hung. Default: 2,000. */
  readonly timeoutMillis?: number;
}

export interface FrameJobDefinition<
  R extends Component = Component,
  I extends Output = Output,
  P extends Fields = Fields,
  O extends Output = Output,
  H extends EventKind = EventKind,
> extends JobBase<R, P> {
  /** Outputs of other jobs that it reads; it runs when they are whole. */
  readonly inputs?: readonly I[];
  /** Events that `begin` is told of. */
  readonly hears?: readonly H[];
  /** The stage in which it runs and is joined. A job of "jobs" reads no output of "submit". Default: "jobs". */
  readonly stage?: JobStage;
  /** Parameters that chunks write as well: shared words with a protocol of their own, which guard mode leaves alone. */
  readonly sharedParams?: readonly (keyof P & string)[];
  readonly output: O;
  /** Sets the parameters and returns how many items there are in this run. */
  begin(context: JobBegin<R, I, P, H>): number;
  /** Fills the chunk's rows. Returns how many rows it wrote, when that is not one an item. */
  run(chunk: Chunk<R, I, P, O["fields"]>): number | undefined;
}

/** The fields of an answer's rows: the entity that it is for, and the component's own. */
export type AnswerFields<C extends Component> = C["fields"] & { readonly entity: Field<"entity"> };

export interface TickJobDefinition<
  R extends Component = Component,
  P extends Fields = Fields,
  A extends Component = Component,
> extends JobBase<R, P> {
  /** The component whose values it answers with. Only the door writes it: define it with `writer: "door"`. */
  readonly answer: A;
  /** Launched after every tick that is a multiple of this. */
  readonly every: number;
  /** Ticks from launch to entry, at least 1. */
  readonly latency: number;
  /**
   * A tick job has no feeds, no budget, no frame and no run before: what it finds out follows from the snapshot and its
   * resources alone, so being shown does not matter to it and a save need not know of it.
   */
  begin(context: Omit<JobBegin<R, never, P, never>, "feeds" | "quality" | "previous" | "before">): number;
  /** Fills rows: `entity` is the handle that an answer is for. Returns how many rows it wrote, when that is not one an item. */
  run(chunk: Omit<Chunk<R, never, P, AnswerFields<A>>, "before">): number | undefined;
}

/** A job with its type parameters forgotten, as graphs and pools keep it. */
export interface AnyJob {
  readonly kind: "frame" | "tick";
  readonly stage: JobStage;
  readonly name: string;
  readonly reads: readonly Component[];
  readonly inputs: readonly Output[];
  readonly hears: readonly EventKind[];
  readonly params: Fields;
  readonly sharedParams: readonly string[];
  readonly resources: readonly string[];
  readonly output: Output;
  /** Of a tick job; undefined for a frame job. */
  readonly answer: Component | undefined;
  readonly every: number;
  readonly latency: number;
  readonly chunkItems: number;
  readonly rowsPerItem: number;
  readonly onFailure: "redo" | "stop";
  readonly timeoutMillis: number;
  itemsMax(limits: Limits): number;
  // biome-ignore lint/suspicious/noExplicitAny: each job's own context is checked by defineJob and defineTickJob.
  begin(context: any): number;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  run(chunk: any): number | undefined;
}

const defaultTimeoutMillis = 2_000;

/** Defines a frame job. Raises "bad-definition" for figures that make no sense. */
export function defineJob<
  const R extends Component = never,
  const I extends Output = never,
  const P extends Fields = Record<never, never>,
  const O extends Output = Output,
  const H extends EventKind = never,
>(definition: FrameJobDefinition<R, I, P, O, H>): AnyJob {
  return checked({
    ...withDefaults(definition),
    kind: "frame",
    stage: definition.stage ?? "jobs",
    sharedParams: definition.sharedParams ?? [],
    inputs: definition.inputs ?? [],
    hears: definition.hears ?? [],
    output: definition.output,
    answer: undefined,
    every: 1,
    latency: 0,
  });
}

/** Defines a tick job; its output is named like the job and has the answer's fields and `entity`. */
export function defineTickJob<
  const R extends Component = never,
  const P extends Fields = Record<never, never>,
  const A extends Component = Component,
>(definition: TickJobDefinition<R, P, A>): AnyJob {
  return checked({
    ...withDefaults(definition),
    kind: "tick",
    stage: "jobs",
    sharedParams: [],
    inputs: [],
    hears: [],
    output: defineOutput(definition.name, { ...definition.answer.fields, entity }),
    answer: definition.answer,
    every: definition.every,
    latency: definition.latency,
  });
}

function withDefaults<R extends Component, P extends Fields>(
  definition: JobBase<R, P> & Pick<AnyJob, "begin" | "run">,
): Omit<AnyJob, "kind" | "stage" | "sharedParams" | "inputs" | "hears" | "output" | "answer" | "every" | "latency"> {
  return {
    name: definition.name,
    reads: definition.reads ?? [],
    params: definition.params ?? {},
    resources: definition.resources ?? [],
    chunkItems: definition.chunkItems,
    rowsPerItem: definition.rowsPerItem ?? 1,
    onFailure: definition.onFailure ?? "redo",
    timeoutMillis: definition.timeoutMillis ?? defaultTimeoutMillis,
    itemsMax: (limits) => definition.itemsMax(limits),
    begin: (context) => definition.begin(context),
    run: (chunk) => definition.run(chunk),
  };
}

function checked(job: AnyJob): AnyJob {
  checkName("job", job.name);
  const whole = (what: string, value: number): void => {
    if (!Number.isInteger(value) || value < 1)
      raise("bad-definition", {
        what: "job",
        name: job.name,
        problem: `its ${what} is ${value}`,
        remedy: "Give a whole number above 0.",
      });
  };
  whole("chunkItems", job.chunkItems);
  whole("rowsPerItem", job.rowsPerItem);
  whole("timeoutMillis", job.timeoutMillis);
  whole("every", job.every);
  if (job.kind === "tick") whole("latency", job.latency);
  if (job.answer !== undefined && job.answer.writer !== "door")
    raise("bad-definition", {
      what: "job",
      name: job.name,
      problem: `its answer ${job.answer.name} may be written by systems`,
      remedy: `Define ${job.answer.name} with \`writtenIn: [], writer: "door"\`.`,
    });
  if (job.answer !== undefined && "entity" in job.answer.fields)
    raise("bad-definition", {
      what: "job",
      name: job.name,
      problem: `its answer ${job.answer.name} has a field named "entity"`,
      remedy: "Rename it; the rows of an answer say by that name whom they are for.",
    });
  return Object.freeze(job);
}
