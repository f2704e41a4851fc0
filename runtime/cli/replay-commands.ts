/** The commands that look into journals: `replay diff` and what belongs to it. command-line.ts has the rest. */
import type { Command } from "commander";
import type { Action } from "./command-line.ts";

export interface ReplayCommandHost {
  readonly replay: Command;
  readonly trace: Command;
  /** Makes a command with a description, an example and the action that is loaded when it is called. */
  command(parent: Command, name: string, description: string, example: string, load: () => Promise<Action>): Command;
}

export function addReplayCommands({ replay, command }: ReplayCommandHost): void {
  command(
    replay,
    "diff",
    "find the first tick at which two journals part, or a journal and its replay, and what they part by",
    "replay diff a.orj b.orj",
    async () => (await import("./commands/replay-diff.ts")).replayDiff,
  )
    .argument("<a>", "a journal")
    .argument("[b]", "another one; without it, a is compared with its replay")
    .option("--code-a <file>", "the code that made a, when it is not this program")
    .option("--code-b <file>", "the code that made b, or that a is replayed on");
}
