/**
 * Keyframes: a saved state as bytes, from which a fresh process goes on. One file for writer and reader.
 *
 *     0 ┌────────────────────┐
 *       │ magic        u32   │ "ORKF"
 *       │ format       u32   │
 *       │ byte order   u32   │ 0x01020304 as the machine has it: memory is copied as it is
 *       │ head length  u32   │
 *       │ head sum     u32   │ CRC-32 of the head and of the four words above
 *    20 ├────────────────────┤
 *       │ head         JSON  │ identity of the program, tick, hash, and name, length, hash of each section
 *       ├────────────────────┤
 *       │ sections           │ "world", then one for each part of the engine that has state outside the arena
 *       └────────────────────┘
 *
 * Nothing of a keyframe is believed before its checksum holds, and nothing is put back before all of it is believed. The
 * bytes are not compressed: the host that keeps them does that, away from the ticks.
 */
import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8, ShortRead } from "../base/bytes.ts";
import { crc32 } from "../base/checksum.ts";
import { raise } from "../base/faults.ts";
import { hashBytes, hashHex } from "../base/hash.ts";
import type { Engine } from "../engine.ts";
import { partStateOf, stateNamesOf } from "../running-parts.ts";
import type { SavedState } from "../sim/saved-state.ts";
import { SavedWorld } from "../sim/saved-world.ts";
import { identityDifference, identityOf, isIdentity, type ProgramIdentity } from "./identity.ts";

export const keyframeFormat = 1;
const keyframeMagic = 0x464b524f; // "ORKF" in memory order
const fixedBytes = 20;
const orderMark = 0x01020304;

interface Section {
  readonly name: string;
  readonly byteLength: number;
  /** `hashBytes` of its bytes, sixteen digits: one changed bit always changes it. */
  readonly hash: string;
}

export interface KeyframeHead {
  readonly program: ProgramIdentity;
  readonly seed: number;
  readonly tick: number;
  readonly hash: string;
  readonly sections: readonly Section[];
}

/** A keyframe whose checksums hold. */
export interface Keyframe {
  readonly head: KeyframeHead;
  /** Bytes of each section, in the order of the head. */
  readonly sections: readonly Uint8Array[];
}

/** The order of bytes in this machine's words, as it writes `orderMark`. */
function machineOrder(): number {
  return new DataView(Uint32Array.of(orderMark).buffer).getUint32(0, true);
}

/** The bytes of a save of this engine. Equal states give equal bytes. */
export function encodeKeyframe(engine: Engine, saved: SavedState): Uint8Array {
  const world = new ByteWriter(saved.world.byteLength + 4_096);
  saved.world.encode(world);
  const sections = [{ name: "world", bytes: world.view() }];
  for (const { name, state } of saved.parts)
    sections.push({ name, bytes: partStateOf(engine.program.parts, name).encode(state) });
  const head = encodeUtf8(
    JSON.stringify({
      program: identityOf(engine.program),
      seed: engine.world.seed,
      tick: saved.tick,
      hash: hashHex(saved.hashHigh, saved.hashLow),
      sections: sections.map(({ name, bytes }) => ({ name, byteLength: bytes.length, hash: hashOf(bytes) })),
    } satisfies KeyframeHead),
  );
  const byteLength = sections.reduce((sum, { bytes }) => sum + bytes.length, fixedBytes + head.length);
  const writer = new ByteWriter(byteLength);
  writer.u32(keyframeMagic).u32(keyframeFormat).u32(machineOrder()).u32(head.length);
  writer.u32(headSum(writer.view(), head)).bytes(head);
  for (const { bytes } of sections) writer.bytes(bytes);
  return writer.view();
}

