/**
 * The execution of one submission on the null device: walks its commands, checks each against the queue,
 * the pass and the resources, notes the uses, and adds up the cost. `known` says for each line which
 * value has surely passed when the submission begins; whatever it uses must lie at or below that.
 */
import { raise } from "../base/faults.ts";
import { access, type CommandReader, commandNames, opcodes } from "./commands.ts";
import { fenceText, lineCount, lineNames, lines, type QueueName } from "./queues.ts";
import type { Resource, Resources } from "./resources.ts";

/** Queues that take each opcode. */
const takers: readonly (readonly QueueName[])[] = [
  [],
  ["graphics"],
  ["graphics"],
  ["graphics", "compute"],
  ["graphics"],
  ["graphics", "compute"],
  ["graphics", "compute", "copy"],
  ["copy"],
  ["graphics", "compute", "copy"],
];

/** One submission as the device runs it: a record that is used again for each. */
export class Execution {
  /** Number of the submission on this device, from 1. */
  serial = 0;
  line = 0;
  signalValue = 0;
  readonly known = new Uint32Array(lineCount);
  readonly #describe: () => string;

  /** `describe` says what faults call the submission that runs now. */
  constructor(describe: () => string) {
    this.#describe = describe;
  }
  get use(): string {
    return this.#describe();
  }
}

/**
 * Runs the commands that `reader` stands before; returns their cost in micros. Raises
 * "gpu-misuse", "resource-not-ready", "resource-retired".
 */
export function execute(execution: Execution, reader: CommandReader, resources: Resources): number {
  const queue = lineNames[execution.line] as QueueName;
  let costMicros = 0;
  let isInPass = false;
  for (let step = reader.next(); step !== false; step = reader.next()) {
    if (typeof step === "string")
      misuse(execution, step, "Record commands with a CommandRecorder and submit them whole.");
    const { opcode } = reader;
    if (!takers[opcode]!.includes(queue))
      misuse(
        execution,
        `queue ${queue} takes no ${commandNames[opcode]}`,
        `Submit it to ${takers[opcode]!.join(" or ")}.`,
      );
    const belongsInPass = opcode === opcodes.draw || opcode === opcodes.endPass;
    if (opcode !== opcodes.bind && belongsInPass !== isInPass)
      misuse(
        execution,
        `${commandNames[opcode]} came ${isInPass ? "within" : "outside"} a pass`,
        "Draw within a pass; end it before anything but bind and draw.",
      );
    if (opcode === opcodes.beginPass) isInPass = true;
    if (opcode === opcodes.endPass) isInPass = false;
    costMicros += perform(execution, reader, resources);
  }
  if (isInPass) misuse(execution, "its last pass is not ended", "Record end-pass before submitting.");
  return costMicros;
}

/** Notes what the current command uses; returns its cost. */
function perform(execution: Execution, reader: CommandReader, resources: Resources): number {
  switch (reader.opcode) {
    case opcodes.beginPass: {
      const target = resources.usable(reader.operand(0), execution);
      if (target.definition.kind !== "target")
        misuse(execution, `${target.text} is no target of a pass`, 'Create it with kind "target".');
      write(execution, target);
      return 0;
    }
    case opcodes.bind: {
      const resource = resources.usable(reader.operand(1), execution);
      if (reader.operand(2) === access.write) write(execution, resource);
      else read(execution, resource);
      return 0;
    }
    case opcodes.draw:
      return reader.operand(2);
    case opcodes.dispatch:
      return reader.operand(3);
    case opcodes.copy: {
      const source = resources.usable(reader.operand(0), execution);
      const target = resources.usable(reader.operand(1), execution);
      checkFits(execution, source, reader.operand(2));
      checkFits(execution, target, reader.operand(2));
      read(execution, source);
      write(execution, target);
      return reader.operand(3);
    }
    case opcodes.upload: {
      const target = resources.usable(reader.operand(0), execution);
      checkFits(execution, target, reader.operand(2));
      write(execution, target);
      target.uploadValue = execution.signalValue;
      return reader.operand(3);
    }
    case opcodes.barrier:
      resources.usable(reader.operand(0), execution).unbarredBy = 0;
      return 0;
    default:
      return 0;
  }
}

/** Notes that the submission reads the resource, which must hold something and be known as written. */
export function read(execution: Execution, resource: Resource): void {
  const { line, signalValue, known, serial } = execution;
  if (resource.unbarredBy === serial)
    misuse(
      execution,
      `it reads ${resource.text} after writing it, without a barrier`,
      "Record a barrier of the resource between.",
    );
  const { writeLine, writeValue } = resource;
  if (writeValue === 0)
    raise("resource-not-ready", {
      resource: resource.text,
      use: execution.use,
      reason: "nothing has been written into it yet",
    });
  if (writeLine !== line && writeValue > known[writeLine]!) {
    const fence = fenceText({ line: lineNames[writeLine]!, value: writeValue });
    const isUpload = writeLine === lines.copy && writeValue === resource.uploadValue;
    raise("resource-not-ready", {
      resource: resource.text,
      use: execution.use,
      reason: `it does not wait for ${fence}, which ends its ${isUpload ? "upload" : "writing"}`,
    });
  }
  resource.lastUse[line] = signalValue;
}

/** Notes that the submission writes the resource, which no other line may still use. */
export function write(execution: Execution, resource: Resource): void {
  const { line, signalValue, known, serial } = execution;
  for (let other = 0; other < lineCount; other++)
    if (other !== line && resource.lastUse[other]! > known[other]!)
      raise("resource-not-ready", {
        resource: resource.text,
        use: execution.use,
        reason: `it writes it and does not wait for ${fenceText({ line: lineNames[other]!, value: resource.lastUse[other]! })}, which uses it`,
      });
  resource.lastUse[line] = signalValue;
  resource.writeLine = line;
  resource.writeValue = signalValue;
  resource.unbarredBy = serial;
}

function checkFits(execution: Execution, resource: Resource, byteLength: number): void {
  if (byteLength > resource.definition.byteLength)
    misuse(
      execution,
      `${byteLength} bytes do not fit ${resource.text} of ${resource.definition.byteLength}`,
      "Create it as long as what it holds.",
    );
}

function misuse({ use }: Execution, problem: string, remedy: string): never {
  raise("gpu-misuse", { use, problem, remedy });
}
