/**
 * What an answer to "why is this value so" is made of: the question, and the chain of writes that leads to it. Plain data,
 * as it is told by commands and written as JSON.
 */
import type { WorldRecord } from "../input/record.ts";
import type { TickStep } from "../sim/tick-observer.ts";
import type { CommandNote, EventNote } from "./entity-watch.ts";

export interface WhyQuestion {
  readonly component: string;
  readonly field: string;
  /** Which element of a fixed array. */
  readonly inSlot: number;
  readonly entity: number;
  /** The value behind this tick is asked for. */
  readonly tick: number;
}

export interface WhyOptions {
  /** How many steps the chain goes back. */
  readonly depth: number;
  /** How many ticks before the question's are made again at most. */
  readonly ticksBack: number;
}

/** The answer of a tick job that the door wrote. */
export interface AnswerOrigin {
  readonly job: string;
  /** The tick whose snapshot the job read; it was launched then. */
  readonly snapshotTick: number;
  /** Ticks from the snapshot to the one at which it entered. */
  readonly latency: number;
  readonly row: number;
  readonly chunk: number;
}

/** A body that is touched, and since when. */
export interface WhyContact {
  readonly entity: number;
  /** Whether one of the two is a sensor, which pushes nobody. */
  readonly isSensor: boolean;
  readonly sinceTick: number;
  /** Whether it began even before, further back than was looked. */
  readonly isOlder: boolean;
}

/** Something that a step could see, and where it is from. */
export interface WhyInput {
  readonly place: string;
  readonly value: number;
  readonly bits: string;
  /** The write that gave it this value. */
  readonly writtenTick: number;
  readonly writer: TickStep | "outside";
  /** The first of the ticks in which the step of the node itself wrote it without another in between. */
  readonly sinceTick: number;
  /** Where that write is from; undefined where the chain ends. */
  readonly node: WhyNode | undefined;
}

/** A row of an event, with what its emitter saw. */
export interface WhyEvent extends EventNote {
  /**
   * One step back: values that its emitter could see, of the entity and, in the answer itself, of others that the row
   * names. Empty for further rows of the same emitter and entities.
   */
  readonly inputs: readonly WhyInput[];
}

/** Another entity that the write came from as well, and what of it. */
export interface WhyOther {
  readonly entity: number;
  readonly relation: "parent" | "contact";
  readonly node: WhyNode;
}

export interface WhyNode {
  readonly place: string;
  /** The tick of the write; that of the question when none was found. */
  readonly tick: number;
  /**
   * "setup": as the game set it up. "swap": as the program behind `tick` found it. "beyond": written further back than was
   * looked, or than the journal goes.
   */
  readonly step: TickStep | "outside" | "setup" | "swap" | "beyond";
  /** Whether the component came with it, so that there is no value before. */
  readonly isComing: boolean;
  readonly before: number;
  readonly after: number;
  readonly beforeBits: string;
  readonly afterBits: string;
  readonly records: readonly WorldRecord[];
  readonly commands: readonly CommandNote[];
  /** Rows that the step could read, or emitted. */
  readonly events: readonly WhyEvent[];
  /** Of a step of physics: what the body touches. */
  readonly contacts: readonly WhyContact[];
  readonly answer: AnswerOrigin | undefined;
  readonly inputs: readonly WhyInput[];
  /** Components that the step declares to read beside its own. */
  readonly reads: readonly string[];
  /** Of the answer itself: one step into the parent, or into bodies that are touched and may move. */
  readonly others: readonly WhyOther[];
}
