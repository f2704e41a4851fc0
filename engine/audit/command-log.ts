/**
 * The command log: who asked for which structural change within ticks. The structure phase writes on behalf of systems, so
 * whoever asks who did something asks here behind it.
 *
 * Given a world, it hands on the staged commands in their order, each with the step that staged it. The rule a reader could
 * break: commands are seen behind each step, so a step that did not come to its end has none here.
 */
import type { Command } from "../ecs/commands.ts";
import type { TickObserver, TickStep } from "../sim/tick-observer.ts";
import type { World } from "../sim/world.ts";
import { observeTicks } from "./observers.ts";

/** A command and the step that staged it. */
export interface StagedCommand {
  readonly tick: number;
  readonly step: TickStep;
  readonly command: Command;
}

export class CommandLog implements TickObserver {
  readonly staged: StagedCommand[] = [];
  readonly #world: World;
  readonly #end: () => void;
  /** How many of those that wait are in the log. */
  #seenCount = 0;
  /** Where those of the tick that is being made begin. */
  #tickFrom = 0;

  /** Begins to log the ticks of `world`. */
  constructor(world: World) {
    this.#world = world;
    this.#end = observeTicks(world, this);
  }

  /** Stops logging; `staged` stays. */
  end(): void {
    this.#end();
  }

  /** Forgets what was staged until now: for who asks about the tick that is being made alone. */
  forget(): void {
    this.staged.length = 0;
    this.#tickFrom = 0;
  }

  /** The command that is being applied, and who staged it; undefined outside of the structure phase. */
  get applying(): StagedCommand | undefined {
    const { applying } = this.#world.commands;
    return applying < 0 ? undefined : this.staged[this.#tickFrom + applying];
  }

  tickBegins(): void {
    this.#seenCount = 0;
    this.#tickFrom = this.staged.length;
  }

  stepDone(step: TickStep, tick: number): void {
    const { staged } = this.#world.commands;
    // Applied commands are gone from the list.
    if (step.kind === "structure") this.#seenCount = 0;
    for (; this.#seenCount < staged.length; this.#seenCount++)
      this.staged.push({ tick, step, command: staged[this.#seenCount]! });
  }

  tickEnds(): void {}
}
