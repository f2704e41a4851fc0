/**
 * A run in another process: the same program under other flags, under another engine, or packaged. The child is told what
 * to do by the hidden command `verify witness`, says each tick that it reached on standard error, and leaves its testimony
 * in a file.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, makeFault } from "../../engine/base/faults.ts";
import type { PlanSettings } from "../../engine/sim/plan-settings.ts";
import type { ExaminationOrder } from "./examination.ts";
import type { RunResult } from "./results.ts";
import { decodeTestimony } from "./testimony-codec.ts";

/** How the program is started: what comes before the command's own words. */
export interface ChildProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** What to say of it, such as "Bun 1.4.5"; "" for nothing. */
  readonly detail: string;
}

export interface ChildOrder {
  readonly seed: number;
  readonly tickCount: number;
  readonly input: string | undefined;
  readonly settings: PlanSettings;
  readonly examine?: ExaminationOrder;
}

/** What a child prints before each tick that it tells, as no game does. */
export const progressWord = "[orrery] tick ";
const stderrTailLines = 4;

/** Makes one run. Never rejects; an abort ends the child. */
export async function childRun(
  mode: string,
  program: ChildProgram,
  order: ChildOrder,
  signal: AbortSignal,
  onProgress: (tick: number) => void,
): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-verify-"));
  const output = join(folder, "testimony");
  const failed = (problem: string): RunResult => ({
    kind: "faulted",
    fault: makeFault("child-run-failed", { mode, problem }),
  });
  try {
    const startMillis = performance.now();
    const { code, stdout, stderr, problem } = await run(program, wordsOf(order, output), signal, onProgress);
    if (problem !== undefined) return failed(problem);
    if (code !== 0) {
      const { fault } = resultIn(stdout);
      return fault === undefined ? failed(stderr || `it exited with code ${code}`) : { kind: "faulted", fault };
    }
    const testimony = decodeTestimony(await readFile(output));
    const { elapsedMillis = performance.now() - startMillis } = resultIn(stdout);
    return {
      ...{ kind: "ended", testimony, elapsedMillis, detail: program.detail },
      async examine(examine) {
        const again = await childRun(mode, program, { ...order, tickCount: examine.tick, examine }, signal, () => {});
        return again.kind === "ended" ? again.testimony.examination : undefined;
      },
    };
  } catch (thrown) {
    return failed(thrown instanceof Error ? thrown.message : String(thrown));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wordsOf({ seed, tickCount, input, settings, examine }: ChildOrder, output: string): readonly string[] {
  return [
    ...["verify", "witness", "--json", "--seed", String(seed), "--ticks", String(tickCount), "--output", output],
    ...(input === undefined ? [] : ["--input", input]),
    ...["--settings", JSON.stringify(settings)],
    ...(examine === undefined ? [] : ["--examine", JSON.stringify(examine)]),
  ];
}

interface ChildEnd {
  readonly code: number | null;
  readonly stdout: string;
  /** Its last lines without those of progress. */
  readonly stderr: string;
  readonly problem: string | undefined;
}

function run(
  { command, args }: ChildProgram,
  words: readonly string[],
  signal: AbortSignal,
  onProgress: (tick: number) => void,
): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    const abort = (): void => void child.kill();
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    let stdout = "";
    let rest = "";
    const tail: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines)
        if (line.startsWith(progressWord)) onProgress(Number(line.slice(progressWord.length)));
        else if (line.trim() !== "") tail.push(line);
      tail.splice(0, tail.length - stderrTailLines);
    });
    const end = (code: number | null, problem: string | undefined): void => {
      signal.removeEventListener("abort", abort);
      resolve({ code, stdout, stderr: tail.join(" "), problem });
    };
    child.on("error", ({ message }) => end(null, message));
    child.on("close", (code, killed) => end(code, killed === null ? undefined : `it was ended by ${killed}`));
  });
}

/** The JSON value that a command left behind whatever a game wrote to standard output; its braces alone begin a line. */
function resultIn(stdout: string): { readonly fault?: Fault; readonly elapsedMillis?: number } {
  const text = stdout.slice(`\n${stdout}`.lastIndexOf("\n{\n"), stdout.lastIndexOf("\n}\n") + 2);
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
