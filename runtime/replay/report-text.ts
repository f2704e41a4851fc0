/**
 * The report of a tick at which two lines part, as lines for people and as plain data for programs. Values are never shown
 * without their bits: two numbers that print alike may differ.
 */
import { valueText } from "../../engine/audit/state-map.ts";
import { writerText } from "../../engine/audit/step-log.ts";
import { faultId, faultText } from "../../engine/base/faults.ts";
import type { WorldRecord } from "../../engine/input/record.ts";
import type { PlacedDifference, Rerun, SpanReport, TickReport } from "../../engine/replay/diff.ts";
import type { IdentityDifference } from "../../engine/replay/identity.ts";
import type { RecordNames } from "../../engine/replay/record-names.ts";
import { type PossibleWriter, possibleWriterText, spanWriterText } from "../../engine/replay/span-writers.ts";
import type { SideValue, WriteDifference } from "../../engine/replay/tick-trace.ts";
import { withSourcePlaces } from "../host/source-places.ts";

/** Steps that are named of those that may have written. */
const possibleShown = 8;
/** Places that are listed of all spans together. */
const placesShown = 24;

type Writer = WriteDifference["step"];

/** What to call the two lines. */
export interface Labels {
  readonly a: string;
  readonly b: string;
}

/** In what two programs differ, a line each. */
export function programLines(differences: readonly (IdentityDifference & { readonly tick?: number })[]): string[] {
  return differences.map(({ field, journal, program, tick = 0 }) => {
    const since = tick === 0 ? "" : ` behind tick ${tick}, where it swaps`;
    return `The programs have another ${field}${since}: ${journal} and ${program}.`;
  });
}

/** What is to be known of records that ran on other code: in what it is another program, and what was left out for that. */
export function rerunLines({ programs, left, unmeant }: Rerun): string[] {
  const lines = programLines(programs);
  if (unmeant.length > 0)
    lines.push(`Records of ${unmeant.join(", ")} are left out: the other code has no such thing.`);
  if (left.renumbered.length > 0)
    lines.push(`Not compared, for equal states have other bytes there: ${left.renumbered.join(", ")}.`);
  if (left.alone.length > 0) lines.push(`Not compared, for only one of them has it: ${left.alone.join(", ")}.`);
  return lines;
}

/** The report as text, one line each. */
export function reportLines(report: TickReport, labels: Labels): string[] {
  const lines: string[] = [];
  const width = Math.max(labels.a.length, labels.b.length);
  const pair = (a: string, b: string): void => {
    lines.push(`  ${labels.a.padEnd(width)}  ${a}`, `  ${labels.b.padEnd(width)}  ${b}`);
  };
  if (report.records !== undefined) {
    lines.push(`Tick ${report.tick} has other records:`);
    pair(recordsText(report.records.a), recordsText(report.records.b));
  }
  for (const side of ["a", "b"] as const) {
    const fault = report.faults[side];
    if (fault !== undefined)
      lines.push(
        `${labels[side]} faults at tick ${report.tick}: ${faultId(fault)} ${withSourcePlaces(faultText(fault))}`,
      );
  }
  if (report.setup.length > 0)
    lines.push(
      `They differ before tick ${report.tick}, as the game's setup leaves them:`,
      ...placedLines(report.setup),
    );
  const { command, first } = report;
  const alone = ({ only }: Pick<WriteDifference, "only">): string =>
    only === undefined ? "" : `, which only ${labels[only]} has`;
  if (command !== undefined) {
    const { step, entity } = command;
    lines.push(`The first to differ is ${writerText(step)}${alone(command)}, in its commands for entity ${entity}:`);
    pair(commandsText(command.a), commandsText(command.b));
  }
  if (first !== undefined) {
    const what = command === undefined ? "The first to differ is" : "What came of it was first written by";
    const more = first.count > 1 ? ` It wrote ${first.count} elements otherwise.` : "";
    lines.push(`${what} ${writerText(first.step)}${alone(first)}, in ${first.place}.${more}`);
    pair(sideText(first.a), sideText(first.b));
  }
  if (report.elements.length > 0) lines.push(`Behind tick ${report.tick}:`, ...placedLines(report.elements));
  if (!(report.isKnown.a && report.isKnown.b) && report.spans.length > 0) lines.push(...unknownLines(report, labels));
  if (report.later !== undefined) {
    const { tick, elements } = report.later;
    if (elements.length === 0) lines.push(`At tick ${tick}, the next keyframe, both hold the same.`);
    else lines.push(`At tick ${tick}, the next keyframe (${labels.a}, ${labels.b}):`, ...placedLines(elements));
  }
  return lines;
}

/** A line whose code is not at hand: what its hashes say. */
function unknownLines({ isKnown, spans, tick }: TickReport, labels: Labels): string[] {
  const lines: string[] = [];
  const unknown = isKnown.a ? labels.b : labels.a;
  if (!isKnown.a && !isKnown.b)
    lines.push(`This code makes neither ${labels.a} nor ${labels.b} again, so only hashes are known.`);
  else
    lines.push(
      `This code does not make tick ${tick} of ${unknown} again: other code made it, or its memory was changed.`,
    );
  for (const { span, writers, possible, flipped } of spans) {
    const by =
      writers.length === 0 ? "no step of the tick wrote it" : `written by ${writers.map(spanWriterText).join(", ")}`;
    lines.push(`  ${span} differs; ${by}.`);
    if (possible.length > 0)
      lines.push(`    It may ${writers.length === 0 ? "" : "also "}be written by ${possibleText(possible)}.`);
    if (flipped === undefined) continue;
    lines.push(
      `    One flipped bit explains it: bit ${flipped.bit} of ${flipped.place}, ${valueText(flipped.a)} ${flipped.aBits} and ${valueText(flipped.b)} ${flipped.bBits}.`,
    );
  }
  return lines;
}

