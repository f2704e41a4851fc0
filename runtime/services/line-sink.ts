/**
 * A line sink: appends lines to a file, or to the process's standard error, from a thread that may block for a
 * moment and must not fail. Lines are written whole or not at all: when a disk is full, what was written of
 * them is cut off again. The file is opened anew after a failure, so a disk that has room again is used again.
 *
 * The rule: while `isStuck`, call `retry` and nothing else. A pipe whose reader is slow takes part of the lines;
 * the rest waits here, and meanwhile the ring fills and counts what it drops.
 */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

export type SinkOutcome = "written" | "stuck" | "failed";

const stderrFile = 2;
/** A pipe without a reader would block the thread for ever, in a call that not even `terminate` ends. */
const openFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

export class LineSink {
  /** Path of the file; undefined for standard error. */
  readonly path: string | undefined;
  /** What the last failure was. */
  problem = "";
  #file = -1;
  /** Length of a regular file up to its last whole line; -1 for pipes and devices, which cannot be cut. */
  #goodBytes = -1;
  #rest: Uint8Array | undefined;

  constructor(path: string | undefined) {
    this.path = path;
  }

  get isStuck(): boolean {
    return this.#rest !== undefined;
  }

  append(lines: string): SinkOutcome {
    this.#rest = Buffer.from(lines);
    return this.retry();
  }

  retry(): SinkOutcome {
    if (this.#rest === undefined) return "written";
    try {
      if (this.#file < 0) this.#open();
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(writeSync(this.#file, this.#rest));
      if (this.#goodBytes >= 0) this.#goodBytes = fstatSync(this.#file).size;
      this.#rest = undefined;
      return "written";
    } catch (thrown) {
      if (codeOf(thrown) === "EAGAIN") return "stuck";
      this.problem = thrown instanceof Error ? thrown.message : String(thrown);
      this.#rest = undefined;
      this.#abandon();
      return "failed";
    }
  }

  /** Waits until the file is on the disk, and closes it. */
  close(): void {
    if (this.#file < 0 || this.path === undefined) return;
    try {
      if (this.#goodBytes >= 0) fsyncSync(this.#file);
      closeSync(this.#file);
    } catch {
      // All lines have been handed over; that the disk failed afterwards changes nothing that could be done here.
    }
    this.#file = -1;
  }

  #open(): void {
    if (this.path === undefined) {
      this.#file = stderrFile;
      return;
    }
    this.#file = openSync(this.path, openFlags, 0o644);
    const status = fstatSync(this.#file);
    this.#goodBytes = status.isFile() ? status.size : -1;
  }

  /** Cuts off what was written of lines that did not fit, and lets go of the file. */
  #abandon(): void {
    if (this.#file < 0 || this.path === undefined) return;
    try {
      if (this.#goodBytes >= 0) ftruncateSync(this.#file, this.#goodBytes);
      closeSync(this.#file);
    } catch {
      // The failure that counts is the one before.
    }
    this.#file = -1;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
