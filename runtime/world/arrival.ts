/**
 * The next engine thread's half of the relay: asks for the world, finds out whether it can have it, and enters it when it is
 * its own. See relay.ts for the order of things.
 */
import type { Engine } from "../../engine/engine.ts";
import type { Game } from "../../engine/game.ts";
import type { Pulse } from "../../engine/ports/pulse.ts";
import type { RecorderSubsystem } from "../../engine/replay/recorder.ts";
import type { SubsystemDefinition } from "../../engine/sim/subsystem.ts";
import { Arrival } from "../../engine/swap/handover.ts";
import { hostClock } from "../host/clock.ts";
import { doing, says } from "./doing.ts";
import { type RelayData, RelayLine } from "./relay.ts";

/** A world that waits to be entered: nobody else has it any more. */
export interface ArrivedWorld {
  readonly report: readonly string[];
  /** Since the thread before stood still for it. */
  pauseMicros(): number;
  enter(recorder: SubsystemDefinition<RecorderSubsystem> | undefined): void;
}

/** Undefined when the thread before has ended by itself. Raises as moving does; the thread before then goes on. */
export async function arrive(
  engine: Engine,
  game: Game,
  { code: { hash }, port }: RelayData,
  ready: () => void,
  pulse: Pulse,
): Promise<ArrivedWorld | undefined> {
  const line = new RelayLine(port);
  ready();
  says(pulse, doing.idle);
  const handed = await line.next("handover");
  if (handed === undefined) return undefined;
  const startMicros = hostClock.nowMicros();
  says(pulse, doing.arrive);
  const arrival = new Arrival(engine, handed.handover, game);
  line.send({ kind: "taken" });
  says(pulse, doing.idle);
  const rest = await line.next("rest");
  if (rest === undefined) return undefined;
  says(pulse, doing.arrive);
  return {
    report: arrival.report,
    pauseMicros: () => hostClock.nowMicros() - startMicros,
    enter(recorder) {
      arrival.enter();
      if (recorder === undefined || rest.journal === undefined) return;
      engine.of(recorder).goOn(rest.journal);
      engine.of(recorder).swap(arrival.payload({ hash }));
    },
  };
}
