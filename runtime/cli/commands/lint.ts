/** `lint`: what must not be in world code, found without running it. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import { packagedProgram } from "../../host/program.ts";
import { entryUrl } from "../../host/project.ts";
import type { Finding } from "../../lint/finding.ts";
import { lintSource } from "../../lint/lint-source.ts";
import { isMainFile, namedFiles, readSource, worldFilesOf } from "../../lint/world-files.ts";
import { mistakeInText } from "../../package/mistakes.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";
import { tableText } from "../terminal.ts";

interface PlacedFinding extends Omit<Finding, "rule"> {
  /** "syntax" for a source that does not parse, of which no rule is asked. */
  readonly rule: Finding["rule"] | "syntax";
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
  const named = paths.length === 0 ? [fileURLToPath(entryUrl())] : namedFiles(paths);
  // A main file puts things together: it stands for the world code that it imports.
  const isGame = paths.length === 0 || (named.length === 1 && isMainFile(named[0]!));
  const files = isGame ? filesOf(named[0]!) : named;
  if (files.length === 0)
    raise("usage", {
      problem: "There is no source to lint.",
      suggestion: "Name files or folders, or run it with the main file of a game that imports its world code.",
    });
  const findings = (await Promise.all(files.map(findingsOf))).flat();
  const rows = findings.map(({ file, line, column, rule, what, why, instead }) => [
    `${file}:${line}:${column}`,
    rule,
    `${what}: ${why} ${instead}.`,
  ]);
  if (rows.length > 0) for (const text of tableText(rows)) terminal.line(text);
  const fileCount = new Set(findings.map(({ file }) => file)).size;
  const checked = `${counted(files.length, "file")}${paths.length === 0 ? ` of ${game.id}` : ""}`;
  terminal.line(
    findings.length === 0
      ? `${checked}: nothing that must not be in world code`
      : `${counted(findings.length, "finding")} in ${fileCount} of ${checked}`,
  );
  terminal.value({ fileCount: files.length, findings });
  return findings.length === 0 ? exitCode.ok : exitCode.failed;
}

async function findingsOf(path: string): Promise<PlacedFinding[]> {
  const file = relative(process.cwd(), path);
  const text = readSource(path, "source");
  const mistake = await mistakeInText(path, text);
  if (mistake === undefined) return lintSource(text).map((finding) => ({ file, ...finding }));
  const { line, column, problem } = mistake;
  const texts = {
    what: "it does not parse",
    why: `${problem.replace(/\.$/, "")}.`,
    instead: "Mend it, and lint it again",
  };
  return [{ file, rule: "syntax", line, column, ...texts }];
}

/** World code of a game; a game of one file is all in its main file. */
function filesOf(main: string): readonly string[] {
  const files = worldFilesOf(main);
  return files.length === 0 ? [main] : files;
}
