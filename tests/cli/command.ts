/**
 * The real command in a process of its own, as a user starts it: a main file, arguments, pipes for
 * its output. Whatever a test leaves running is ended when the test file is.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type Journal, readJournal } from "../../engine/replay/journal.ts";
import type { TrappedCall } from "../games/trapped.ts";
import type { UnsortedName } from "../games/unsorted-main.ts";
import type { VariantName } from "../games/variants.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const mains = {
  tumble: "tests/games/main.ts",
  scrapyard: "game/main.ts",
  swarm: "tests/games/swarm-main.ts",
  trapped: "tests/games/trapped-main.ts",
  unsorted: "tests/games/unsorted-main.ts",
} as const;

export interface CommandOptions {
  /** Which main file; Tumble's may be a variant, Trapped's is the call that is made, Unsorted's is what orders it. */
  readonly main?: keyof typeof mains;
  readonly variant?: VariantName | TrappedCall | UnsortedName;
  /** A main file of the test's own. */
  readonly file?: string;
  /** By default a folder that is removed at the end: what crashes leaves something there. */
  readonly cwd?: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Whether standard input is a pipe, for `say`. */
  readonly hasInput?: boolean;
}

/** How a command ended and all that it printed. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();
const folder = mkdtempSync(join(tmpdir(), "orrery-cli-"));
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

let fileCount = 0;
/** A path in a folder that is removed at the end; each call gives another. */
export function newPath(name: string): string {
  return join(folder, `${++fileCount}-${name}`);
}

/** Saves a file that a run watches, at once: one that is written where it lies is empty for a moment, which is an edit as well. */
export function saveAtOnce(path: string, text: string): void {
  writeFileSync(`${path}.saved`, text);
  renameSync(`${path}.saved`, path);
}

/** The journal of a run that goes on, in its whole blocks, which are of a second each; undefined while there is none. */
export function journalSoFar(path: string): Journal | undefined {
  try {
    return readJournal(readFileSync(path), path);
  } catch {
    return undefined;
  }
}

/** A command while it runs. */
export class RunningCommand {
  readonly finished: Promise<Finished>;
  /** What it has printed so far, in whole lines: the rest of one may be on its way, and half a number is another number. */
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  #wake: () => void = () => {};

  constructor(args: readonly string[], options: CommandOptions = {}) {
    const { main = "tumble", variant = "tumble", cwd = folder, file, nodeArgs = [] } = options;
    // Colour must come from the terminal alone, so nothing that forces or forbids it is passed on.
    const { FORCE_COLOR: _, NO_COLOR: __, NODE_OPTIONS: ___, ...env } = process.env;
    const child = spawn(process.execPath, [...nodeArgs, file ?? join(root, mains[main]), ...args], {
      cwd,
      env: { ...env, ORRERY_TEST_GAME: variant },
      stdio: [options.hasInput === true ? "pipe" : "ignore", "pipe", "pipe"],
    });
    this.#child = child;
    running.add(child);
    const rest = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]!.setEncoding("utf8").on("data", (text: string) => {
        const end = text.lastIndexOf("\n") + 1;
        if (end > 0) this[name] += rest[name] + text.slice(0, end);
        rest[name] = end > 0 ? text.slice(end) : rest[name] + text;
        this.#wake();
      });
    this.finished = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        running.delete(child);
        this.stdout += rest.stdout;
        this.stderr += rest.stderr;
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.#wake();
      });
    });
  }

  get hasEnded(): boolean {
    return !running.has(this.#child);
  }

  get processId(): number {
    return this.#child.pid!;
  }

  /** Writes a line to its standard input. */
  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until it has printed what matches, and gives the match; fails when it ends without. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.hasEnded) throw new Error(`it ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits until `holds`, asked now and then; fails when the command ends first. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.hasEnded) throw new Error(`it ended too early:\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Runs a command to its end. */
export function command(args: readonly string[], options?: CommandOptions): Promise<Finished> {
  return new RunningCommand(args, options).finished;
}

/** The one JSON value on standard output; fails when there is anything else. */
export function jsonOf({ stdout }: Finished): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The id of the fault that is the command's JSON result. */
export function faultIdOf(finished: Finished): unknown {
  return (jsonOf(finished)["fault"] as Record<string, unknown> | undefined)?.["id"];
}

/** Standard error without its last line, which must be the time. */
export function messageOf({ stderr }: Finished): string {
  const lines = stderr.trimEnd().split("\n");
  const last = lines.pop();
  if (last === undefined || !timeLine.test(last)) throw new Error(`the last line is not the time:\n${stderr}`);
  return lines.join("\n");
}

export const timeLine = /^(done|failed|stopped) in \d+(\.\d+)? s$/;
