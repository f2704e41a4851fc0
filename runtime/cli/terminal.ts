/**
 * The terminal: all that commands print goes through here. Results go to standard output, everything
 * that accompanies them to standard error, so that a result can be piped. Colour and the status line
 * appear only on a terminal; with --json the only thing on standard output is one JSON value.
 */
import { styleText } from "node:util";
import { type FaultMoment, faultPlace, faultPlaceText } from "../../engine/base/fault-place.ts";
import { type Fault, faultId, faultMend, faultOf, faultText } from "../../engine/base/faults.ts";
import { withSourcePlace, withSourcePlaces } from "../host/source-places.ts";

type Style = Parameters<typeof styleText>[0];

export class Terminal {
  readonly isJson: boolean;
  readonly #startMillis = performance.now();
  #statusShown = false;
  #valueGiven = false;

  constructor(isJson: boolean) {
    this.isJson = isJson;
  }

  /** A line of the result; nothing with --json. */
  line(text: string): void {
    this.#clearStatus();
    if (!this.isJson) process.stdout.write(`${text}\n`);
  }

  /** The result as a value; nothing without --json. The first value is the only one. */
  value(value: unknown): void {
    this.#clearStatus();
    if (!this.isJson || this.#valueGiven) return;
    this.#valueGiven = true;
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** A line beside the result. */
  note(text: string): void {
    this.#clearStatus();
    process.stderr.write(`${text}\n`);
  }

  /** Replaces the status line at the bottom; shown on a terminal only. */
  status(text: string): void {
    if (!process.stderr.isTTY) return;
    const width = Math.max(20, process.stderr.columns ?? 80);
    process.stderr.write(`\r\x1b[2K${text.slice(0, width - 1)}`);
    this.#statusShown = true;
  }

  /** What went wrong and ends the command, where, and how to mend it; with --json it is the result. */
  fault(raised: Fault, moment?: FaultMoment): void {
    const fault = withSourcePlace(raised);
    this.report(fault);
    const where = faultPlace(fault, moment);
    const place = faultPlaceText(where);
    if (moment !== undefined && place !== "") this.note(`      ${place}`);
    this.value({
      fault: { id: faultId(fault), ...fault, where, text: withSourcePlaces(faultText(fault)), mend: faultMend(fault) },
    });
  }

  /** What a command ended with instead of a result; the stack is told of a bug alone. Gives the fault. */
  failure(thrown: unknown): Fault {
    const fault = faultOf(thrown);
    this.fault(fault);
    if (fault.kind === "unexpected" && thrown instanceof Error && thrown.stack !== undefined)
      this.note(withSourcePlaces(thrown.stack));
    return fault;
  }

  /** What went wrong while the command goes on. */
  report(fault: Fault): void {
    this.note(`${this.paint("red", faultId(fault))} ${withSourcePlaces(faultText(fault))}`);
    this.note(`      ${faultMend(fault)}`);
  }

  /** The last line of every command: how long it took. */
  finish(text = "done"): void {
    const seconds = (performance.now() - this.#startMillis) / 1_000;
    this.note(this.paint("dim", `${text} in ${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`));
  }

  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr });
  }

  #clearStatus(): void {
    if (!this.#statusShown) return;
    process.stderr.write("\r\x1b[2K");
    this.#statusShown = false;
  }
}

/** Columns of text, each as wide as its widest cell; numbers are the caller's to align. */
export function tableText(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column + 1 === row.length ? cell : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