/** Splits a keyframe and checks every byte of it. `path` is for messages. Raises "keyframe-damaged" or "keyframe-mismatch". */
export function readKeyframe(bytes: Uint8Array, path: string): Keyframe {
  const refuse = (offset: number, problem: string): never => raise("keyframe-damaged", { path, offset, problem });
  if (bytes.length < fixedBytes) refuse(0, `it has ${bytes.length} bytes, a keyframe has more than ${fixedBytes}`);
  const reader = new ByteReader(bytes);
  const [magic, format, order, headLength, sum] = Array.from({ length: 5 }, () => reader.u32()) as FiveWords;
  if (magic !== keyframeMagic) refuse(0, "it does not begin like a keyframe");
  if (headLength > reader.remaining) refuse(12, `its head has ${headLength} bytes, ${reader.remaining} are there`);
  const headBytes = reader.bytes(headLength);
  if (headSum(bytes.subarray(0, 16), headBytes) !== sum) refuse(16, "its head does not match its checksum");
  const differ = (field: string, keyframe: string, program: string): never =>
    raise("keyframe-mismatch", { path, field, keyframe, program });
  if (format !== keyframeFormat) differ("format", String(format), String(keyframeFormat));
  if (order !== machineOrder()) differ("order of bytes", orderName(order), orderName(machineOrder()));
  const head = parseHead(headBytes);
  if (head === undefined) return refuse(fixedBytes, "its head does not say what a keyframe's head says");
  const sections: Uint8Array[] = [];
  for (const { name, byteLength, hash } of head.sections) {
    const offset = reader.offset;
    if (byteLength > reader.remaining)
      refuse(offset, `its section "${name}" has ${byteLength} bytes, ${reader.remaining} are there`);
    const section = reader.bytes(byteLength);
    if (hashOf(section) !== hash) refuse(offset, `its section "${name}" does not match its hash`);
    sections.push(section);
  }
  if (reader.remaining > 0) refuse(reader.offset, `${reader.remaining} bytes follow its last section`);
  return { head, sections };
}

/** The state of a keyframe of this engine's program. Raises "keyframe-mismatch" or "keyframe-damaged". */
export function savedStateOf({ head, sections }: Keyframe, engine: Engine, path: string): SavedState {
  const difference = identityDifference(head.program, identityOf(engine.program));
  if (difference !== undefined)
    raise("keyframe-mismatch", {
      ...{ path, field: difference.field, keyframe: difference.journal, program: difference.program },
    });
  if (head.seed !== engine.world.seed)
    raise("keyframe-mismatch", {
      ...{ path, field: "seed", keyframe: String(head.seed), program: String(engine.world.seed) },
    });
  const partNames = stateNamesOf(engine.program.parts);
  const names = ["world", ...partNames];
  const found = head.sections.map(({ name }) => name);
  if (found.join() !== names.join())
    raise("keyframe-mismatch", {
      ...{ path, field: "list of sections", keyframe: found.join(", "), program: names.join(", ") },
    });
  let at = 0;
  try {
    const world = SavedWorld.decode(new ByteReader(sections[0]!));
    const parts = partNames.map((name, i) => {
      at = i + 1;
      return { name, state: partStateOf(engine.program.parts, name).decode(sections[i + 1]!) };
    });
    return {
      origin: engine.world.saveOrigin,
      tick: world.tick,
      hashHigh: world.hashHigh,
      hashLow: world.hashLow,
      world,
      parts,
    };
  } catch (thrown) {
    if (!(thrown instanceof RangeError || thrown instanceof ShortRead)) throw thrown;
    return raise("keyframe-damaged", { path, offset: 0, problem: `its section "${names[at]}": ${thrown.message}` });
  }
}

/** Brings a started engine to the state of a keyframe. The engine is untouched when this raises. */
export function restoreKeyframe(engine: Engine, bytes: Uint8Array, path: string): void {
  engine.restore(savedStateOf(readKeyframe(bytes, path), engine, path));
}

type FiveWords = [number, number, number, number, number];

function hashOf(bytes: Uint8Array): string {
  const { high, low } = hashBytes(bytes);
  return hashHex(high, low);
}

function headSum(words: Uint8Array, head: Uint8Array): number {
  const joined = new Uint8Array(16 + head.length);
  joined.set(words.subarray(0, 16));
  joined.set(head, 16);
  return crc32(joined);
}

function orderName(order: number): string {
  return order === orderMark ? "little-endian" : "big-endian";
}

function parseHead(bytes: Uint8Array): KeyframeHead | undefined {
  try {
    const head = JSON.parse(decodeUtf8(bytes)) as KeyframeHead;
    const isWhole =
      isIdentity(head.program) &&
      Number.isInteger(head.tick) &&
      Number.isInteger(head.seed) &&
      typeof head.hash === "string" &&
      Array.isArray(head.sections) &&
      head.sections.every(
        ({ name, byteLength, hash }) =>
          typeof name === "string" && Number.isInteger(byteLength) && byteLength >= 0 && typeof hash === "string",
      );
    return isWhole ? head : undefined;
  } catch {
    return undefined;
  }
}
