/** `trace why`: the chain of what produced a value, from a journal: systems, records, commands, contacts and jobs. */
import { valueText } from "../../../engine/audit/state-map.ts";
import { writerText } from "../../../engine/audit/step-log.ts";
import { raise } from "../../../engine/base/faults.ts";
import type { EventNote } from "../../../engine/replay/entity-watch.ts";
import { explainValue } from "../../../engine/replay/why.ts";
import type { WhyInput, WhyNode } from "../../../engine/replay/why-chain.ts";
import { openJournal } from "../../replay/journal-source.ts";
import { refuseEntityElsewhere, refuseTickElsewhere } from "../../replay/on-record.ts";
import { firstGameOf, replayHost } from "../../replay/replay-host.ts";
import { recordText } from "../../replay/report-text.ts";
import type { CommandContext } from "../command-line.ts";
import { type ExitCode, exitCode } from "../exit-codes.ts";

interface WhyCommandOptions {
  readonly entity: number;
  readonly tick: number;
  readonly depth: number;
  readonly back: number;
}

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
  for (const line of nodeLines(node, "", tick)) terminal.line(line);
  terminal.value({ path, question, answer: nodeValue(node) });
  return exitCode.ok;
}

/** A node and what stands behind it, each level further in. */
function nodeLines(node: WhyNode, indent: string, toTick: number): string[] {
  const inner = `${indent}  `;
  const lines = [`${indent}${headText(node, toTick)}`];
  for (const record of node.records) lines.push(`${inner}record: ${recordText(record)}`);
  if (node.answer !== undefined) {
    const { job, snapshotTick, latency, row, chunk } = node.answer;
    const where = chunk < 0 ? `row ${row}` : `chunk ${chunk}, row ${row}`;
    lines.push(
      `${inner}answer of job "${job}": ${where}, from the snapshot of tick ${snapshotTick}, ${latency} ticks before`,
    );
  }
  for (const { by, text } of node.commands) lines.push(`${inner}command: ${text}, staged by ${writerText(by)}`);
  for (const note of node.events) lines.push(`${inner}event: ${eventText(note)}`);
  if (node.contacts.length > 0) {
    const touched = node.contacts.map(({ entity, sinceTick }) => `entity ${entity} (since tick ${sinceTick})`);
    lines.push(`${inner}touches ${touched.join(", ")}`);
  }
  for (const input of node.inputs) lines.push(...inputLines(input, inner));
  if (indent === "" && node.reads.length > 0)
    lines.push(`${inner}reads ${node.reads.join(", ")}, of other entities perhaps`);
  return lines;
}

function headText({ step, tick, before, beforeBits, after, afterBits }: WhyNode, toTick: number): string {
  const value = `${valueText(after)} ${afterBits}`;
  if (step === "setup") return `It is as the game set it up: ${value}.`;
  if (step === "beyond") return `It was written before tick ${tick}, further back than was looked: ${value}.`;
  const when = tick === toTick ? `at tick ${tick}` : `at tick ${tick}, and not since`;
  return `Written by ${writerText(step)} ${when}: ${valueText(before)} ${beforeBits} -> ${value}.`;
}

function inputLines({ place, value, bits, writtenTick, writer, sinceTick, node }: WhyInput, indent: string): string[] {
  const since = sinceTick < writtenTick ? `, as in the ticks since ${sinceTick}` : "";
  const line = `${indent}saw ${place} = ${valueText(value)} ${bits}, by ${writerText(writer)} at tick ${writtenTick}${since}`;
  return node === undefined ? [line] : [line, ...nodeLines(node, `${indent}  `, node.tick)];
}

function eventText({ kind, values, others }: EventNote): string {
  const shown = Object.entries(values).map(([field, value]) => `${field} ${value}`);
  const whom = others.length === 0 ? "" : ` with entity ${others.join(", ")}`;
  return `${kind}${whom} (${shown.join(", ")})`;
}

function nodeValue(node: WhyNode): unknown {
  const { step, inputs, commands, before, after, ...rest } = node;
  return {
    ...{ step: stepValue(step), before: numberValue(before), after: numberValue(after), ...rest },
    commands: commands.map(({ by, ...command }) => ({ by: stepValue(by), ...command })),
    inputs: inputs.map(({ node: further, writer, value, ...input }) => ({
      ...{ ...input, value: numberValue(value), writer: stepValue(writer) },
      node: further === undefined ? undefined : nodeValue(further),
    })),
  };
}

function stepValue(step: WhyNode["step"]): unknown {
  return typeof step === "string" ? { kind: step } : { kind: step.kind, name: step.name, phase: step.phase };
}

/** JSON has no form for what is not finite, and loses the sign of zero. */
function numberValue(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : valueText(value);
}
