/**
 * The terminal: all that commands print goes through here. Results go to standard output, everything
 * that accompanies them to standard error, so that a result can be piped. Colour and the status line
 * appear only on a terminal; with --json the only thing on standard output is one JSON value.
 */
import { styleText } from "node:util";
import { type FaultMoment, faultPlace, faultPlaceText } from "../../engine/base/fault-place.ts";
import { type Fault, faultId, faultMend, faultOf, faultText } from "../../engine/base/faults.ts";
import { printable, printableLines } from "../../engine/base/wording.ts";
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
    if (!this.isJson) process.stdout.write(`${printableLines(text)}\n`);
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
    this.#beside(printableLines(text));
  }

  /** Replaces the status line at the bottom; shown on a terminal only. */
  status(text: string): void {
    if (!process.stderr.isTTY) return;
    const width = Math.max(20, process.stderr.columns ?? 80);
    process.stderr.write(`\r\x1b[2K${printable(text).slice(0, width - 1)}`);
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
    if (fault.kind === "unexpected" && thrown instanceof Error) this.stack(withSourcePlaces(thrown.stack ?? ""));
    return fault;
  }

  /** Where an error of the language comes from. A fault says itself where it happened, and its stack nothing more. */
  stack(text: string): void {
    if (text !== "" && !text.startsWith("FaultError")) this.note(text);
  }

  /** What went wrong while the command goes on. */
  report(fault: Fault): void {
    this.#beside(`${this.paint("red", faultId(fault))} ${printableLines(withSourcePlaces(faultText(fault)))}`);
    this.note(`      ${faultMend(fault)}`);
  }

  /** The last line of every command: how long it took. */
  finish(text = "done"): void {
    const seconds = (performance.now() - this.#startMillis) / 1_000;
    this.#beside(this.paint("dim", `${text} in ${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`));
  }

  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr });
  }

  /** Text that is known to control nothing but colours. */
  #beside(text: string): void {
    this.#clearStatus();
    process.stderr.write(`${text}\n`);
  }

  #clearStatus(): void {
    if (!this.#statusShown) return;
    process.stderr.write("\r\x1b[2K");
    this.#statusShown = false;
  }
}

/** Columns of text, each as wide as its widest cell; numbers are the caller's to align. */
export function tableText(given: readonly (readonly string[])[]): string[] {
  const rows = given.map((row) => row.map(printable));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column + 1 === row.length ? cell : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
