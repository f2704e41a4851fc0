/** `trace why`: the chain of what produced a value, from a journal: systems, records, commands, contacts and jobs. */

import { valueText } from "../../../engine/audit/state-map.ts";
import { writerText } from "../../../engine/audit/step-log.ts";
import { raise } from "../../../engine/base/faults.ts";
import { counted } from "../../../engine/base/wording.ts";
import type { EventNote } from "../../../engine/replay/entity-watch.ts";
import { type RecordNames, recordNamesIn } from "../../../engine/replay/record-names.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import type { WhyContact, WhyEvent, WhyInput, WhyNode } from "../../../engine/replay/why-chain.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { refuseEntityElsewhere, refuseTickElsewhere } from "../../replay/on-record.ts";
import { firstGameOf, replayHost } from "../../replay/replay-host.ts";
import { nameOf, recordText } from "../../replay/report-text.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface WhyCommandOptions {
  readonly entity: number;
  readonly tick: number;
  readonly depth: number;
  readonly back: number;
}

/** The names of controls and settings at a tick. */
type NamesAt = (tick: number) => RecordNames;

const fieldForm = /^([A-Za-z_]\w*)\.(\w+)(?:\[(\d+)\])?$/;

export async function traceWhy(
  { game, terminal }: CommandContext,
  { entity, tick, depth, back }: WhyCommandOptions,
  field: string,
  path: string,
): Promise<ExitCode> {
  const found = fieldForm.exec(field);
  if (found === null)
    raise("usage", {
      problem: `"${field}" names no field.`,
      suggestion: "Write Component.field, such as Velocity.x, or Ledger.sums[3] for an element of an array.",
    });
  const journal = openJournal(path);
  refuseTickElsewhere(journal, tick, journal.firstTick);
  refuseEntityElsewhere(journal, tick, [entity]);
  terminal.status(`${path}: making the ticks before ${tick} again`);
  const played = await firstGameOf(journal, game, (text) => terminal.note(text));
  const question = { component: found[1]!, field: found[2]!, inSlot: Number(found[3] ?? 0), entity, tick };
  const options = { depth, ticksBack: back };
  const node = await explainValue(journal, played, replayHost(journal, played), question, options);
  terminal.line(`${node.place} behind tick ${tick} is ${valueText(node.after)} ${node.afterBits}.`);
  const namesAt: NamesAt = (at) => recordNamesIn(journal.spansAt(at));
  for (const line of nodeLines(node, "", tick, namesAt)) terminal.line(line);
  terminal.value({ path, question, answer: nodeValue(node, namesAt) });
  return exitCode.ok;
}

/** A node and what stands behind it, each level further in. */
function nodeLines(node: WhyNode, indent: string, toTick: number, namesAt: NamesAt): string[] {
  const inner = `${indent}  `;
  const lines = [`${indent}${headText(node, toTick)}`];
  // Which row of an answer it is, and whose answer, is told below.
  for (const record of node.records)
    if (record.kind !== "answer" || node.answer === undefined)
      lines.push(`${inner}record: ${recordText(record, namesAt(node.tick))}`);
  if (node.answer !== undefined) {
    const { job, snapshotTick, latency, row, chunk } = node.answer;
    const where = chunk < 0 ? `row ${row}` : `chunk ${chunk}, row ${row}`;
    lines.push(
      `${inner}answer of job "${job}": ${where}, from the snapshot of tick ${snapshotTick}, ${counted(latency, "tick")} before`,
    );
  }
  for (const { by, text } of node.commands) lines.push(`${inner}command: ${text}, staged by ${writerText(by)}`);
  for (const event of node.events) {
    lines.push(`${inner}event: ${eventText(event, node.tick)}`);
    for (const input of event.inputs) lines.push(...inputLines(input, `${inner}  `, namesAt));
  }
  if (node.contacts.length > 0) lines.push(`${inner}touches ${node.contacts.map(contactText).join(", ")}`);
  for (const input of node.inputs) lines.push(...inputLines(input, inner, namesAt));
  for (const { entity, relation, node: other } of node.others) {
    const who = relation === "parent" ? `its parent, entity ${entity}` : `entity ${entity}, which it touches`;
    lines.push(`${inner}of ${who}: ${other.place} = ${valueText(other.after)} ${other.afterBits}`);
    lines.push(...nodeLines(other, `${inner}  `, other.tick, namesAt));
  }
  if (indent === "" && node.reads.length > 0)
    lines.push(
      `${inner}declares to read ${node.reads.join(", ")}; of other entities only what stands here was looked at`,
    );
  return lines;
}

