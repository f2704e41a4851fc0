/**
 * Records: everything that can enter a world from outside, as a closed union, with its byte codec.
 * One file per wire: drivers encode what players do, the journal encodes what the door admitted.
 *
 * A record carries no tick: the door stamps it with the tick at which it enters. The codec believes
 * nothing: an unknown tag, a number out of range or a short buffer makes `decodeRecords` refuse the
 * whole message. The union is closed; a new kind takes a new tag, tags are never reused.
 */
import { ByteReader, ByteWriter, decodeUtf8, ShortRead } from "../base/bytes.ts";

/** A player's seat at the table: 1..65535, chosen by whoever opens the door, unique while joined. */
export type PlayerKey = number;

export type WorldRecord =
  | { readonly kind: "join"; readonly player: PlayerKey; readonly name: string }
  | { readonly kind: "leave"; readonly player: PlayerKey }
  /** A button went down (1) or up (0). */
  | { readonly kind: "button"; readonly player: PlayerKey; readonly control: number; readonly down: boolean }
  /** An axis moved to `value` in -1..1, rounded to f32. */
  | { readonly kind: "axis"; readonly player: PlayerKey; readonly control: number; readonly value: number }
  /** A setting of the game was changed. */
  | { readonly kind: "config"; readonly setting: number; readonly value: number }
  /** Rows of a tick job for the component of this number (engine/input/answer.ts). Never from a driver. */
  | { readonly kind: "answer"; readonly component: number; readonly rows: Uint8Array }
  /** A resource was published under its unchanged number. Never from a driver. */
  | {
      readonly kind: "publish";
      readonly resource: number;
      readonly version: number;
      readonly hashHigh: number;
      readonly hashLow: number;
      /** Rebuilt at fixed ticks: part of the state. Others arrive when they are ready and are known to no system. */
      readonly isWorld: boolean;
    };

const tag = { join: 1, leave: 2, button: 3, axis: 4, config: 5, answer: 6, publish: 7 } as const;

/** Longest player name in UTF-8 bytes; longer ones are refused by the codec and cut by drivers. */
export const playerNameBytesMax = 64;

/** Appends one record. */
export function encodeRecord(writer: ByteWriter, record: WorldRecord): void {
  writer.u8(tag[record.kind]);
  switch (record.kind) {
    case "join":
      writer.u16(record.player).text(record.name);
      break;
    case "leave":
      writer.u16(record.player);
      break;
    case "button":
      writer
        .u16(record.player)
        .u8(record.control)
        .u8(record.down ? 1 : 0);
      break;
    case "axis":
      writer.u16(record.player).u8(record.control).f32(record.value);
      break;
    case "config":
      writer.u16(record.setting).f64(record.value);
      break;
    case "answer":
      writer.u16(record.component).u32(record.rows.length).bytes(record.rows);
      break;
    case "publish":
      writer.u16(record.resource).u32(record.version).u32(record.hashHigh).u32(record.hashLow);
      writer.u8(record.isWorld ? 1 : 0);
      break;
  }
}

/** The bytes of records, for a wire: `decodeRecords` reads them. */
export function encodeRecords(records: readonly WorldRecord[]): Uint8Array {
  const writer = new ByteWriter(64 + records.length * 16);
  for (const record of records) encodeRecord(writer, record);
  return writer.view();
}

/** Reads one record; throws ShortRead or a RangeError with the reason. */
export function decodeRecord(reader: ByteReader): WorldRecord {
  const kind = reader.u8();
  switch (kind) {
    case tag.join: {
      const player = playerKey(reader);
      const nameBytes = reader.u16();
      if (nameBytes > playerNameBytesMax) throw new RangeError(`a name of ${nameBytes} bytes`);
      return { kind: "join", player, name: decodeUtf8(reader.bytes(nameBytes)) };
    }
    case tag.leave:
      return { kind: "leave", player: playerKey(reader) };
    case tag.button: {
      const player = playerKey(reader);
      const control = reader.u8();
      const down = reader.u8();
      if (down > 1) throw new RangeError(`a button state of ${down}`);
      return { kind: "button", player, control, down: down === 1 };
    }
    case tag.axis: {
      const player = playerKey(reader);
      const control = reader.u8();
      const value = reader.f32();
      if (!(value >= -1 && value <= 1)) throw new RangeError(`an axis value of ${value}`);
      return { kind: "axis", player, control, value: value + 0 };
    }
    case tag.config: {
      const setting = reader.u16();
      const value = reader.f64();
      if (!Number.isFinite(value)) throw new RangeError(`a setting of ${value}`);
      return { kind: "config", setting, value };
    }
    case tag.answer: {
      const component = reader.u16();
      const byteLength = reader.u32();
      return { kind: "answer", component, rows: reader.bytes(byteLength).slice() };
    }
    case tag.publish:
      return {
        kind: "publish",
        resource: reader.u16(),
        version: reader.u32(),
        hashHigh: reader.u32(),
        hashLow: reader.u32(),
        isWorld: reader.u8() === 1,
      };
    default:
      throw new RangeError(`record tag ${kind}`);
  }
}

/** All records of a driver's message, or the reason why none of it is accepted. */
export function decodeRecords(bytes: Uint8Array): readonly WorldRecord[] | { readonly problem: string } {
  const reader = new ByteReader(bytes);
  const records: WorldRecord[] = [];
  try {
    while (reader.remaining > 0) {
      const record = decodeRecord(reader);
      if (record.kind === "answer" || record.kind === "publish")
        throw new RangeError(`a record of kind ${record.kind}`);
      records.push(record);
    }
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof ShortRead)
      return { problem: `${thrown.message} after ${records.length} records` };
    throw thrown;
  }
  return records;
}

function playerKey(reader: ByteReader): PlayerKey {
  const key = reader.u16();
  if (key === 0) throw new RangeError("player key 0");
  return key;
}
