/**
 * What the blocks of a journal say of the programs that make its ticks: given one block after the other, which program a
 * file begins with that begins between them. The rule a reader could break: settings change a program and keep its code.
 */
import { ByteReader } from "../../engine/base/bytes.ts";
import { blockKind } from "../../engine/replay/block.ts";
import { decodeHeader, decodeNote, decodeSwap, encodeHeader } from "../../engine/replay/wire.ts";
import { codeTopic } from "../hot/code-topic.ts";
import type { StreamedBlock } from "./block-stream.ts";

/** The program that makes ticks, as a file says it that begins with one of them. */
export interface FlightProgram {
  readonly header: Uint8Array;
  /** Hash of its code; "" for what the run was started with, when nobody keeps that. */
  readonly code: string;
  /** The tick of the swap that brought it; -1 for the first. */
  readonly swapTick: number;
  /** How many programs were before it. */
  readonly depth: number;
}

/** A block, and what of it decides where a file may begin. */
export interface RecentBlock extends StreamedBlock {
  /** The first tick of a block of ticks, the tick of a swap; 0 for others. */
  readonly tick: number;
  /** Hash of the code that the block names; "" for none. */
  readonly code: string;
}

export function recentOf({ kind, payload }: StreamedBlock): RecentBlock {
  if (kind === blockKind.ticks) return { kind, payload, tick: new ByteReader(payload).u32(), code: "" };
  if (kind === blockKind.swap) {
    const { tick, code } = decodeSwap(payload);
    return { kind, payload, tick, code: code?.hash ?? "" };
  }
  const note = kind === blockKind.note ? decodeNote(payload) : undefined;
  return { kind, payload, tick: 0, code: note?.topic === codeTopic ? note.text : "" };
}

/** The program behind a swap; one of settings alone keeps the code. */
export function programBehind(before: FlightProgram, swapPayload: Uint8Array): FlightProgram {
  const { program, spans, tick, code } = decodeSwap(swapPayload);
  const header = encodeHeader({ ...decodeHeader(before.header), program, spans });
  return { header, code: code?.hash ?? before.code, swapTick: tick, depth: before.depth + 1 };
}