function contactText({ entity, isSensor, sinceTick, isOlder }: WhyContact): string {
  return `entity ${entity} (${isSensor ? "sensor, " : ""}since tick ${sinceTick}${isOlder ? " or before" : ""})`;
}

function headText({ step, tick, isComing, before, beforeBits, after, afterBits }: WhyNode, toTick: number): string {
  const value = `${valueText(after)} ${afterBits}`;
  const change = `${valueText(before)} ${beforeBits} -> ${value}`;
  switch (step) {
    case "setup":
      return `It is as the game set it up: ${value}.`;
    case "beyond":
      return `It is from tick ${tick} or before, further back than was looked: ${value}.`;
    case "swap":
      return isComing
        ? `It came with the swap behind tick ${tick}, and was not written since: ${value}.`
        : `The swap behind tick ${tick} changed it: ${change}.`;
    default: {
      const when = tick === toTick ? `at tick ${tick}` : `at tick ${tick}, and not since`;
      return isComing
        ? `It came with its component, by ${writerText(step)} at tick ${tick}, and was not written since: ${value}.`
        : `Written by ${writerText(step)} ${when}: ${change}.`;
    }
  }
}

function inputLines(input: WhyInput, indent: string, namesAt: NamesAt): string[] {
  const { place, value, bits, writtenTick, writer, sinceTick, node } = input;
  const since = sinceTick < writtenTick ? `, as in the ticks since ${sinceTick}` : "";
  const line = `${indent}saw ${place} = ${valueText(value)} ${bits}, by ${writerText(writer)} at tick ${writtenTick}${since}`;
  return node === undefined ? [line] : [line, ...nodeLines(node, `${indent}  `, node.tick, namesAt)];
}

/** `Hit (amount 2, victim entity 55), emitted by system "fight" (gameplay)`; with the tick where it is not that of the node. */
function eventText({ kind, values, entityFields, by, tick }: EventNote, ofTick: number): string {
  const shown = Object.entries(values).map(([field, value]) => {
    const textOf = entityFields.includes(field) ? entityText : valueText;
    return `${field} ${typeof value === "number" ? textOf(value) : `[${value.map(textOf).join(", ")}]`}`;
  });
  const whose = by === undefined ? "emitted further back than was looked" : `emitted by ${writerText(by)}`;
  return `${kind} (${shown.join(", ")}), ${whose}${tick === ofTick ? "" : `, at tick ${tick}`}`;
}

function entityText(index: number): string {
  return index === 0 ? "no entity" : `entity ${index}`;
}

function nodeValue(node: WhyNode, namesAt: NamesAt): unknown {
  const { step, inputs, commands, events, records, others, before, after, ...rest } = node;
  return {
    ...{ step: stepValue(step), before: numberValue(before), after: numberValue(after), ...rest },
    records: records.map((record) => ({ ...record, name: nameOf(record, namesAt(node.tick)) })),
    commands: commands.map(({ by, ...command }) => ({ by: stepValue(by), ...command })),
    events: events.map((event) => eventValue(event, namesAt)),
    others: others.map(({ node: other, ...rest }) => ({ ...rest, node: nodeValue(other, namesAt) })),
    inputs: inputs.map((input) => inputValue(input, namesAt)),
  };
}

function inputValue({ node, writer, value, ...input }: WhyInput, namesAt: NamesAt): unknown {
  return {
    ...{ ...input, value: numberValue(value), writer: stepValue(writer) },
    node: node === undefined ? undefined : nodeValue(node, namesAt),
  };
}

function eventValue({ by, values, inputs, ...event }: WhyEvent, namesAt: NamesAt): unknown {
  const shown = Object.entries(values).map(
    ([field, value]) => [field, typeof value === "number" ? numberValue(value) : value.map(numberValue)] as const,
  );
  return {
    ...{ ...event, by: by === undefined ? undefined : stepValue(by), values: Object.fromEntries(shown) },
    inputs: inputs.map((input) => inputValue(input, namesAt)),
  };
}

function stepValue(step: WhyNode["step"]): unknown {
  return typeof step === "string" ? { kind: step } : { kind: step.kind, name: step.name, phase: step.phase };
}

/** JSON has no form for what is not finite, and loses the sign of zero. */
function numberValue(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : valueText(value);
}
