/**
 * The half of the relay of the thread that has the world: hands it over, is parked with it as it was, and takes it back
 * when the code after faults on trial. See relay.ts for the order of things.
 *
 * The rule a reader could break: while it is parked nothing of this thread writes to journal, trace or channel.
 */
import type { Engine } from "../../engine/engine.ts";
import type { RecorderSubsystem } from "../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { handoverOf, takeBack } from "../../engine/swap/handover.ts";
import type { RelayLine, ReturnedWorld } from "./relay.ts";
import type { RunCounts } from "./run-counts.ts";
import type { Script } from "./script.ts";
import type { SpokenNames } from "./spoken-names.ts";

/** What a thread gives away with its world. */
export interface Belongings {
  readonly recorder: SubsystemDefinition<RecorderSubsystem> | undefined;
  readonly counts: RunCounts;
  readonly script: Script | undefined;
  readonly spoken: SpokenNames;
}

export interface DepartureTold {
  /** The other thread can have the world; all that this one still had to write is to be written now. */
  leaving(): void;
  /** The world is this thread's again, and stands where it stood when it was handed over. */
  back(): void;
}

/** Undefined when the world is this thread's all along; "gone" when another one has it for good. */
export async function depart(
  line: RelayLine,
  engine: Engine,
  { recorder, counts, script, spoken }: Belongings,
  { leaving, back }: DepartureTold,
): Promise<ReturnedWorld | "gone" | undefined> {
  line.send({ kind: "handover", handover: handoverOf(engine) });
  const taken = await line.next("taken");
  if (taken === undefined) {
    line.close();
    return undefined;
  }
  leaving();
  const journal = recorder === undefined ? undefined : engine.of(recorder).leave();
  line.send({ kind: "rest", journal, counts: counts.with(engine), spoken: spoken.names });
  const returned = await line.next("back");
  line.close();
  if (returned === undefined) return "gone";
  back();
  if (recorder !== undefined && returned.journal !== undefined) engine.of(recorder).goOn(returned.journal);
  counts.add(returned.counts);
  counts.messageCount = returned.messageCount;
  spoken.names = returned.spoken;
  // What was scripted for those ticks is among their records.
  script?.skipTo(engine.world.tickCount + returned.since.length + 1);
  takeBack(engine, returned);
  return returned;
}
