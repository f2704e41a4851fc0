/** `lint`: what must not be in world code, found without running it. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { raise } from "../../../engine/base/faults.ts";
import { packagedProgram } from "../../host/program.ts";
import { entryUrl } from "../../host/project.ts";
import type { Finding } from "../../lint/finding.ts";
import { lintSource } from "../../lint/lint-source.ts";
import { namedFiles, readSource, worldFilesOf } from "../../lint/world-files.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

interface PlacedFinding extends Finding {
  /** From the current folder. */
  readonly file: string;
}

export async function lint(
  { game, terminal }: CommandContext,
  _options: unknown,
  ...paths: readonly string[]
): Promise<ExitCode> {
  if (packagedProgram() !== undefined)
    raise("not-available", {
      command: "lint",
      reason: "this is an executable, which holds no source",
      instead: "Run it from the game's source tree.",
    });
  const files = paths.length === 0 ? filesOf(fileURLToPath(entryUrl())) : namedFiles(paths);
  if (files.length === 0)
    raise("usage", {
      problem: "There is no source to lint.",
      suggestion: "Name files or folders, or run it with the main file of a game that imports its world code.",
    });
  const findings: PlacedFinding[] = files.flatMap((path) => {
    const file = relative(process.cwd(), path);
    return lintSource(readSource(path, "source")).map((finding) => ({ file, ...finding }));
  });
  const rows = findings.map(({ file, line, column, rule, what, why, instead }) => [
    `${file}:${line}:${column}`,
    rule,
    `${what}: ${why} ${instead}.`,
  ]);
  if (rows.length > 0) for (const text of tableText(rows)) terminal.line(text);
  const fileCount = new Set(findings.map(({ file }) => file)).size;
  const checked = `${files.length} ${files.length === 1 ? "file" : "files"} of ${game.id}`;
  terminal.line(
    findings.length === 0
      ? `${checked}: nothing that must not be in world code`
      : `${findings.length} ${findings.length === 1 ? "finding" : "findings"} in ${fileCount} of ${checked}`,
  );
  terminal.value({ fileCount: files.length, findings });
  return findings.length === 0 ? exitCode.ok : exitCode.failed;
}

/** World code of a game; a game of one file is all in its main file. */
function filesOf(main: string): readonly string[] {
  const files = worldFilesOf(main);
  return files.length === 0 ? [main] : files;
}
