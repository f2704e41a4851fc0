/**
 * The file of the newest trace events of a run: a process that is killed has no time to make a text of them, so they are
 * written now and then.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { TraceMemory } from "../../engine/trace/memory.ts";
import { glanceAtTrace, type TailRun } from "./trace-tail.ts";

export class TraceTailFile {
  readonly #path: string;
  readonly #memory: TraceMemory;
  readonly #run: TailRun;

  constructor(path: string, memory: TraceMemory, run: TailRun) {
    this.#path = path;
    this.#memory = memory;
    this.#run = run;
  }

  /** Puts what the rings hold now in the place of what was there. Throws what the system says. */
  write(nowMicros: number): void {
    // Another name first: who is killed while writing leaves the file of the last time.
    const unfinished = `${this.#path}.part`;
    writeFileSync(unfinished, glanceAtTrace(this.#memory, this.#run, nowMicros));
    renameSync(unfinished, this.#path);
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