/** Every system has a random stream of its own, so that span has all of them. */
function possibleText(possible: readonly PossibleWriter[]): string {
  const shown = possible.slice(0, possibleShown).map(possibleWriterText).join(", ");
  return possible.length > possibleShown ? `${shown} and ${possible.length - possibleShown} more` : shown;
}

function placedLines(elements: readonly PlacedDifference[]): string[] {
  const lines: string[] = [];
  for (const { place, part, a, b, aBits, bBits, moreCount } of elements.slice(0, placesShown)) {
    lines.push(`  ${place}: ${valueText(a)} ${aBits} and ${valueText(b)} ${bBits}`);
    if (moreCount > 0) lines.push(`  and ${moreCount} more of ${part.name}`);
  }
  const left = elements.slice(placesShown);
  if (left.length > 0) lines.push(`  and ${left.reduce((sum, { moreCount }) => sum + 1 + moreCount, 0)} more`);
  return lines;
}

function sideText({ value, bits, writer, isRowless }: SideValue): string {
  if (isRowless) return "no such row";
  const by = writer === undefined ? "from an earlier tick" : `last written by ${writerText(writer)}`;
  return `${valueText(value)} ${bits}, ${by}`;
}

function commandsText(commands: readonly string[]): string {
  return commands.length === 0 ? "none" : commands.join(", then ");
}

export function recordsText(records: readonly WorldRecord[]): string {
  return records.length === 0 ? "none" : records.map((record) => recordText(record)).join(", ");
}

/** A record in words. With the names of its program's controls and settings these are named, else they have their numbers. */
export function recordText(record: WorldRecord, names?: RecordNames): string {
  switch (record.kind) {
    case "join":
      return `player ${record.player} joins as ${JSON.stringify(record.name)}`;
    case "leave":
      return `player ${record.player} leaves`;
    case "button":
      return `player ${record.player} control ${nameOf(record, names)} ${record.down ? "down" : "up"}`;
    case "axis":
      return `player ${record.player} control ${nameOf(record, names)} at ${record.value}`;
    case "config":
      return `setting ${nameOf(record, names)} = ${record.value}`;
    case "answer":
      return `answer for component ${record.component} (${record.rows.length} bytes)`;
    case "publish":
      return `resource ${record.resource} version ${record.version}`;
  }
}

/** The name of the control or setting that a record is of, or its number as text; "" for other records. */
export function nameOf(record: WorldRecord, names?: RecordNames): string {
  if (record.kind === "button" || record.kind === "axis")
    return names?.controls[record.control] ?? String(record.control);
  return record.kind === "config" ? (names?.settings[record.setting] ?? String(record.setting)) : "";
}

/** The report as plain data. */
export function reportValue(report: TickReport): unknown {
  const { tick, records, isKnown, faults, spans, setup, first, command, elements, later } = report;
  return {
    ...{ tick, records, isKnown, faults },
    first:
      first === undefined
        ? undefined
        : { ...first, step: writerValue(first.step), a: sideOf(first.a), b: sideOf(first.b) },
    command: command === undefined ? undefined : { ...command, step: writerValue(command.step) },
    spans: spans.map(spanValue),
    setup: setup.map(elementValue),
    elements: elements.map(elementValue),
    later: later === undefined ? undefined : { tick: later.tick, elements: later.elements.map(elementValue) },
  };
}

function sideOf({ value, bits, writer, isRowless }: SideValue): unknown {
  return { value: jsonValue(value), bits, isRowless, writer: writer === undefined ? undefined : writerValue(writer) };
}

function writerValue(step: Writer): unknown {
  return step === "outside" ? { kind: "outside" } : { kind: step.kind, name: step.name, phase: step.phase };
}

function spanValue({ span, a, b, writers, possible, flipped }: SpanReport): unknown {
  return {
    ...{ span, a, b },
    writers: writers.map(({ step, count, commandedBy }) => ({
      ...{ ...(writerValue(step) as object), count },
      commandedBy: commandedBy.length === 0 ? undefined : commandedBy.map(writerValue),
    })),
    mayWrite: possible.map(({ step, subsystem, by }) => ({ ...(writerValue(step) as object), subsystem, by })),
    flipped:
      flipped === undefined
        ? undefined
        : { ...(elementValue(flipped) as object), entity: flipped.entity, bit: flipped.bit },
  };
}

function elementValue({ part, place, a, b, aBits, bBits, moreCount }: PlacedDifference): unknown {
  return { span: part.name, place, a: jsonValue(a), b: jsonValue(b), aBits, bBits, moreCount };
}

/** JSON has no form for what is not finite, and loses the sign of zero. */
function jsonValue(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : valueText(value);
}
