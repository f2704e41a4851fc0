/** The commands that look into journals: `replay diff` and what belongs to it. command-line.ts has the rest. */
import { type Command, InvalidArgumentError } from "commander";
import type { Action } from "./command-line.ts";

export interface ReplayCommandHost {
  readonly replay: Command;
  readonly trace: Command;
  /** Makes a command with a description, an example and the action that is loaded when it is called. */
  command(parent: Command, name: string, description: string, example: string, load: () => Promise<Action>): Command;
}

export function addReplayCommands({ replay, trace, command }: ReplayCommandHost): void {
  command(
    replay,
    "diff",
    "find the first tick at which two journals part, or a journal and its replay, and what they part by",
    "replay diff a.orj b.orj",
    async () => (await import("./commands/replay-diff.ts")).replayDiff,
  )
    .argument("<a>", "a journal")
    .argument("[b]", "another one; without it, a is compared with its replay")
    .option("--code-a <path>", "the code that made a, when it is not this program")
    .option("--code-b <path>", "the code that made b, or that a is replayed on");
  command(
    trace,
    "why",
    "tell what produced a value: the systems, records, commands, contacts and jobs behind it",
    "trace why Velocity.x --entity 512 --tick 1841 round.orj",
    async () => (await import("./commands/trace-why.ts")).traceWhy,
  )
    .argument("<field>", "Component.field, or Component.field[element]")
    .argument("<journal>", "the journal in which it happened")
    .requiredOption("--entity <index>", "the entity's index", whole)
    .requiredOption("--tick <tick>", "the tick behind which it has the value", whole)
    .option("--depth <count>", "how many steps to go back", whole, 4)
    .option("--back <ticks>", "how many ticks to look back at most", whole, 4_000);
}

function whole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > 4_294_967_295)
    throw new InvalidArgumentError("It is a whole number.");
  return value;
}
