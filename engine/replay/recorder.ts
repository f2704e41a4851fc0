/**
 * The recorder: the subsystem that writes a journal while a world runs. When the engine faults, what has been gathered is
 * written at once, with the records of the tick that failed. When the world is put back to an earlier tick, so is the
 * journal.
 *
 * The rule a reader could break: a recorder belongs to one engine, its journal may go on in another. The recorder of a
 * successor takes the journal over with the world; whoever lets the world go over writes the swap then.
 */
import { assert } from "../base/assertions.ts";
import { type Fault, faultId, faultText } from "../base/faults.ts";
import type { WorldRecord } from "../input/record.ts";
import type { ByteSink } from "../ports/storage.ts";
import { defineSubsystem, type Subsystem, type SubsystemDefinition, type SubsystemHost } from "../sim/subsystem.ts";
import type { World } from "../sim/world.ts";
import { inputNotes, inputTopic } from "./input-notes.ts";
import { type JournalPlace, JournalWriter } from "./journal-writer.ts";
import type { JournalSwap, KeyframePayload } from "./wire.ts";

/** The recorder of a running engine, for whoever has something to note. */
export interface RecorderSubsystem extends Subsystem {
  /** Writes a note behind the ticks so far. Replays pass by it. */
  note(topic: string, text: string): void;
  /** Says that a keyframe of the last tick follows. */
  awaitKeyframe(): void;
  /** Writes a keyframe that was awaited; false when the world has gone back behind it, and when the journal is closed. */
  keyframe(payload: KeyframePayload): boolean;
  /** Says that another program makes the ticks from here on. */
  swap(swap: JournalSwap): void;
  /** Writes the ticks that were gathered, as a whole block. */
  flush(): void;
  /** Says where the journal stands, for a recorder of another thread; undefined when it is closed. This one writes no more. */
  leave(): JournalPlace | undefined;
  /** Goes on with a journal that was left: in a successor, once it has its world, and in whoever takes a world back. */
  goOn(place: JournalPlace): void;
  /** While it is set a fault does not end the journal: whoever set it goes back, or clears it and ends the run. */
  isOnTrial: boolean;
}

export interface RecorderOptions {
  /** Ticks that are gathered before they are handed over; about a second's when left out. */
  readonly ticksPerBlock?: number;
  /** Whether what comes from outside is noted before the tick that it enters, for a tick that nobody survives. */
  readonly notesInput?: boolean;
  /** Puts the author's places into the text of a fault, as whoever replays it sees them. */
  readonly authorsPlaces?: (text: string) => string;
}

export function recorderSubsystem(
  sink: ByteSink,
  { ticksPerBlock, notesInput = false, authorsPlaces = (text) => text }: RecorderOptions = {},
): SubsystemDefinition<RecorderSubsystem> {
  return defineSubsystem<RecorderSubsystem>({
    name: "recorder",
    create: () => new Recorder(new JournalWriter(sink, ticksPerBlock), notesInput, authorsPlaces),
  });
}

class Recorder implements RecorderSubsystem {
  isOnTrial = false;
  #journal: JournalWriter;
  readonly #notesInput: boolean;
  readonly #authorsPlaces: (text: string) => string;
  #world: World | undefined;
  #isHandedOver = false;
  /** Whether the state of another program is on its way into this one's world: that is no step back. */
  #takesOver = false;
  /** Whether it wrote the swap that brought its program. */
  #hasSwapped = false;
  /** Whether the world comes back from a program of which the journal holds the swap. */
  #undoesSwap = false;

  constructor(journal: JournalWriter, notesInput: boolean, authorsPlaces: (text: string) => string) {
    this.#journal = journal;
    this.#notesInput = notesInput;
    this.#authorsPlaces = authorsPlaces;
  }

  start({ world, isSuccessor }: SubsystemHost): void {
    this.#world = world;
    this.#isHandedOver = isSuccessor;
    if (!isSuccessor) this.#journal.begin(world);
  }

  /** Goes on with the other's journal. Whose own journal comes back goes back itself: the swap did not hold. */
  takeOver(before: Subsystem | undefined): boolean {
    // A world of another thread: its journal comes by `goOn`.
    if (before === undefined) return true;
    assert(before instanceof Recorder, "a recorder takes over from a recorder");
    if (!this.#isHandedOver) return true;
    this.#takesOver = this.#journal !== before.#journal;
    this.#undoesSwap = before.#hasSwapped;
    before.#journal.flush();
    before.#isHandedOver = true;
    this.#journal = before.#journal;
    this.#isHandedOver = false;
    return true;
  }

  restored(world: World): void {
    if (this.#isWriting && !this.#takesOver) this.#journal.restored(world, this.#undoesSwap);
    this.#undoesSwap = false;
  }

  beforeTick({ door: { queued }, tickCount }: World): void {
    if (!this.#notesInput || !this.#isWriting || queued.every(isMadeAgain)) return;
    const records = queued.filter((record) => !isMadeAgain(record));
    for (const text of inputNotes(tickCount + 1, records)) this.#journal.noteAhead(inputTopic, text);
  }

  afterTick(world: World): void {
    if (this.#isWriting) this.#journal.addTick(world);
  }

  note(topic: string, text: string): void {
    if (this.#isWriting) this.#journal.note(topic, text);
  }

  awaitKeyframe(): void {
    if (this.#isWriting) this.#journal.awaitKeyframe();
  }

  keyframe(payload: KeyframePayload): boolean {
    return this.#isWriting && this.#journal.keyframe(payload);
  }

  swap(swap: JournalSwap): void {
    this.#takesOver = false;
    this.#hasSwapped = true;
    if (this.#isWriting) this.#journal.swap(swap);
  }

  flush(): void {
    if (this.#isWriting) this.#journal.flush();
  }

  leave(): JournalPlace | undefined {
    if (!this.#isWriting) return undefined;
    this.#isHandedOver = true;
    return this.#journal.leave();
  }

  goOn(place: JournalPlace): void {
    assert(this.#isHandedOver, "a recorder that writes no journal goes on with one");
    // The own journal comes back from a thread that had it on trial, and with it the world.
    this.#undoesSwap = this.#journal.hasBegun && place.hasSwapped;
    this.#journal.goOn(place);
    this.#isHandedOver = false;
  }

  faulted(fault: Fault, world: World): void {
    if (!this.isOnTrial) this.#close("faulted", `${faultId(fault)} ${this.#authorsPlaces(faultText(fault))}`, world);
  }

  stop(): void {
    if (this.#world !== undefined) this.#close("stopped", "", this.#world);
  }

  get #isWriting(): boolean {
    return this.#world !== undefined && !this.#isHandedOver;
  }

  #close(reason: "stopped" | "faulted", text: string, world: World): void {
    if (!this.#isWriting) return;
    // A tick that failed, or that another subsystem failed in before it came here, is not recorded; its records are.
    this.#journal.end(reason, text, this.#journal.tick < world.tickCount ? world.door.entered : []);
    this.#world = undefined;
  }
}

/** What the world makes itself, answers and publications, it makes again when it is replayed. */
function isMadeAgain({ kind }: WorldRecord): boolean {
  return kind === "answer" || kind === "publish";
}
