/** `compile`: one executable file from a game's source. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { raise } from "../../../engine/base/faults.ts";
import { packagedProgram } from "../../host/program.ts";
import { entryUrl, projectFolder } from "../../host/project.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface CompileOptions {
  readonly output?: string;
  readonly entry?: string;
}

export async function compile({ game, terminal }: CommandContext, options: CompileOptions): Promise<ExitCode> {
  if (packagedProgram() !== undefined)
    raise("not-available", {
      command: "compile",
      reason: "this is an executable, which holds no source",
      instead: "Run it from the game's source tree.",
    });
  const { packageExecutable } = await import("../../package/executable.ts");
  const entry = options.entry ?? fileURLToPath(entryUrl());
  const output = options.output ?? join(projectFolder(), "dist", game.id);
  const { file, bytes, millis } = await packageExecutable({
    entry,
    output,
    onProgress: ({ step, stepCount, text, note }) => {
      terminal.note(`[${step}/${stepCount}] ${text}`);
      if (note !== undefined) terminal.note(`      ${note}`);
    },
  });
  terminal.line(`${file}: ${(bytes / 1e6).toFixed(1)} MB`);
  terminal.value({ file, bytes, millis });
  return exitCode.ok;
}
